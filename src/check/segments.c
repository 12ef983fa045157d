/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP segments that are merged (GRO) or cut (GSO) on their way.
 *
 * Theory of operation. Between two points a segment may become part of a larger one, or several smaller ones, and is
 * not seen again itself. But its bytes are: a packet counts as seen at a point if other packets that were seen there
 * cover its range of sequence numbers without a gap. A retransmission has the same bytes, and must not count as such a
 * cover: a packet that was seen in the same size where the covered one was seen is a retransmission. A packet that is
 * first seen on the way, and whose bytes all left the pod in other packets, is none of its own
 * (packet_evidence_counts()). A covered packet was carried by a mechanism if it passed the beginning of its sequence,
 * and each of its covers passed the rest of it or, if it was one of those that were merged, all of it. Only packets
 * that were seen at a point cover others there, never packets that are covered themselves. So the result stays the same
 * if this is done again.
 */
#include "check/evidence_table.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

/* Packets with TCP payload, by connection, direction and sequence number. */
struct segments {
	struct packet_evidence **items;
	size_t n;
};

static bool is_segment(const struct packet_evidence *p)
{
	return p->key.has_l4 && p->key.l4 == IPPROTO_TCP && p->has_data;
}

/* Bytes from the beginning of a to that of b. Sequence numbers wrap; those of one check lie less than 2 GiB apart. */
static int32_t distance(const struct packet_evidence *a, const struct packet_evidence *b)
{
	return (int32_t)(b->key.l4_seq - a->key.l4_seq);
}

static int compare_connection(const struct packet_evidence *a, const struct packet_evidence *b)
{
	if (a->key.reverse != b->key.reverse)
		return a->key.reverse ? 1 : -1;
	if (a->key.sport != b->key.sport)
		return a->key.sport < b->key.sport ? -1 : 1;
	return a->key.dport == b->key.dport ? 0 : a->key.dport < b->key.dport ? -1 : 1;
}

static int compare(const void *x, const void *y)
{
	const struct packet_evidence *a = *(struct packet_evidence *const *)x, *b = *(struct packet_evidence *const *)y;
	int c = compare_connection(a, b);

	if (c)
		return c;
	c = distance(b, a);
	return c ? c : a < b ? -1 : a > b;
}

/* 0 or -ENOMEM. The caller frees ret->items. */
static int segments_of(struct evidence_table *table, struct segments *ret)
{
	ret->items = calloc(table->n_packets + 1, sizeof(struct packet_evidence *));
	ret->n = 0;
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_packets; i++) {
		if (is_segment(&table->packets[i]))
			ret->items[ret->n++] = &table->packets[i];
	}
	qsort(ret->items, ret->n, sizeof(struct packet_evidence *), compare);
	return 0;
}

/* The packet's size at the first point where it was seen. */
static uint32_t own_bytes(const struct packet_evidence *p)
{
	enum direction dir = packet_evidence_direction(p);

	for (unsigned nth = 0; nth < POINT_MAX; nth++) {
		if (p->seen & (1u << direction_point(dir, nth)))
			return p->bytes[direction_point(dir, nth)];
	}
	return 0;
}

/* Whether q may be what p became, or was made of: q was not seen in that size where p was seen. */
static bool may_cover(const struct packet_evidence *q, const struct packet_evidence *p, enum point at)
{
	if (q == p || !(q->seen & (1u << at)))
		return false;
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (p->seen & (1u << i) && !(q->seen & (1u << i) && q->bytes[i] == q->bytes[at]))
			return true;
	}
	return false;
}

/* The mechanisms whose sequence p began and its cover q completed, as bits. */
static uint32_t mechanisms_of_both(const struct packet_evidence *p, const struct packet_evidence *q)
{
	uint32_t fitting = 0;

	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX; m++) {
		if (sequence_begins(&p->passed, m) &&
		    (sequence_is(&q->passed, m) || sequence_continues(&q->passed, m, p->passed.n)))
			fitting |= 1u << m;
	}
	return fitting;
}

/* Marks the item of that number as covered at the point if other packets cover it there. */
static void cover(const struct segments *s, size_t number, enum point at)
{
	struct packet_evidence *p = s->items[number];
	int64_t upto = 0, end = own_bytes(p);
	uint64_t last_ns = 0;
	uint32_t mechanisms = UINT32_MAX;
	size_t i = number;

	/* a retransmission may have brought its bytes, but this packet was dropped */
	if (p->dropped)
		return;
	/* begin with the first packet whose bytes may reach this one */
	while (i > 0 && !compare_connection(s->items[i - 1], p) && distance(s->items[i - 1], p) <= UINT16_MAX)
		i--;
	for (; upto < end && i < s->n && !compare_connection(s->items[i], p); i++) {
		const struct packet_evidence *q = s->items[i];
		int64_t from = distance(p, q), to = from + q->bytes[at];

		if (from > upto)
			break;
		if (to <= upto || !may_cover(q, p, at))
			continue;
		upto = to;
		mechanisms &= mechanisms_of_both(p, q);
		last_ns = q->first_ns[at] > last_ns ? q->first_ns[at] : last_ns;
	}
	if (!end || upto < end)
		return;
	p->covered |= 1u << at;
	p->first_ns[at] = last_ns;
	if (at == direction_point(packet_evidence_direction(p), 3))
		p->covered_mechanisms = mechanisms;
}

int segments_settle(struct evidence_table *table)
{
	struct segments s;
	int r = segments_of(table, &s);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s.n; i++) {
		s.items[i]->covered = 0;
		s.items[i]->covered_mechanisms = 0;
		for (enum point at = 0; at < POINT_MAX; at++) {
			if (!(s.items[i]->seen & (1u << at)))
				cover(&s, i, at);
		}
	}
	free(s.items);
	return 0;
}
