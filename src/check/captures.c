/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/captures.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "check/flow.h"
#include "check/judge.h"

static uint64_t capture_first_ns(const struct capture_facts *f)
{
	return f->first_ns > CAPTURE_SLACK_NS ? f->first_ns - CAPTURE_SLACK_NS : 0;
}

static uint64_t capture_last_ns(const struct capture_facts *f)
{
	return f->last_ns < UINT64_MAX - CAPTURE_SLACK_NS ? f->last_ns + CAPTURE_SLACK_NS : UINT64_MAX;
}

void captures_ledger(const struct capture_facts facts[POINT_MAX], struct ledger *ret)
{
	uint64_t first_ns = UINT64_MAX, last_ns = 0;

	*ret = (struct ledger){.provable = true};
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct capture_facts *f = &facts[p];

		ret->events += f->packets;
		ret->lost_ring += f->lost;
		ret->provable &= f->counts_lost;
		if (!f->has_times)
			continue;
		first_ns = f->first_ns < first_ns ? f->first_ns : first_ns;
		last_ns = f->last_ns > last_ns ? f->last_ns : last_ns;
	}
	if (first_ns < last_ns)
		ret->duration_ns = last_ns - first_ns;
	if (!ret->provable)
		ret->unprovable_why = "a capture file does not say what its capture lost or filtered out";
}

uint32_t captures_ifindex(enum point p)
{
	return p + 1;
}

void captures_set_points(struct check_setup *setup, const struct capture_facts facts[POINT_MAX])
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		setup->points[p] = (struct iface){.ifindex = captures_ifindex(p)};
		memcpy(setup->points[p].ifname, facts[p].ifname, sizeof(setup->points[p].ifname));
	}
}

void captures_forget_points(struct check_result *r)
{
	for (enum point p = 0; p < POINT_MAX; p++)
		r->setup.points[p].ifindex = 0;
}

bool captures_judge_overlap(struct check_result *r, const struct capture_facts facts[POINT_MAX])
{
	const struct capture_facts *latest = NULL, *earliest = NULL;

	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct capture_facts *f = &facts[p];

		if (!f->packets)
			continue;
		if (!f->has_times) {
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
				   "the capture at %s does not tell when its packets passed", point_name(p));
			return false;
		}
		latest = !latest || f->first_ns > latest->first_ns ? f : latest;
		earliest = !earliest || f->last_ns < earliest->last_ns ? f : earliest;
	}
	if (!latest || capture_first_ns(latest) <= earliest->last_ns)
		return true;
	add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
		   "the capture at %s ends %.3f s before the one at %s begins: the four must run at the same time",
		   point_name(earliest - facts), (latest->first_ns - earliest->last_ns) / 1e9,
		   point_name(latest - facts));
	return false;
}

static bool is_echo(const struct flow_packet *p)
{
	return p->key.has_l4 && (p->key.l4 == IPPROTO_ICMP || p->key.l4 == IPPROTO_ICMPV6);
}

/* Whether the echo's other half is in the capture. */
static bool counterpart_seen(const struct flow *f, const struct flow_packet *echo, enum point at)
{
	for (size_t i = 0; i < f->n_packets; i++) {
		const struct flow_packet *p = &f->packets[i];

		if (p->key.reverse != echo->key.reverse && is_echo(p) && p->key.sport == echo->key.sport &&
		    p->key.dport == echo->key.dport && flow_packet_at(p, at))
			return true;
	}
	return false;
}

/* Whether the capture, which does not hold the packet, was running when it passed. */
static bool was_running(const struct flow *f, const struct flow_packet *p, const struct capture_facts *facts,
			enum point at)
{
	const struct capture_facts *c = &facts[at];
	bool inside = true;

	if (!c->flow_packets || !c->has_times)
		return false;
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (!flow_packet_at(p, i))
			continue;
		if (p->first_ns[i] < capture_first_ns(c) || p->first_ns[i] > capture_last_ns(c))
			return false;
		inside &= p->first_ns[i] >= c->first_ns && p->first_ns[i] <= c->last_ns;
	}
	return inside || !is_echo(p) || counterpart_seen(f, p, at);
}

int captures_infer(struct flow *flow, const struct capture_facts facts[POINT_MAX])
{
	int r = flow_settle(flow);

	for (size_t i = 0; i < flow->n_packets; i++) {
		struct flow_packet *p = &flow->packets[i];
		enum point near_host = leg_point(flow_packet_leg(p), 1), far_host = leg_point(flow_packet_leg(p), 2);

		if (!flow_packet_arrived(p))
			continue;
		if (flow_packet_at(p, near_host) && !flow_packet_at(p, far_host) &&
		    was_running(flow, p, facts, far_host))
			p->ways = WAY_PEER;
		if (!flow_packet_at(p, near_host) && flow_packet_at(p, far_host) &&
		    was_running(flow, p, facts, near_host))
			p->ways = WAY_NETKIT;
	}
	return r;
}

/* How many packets of the leg arrived past the capture, when it is not known to have been running. */
static uint64_t missed(const struct flow *f, const struct capture_facts *facts, enum leg leg, enum point at)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n_packets; i++) {
		const struct flow_packet *p = &f->packets[i];

		n += flow_packet_leg(p) == leg && flow_packet_counts(p) && flow_packet_arrived(p) &&
		     !flow_packet_at(p, at) && !was_running(f, p, facts, at);
	}
	return n;
}

static void judge_running(struct check_result *r, const struct flow *f, const struct capture_facts *facts, enum leg leg)
{
	for (unsigned step = 1; step <= 2; step++) {
		enum point at = leg_point(leg, step);
		uint64_t n = facts[at].flow_packets ? missed(f, facts, leg, at) : 0;

		if (n)
			add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
				   "%s: %" PRIu64 " of %" PRIu64
				   " packets passed when the capture at %s is not known to "
				   "have been running",
				   leg_name(leg), n, r->legs[leg].packets, point_name(at));
	}
}

static void judge_content(struct check_result *r, const struct capture_facts *f, enum point at)
{
	if (!f->flow_packets && !f->ambiguous)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_CONTROL,
			   "the capture at %s holds %s: its silence proves nothing", point_name(at),
			   f->packets ? "no packet of this flow" : "no packet at all");
	if (f->ambiguous)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_CAPTURE_AMBIGUOUS,
			   "the capture at %s is of several devices and does not tell on which of them %" PRIu64
			   " packets of this flow were; capture on one device",
			   point_name(at), f->ambiguous);
	if (f->cut)
		add_reason(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			   "the capture at %s holds %" PRIu64 " packets cut too short to tell whether they are of this "
			   "flow; capture with tcpdump -s 0",
			   point_name(at), f->cut);
}

void captures_judge(struct check_result *r, const struct flow *flow, const struct capture_facts facts[POINT_MAX])
{
	bool traffic = r->legs[LEG_REQUEST].packets || r->legs[LEG_REPLY].packets;

	for (enum leg leg = 0; leg < LEG_MAX; leg++)
		judge_running(r, flow, facts, leg);
	for (enum point p = 0; p < POINT_MAX; p++) {
		if (traffic || facts[p].cut || facts[p].ambiguous)
			judge_content(r, &facts[p], p);
	}
}
