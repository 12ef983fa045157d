/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A PASS claims an absence: no packet of a direction touched the host-side veth of the
 * direction's destination. That absence is believed only together with all of these:
 *   - Custody: of every packet of both directions the whole way was seen, from the device of its pod to IP input in the
 *     far pod, in one skb, and it is exactly the sequence of the expected mechanism (sequence.h). What was seen
 *     elsewhere, or of another packet, counts for nothing.
 *   - Control: the programs that would have seen the forbidden device saw another device during this check.
 *   - Loss: no event was lost, on a kernel that counts every way of losing one.
 *   - Number: of N pings sent, N were seen at every point that a ping must pass.
 *   - Completeness: no packet between the two addresses was left out because it could not be read.
 * A packet that was seen on the forbidden device is a FAIL, whatever else is missing: what was seen was seen. So is one
 * whose sequence has a step that the expected one has not. One that only lacks steps proves nothing.
 * Everything else is INCONCLUSIVE, with all reasons that apply.
 *
 * directions.c does the counting. same_node_rules.c prints the same claim as rules.
 */
#include "check/same_node.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/add_reason.h"
#include "check/hooks.h"
#include "check/sequence.h"

/* The name that the user knows; a capture file may not have one. */
static const char *device_name(const struct check_result *r, enum point p)
{
	return r->setup.points[p].ifname[0] ? r->setup.points[p].ifname : point_name(p);
}

static const char *mechanism_text(enum mechanism m)
{
	return m == MECH_MIXED ? "no single mechanism" : mechanism_name(m);
}

/* Packets of one direction may be carried by different mechanisms: above all the first packet, before neighbours and
 * connections are known. */
static const char *carriers(const struct direction_result *l, char *buf, size_t size)
{
	if (l->mechanism != MECH_UNKNOWN)
		return mechanism_text(l->mechanism);
	if (!l->arrived || l->by_mechanism[l->first_mechanism] == l->arrived)
		return "an unknown mechanism";
	snprintf(buf, size, "different mechanisms (the first by %s)", mechanism_text(l->first_mechanism));
	return buf;
}

/* Where the last drop happened. */
static const char *drop_device(const struct check_result *r, const struct hook_event *drop)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct iface *i = &r->setup.points[p];

		if (drop->ifindex && i->netns == drop->netns && i->ifindex == drop->ifindex)
			return point_name(p);
	}
	return drop->ifindex ? "another device" : "no device";
}

/* Packets on the host-side veth that is to be skipped. Only redirect_peer skips it. */
static uint64_t crossed(const struct check_result *r, enum direction dir)
{
	return r->setup.expect == MECH_REDIRECT_PEER ? r->directions[dir].points[direction_forbidden(dir)].packets : 0;
}

static void judge_forbidden(struct check_result *r, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];
	enum point p = direction_forbidden(dir);
	uint64_t n = crossed(r, dir);
	char buf[80];

	if (!n)
		return;
	if (l->mechanism == MECH_NETKIT) {
		add_reason_to(
			r, VERDICT_FAIL, REASON_NETKIT,
			"%s: a netkit datapath hands packets from pod to pod through %s by design; assert it with "
			"--expect netkit",
			direction_name(dir), device_name(r, p));
		return;
	}
	add_reason_to(r, VERDICT_FAIL, REASON_HOST_VETH_TRAVERSED,
		      "%s: %" PRIu64 " of %" PRIu64 " packets crossed the host-side veth %s, carried by %s",
		      direction_name(dir), n, l->packets, device_name(r, p), carriers(l, buf, sizeof(buf)));
}

/* "; first: ip_forward at src-host", of the first packet whose sequence is not that of the expected mechanism, or
 * nothing. */
