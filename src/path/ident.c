/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * Neither address of an sk_buff names a packet. The kernel's caches hand out the one freed last, so within one ping the
 * reply, and then the next request, can sit at the addresses of the request before it. And one packet changes both:
 * a clone is another skb on the same head, pskb_expand_head() gives the same skb another head. Never both at once.
 *
 * So we keep a table of live skbs, each bound to its head, its packet's number and the last tuple read from it. An
 * event's packet is found in this order:
 *
 *   1. its skb is bound: the same packet, unless
 *      - it was dying (below) and this is no further step of dying;
 *      - the tuple says it is another packet (relation.c): an ICMP sequence number, a reply's direction; but of a
 *        packet that is still being put together the L4 header may be anything;
 *      - the head is another one too, and the tuple does not vouch for it by being the same.
 *   2. another live skb is bound to its head: a clone, unless the tuple says it is another packet.
 *   3. a new packet.
 *
 * When a packet proves to be another one, whatever was still bound to its skb or head is stale and goes.
 *
 * Death is the firm evidence, tuples are the second best: TCP segments of one connection cannot be told apart by tuple.
 * kfree_skb(), consume_skb() and their like only drop a reference; what counts is the tracepoint kfree_skb and the
 * functions behind the last reference (death.c). No single one is on every path, and most are followed by further
 * events of the same packet (skb_release_data after skb_release_head_state). So dying has steps that follow each other:
 * an event at the address of a dying skb belongs to it only if it is a later step. From the first step on the skb no
 * longer holds its head: a clone may go on with it, anyone else's use of it is new. Nothing is later than the step that
 * frees the sk_buff itself. A dying skb's row waits in a list of its own, the oldest being the first to make room.
 *
 * An XDP program sees a frame before there is an skb. Its head is that of the skb it becomes, and until then it is
 * bound as if that were the skb's address, too; the skb that comes takes its place.
 *
 * What cannot be known: where no death is seen (--filter-func, a filter the packet ceased to match) the next segment
 * of the same TCP connection at the same address keeps the number. Copies with a head of their own (skb_copy(), GSO
 * segments) are packets of their own.
 *
 * The table is bounded: all memory is taken at the start, and the skb that was idle longest is forgotten, and counted,
 * when a new one needs room. Every step is O(1): two hash tables and two lists in order of use, linked both ways. Few
 * packets live at a time, so rows that were never used, and take no memory yet, come after those of the long dead.
 */
#include "path/ident.h"

#include <errno.h>
#include <linux/bpf.h>

#include "path/death.h"
#include "path/relation.h"

/* So many deaths later, and so much later, the steps of one are over; a virtual CPU may stand still between two. */
#define DYING_KEPT 1024
#define DYING_NS   UINT64_C(100000000)

struct link {
	struct link *prev, *next;
};

/* One live skb. */
struct binding {
	struct link lru;	     /* in ident.lru, dying or unused */
	struct link by_skb, by_head; /* in a bucket; by_head is alone while dying or where head is 0 */
	uint64_t skb, head;
	uint64_t pkt;
	struct tuple tuple;   /* the last one with addresses */
	uint64_t made_in;     /* the function it was first seen in, unfinished; 0: it is finished */
	uint64_t died_ns;     /* CLOCK_MONOTONIC, of the last step; while dying */
	enum death_step step; /* DEATH_NONE: alive */
};

struct ident {
	struct link lru;   /* most recently used first */
	struct link dying; /* the oldest first */
	struct link unused;
	struct link *by_skb, *by_head; /* buckets, owned */
	struct binding *bindings;      /* owned; those from n_used on were never touched, and take no memory yet */
	size_t n_used, n, n_dying;
	unsigned bucket_bits;
	uint64_t packets, evicted;
};

#define binding_of(link, member) ((struct binding *)(void *)((char *)(link)-offsetof(struct binding, member)))

static void link_init(struct link *l)
{
	l->prev = l->next = l;
}

static void link_remove(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	link_init(l);
}

static void link_add(struct link *list, struct link *l)
{
	l->prev = list;
	l->next = list->next;
	list->next->prev = l;
	list->next = l;
}

/* Addresses differ in their middle bits; multiplying by 2^64 / golden ratio spreads those into the top ones. */
static struct link *bucket(const struct ident *id, struct link *buckets, uint64_t address)
{
	return &buckets[(address * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - id->bucket_bits)];
}

static struct binding *find_skb(const struct ident *id, uint64_t skb)
{
	struct link *list = bucket(id, id->by_skb, skb);

