/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. The claim of PASS is an absence: no packet of a leg touched the host-side veth of the leg's
 * destination. Absence is believed only together with all of:
 *   - presence: every packet of both legs was seen to leave its pod, to be received on the near host device and to
 *     arrive in the far pod, with positive evidence of the expected mechanism on each;
 *   - control: the very programs that would have seen the forbidden device saw another device in this run;
 *   - loss: none, on a kernel that counts every way of losing;
 *   - number: of N pings sent, N were counted at every point where one must be.
 * A packet that was seen on the forbidden device is a FAIL whatever else is missing: presence needs no proof of
 * completeness. Everything between is INCONCLUSIVE, with all reasons that apply.
 *
 * How many packets kept presence, and how many broke the absence, the rules engine says: builtin.c.
 */
#include "check/same_node.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/builtin.h"
#include "check/judge.h"

/* As the user knows the device: a capture file may not name it. */
static const char *device_name(const struct check_result *r, enum point p)
{
	return r->setup.points[p].ifname[0] ? r->setup.points[p].ifname : point_name(p);
}

/* Packets of one leg may go different ways: above all the first one, before neighbours and connections are known. */
static const char *carriers(const struct leg_result *l, char *buf, size_t size)
{
	if (l->mechanism != MECH_UNKNOWN)
		return mechanism_name(l->mechanism);
	if (!l->arrived || l->by_mechanism[l->first_mechanism] == l->arrived)
		return "an unknown mechanism";
	snprintf(buf, size, "different mechanisms (the first by %s)", mechanism_name(l->first_mechanism));
	return buf;
}

/* Where the last drop happened: one of the four devices, or another one. */
static const char *drop_device(const struct check_result *r, const struct witness *drop)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct iface *i = &r->setup.points[p];

		if (drop->ifindex && i->netns == drop->netns && i->ifindex == drop->ifindex)
			return point_name(p);
	}
	return drop->ifindex ? "another device" : "no device";
}

static void judge_forbidden(struct check_result *r, enum leg leg, const struct builtin_leg *b)
{
	const struct leg_result *l = &r->legs[leg];
	enum point p = leg_forbidden(leg);
	char buf[80];

	if (!b->crossed)
		return;
	if (l->mechanism == MECH_NETKIT) {
		add_reason(r, VERDICT_FAIL, REASON_NETKIT,
			   "%s: a netkit datapath hands packets from pod to pod through %s by design; assert it with "
			   "--expect netkit",
			   leg_name(leg), device_name(r, p));
		return;
	}
	add_reason(r, VERDICT_FAIL, REASON_HOST_VETH_TRAVERSED,
		   "%s: %" PRIu64 " of %" PRIu64 " packets crossed the host-side veth %s, carried by %s", leg_name(leg),
		   b->crossed, l->packets, device_name(r, p), carriers(l, buf, sizeof(buf)));
}

/* Another mechanism than the expected one carried a packet the whole way. */
static void judge_mechanism(struct check_result *r, enum leg leg, const struct builtin_leg *b, bool from_captures)
{
	const struct leg_result *l = &r->legs[leg];
	bool said = b->crossed; /* by judge_forbidden() */

	if (b->carried == b->arrived)
		return;

	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX && !said; m++) {
		if (!l->by_mechanism[m] || m == r->setup.expect)
			continue;
		add_reason(r, VERDICT_FAIL, REASON_OTHER_MECHANISM,
			   "%s: %" PRIu64 " of %" PRIu64 " packets were carried by %s, expected %s", leg_name(leg),
			   l->by_mechanism[m], l->arrived, mechanism_name(m), mechanism_name(r->setup.expect));
	}
	/* a capture never tells what carried a packet through the host-side veth */
	if (l->by_mechanism[MECH_UNKNOWN] && !(from_captures && said))
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_EVIDENCE,
			   "%s: %" PRIu64 " of %" PRIu64 " packets arrived without evidence of what carried them",
			   leg_name(leg), l->by_mechanism[MECH_UNKNOWN], l->arrived);
}