static const char *misfit(const struct check_result *r, enum direction dir, char *buf, size_t size)
{
	const struct direction_result *l = &r->directions[dir];
	unsigned place = sequence_step_place(l->misfit);
	enum sequence_kind kind = sequence_step_kind(l->misfit);

	if (!l->misfit)
		return "";
	snprintf(buf, size, "; the first thing %s is %s%s at %s", l->misfit_extra ? "that does not fit" : "missing",
		 sequence_func(kind, r->setup.l4 == IPPROTO_ICMPV6 ? 6 : 4),
		 kind == SEQ_PEER		? " (return)"
		 : kind == SEQ_REDIRECT_UNKNOWN ? " (by a helper that was called with unknown flags)"
		 : kind == SEQ_INPUT_FROM_NEAR	? " (received at the near host device)"
						: "",
		 place < POINT_MAX	? point_name(direction_point(dir, place))
		 : place == SEQ_IN_HOST ? "another device of the host"
					: "a device elsewhere");
	return buf;
}

/* Packets that another mechanism than the expected one carried all the way. */
static void judge_mechanism(struct check_result *r, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];
	bool said = crossed(r, dir); /* judge_forbidden() has said it */
	char why[160];

	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX && !said; m++) {
		if (!l->by_mechanism[m] || m == r->setup.expect)
			continue;
		add_reason_to(r, VERDICT_FAIL, REASON_OTHER_MECHANISM,
			      "%s: %" PRIu64 " of %" PRIu64 " packets were carried by %s, expected %s%s",
			      direction_name(dir), l->by_mechanism[m], l->arrived, mechanism_text(m),
			      mechanism_name(r->setup.expect), misfit(r, dir, why, sizeof(why)));
	}
	if (l->by_mechanism[MECH_UNKNOWN])
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_EVIDENCE,
			      "%s: %" PRIu64 " of %" PRIu64 " packets arrived without evidence of what carried them%s",
			      direction_name(dir), l->by_mechanism[MECH_UNKNOWN], l->arrived,
			      misfit(r, dir, why, sizeof(why)));
}

static void judge_presence(struct check_result *r, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];
	bool netkit = l->mechanism == MECH_NETKIT || r->setup.expect == MECH_NETKIT;
	uint64_t missing = l->packets - l->arrived;

	if (l->dropped)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_LEG_DROPPED,
			      "%s: %" PRIu64 " of %" PRIu64 " packets were dropped on the way, at %s",
			      direction_name(dir), l->dropped, l->packets, drop_device(r, &l->drop));
	if (missing > l->dropped)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_LEG_INCOMPLETE,
			      "%s: %" PRIu64 " of %" PRIu64
			      " packets were not seen to arrive; the last place seen was %s",
			      direction_name(dir), missing - l->dropped, l->packets, point_name(l->last_point));
	for (unsigned nth = 0; nth < 2; nth++) {
		uint64_t seen = l->points[direction_point(dir, nth)].packets;

		/* netkit passes the packet on within its own transmit, so the near host device never receives it */
		if (nth == 1 && netkit)
			continue;
		if (seen < l->arrived)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_EVIDENCE,
				      "%s: only %" PRIu64 " of %" PRIu64 " packets that arrived were seen at %s",
				      direction_name(dir), seen, l->arrived, point_name(direction_point(dir, nth)));
	}
}

bool same_node_drop_matters(const struct check_result *r, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];

	return l->dropped || (dir == DIRECTION_REQUEST && l->dropped_late && !r->directions[DIRECTION_REPLY].packets);
}

static void judge_traffic(struct check_result *r)
{
	bool request = r->directions[DIRECTION_REQUEST].packets, reply = r->directions[DIRECTION_REPLY].packets;
	const struct direction_result *asked = &r->directions[DIRECTION_REQUEST];

	/* a drop after arrival matters only if no answer came */
	if (!asked->dropped && same_node_drop_matters(r, DIRECTION_REQUEST))
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_LEG_DROPPED,
			      "request: %" PRIu64 " of %" PRIu64 " packets were dropped after they had arrived, at %s",
			      asked->dropped_late, asked->packets, drop_device(r, &asked->drop));

	if (!request && !reply)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_TRAFFIC, "no packet of this flow was seen");
	else if (!request)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_REQUEST,
			      "no packet was seen from source to destination");
	else if (!reply)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_REPLY,
			      "no packet was seen from destination to source");
}

