/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judging a recording of the wide trace instead of the live kernel: its events as witnesses.
 *
 * Theory of operation. The evidence programs see what a probe at a function's entry does not: the return of
 * skb_do_redirect, and the device on which a packet that enters IP was received. Both are read off the order of a
 * packet's own events instead:
 *   - The device it was received on is that of its last event in a receiving function (__netif_receive_skb…). The
 * kernel passes just this one to ip_rcv as orig_dev, for within one reception it stays although the device changes.
 *   - So a packet that was received on the near host device, entered skb_do_redirect there, and then entered IP on
 *     another device, was put there by bpf_redirect_peer, provided that it was neither transmitted nor queued nor
 *     received in between. Every other way to that device crosses a veth, hence transmits, queues and receives it anew.
 * That leans on an absence, as PASS does anyway: it is believed only of a recording whose ledger proves that nothing
 * was lost, and the control is per packet: the same kinds of functions saw this very packet on its pod's device
 * (transmission) and on the near host device (reception).
 *
 * The four devices are read off the events too: a leg's packets are first transmitted on their pod's device, and what
 * they are handed to from there, in another namespace, is its host side. If packets disagree, nothing is concluded.
 *
 * Identity. An echo is known by id and sequence number, as in a live check. A recording does not have what tells the
 * packets of TCP and UDP apart, so there the trace's number of the packet does; one that leaves its pod again is
 * another.
 */
#pragma once

#include "base/cleanup.h"
#include "bpf/config.h"
#include "check/flow.h"
#include "event/event.h"

struct recorded;

/* flow: addresses, protocol and port. -ENOMEM; *ret is left alone on failure. */
int recorded_new(const struct st_flow *flow, struct recorded **ret);
void recorded_free(struct recorded *r);
DEFINE_CLEANUP(struct recorded *, recorded_free)

/* Keeps what the event says of the flow, if anything. Events come in their recording's order. 0 or -ENOMEM. */
int recorded_add(struct recorded *r, const struct event *ev);

/* What the events say of the devices. Names are borrowed from the events; NULL: none. */
struct recorded_points {
	struct iface points[POINT_MAX]; /* ifindex 0: not known */
	const char *netns_name[POINT_MAX];
	bool several; /* packets of one leg did not all leave by the same devices */
};
void recorded_find_points(const struct recorded *r, struct recorded_points *ret);

/* Files all of it under the points of f's setup, and notes in it which hooks' functions were seen at work. 0 or
 * -ENOMEM. Call it once. */
int recorded_file(struct recorded *r, struct flow *f);