	for (struct link *l = list->next; l != list; l = l->next)
		if (binding_of(l, by_skb)->skb == skb)
			return binding_of(l, by_skb);
	return NULL;
}

/* The living skb bound to this head most recently. */
static struct binding *find_head(const struct ident *id, uint64_t head)
{
	struct link *list = bucket(id, id->by_head, head);

	for (struct link *l = list->next; l != list; l = l->next)
		if (binding_of(l, by_head)->head == head)
			return binding_of(l, by_head);
	return NULL;
}

static void unbind(struct ident *id, struct binding *b)
{
	link_remove(&b->by_skb);
	link_remove(&b->by_head);
	link_remove(&b->lru);
	link_add(&id->unused, &b->lru);
	id->n_dying -= b->step != DEATH_NONE;
	b->step = DEATH_NONE;
}

static void set_head(struct ident *id, struct binding *b, uint64_t head)
{
	link_remove(&b->by_head);
	b->head = head;
	if (head)
		link_add(bucket(id, id->by_head, head), &b->by_head);
}

static struct binding *never_used(struct ident *id)
{
	struct binding *b = &id->bindings[id->n_used++];

	link_init(&b->lru);
	link_init(&b->by_skb);
	link_init(&b->by_head);
	return b;
}

static struct binding *oldest_dying(const struct ident *id)
{
	return id->dying.next == &id->dying ? NULL : binding_of(id->dying.next, lru);
}

static bool is_long_dead(const struct ident *id, const struct binding *dying, uint64_t now_ns)
{
	return id->n_dying >= DYING_KEPT && now_ns > dying->died_ns && now_ns - dying->died_ns >= DYING_NS;
}

/* A binding that is in no list: one given back, of an skb long dead, never used, or else the next to make room. */
static struct binding *take_binding(struct ident *id, uint64_t now_ns)
{
	struct binding *dying = oldest_dying(id), *b;

	if (id->unused.next == &id->unused) {
		if (id->n_used < id->n && !(dying && is_long_dead(id, dying, now_ns)))
			return never_used(id);
		id->evicted += !dying;
		unbind(id, dying ?: binding_of(id->lru.prev, lru));
	}
	b = binding_of(id->unused.next, lru);
	link_remove(&b->lru);
	return b;
}

static struct binding *bind(struct ident *id, const struct event *ev, uint64_t pkt)
{
	struct binding *b = take_binding(id, ev->ts_ns);

	link_add(&id->lru, &b->lru);
	b->skb = ev->skb;
	b->pkt = pkt;
	b->tuple = ev->tuple;
	b->made_in = event_is_unfinished(ev) ? ev->addr : 0;
	link_add(bucket(id, id->by_skb, ev->skb), &b->by_skb);
	set_head(id, b, ev->head);
	return b;
}

/* An event at a dying skb that is no later step of its death is the next packet's. */
static bool still_dying(const struct binding *b, struct death death)
{
	return death.step > b->step || (death.step == b->step && !death.certain);
}

/* Between the two its sender wrote the L4 header. Twice in one function are two packets. */
static bool is_finished_in(const struct binding *b, const struct event *ev)
{
	return b->made_in && b->made_in != ev->addr && b->head == ev->head && tuple_same_ends(&b->tuple, &ev->tuple);
}

static bool same_packet(const struct binding *b, const struct event *ev, struct death death)
{
	enum relation relation = tuple_relation(&b->tuple, &ev->tuple);

	if (relation == RELATION_OTHER && !is_finished_in(b, ev))
		return false;
	if (b->step != DEATH_NONE)
		return still_dying(b, death);
	return relation == RELATION_SAME || b->head == ev->head || !b->head || !ev->head;
}

/* What was seen of a packet earlier: its headers or its head may have been exchanged since, hardly both. */
static bool is_packet_of(const struct binding *b, const struct event *ev)
{
	return b->head == ev->head || tuple_relation(&b->tuple, &ev->tuple) == RELATION_SAME;
}

/* What stands for the skb that will be. */
static bool is_frame(const struct binding *b)
{
	return b->skb == b->head;
}

static struct binding *find_or_bind(struct ident *id, const struct event *ev, struct death death)
{
	struct binding *b = find_skb(id, ev->skb);
	uint64_t pkt;

	if (b && same_packet(b, ev, death))
		return b;
	if (b)
		unbind(id, b);

	b = find_head(id, ev->head);
	if (b && tuple_relation(&b->tuple, &ev->tuple) != RELATION_OTHER) {
		pkt = b->pkt;
		if (is_frame(b))
			unbind(id, b);
		return bind(id, ev, pkt);
	}
	/* Each of these was bound once, so this loop is paid for. */
	for (; b; b = find_head(id, ev->head))
		unbind(id, b);
	return bind(id, ev, ++id->packets);
}