/* Hooks of which the verdict needs to know that they would have been seen. */
static bool is_needed(enum st_hook hook)
{
	return hook == ST_HOOK_XMIT || hook == ST_HOOK_RECEIVE || hook == ST_HOOK_REDIRECT || hook == ST_HOOK_PEER ||
	       hook == ST_HOOK_IP_RCV;
}

/* The function at whose entry a recording shows the hook. */
static const char *recorded_function(enum st_hook hook)
{
	switch (hook) {
	case ST_HOOK_XMIT:
		return "dev_hard_start_xmit";
	case ST_HOOK_RECEIVE:
		return "__netif_receive_skb";
	default:
		return hooks_func(hook, 4);
	}
}

static void judge_probes(struct check_result *r, bool from_events)
{
	/* where no packet arrived, simpler reasons say why the recording has no such event */
	bool recorded = r->directions[DIRECTION_REQUEST].arrived || r->directions[DIRECTION_REPLY].arrived;

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		if (!is_needed(h) || r->setup.attached[h])
			continue;
		/* without a redirect in the recording there is none in a packet's sequence either */
		if (from_events && h == ST_HOOK_REDIRECT)
			continue;
		if (!from_events)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_PROBE_NOT_ARMED,
				      "the probe at %s%s could not be armed", hooks_func(h, 4),
				      h == ST_HOOK_PEER ? " (return)" : "");
		else if (recorded)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_PROBE_NOT_ARMED,
				      "the recording has no event of %s: it seems not to have been armed",
				      recorded_function(h));
	}
	if (r->setup.flags_unseen && r->setup.expect == MECH_REDIRECT_PEER)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_PROBE_NOT_ARMED,
			      "the probe at bpf_redirect_peer (return) could not be armed: the flags that it is called "
			      "with are not known");
	/* the same program sees a transmission on a pod's own device and one on the forbidden device */
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		enum point start = direction_point(dir, 0);

		if (r->directions[dir].packets && !r->directions[dir].points[start].packets)
			add_reason_to(
				r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_CONTROL,
				"%s: the transmit probe never saw a packet leave %s: its silence elsewhere proves "
				"nothing",
				direction_name(dir), point_name(start));
	}
}

/* The device's own counter does not depend on our programs. What a program of ours saw it has examined, so one that saw
 * as many is enough. */
static void judge_counters(struct check_result *r, bool endpoint_changed)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct tx_account *tx = &r->tx[p];
		char driver[64] = "";

		if (tx->unread && !endpoint_changed) /* that says why */
			add_reason_to(
				r, VERDICT_INCONCLUSIVE, REASON_COUNTER_CONTRADICTION,
				"the counters of %s (%s) could not be read: nothing but our own programs says what it "
				"sent",
				r->setup.points[p].ifname, point_name(p));
		if (!tx->known || tx->own_packets <= tx_account_seen(tx))
			continue;
		if (r->setup.attached[ST_HOOK_VETH])
			snprintf(driver, sizeof(driver), ", that in its driver %" PRIu64,
				 tx->seen_by[ST_TX_SEEN_BY_DRIVER]);
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_COUNTER_CONTRADICTION,
			      "%s (%s) counts %" PRIu64 " packets sent, the probe at net_dev_start_xmit saw %" PRIu64
			      "%s",
			      r->setup.points[p].ifname, point_name(p), tx->own_packets,
			      tx->seen_by[ST_TX_SEEN_BY_XMIT], driver);
	}
}

static void judge_loss(struct check_result *r, const struct evidence_table *table, bool from_captures)
{
	const struct lost_events *l = &r->ledger;

	if (ledger_lost(l))
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			      "%" PRIu64 " events were lost (ring %" PRIu64 ", recursion %" PRIu64 ", probes %" PRIu64
			      ", maps %" PRIu64 ")",
			      ledger_lost(l), l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map);
	else if (!lost_events_proves_no_loss(l) && !from_captures) /* of captures, captures_judge() says it */
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			      "that no event was lost cannot be proven: %s",
			      l->unprovable_why ? l->unprovable_why : "a count is missing");
	if (table->overflow)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			      "more than %u packets in one check: %" PRIu64 " events were not filed",
			      EVIDENCE_TABLE_MAX_PACKETS, table->overflow);
}

