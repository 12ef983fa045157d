/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges a recording of a function trace instead of the live kernel: its events are made hook events.
 *
 * Theory of operation. The evidence programs see two things that a probe at a function's entry does not see: the
 * return of skb_do_redirect, and the device on which a packet that enters IP was received. Both follow from the order
 * of a packet's own events:
 *   - A packet was received on the device of its last event in a receiving function (__netif_receive_skb…). The kernel
 *     passes this device to ip_rcv as orig_dev: it stays within one reception, even if skb->dev changes.
 *   - So if a packet was received on the near host device, entered skb_do_redirect there, and then entered IP on
 *     another device without being transmitted, queued or received in between, bpf_redirect_peer put it on that
 *     device. Every other path to that device crosses a veth, hence transmits, queues and receives the packet anew.
 *     All three are one softirq's: a copy of the packet, which has the same number, is another skb or on another CPU.
 * This leans on an absence, as every PASS does. So it is believed only if the recording's ledger proves that nothing
 * was lost. The positive control is per packet: functions of the same kinds saw this very packet transmitted on its
 * pod's device and received on the near host device.
 *
 * The four devices are also taken from the events: a direction's packets are first transmitted on their pod's device,
 * and the device in another namespace that they come to next is its host side. If packets disagree, nothing is
 * concluded.
 *
 * Identity. An echo is known by id and sequence number, as in a live check. A recording does not have what tells TCP
 * or UDP packets apart, so there the trace's packet number does; a packet that leaves its pod again counts as another
 * one.
 */
#pragma once

#include "base/cleanup.h"
#include "bpf/config.h"
#include "check/evidence_table.h"
#include "check/recorded_coverage.h"
#include "event/event.h"

struct recorded;

/* flow: addresses, protocol and port. 0 or -ENOMEM; *ret is left alone on failure. */
int recorded_new(const struct st_flow *flow, struct recorded **ret);
void recorded_free(struct recorded *r);
DEFINE_CLEANUP(struct recorded *, recorded_free)

/* Keeps what the event says of the flow, if anything. Events must come in the recording's order; netns_name is
 * borrowed. 0 or -ENOMEM. */
int recorded_add(struct recorded *r, const struct event *ev);

/* The devices as far as the events show them. Names are borrowed from the events; NULL: none. */
struct recorded_points {
	struct iface points[POINT_MAX]; /* ifindex 0: not known */
	const char *netns_name[POINT_MAX];
	bool renamed; /* a device had more than one name */
	/* Packets of one direction went by different devices, so that it is not known which are the pods'. */
	bool contradict;
	enum point contradict_at;      /* the first such point, as is the next; valid with contradict */
	struct iface contradict_by[2]; /* two of the devices */
};
void recorded_find_points(const struct recorded *r, struct recorded_points *ret);

/*
 * Hands over what the evidence programs would have recorded: the hook events of each packet in their order, one for
 * each pass of the packet through a hook, whichever functions of that hook were probed; and ST_HOOK_PEER right before
 * the IP input that shows it. Call it once. 0, or the first error of on_event.
 */
int recorded_replay(struct recorded *r, int (*on_event)(void *ctx, const struct hook_event *ev), void *ctx);
/* Files all events under the points of table->setup, and notes in the setup which hooks' functions were seen. Call it
 * once, and not beside recorded_replay(). 0 or -ENOMEM. */
int recorded_file_events(struct recorded *r, struct evidence_table *table);

/* Adds to a verdict what the recording's own making and its devices leave open. */
void recorded_judge(const struct st_flow *flow, const struct recorded_making *making,
		    const struct recorded_points *points, struct check_result *result);