/* Keeps what is known: headers are not readable at every step of the way. */
static void update_tuple(struct tuple *known, const struct tuple *seen)
{
	bool less = (known->has_ports && !seen->has_ports) || (known->has_icmp_id && !seen->has_icmp_id);

	switch (tuple_relation(known, seen)) {
	case RELATION_SAME:
		if (!less)
			*known = *seen;
		return;
	default:
		if (seen->family)
			*known = *seen;
	}
}

static void update(struct ident *id, struct binding *b, const struct event *ev, struct death death)
{
	bool dies = death.certain || (b->step != DEATH_NONE && death.step != DEATH_NONE);

	link_remove(&b->lru);
	link_add(dies ? id->dying.prev : &id->lru, &b->lru);
	update_tuple(&b->tuple, &ev->tuple);
	if (!event_is_unfinished(ev))
		b->made_in = 0;
	if (!dies) {
		if (b->head != ev->head && ev->head)
			set_head(id, b, ev->head);
		return;
	}
	link_remove(&b->by_head);
	id->n_dying += b->step == DEATH_NONE;
	b->step = death.step;
	b->died_ns = ev->ts_ns;
}

/* A frame that an XDP program let pass becomes an skb; any other verdict is its end. */
static uint64_t assign_frame(struct ident *id, const struct event *ev)
{
	static const struct death none = {0};
	struct event frame = *ev;
	struct binding *b;
	uint64_t pkt;

	frame.skb = ev->head;
	b = find_skb(id, frame.skb) ? NULL : find_head(id, ev->head);
	if (b && tuple_relation(&b->tuple, &ev->tuple) != RELATION_OTHER)
		return b->pkt; /* generic XDP, and veth's: there is an skb already */
	b = find_or_bind(id, &frame, none);
	pkt = b->pkt;
	update(id, b, &frame, none);
	if (ev->source == ST_SRC_PROG_EXIT && !ev->prog.func && (uint32_t)ev->prog.value != XDP_PASS)
		unbind(id, b);
	return pkt;
}

uint64_t ident_assign(struct ident *id, const struct event *ev)
{
	struct death death = event_death(ev);
	struct binding *b;
	uint64_t pkt;

	if (ev->skb == 0)
		return ev->prog.xdp && ev->head ? assign_frame(id, ev) : 0;
	/* told when the chain ends, which may have freed the packet */
	if (event_ends_chain(ev)) {
		b = find_skb(id, ev->skb);
		return b ? b->pkt : 0;
	}
	/* as it was last seen, perhaps before it died */
	if (event_is_aside(ev)) {
		b = find_skb(id, ev->skb);
		return b && is_packet_of(b, ev) ? b->pkt : 0;
	}
	b = find_or_bind(id, ev, death);
	pkt = b->pkt;
	update(id, b, ev, death);
	return pkt;
}

uint64_t ident_packets(const struct ident *id)
{
	return id->packets;
}

uint64_t ident_evicted(const struct ident *id)
{
	return id->evicted;
}

int ident_new(size_t max_skbs, struct ident **ret)
{
	_cleanup_(ident_freep) struct ident *id = NULL;
	size_t buckets;

	if (max_skbs == 0 || max_skbs > UINT32_MAX)
		return -EINVAL;
	id = calloc(1, sizeof(*id));
	if (!id)
		return -ENOMEM;
	for (id->bucket_bits = 1; (size_t)1 << id->bucket_bits < max_skbs;)
		id->bucket_bits++;
	buckets = (size_t)1 << id->bucket_bits;
	id->by_skb = calloc(buckets, sizeof(*id->by_skb));
	id->by_head = calloc(buckets, sizeof(*id->by_head));
	id->bindings = calloc(max_skbs, sizeof(*id->bindings));
	if (!id->by_skb || !id->by_head || !id->bindings)
		return -ENOMEM;

	link_init(&id->lru);
	link_init(&id->dying);
	link_init(&id->unused);
	for (size_t i = 0; i < buckets; i++) {
		link_init(&id->by_skb[i]);
		link_init(&id->by_head[i]);
	}
	id->n = max_skbs;
	*ret = TAKE_PTR(id);
	return 0;
}

void ident_free(struct ident *id)
{
	if (!id)
		return;
	free(id->by_skb);
	free(id->by_head);
	free(id->bindings);
	free(id);
}