/* What may be of the flow, and what was done to it is not known. */
static void judge_unfollowed(struct check_result *r, const struct evidence_table *table)
{
	if (table->unparsed)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NOT_FOLLOWED,
			      "packets between the pods cannot be followed: at %" PRIu64
			      " hooks the headers could not be read up to the protocol",
			      table->unparsed);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		if (r->directions[dir].stray_fragments)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NOT_FOLLOWED,
				      "%s: of %" PRIu64 " fragments the first one, which shows the port, was not seen",
				      direction_name(dir), r->directions[dir].stray_fragments);
	}
}

static void judge_count(struct check_result *r, bool interrupted)
{
	uint32_t sent = r->setup.pings_sent;

	if (sent < r->setup.pings_asked && !interrupted)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_COUNT_MISMATCH,
			      "%u of %u pings were sent before --timeout ended the check", sent, r->setup.pings_asked);
	for (enum direction dir = 0; sent && dir < DIRECTION_MAX; dir++) {
		const struct direction_result *l = &r->directions[dir];

		if (l->packets && l->arrived != sent)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_COUNT_MISMATCH,
				      "%s: %u pings were sent, %" PRIu64 " arrived", direction_name(dir), sent,
				      l->arrived);
	}
}

bool same_node_complete(const struct evidence_table *table)
{
	if (!evidence_table_arrived(table, DIRECTION_REQUEST) || !evidence_table_arrived(table, DIRECTION_REPLY))
		return false;
	/* a connection is judged by its first data, not by its handshake alone */
	return table->setup.l4 != IPPROTO_TCP || evidence_table_data_arrived(table);
}

void same_node_judge(struct evidence_table *table, const struct check_run *run, struct check_result *ret)
{
	int settled;

	*ret = (struct check_result){.verdict = VERDICT_PASS,
				     .setup = table->setup,
				     .watched_ns = run->watched_ns,
				     .ended_when_seen = run->ended_when_seen,
				     .ledger = run->ledger};
	memcpy(ret->tx, run->tx, sizeof(ret->tx));
	settled = segments_settle(table);
	directions_sum(table, ret->directions);
	if (run->from_captures) {
		captures_forget_points(ret);
		if (!captures_agree(ret, table, &run->captures))
			return;
	}
	if (settled < 0) {
		add_reason_to(ret, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST, "out of memory while judging");
		return;
	}
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		if (run->from_captures) {
			captures_judge_direction(ret, table, &run->captures, dir);
		} else {
			judge_forbidden(ret, dir);
			judge_mechanism(ret, dir);
		}
		judge_presence(ret, dir);
	}
	judge_traffic(ret);
	if (run->from_captures)
		captures_judge(ret, &run->captures);
	else
		judge_probes(ret, run->from_events);
	judge_counters(ret, run->endpoint_changed);
	judge_loss(ret, table, run->from_captures);
	judge_unfollowed(ret, table);
	judge_count(ret, run->interrupted);
	translation_explain(run->translated, ret);
	icmp_error_explain(&run->ping_error, ret);
	if (run->endpoint_changed)
		add_reason_to(ret, VERDICT_INCONCLUSIVE, REASON_ENDPOINT_CHANGED,
			      "an interface of the flow was renamed, moved or deleted while the check ran");
	if (run->interrupted)
		add_reason_to(ret, VERDICT_INCONCLUSIVE, REASON_INTERRUPTED, "the check was interrupted");
	if (run->command_failed)
		add_reason_to(ret, VERDICT_INCONCLUSIVE, REASON_COMMAND_FAILED, "the command %s", run->command_failed);
}
