/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether four captures are one observation.
 *
 * Theory of operation. A user may confuse the files, and a swapped pair of host captures turns netkit into what looks
 * like redirect_peer, and the other way round. What tells the points apart:
 *   - Time: on one node there is one clock, so a packet's time stamps never decrease along its path. They may be equal:
 *     a redirected skb keeps the stamp of its reception.
 *   - Frames: a veth pair hands a frame on as it is, so a packet's MAC addresses and TTL are the same in a pod and on
 *     its host side. tc programs run after the tap of a reception, and before that of a transmission.
 *   - A netkit device's frames have no MAC addresses, and pass the far host device alone. A veth's frames have some.
 *   - A packet that is on the far host device alone, in a frame that may be either side's, is what swapped host
 *     captures of a redirect to the peer look like. It is judged only if another packet tells them apart.
 * A contradiction is none of the network's doing, so it is neither PASS nor FAIL.
 */
#include "check/captures.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/add_reason.h"

static uint64_t first_ns_with_slack(const struct capture_facts *f)
{
	return f->first_ns > CAPTURE_SLACK_NS ? f->first_ns - CAPTURE_SLACK_NS : 0;
}

/* Whether there was a moment when all captures that hold packets were running, give or take the slack. */
static bool overlap(struct check_result *r, const struct captures *c)
{
	const struct capture_facts *latest = NULL, *earliest = NULL;

	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct capture_facts *f = &c->facts[p];

		if (!f->packets)
			continue;
		if (!f->has_times) {
			add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
				      "the capture at %s does not tell when its packets passed", point_name(p));
			return false;
		}
		latest = !latest || f->first_ns > latest->first_ns ? f : latest;
		earliest = !earliest || f->last_ns < earliest->last_ns ? f : earliest;
	}
	if (!latest || first_ns_with_slack(latest) <= earliest->last_ns)
		return true;
	add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_NO_OVERLAP,
		      "the capture at %s ends %.3f s before the one at %s begins: the four must run at the same time",
		      point_name(earliest - c->facts), (latest->first_ns - earliest->last_ns) / 1e9,
		      point_name(latest - c->facts));
	return false;
}

static bool is_seen(const struct packet_evidence *p, enum point at)
{
	return p->seen & (1u << at);
}

/* Whether it was at a before b, with certainty. */
static bool is_before(const struct packet_evidence *p, const struct captures *c, enum point a, enum point b)
{
	return p->first_ns[a] + c->facts[a].resolution_ns <= p->first_ns[b];
}

/* The shortest time between the packet and another one of the same headers, wherever both were seen. */
static uint64_t distance_ns(const struct evidence_table *table, const struct captures *c, size_t number)
{
	const struct packet_evidence *p = &table->packets[number];
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < c->n_packets; i++) {
		const struct packet_evidence *other = &table->packets[i];

		if (i == number || c->packets[i].key != c->packets[number].key)
			continue;
		for (enum point at = 0; at < POINT_MAX; at++) {
			int64_t ns = (int64_t)(other->first_ns[at] - p->first_ns[at]);

			if (is_seen(p, at) && is_seen(other, at) && (uint64_t)llabs(ns) < least_ns)
				least_ns = llabs(ns);
		}
	}
	return least_ns;
}

/* Whether the packet was at b before a, though it comes to a first. One of several with the same headers may be another
 * packet at b if both captures lack some: then it is off by about the time between two of them. */
static bool is_disorder(const struct evidence_table *table, const struct captures *c, size_t number, enum point a,
			enum point b)
{
	const struct packet_evidence *p = &table->packets[number];
	size_t key = c->packets[number].key;

	return is_seen(p, a) && is_seen(p, b) && key && is_before(p, c, b, a) &&
	       c->counts[key - 1][a] == c->counts[key - 1][b] &&
	       p->first_ns[a] - p->first_ns[b] < distance_ns(table, c, number) / 2;
}

/* Two points that the packet passed in the wrong order. */
static bool find_disorder(const struct evidence_table *table, const struct captures *c, size_t number,
			  enum point *ret_near, enum point *ret_far)
{
	enum direction dir = packet_evidence_direction(&table->packets[number]);

	for (unsigned far = 1; far < POINT_MAX; far++) {
		for (unsigned near = 0; near < far; near++) {
			enum point a = direction_point(dir, near), b = direction_point(dir, far);

			if (!is_disorder(table, c, number, a, b))
				continue;
			*ret_near = a;
			*ret_far = b;
			return true;
		}
	}
	return false;
}

static bool frames_differ(const struct captured_frame *a, const struct captured_frame *b)
{
	return (a->has_src && b->has_src && memcmp(a->src_mac, b->src_mac, sizeof(a->src_mac)) != 0) ||
	       (a->has_dst && b->has_dst && memcmp(a->dst_mac, b->dst_mac, sizeof(a->dst_mac)) != 0) ||
	       a->ttl != b->ttl;
}

