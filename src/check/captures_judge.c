/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/captures.h"

#include <inttypes.h>

#include "check/add_reason.h"

/* The packets of one direction that arrived and are judged, by what the captures show of them. */
struct ways {
	uint64_t n[WAY_GAP + 1];
	uint64_t bare; /* of WAY_FAR: in frames that only netkit has */
	bool all_bare; /* so are all that arrived, though the absence of some from the near host device is not proven */
};

static struct ways count_ways(const struct evidence_table *table, const struct captures *c, enum direction dir)
{
	enum point far_host = direction_point(dir, 2);
	struct ways w = {0};
	uint64_t all_bare = 0, n = 0;

	for (size_t i = 0; i < c->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		if (packet_evidence_direction(p) != dir || !packet_evidence_counts(p) || !packet_evidence_arrived(p))
			continue;
		w.n[c->packets[i].way]++;
		n++;
		if (!packet_evidence_at(p, far_host) || packet_evidence_at(p, direction_point(dir, 1)) ||
		    !captured_frame_is_bare(&c->packets[i].frames[far_host]))
			continue;
		all_bare++;
		w.bare += c->packets[i].way == WAY_FAR;
	}
	w.all_bare = w.bare && all_bare == n;
	return w;
}

static const char *device_name(const struct check_result *r, enum point p)
{
	return r->setup.points[p].ifname[0] ? r->setup.points[p].ifname : point_name(p);
}

static void judge_crossed(struct check_result *r, const struct ways *w, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];
	enum point p = direction_forbidden(dir);

	if (!l->points[p].packets)
		return;
	if (w->all_bare)
		add_reason_to(
			r, VERDICT_FAIL, REASON_NETKIT,
			"%s: a netkit datapath hands packets from pod to pod through %s by design; assert it with "
			"--expect netkit",
			direction_name(dir), device_name(r, p));
	else
		add_reason_to(r, VERDICT_FAIL, REASON_HOST_VETH_TRAVERSED,
			      "%s: %" PRIu64 " of %" PRIu64 " packets crossed the host-side veth %s",
			      direction_name(dir), l->points[p].packets, l->packets, device_name(r, p));
}

/* With any --expect but redirect_peer: each of these mechanisms has its packets on the far host device. */
static void judge_other(struct check_result *r, const struct ways *w, enum direction dir)
{
	const struct direction_result *l = &r->directions[dir];
	const char *expected = mechanism_name(r->setup.expect);
	uint64_t open = l->arrived - w->n[WAY_NEAR] - w->bare;

	if (w->n[WAY_NEAR])
		add_reason_to(r, VERDICT_FAIL, REASON_OTHER_MECHANISM,
			      "%s: %" PRIu64 " of %" PRIu64 " packets were not on %s, where each packet by %s is",
			      direction_name(dir), w->n[WAY_NEAR], l->arrived, device_name(r, direction_point(dir, 2)),
			      expected);
	if (w->bare && r->setup.expect != MECH_NETKIT)
		add_reason_to(r, VERDICT_FAIL, REASON_OTHER_MECHANISM,
			      "%s: %" PRIu64 " of %" PRIu64 " packets were carried by netkit, expected %s",
			      direction_name(dir), w->bare, l->arrived, expected);
	if (open)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_EVIDENCE,
			      "%s: %" PRIu64 " of %" PRIu64
			      " packets arrived, and the captures do not show whether %s carried them",
			      direction_name(dir), open, l->arrived, expected);
}

/* How many judged packets are not in the capture and passed when it is not known to have been running. */
static uint64_t count_unproven(const struct evidence_table *table, const struct captures *c, enum direction dir,
			       enum point at)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		n += packet_evidence_direction(p) == dir && packet_evidence_counts(p) && c->packets[i].absent == at &&
		     c->packets[i].way >= WAY_BEFORE;
	}
	return n;
}

static void judge_running(struct check_result *r, const struct evidence_table *table, const struct captures *c,
			  enum direction dir)
{
	for (unsigned nth = 1; nth <= 2; nth++) {
		enum point at = direction_point(dir, nth);
		uint64_t n = c->facts[at].flow_packets ? count_unproven(table, c, dir, at) : 0;

		if (n)
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
				      "%s: %" PRIu64 " of %" PRIu64
				      " packets passed when the capture at %s is not known to have been running: not "
				      "between its first and last packet. Capture longer, with a ping before and after",
				      direction_name(dir), n, r->directions[dir].packets, point_name(at));
	}
}

void captures_judge_direction(struct check_result *r, const struct evidence_table *table, const struct captures *c,
			      enum direction dir)
{
	struct ways w = count_ways(table, c, dir);

	if (w.all_bare)
		r->directions[dir].mechanism = MECH_NETKIT;
	if (r->setup.expect == MECH_REDIRECT_PEER)
		judge_crossed(r, &w, dir);
	else
		judge_other(r, &w, dir);
	judge_running(r, table, c, dir);
	for (size_t i = 0; i < c->n_packets; i++) {
		const struct captured *k = &c->packets[i];

		if (k->left_out && packet_evidence_direction(&table->packets[i]) == dir)
			add_note_to(r,
				    "%s: 1 packet is left out: it passed %s packet of the capture at %s, which may not "
				    "have been running",
				    direction_name(dir), k->way == WAY_BEFORE ? "before the first" : "after the last",
				    point_name(k->absent));
	}
}

static void judge_content(struct check_result *r, const struct capture_facts *f, enum point at)
{
	if (!f->flow_packets && !f->ambiguous)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_POSITIVE_CONTROL,
			      "the capture at %s holds %s: its silence proves nothing", point_name(at),
			      f->packets ? "no packet of this flow" : "no packet at all");
	if (f->ambiguous)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_CAPTURE_AMBIGUOUS,
			      "the capture at %s is of several devices and does not tell on which of them %" PRIu64
			      " packets of this flow were; capture on one device",
			      point_name(at), f->ambiguous);
	if (f->cut)
		add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_EVENTS_LOST,
			      "the capture at %s holds %" PRIu64
			      " packets cut too short to tell whether they are of this "
			      "flow; capture with tcpdump -s 0",
			      point_name(at), f->cut);
}

static void judge_filter(struct check_result *r, const struct capture_facts *f, enum point at)
{
	if (f->filter_effect == FILTER_PASSES)
		return;
	add_reason_to(
		r, VERDICT_INCONCLUSIVE, REASON_CAPTURE_FILTERED,
		"the capture at %s was made with the filter '%.100s', which %s; filter by protocol or addresses at "
		"most",
		point_name(at), f->filter ? f->filter->text : "",
		f->filter_effect == FILTER_LEAVES_OUT ? "leaves out packets of this flow"
						      : "may leave out packets of this flow");
}

void captures_judge(struct check_result *r, const struct captures *c)
{
	bool traffic = r->directions[DIRECTION_REQUEST].packets || r->directions[DIRECTION_REPLY].packets;

	for (enum point p = 0; p < POINT_MAX; p++) {
		if (traffic || c->facts[p].cut || c->facts[p].ambiguous)
			judge_content(r, &c->facts[p], p);
		judge_filter(r, &c->facts[p], p);
	}
}
