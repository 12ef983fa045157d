/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A table of max_packets slots has the packets, and an index finds the slot of a packet's number. The index uses open
 * addressing and is built anew after each hand-over, so nothing is ever deleted from it. A packet is assigned to its
 * flow when it is handed over, because then its tuple is complete; packets are handed over in the order of their
 * numbers. So a reply finds its request. The request finds its reply only if that is still being collected, or is in
 * the same batch; so find_reply() looks through those before a request is handed over.
 *
 * When the table is full, the half that was idle longest is handed over: so each packet is sorted only a few times.
 */
#include "path/packets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/hash.h"
#include "path/flows.h"

#define WAITING 10u /* a packet in a queue is not over until so many times as long: ARP takes three seconds to fail */

struct packets {
	struct packets_opts opts;
	struct func_tables *tables; /* owned */
	struct flows *flows;	    /* owned */
	struct packet *slots;	    /* owned; the first `used` ones are in use */
	struct packet **batch;	    /* owned; max_packets elements */
	uint32_t *index;	    /* owned; slot + 1, 0: empty */
	size_t used, index_mask;
	struct packets_counters counters;
};

static uint32_t *index_of(const struct packets *ps, uint64_t pkt)
{
	for (uint64_t i = hash_u64(pkt);; i++) {
		uint32_t *entry = &ps->index[i & ps->index_mask];

		if (*entry == 0 || ps->slots[*entry - 1].pkt == pkt)
			return entry;
	}
}

static uint64_t last_ns(const struct packet *p)
{
	return p->n_steps ? p->steps[p->n_steps - 1].ts_ns : 0;
}

static int by_number(const void *a, const void *b)
{
	const struct packet *const *x = a, *const *y = b;

	return (*x)->pkt < (*y)->pkt ? -1 : (*x)->pkt > (*y)->pkt;
}

static int by_idleness(const void *a, const void *b)
{
	const struct packet *const *x = a, *const *y = b;

	return last_ns(*x) < last_ns(*y) ? -1 : last_ns(*x) > last_ns(*y);
}

static bool replies_to(const struct packet *p, const struct packet *request)
{
	const struct tuple *a = &request->tuple, *b = &p->tuple;
	bool v6 = a->l4 == IPPROTO_ICMPV6;

	return a->has_icmp_id && b->has_icmp_id && a->l4 == b->l4 && a->icmp_type == (v6 ? 128 : 8) &&
	       b->icmp_type == (v6 ? 129 : 0) && a->icmp_id == b->icmp_id && a->icmp_seq == b->icmp_seq &&
	       memcmp(a->src, b->dst, sizeof(a->src)) == 0 && memcmp(a->dst, b->src, sizeof(a->dst)) == 0;
}

/* Looks at the next numbers only: a reply mostly has the very next. */
static uint64_t find_reply(const struct packets *ps, const struct packet *p)
{
	for (uint64_t pkt = p->pkt + 1; p->tuple.has_icmp_id && pkt <= p->pkt + 16; pkt++) {
		uint32_t slot = *index_of(ps, pkt);

		if (slot && replies_to(&ps->slots[slot - 1], p))
			return pkt;
	}
	return 0;
}

static int hand_over(struct packets *ps, struct packet *p)
{
	struct flow_member tie;
	int r;

	if (p->question)
		return 0;
	tie = flows_assign(ps->flows, p->pkt, &p->tuple);
	p->flow = tie.flow;
	p->reverse = tie.reverse;
	p->answers = tie.request;
	p->answered_by = find_reply(ps, p);
	p->losses_first = ps->opts.losses_first;
	r = packet_analyse(p);
	if (r < 0)
		return r;
	ps->counters.packets++;
	return ps->opts.on_packet ? ps->opts.on_packet(ps->opts.ctx, p) : 0;
}

/* Closes the gaps of packets that were handed over, and builds the index anew. */
static void compact(struct packets *ps)
{
	size_t kept = 0;

	memset(ps->index, 0, (ps->index_mask + 1) * sizeof(*ps->index));
	for (size_t i = 0; i < ps->used; i++) {
		if (ps->slots[i].pkt == 0)
			continue;
		if (kept != i) {
			ps->slots[kept] = ps->slots[i];
			ps->slots[i] = (struct packet){0};
		}
		*index_of(ps, ps->slots[kept].pkt) = (uint32_t)kept + 1;
		kept++;
	}
	ps->used = kept;
}