bool captured_frame_is_bare(const struct captured_frame *f)
{
	static const uint8_t none[6];

	return f->has_src && memcmp(f->src_mac, none, sizeof(none)) == 0 &&
	       (!f->has_dst || memcmp(f->dst_mac, none, sizeof(none)) == 0);
}

/* One packet against the points that the user named. False, and a reason, if it contradicts them. */
static bool packet_agrees(struct check_result *r, const struct evidence_table *table, const struct captures *c,
			  size_t number)
{
	const struct packet_evidence *p = &table->packets[number];
	const struct captured *k = &c->packets[number];
	enum direction dir = packet_evidence_direction(p);
	enum point near_host = direction_point(dir, 1), a, b;

	if (find_disorder(table, c, number, &a, &b)) {
		add_reason_to(
			r, VERDICT_INCONCLUSIVE, REASON_CAPTURES_CONTRADICT,
			"%s: a packet was at %s %.6f s before it was at %s: the files look swapped, or were not made "
			"by one clock",
			direction_name(dir), point_name(b), (p->first_ns[a] - p->first_ns[b]) / 1e9, point_name(a));
		return false;
	}
	for (a = POINT_SRC_POD; a <= POINT_DST_HOST; a += 2) {
		b = a + 1;
		if (!is_seen(p, a) || !is_seen(p, b) || !frames_differ(&k->frames[a], &k->frames[b]))
			continue;
		add_reason_to(
			r, VERDICT_INCONCLUSIVE, REASON_CAPTURES_CONTRADICT,
			"%s: a packet has other MAC addresses or another TTL at %s than at %s, but a veth pair hands "
			"it on as it is: the files look swapped",
			direction_name(dir), point_name(a), point_name(b));
		return false;
	}
	if (is_seen(p, near_host) && !is_seen(p, direction_point(dir, 2)) &&
	    captured_frame_is_bare(&k->frames[near_host])) {
		add_reason_to(
			r, VERDICT_INCONCLUSIVE, REASON_CAPTURES_CONTRADICT,
			"%s: a packet is at %s in a frame without MAC addresses, but netkit devices hand packets on "
			"through the far host device: the captures at src-host and dst-host look swapped",
			direction_name(dir), point_name(near_host));
		return false;
	}
	return true;
}

/* Whether a packet shows which of the host captures is which. */
static bool tells_hosts(const struct packet_evidence *p, const struct captures *c, const struct captured *k)
{
	enum direction dir = packet_evidence_direction(p);
	enum point start = direction_point(dir, 0), near_host = direction_point(dir, 1),
		   far_host = direction_point(dir, 2);

	if (is_seen(p, near_host))
		return !is_seen(p, far_host) || is_before(p, c, near_host, far_host);
	if (!is_seen(p, far_host))
		return false;
	/* the frame is that of the far pod, as packet_agrees() found, and not that of the near one */
	return captured_frame_is_bare(&k->frames[far_host]) ||
	       (is_seen(p, start) && is_seen(p, direction_point(dir, 3)) &&
		frames_differ(&k->frames[start], &k->frames[far_host]));
}

/* Whether the host captures could be swapped: all that any packet shows of them is that it was on the far one alone. */
static bool hosts_may_be_swapped(const struct evidence_table *table, const struct captures *c, uint64_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; i < c->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];
		enum direction dir = packet_evidence_direction(p);

		if (!packet_evidence_arrived(p))
			continue;
		if (tells_hosts(p, c, &c->packets[i]))
			return false;
		*ret_n += is_seen(p, direction_point(dir, 2)) && !is_seen(p, direction_point(dir, 1));
	}
	return *ret_n;
}

bool captures_agree(struct check_result *r, const struct evidence_table *table, const struct captures *c)
{
	uint64_t n;

	add_note_to(r, "captures show where packets were, not what carried them: a path that no tap sees looks the "
		       "same (packet "
		       "sockets that bypass the qdisc, XDP)");
	if (!overlap(r, c))
		return false;
	for (size_t i = 0; i < c->n_packets; i++) {
		if (!packet_agrees(r, table, c, i))
			return false;
	}
	if (!hosts_may_be_swapped(table, c, &n))
		return true;
	add_reason_to(
		r, VERDICT_INCONCLUSIVE, REASON_CAPTURES_CONTRADICT,
		"%" PRIu64 " of %" PRIu64
		" packets that arrived were on the far host device and not on the near one: the captures at src-host "
		"and dst-host look swapped, or the pods have netkit devices in L2 mode",
		n, r->directions[DIRECTION_REQUEST].arrived + r->directions[DIRECTION_REPLY].arrived);
	return false;
}