static void judge_presence(struct check_result *r, enum leg leg, const struct builtin_leg *b)
{
	const struct leg_result *l = &r->legs[leg];
	uint64_t missing = l->packets - b->arrived;

	if (l->dropped)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_LEG_DROPPED,
			   "%s: %" PRIu64 " of %" PRIu64 " packets were dropped on the way, at %s", leg_name(leg),
			   l->dropped, l->packets, drop_device(r, &l->drop));
	if (missing > l->dropped)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_LEG_INCOMPLETE,
			   "%s: %" PRIu64 " of %" PRIu64 " packets were not seen to arrive; the last place seen was %s",
			   leg_name(leg), missing - l->dropped, l->packets, point_name(l->last_point));
	for (unsigned step = 0; step < 2; step++) {
		uint64_t seen = step == 0 ? b->left : b->received;

		/* netkit hands the packet on inside its own transmit: the near host device never receives it */
		if (step == 1 && l->mechanism == MECH_NETKIT)
			continue;
		if (seen < b->arrived)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_EVIDENCE,
				   "%s: only %" PRIu64 " of %" PRIu64 " packets that arrived were seen at %s",
				   leg_name(leg), seen, b->arrived, point_name(leg_point(leg, step)));
	}
}

bool same_node_drop_matters(const struct check_result *r, enum leg leg)
{
	const struct leg_result *l = &r->legs[leg];

	return l->dropped || (leg == LEG_REQUEST && l->dropped_late && !r->legs[LEG_REPLY].packets);
}

static void judge_traffic(struct check_result *r)
{
	bool request = r->legs[LEG_REQUEST].packets, reply = r->legs[LEG_REPLY].packets;
	const struct leg_result *asked = &r->legs[LEG_REQUEST];

	/* an end after arrival matters only when no answer came */
	if (!asked->dropped && same_node_drop_matters(r, LEG_REQUEST))
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_LEG_DROPPED,
			   "request: %" PRIu64 " of %" PRIu64 " packets were dropped after they had arrived, at %s",
			   asked->dropped_late, asked->packets, drop_device(r, &asked->drop));

	if (!request && !reply)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_TRAFFIC, "no packet of this flow was seen");
	else if (!request)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_REQUEST, "no packet was seen from source to destination");
	else if (!reply)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_REPLY, "no packet was seen from destination to source");
}

/* The hooks whose silence the verdict leans on. */
static bool is_needed(enum st_hook hook)
{
	return hook == ST_HOOK_XMIT || hook == ST_HOOK_RECEIVE || hook == ST_HOOK_PEER || hook == ST_HOOK_IP_RCV;
}

static const char *hook_name(enum st_hook hook)
{
	switch (hook) {
	case ST_HOOK_XMIT:
		return "net_dev_start_xmit";
	case ST_HOOK_RECEIVE:
		return "netif_receive_skb";
	case ST_HOOK_PEER:
		return "skb_do_redirect (return)";
	default:
		return "ip_rcv";
	}
}

/* The function whose entry stands for the hook in a recording. */
static const char *recorded_function(enum st_hook hook)
{
	switch (hook) {
	case ST_HOOK_XMIT:
		return "dev_hard_start_xmit";
	case ST_HOOK_RECEIVE:
		return "__netif_receive_skb";
	default:
		return hook_name(hook);
	}
}

static void judge_probes(struct check_result *r, bool from_events)
{
	/* where no packet arrived, the silence of a recording has simpler reasons, which are said elsewhere */
	bool recorded = r->legs[LEG_REQUEST].arrived || r->legs[LEG_REPLY].arrived;

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		if (!is_needed(h) || r->setup.armed[h])
			continue;
		if (!from_events)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_PROBE_NOT_ARMED,
				   "the probe at %s could not be armed", hook_name(h));
		else if (recorded)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_PROBE_NOT_ARMED,
				   "the recording has no event of %s: it seems not to have been armed",
				   recorded_function(h));
	}
	/* transmit on a pod's own device is seen by the program that would see it on the forbidden one */
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		enum point start = leg_point(leg, 0);

		if (r->legs[leg].packets && !r->legs[leg].points[start].packets)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_CONTROL,
				   "%s: the transmit probe never saw a packet leave %s: its silence elsewhere proves "
				   "nothing",
				   leg_name(leg), point_name(start));
	}
}