/* Hands over the first n of the batch. */
static int hand_over_batch(struct packets *ps, size_t n)
{
	int r = 0;

	if (n == 0)
		return 0;
	qsort(ps->batch, n, sizeof(*ps->batch), by_number);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = hand_over(ps, ps->batch[i]);
	for (size_t i = 0; i < n; i++)
		packet_clear(ps->batch[i]);
	compact(ps);
	return r < 0 ? r : 0;
}

static int make_room(struct packets *ps)
{
	size_t n = (ps->used + 1) / 2;

	for (size_t i = 0; i < ps->used; i++)
		ps->batch[i] = &ps->slots[i];
	qsort(ps->batch, ps->used, sizeof(*ps->batch), by_idleness);
	ps->counters.early += n;
	return hand_over_batch(ps, n);
}

int packets_add(struct packets *ps, const struct event *ev)
{
	uint32_t *entry;
	int r;

	if (event_is_on_behalf(ev))
		return 0;
	if (ev->pkt == 0) {
		ps->counters.no_packet++;
		return 0;
	}
	entry = index_of(ps, ev->pkt);
	if (*entry == 0) {
		if (ps->used == ps->opts.max_packets) {
			r = make_room(ps);
			if (r < 0)
				return r;
			entry = index_of(ps, ev->pkt);
		}
		ps->slots[ps->used].pkt = ev->pkt;
		*entry = (uint32_t)++ps->used;
	}
	r = packet_add(&ps->slots[*entry - 1], ev, ps->tables, ps->opts.max_steps);
	if (r == -ENOSPC) {
		ps->counters.lost_steps++;
		return 0;
	}
	return r;
}

int packets_expire(struct packets *ps, uint64_t now_ns)
{
	size_t n = 0;

	for (size_t i = 0; ps->opts.idle_ns && i < ps->used; i++) {
		uint64_t last = last_ns(&ps->slots[i]);
		uint64_t idle_ns = ps->opts.idle_ns * (packet_waits(&ps->slots[i]) ? WAITING : 1);

		if (last < now_ns && now_ns - last >= idle_ns)
			ps->batch[n++] = &ps->slots[i];
	}
	return hand_over_batch(ps, n);
}

int packets_flush(struct packets *ps)
{
	for (size_t i = 0; i < ps->used; i++)
		ps->batch[i] = &ps->slots[i];
	return hand_over_batch(ps, ps->used);
}

void packets_counters(const struct packets *ps, struct packets_counters *ret)
{
	*ret = ps->counters;
	ret->forgotten_flows = flows_forgotten(ps->flows);
}

int packets_new(const struct packets_opts *opts, struct packets **ret)
{
	_cleanup_(packets_freep) struct packets *ps = calloc(1, sizeof(*ps));
	size_t size = 2;
	int r;

	if (!ps)
		return -ENOMEM;
	ps->opts = *opts;
	if (ps->opts.max_packets == 0)
		ps->opts.max_packets = PACKETS_MAX_DEFAULT;
	if (ps->opts.max_steps == 0)
		ps->opts.max_steps = PACKET_STEPS_DEFAULT;
	while (size < 2 * ps->opts.max_packets)
		size *= 2;
	ps->index_mask = size - 1;
	ps->index = calloc(size, sizeof(*ps->index));
	ps->slots = calloc(ps->opts.max_packets, sizeof(*ps->slots));
	ps->batch = calloc(ps->opts.max_packets, sizeof(struct packet *));
	if (!ps->index || !ps->slots || !ps->batch)
		return -ENOMEM;
	r = func_tables_new(&ps->tables);
	if (r >= 0)
		r = flows_new(FLOWS_DEFAULT, &ps->flows);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(ps);
	return 0;
}

void packets_free(struct packets *ps)
{
	if (!ps)
		return;
	for (size_t i = 0; i < ps->used; i++)
		packet_clear(&ps->slots[i]);
	func_tables_free(ps->tables);
	flows_free(ps->flows);
	free(ps->slots);
	free(ps->batch);
	free(ps->index);
	free(ps);
}
