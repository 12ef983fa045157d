/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP segments that are merged (GRO) or cut (GSO) on their way.
 *
 * Theory of operation. Between two points a packet may become part of a larger one, or several smaller ones, and is not
 * seen again itself. Its bytes are: a packet counts as seen at a point where the ranges of sequence numbers of other
 * packets, all seen there, cover its own without a gap. Such a cover must be something else than a retransmission,
 * which has the bytes, too: a packet that was already there, in the same size, where the covered one was seen is none
 * of its kind. A packet that is only made on the way, of bytes that all left the pod in others, is no packet of its own
 * (flow_packet_counts()); the mechanism that carried it is theirs, if it is that of every cover.
 * Only sightings cover, never what is covered itself, so that doing this again gives the same.
 */
#include "check/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

/* Packets with TCP payload, by connection, direction and sequence number. */
struct segments {
	struct flow_packet **items;
	size_t n;
};

static bool is_segment(const struct flow_packet *p)
{
	return p->key.has_l4 && p->key.l4 == IPPROTO_TCP && p->has_data;
}

/* How far b begins behind a. Sequence numbers wrap; those of one check lie less than 2 GiB apart. */
static int32_t distance(const struct flow_packet *a, const struct flow_packet *b)
{
	return (int32_t)(b->key.l4_seq - a->key.l4_seq);
}

static int compare_connection(const struct flow_packet *a, const struct flow_packet *b)
{
	if (a->key.reverse != b->key.reverse)
		return a->key.reverse ? 1 : -1;
	if (a->key.sport != b->key.sport)
		return a->key.sport < b->key.sport ? -1 : 1;
	return a->key.dport == b->key.dport ? 0 : a->key.dport < b->key.dport ? -1 : 1;
}

static int compare(const void *x, const void *y)
{
	const struct flow_packet *a = *(struct flow_packet *const *)x, *b = *(struct flow_packet *const *)y;
	int c = compare_connection(a, b);

	if (c)
		return c;
	c = distance(b, a);
	return c ? c : a < b ? -1 : a > b;
}

/* The caller frees the items. 0 or -ENOMEM. */
static int segments_of(struct flow *f, struct segments *ret)
{
	ret->items = calloc(f->n_packets + 1, sizeof(struct flow_packet *));
	ret->n = 0;
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_packets; i++) {
		if (is_segment(&f->packets[i]))
			ret->items[ret->n++] = &f->packets[i];
	}
	qsort(ret->items, ret->n, sizeof(struct flow_packet *), compare);
	return 0;
}

/* The size with which p goes to look for its bytes: that of its first point. */
static uint32_t own_bytes(const struct flow_packet *p)
{
	enum leg leg = flow_packet_leg(p);

	for (unsigned step = 0; step < POINT_MAX; step++) {
		if (p->seen & (1u << leg_point(leg, step)))
			return p->bytes[leg_point(leg, step)];
	}
	return 0;
}

/* Whether q at the point may be what p became, or was: it was not beside p in that size. */
static bool may_cover(const struct flow_packet *q, const struct flow_packet *p, enum point at)
{
	if (q == p || !(q->seen & (1u << at)))
		return false;
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (p->seen & (1u << i) && !(q->seen & (1u << i) && q->bytes[i] == q->bytes[at]))
			return true;
	}
	return false;
}

/* Marks p, the item with that number, at the point if others cover it there. */
static void cover(const struct segments *s, size_t number, enum point at)
{
	struct flow_packet *p = s->items[number];
	int64_t upto = 0, end = own_bytes(p);
	uint64_t last_ns = 0;
	uint8_t ways = UINT8_MAX;
	size_t i = number;

	/* its bytes came all the same, by a retransmission that was merged: it did not */
	if (p->dropped)
		return;
	/* from the first that can reach as far as p */
	while (i > 0 && !compare_connection(s->items[i - 1], p) && distance(s->items[i - 1], p) <= UINT16_MAX)
		i--;
	for (; upto < end && i < s->n && !compare_connection(s->items[i], p); i++) {
		const struct flow_packet *q = s->items[i];
		int64_t from = distance(p, q), to = from + q->bytes[at];

		if (from > upto)
			break;
		if (to <= upto || !may_cover(q, p, at))
			continue;
		upto = to;
		ways &= q->ways;
		last_ns = q->first_ns[at] > last_ns ? q->first_ns[at] : last_ns;
	}
	if (!end || upto < end)
		return;
	p->covered |= 1u << at;
	p->first_ns[at] = last_ns;
	if (at == leg_point(flow_packet_leg(p), 3))
		p->covered_ways = ways;
}

int flow_settle(struct flow *f)
{
	struct segments s;
	int r = segments_of(f, &s);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s.n; i++) {
		s.items[i]->covered = 0;
		s.items[i]->covered_ways = 0;
		for (enum point at = 0; at < POINT_MAX; at++) {
			if (!(s.items[i]->seen & (1u << at)))
				cover(&s, i, at);
		}
	}
	free(s.items);
	return 0;
}