/* The device's own counter is the witness that no probe of ours can fool. */
static void judge_counters(struct check_result *r)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct tx_account *tx = &r->tx[p];

		if (tx->known && tx->own_packets > tx->seen_packets)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_COUNTER_CONTRADICTION,
				   "%s (%s) counts %" PRIu64 " packets sent, the probe saw %" PRIu64,
				   r->setup.points[p].ifname, point_name(p), tx->own_packets, tx->seen_packets);
	}
}

static void judge_loss(struct check_result *r, const struct flow *f, bool from_captures)
{
	const struct ledger *l = &r->ledger;

	if (ledger_lost(l))
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			   "%" PRIu64 " events were lost (ring %" PRIu64 ", recursion %" PRIu64 ", probes %" PRIu64
			   ", maps %" PRIu64 ")",
			   ledger_lost(l), l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map);
	else if (!ledger_proves_no_loss(l) && !from_captures) /* for captures see captures.h */
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST, "that no event was lost cannot be proven: %s",
			   l->unprovable_why ? l->unprovable_why : "a count is missing");
	if (f->overflow)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			   "more than %u packets in one check: %" PRIu64 " events were not filed", FLOW_MAX_PACKETS,
			   f->overflow);
}

static void judge_count(struct check_result *r, bool interrupted)
{
	uint32_t sent = r->setup.pings_sent;

	if (sent < r->setup.pings_asked && !interrupted)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_COUNT_MISMATCH,
			   "%u of %u pings were sent before --timeout ended the check", sent, r->setup.pings_asked);
	for (enum leg leg = 0; sent && leg < LEG_MAX; leg++) {
		const struct leg_result *l = &r->legs[leg];

		if (l->packets && l->arrived != sent)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_COUNT_MISMATCH,
				   "%s: %u pings were sent, %" PRIu64 " arrived", leg_name(leg), sent, l->arrived);
	}
}

bool same_node_complete(const struct flow *flow)
{
	if (!flow_arrived(flow, LEG_REQUEST) || !flow_arrived(flow, LEG_REPLY))
		return false;
	/* a connection is judged with its first data, not by its handshake alone */
	return flow->setup.l4 != IPPROTO_TCP || flow_data_arrived(flow);
}

void same_node_judge(struct flow *flow, const struct check_run *run, struct check_result *ret)
{
	struct builtin_leg legs[LEG_MAX] = {0};
	int settled;

	*ret = (struct check_result){.verdict = VERDICT_PASS, .setup = flow->setup, .ledger = run->ledger};
	memcpy(ret->tx, run->tx, sizeof(ret->tx));
	settled = flow_settle(flow);
	flow_legs(flow, ret->legs);
	if (run->from_captures) {
		captures_forget_points(ret);
		if (!captures_judge_overlap(ret, run->captures))
			return;
	}
	if (settled < 0 || builtin_judge(flow, legs) < 0)
		add_reason(ret, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST, "out of memory while judging");
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		judge_forbidden(ret, leg, &legs[leg]);
		judge_mechanism(ret, leg, &legs[leg], run->from_captures);
		judge_presence(ret, leg, &legs[leg]);
	}
	judge_traffic(ret);
	if (run->from_captures)
		captures_judge(ret, flow, run->captures);
	else
		judge_probes(ret, run->from_events);
	judge_counters(ret);
	judge_loss(ret, flow, run->from_captures);
	judge_count(ret, run->interrupted);
	if (run->endpoint_changed)
		add_reason(ret, VERDICT_INCONCLUSIVE, REASON_ENDPOINT_CHANGED,
			   "an interface of the flow was renamed, moved or deleted while the check ran");
	if (run->interrupted)
		add_reason(ret, VERDICT_INCONCLUSIVE, REASON_INTERRUPTED, "the check was interrupted");
}
