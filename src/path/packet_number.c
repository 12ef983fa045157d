/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * Neither address of an sk_buff identifies a packet. The kernel's caches reuse the memory that was freed last: within
 * one ping the reply, and then the next request, may be at the addresses of the request before. And one packet may
 * change both addresses: a clone is another skb with the same head, and pskb_expand_head() gives an skb another head.
 *
 * Where the kernel's part follows the packets (bpf/track.bpf.h), it knows, and each event has the packet's origin: the
 * same origin is the same packet, another origin is another one. The rest of this page is about events without.
 *
 * We keep a table of living skbs (skb_table.h). Each is bound to its head, its packet's number and the last tuple that
 * was read from it. The packet of an event is found in this order:
 *
 *   1. If its skb is bound, it is the same packet, unless
 *      - the skb was dying (see below) and this is no further step of dying;
 *      - the tuple says that it is another packet (relation.c), by an ICMP sequence number or a reply's direction. But
 *        while a packet is still being put together, its L4 header may be anything, and so it may while IPsec puts its
 *        header in front;
 *      - the head is another one, the tuple is not the same, and the skb was not last seen in a function that exchanges
 *        heads.
 *   2. If another living skb is bound to its head, it is a clone, unless the tuple says that it is another packet.
 *      (Of most clones, and of copies and parts with a head of their own, a record has told: bpf/copies.bpf.h.)
 *   3. Otherwise it is a new packet.
 *
 * When a packet proves to be another one, whatever was bound to its skb or head is removed.
 *
 * Death is the best evidence, and tuples the second best: TCP segments of one connection cannot be told apart by their
 * tuples. kfree_skb(), consume_skb() and similar functions only drop a reference. What counts is the tracepoint
 * kfree_skb, and the functions that run when the last reference is gone (death.c). No single one of these is on every
 * path, and most are followed by further events of the same packet (skb_release_data after skb_release_head_state). So
 * dying has steps in a fixed order: an event at the address of a dying skb belongs to it only if it is a later step.
 * From the first step on, the skb no longer holds its head: a clone may go on with it, and any other use of it is new.
 * No step follows the one that frees the sk_buff itself. Dying skbs are in a list of their own, and the oldest of them
 * is the first to make room.
 *
 * An XDP program sees a frame before there is an skb. The frame's head is that of the skb that it becomes. Until then
 * the head is also used as the skb's address; the skb replaces it.
 *
 * What cannot be known: if no death is seen (--filter-func, or a filter that the packet stopped matching), the next
 * segment of the same TCP connection at the same address keeps the number. A packet that XDP redirects is another one,
 * and so is a copy of a packet that the filters do not let pass.
 */
#include "path/packet_number.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/symbol.h"
#include "path/relation.h"
#include "path/skb_table.h"

/* A packet that the kernel's part follows. */
struct followed {
	uint32_t origin; /* 0: none */
	uint64_t pkt;
};

/* The origins of one CPU are numbered, so these are its last ones. */
#define FOLLOWED 65536u

struct packet_numbers {
	struct skb_table skbs;
	struct followed *followed; /* owned; of FOLLOWED */
	uint64_t packets;
};

static struct followed *followed_at(const struct packet_numbers *id, uint32_t origin)
{
	/* the CPU's number is in the bits from 19 on */
	return &id->followed[(origin ^ (origin >> 19) * 40503u) % FOLLOWED];
}

/* 0: unknown. */
static uint64_t followed_pkt(const struct packet_numbers *id, uint32_t origin)
{
	const struct followed *f = followed_at(id, origin);

	return origin && f->origin == origin ? f->pkt : 0;
}

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Whether the skb may have another head at its next event. The old head is freed meanwhile. */
static bool exchanges_head(const struct skb_binding *b, const struct event *ev, struct death death)
{
	if (death.step == DEATH_DATA || death.step == DEATH_HEAD)
		return b->exchanges;
	return ev->func && (symbol_compare(ev->func, "pskb_expand_head") == 0 || starts_with(ev->func, "pskb_carve"));
}

/* Whether the header behind the IP header may be of another protocol than the IP header says. */
static bool is_in_ipsec(const struct event *ev)
{
	static const char *const prefixes[] = {"xfrm", "esp", "ah_", "ah6_", "ipcomp"};

	for (size_t i = 0; ev->func && i < ARRAY_SIZE(prefixes); i++)
		if (starts_with(ev->func, prefixes[i]))
			return true;
	return false;
}

static struct skb_binding *add_binding(struct packet_numbers *id, const struct event *ev, uint64_t pkt)
{
	struct skb_binding *b = skb_table_add(&id->skbs, ev->skb, ev->head, ev->ts_ns);

	b->pkt = pkt;
	b->tuple = ev->tuple;
	b->made_in = event_is_unfinished(ev) ? ev->addr : 0;
	return b;
}

/* Whether the event is a later step of dying; otherwise it is the next packet's. */
static bool still_dying(const struct skb_binding *b, struct death death)
{
	return death.step > b->step || (death.step == b->step && !death.certain);
}

/* Whether the sender wrote the L4 header between the two events. Two events in one function are two packets. */
static bool is_finished_in(const struct skb_binding *b, const struct event *ev)
{
	return b->made_in && b->made_in != ev->addr && b->head == ev->head && tuple_same_ends(&b->tuple, &ev->tuple);
}

/* Whether the kernel knows of both which packet they are. */
static bool is_followed(const struct skb_binding *b, const struct event *ev)
{
	return b->origin && ev->origin;
}

static bool same_packet(const struct skb_binding *b, const struct event *ev, struct death death)
{
	enum relation relation = tuple_relation(&b->tuple, &ev->tuple);

	if (is_followed(b, ev))
		return b->origin == ev->origin && (b->step == DEATH_NONE || still_dying(b, death));
	if (relation == RELATION_OTHER && !is_finished_in(b, ev))
		return false;
	if (b->step != DEATH_NONE)
		return still_dying(b, death);
	return relation == RELATION_SAME || b->head == ev->head || !b->head || !ev->head || b->exchanges;
}

/* Whether the event can be the packet's: since it was last seen, its headers or its head may have changed, but hardly
 * both. */
static bool is_packet_of(const struct skb_binding *b, const struct event *ev)
{
	return b->head == ev->head || tuple_relation(&b->tuple, &ev->tuple) == RELATION_SAME;
}

/* Whether the binding is a frame's, which is not an skb yet. */
static bool is_frame(const struct skb_binding *b)
{
	return b->skb == b->head;
}

static struct skb_binding *find_or_bind(struct packet_numbers *id, const struct event *ev, struct death death)
{
	struct skb_binding *b = skb_table_find(&id->skbs, ev->skb);
	uint64_t pkt;

	if (b && same_packet(b, ev, death))
		return b;
	if (b)
		skb_table_remove(&id->skbs, b);

	pkt = followed_pkt(id, ev->origin);
	if (pkt)
		return add_binding(id, ev, pkt);

	b = skb_table_find_head(&id->skbs, ev->head);
	if (b && !is_followed(b, ev) && tuple_relation(&b->tuple, &ev->tuple) != RELATION_OTHER) {
		pkt = b->pkt;
		if (is_frame(b))
			skb_table_remove(&id->skbs, b);
		return add_binding(id, ev, pkt);
	}
	/* each of these was bound once, so this loop costs O(1) per event */
	for (; b; b = skb_table_find_head(&id->skbs, ev->head))
		skb_table_remove(&id->skbs, b);
	return add_binding(id, ev, ++id->packets);
}

/* Keeps what is known: not every event can read all headers. */
static void update_tuple(struct tuple *known, const struct tuple *seen)
{
	bool less = (known->has_ports && !seen->has_ports) || (known->has_icmp_id && !seen->has_icmp_id);

	switch (tuple_relation(known, seen)) {
	case RELATION_SAME:
		if (!less)
			*known = *seen;
		return;
	default:
		if (tuple_has_addrs(seen))
			*known = *seen;
	}
}

static void update(struct packet_numbers *id, struct skb_binding *b, const struct event *ev, struct death death)
{
	bool dies = death.certain || (b->step != DEATH_NONE && death.step != DEATH_NONE);

	update_tuple(&b->tuple, &ev->tuple);
	b->exchanges = exchanges_head(b, ev, death);
	if (!event_is_unfinished(ev))
		b->made_in = 0;
	if (ev->origin) {
		b->origin = ev->origin;
		*followed_at(id, ev->origin) = (struct followed){ev->origin, b->pkt};
	}
	if (dies) {
		skb_table_die(&id->skbs, b, death.step, ev->ts_ns);
		return;
	}
	skb_table_use(&id->skbs, b);
	if (b->head != ev->head && ev->head)
		skb_table_set_head(&id->skbs, b, ev->head);
}

/* A frame that an XDP program passes becomes an skb; any other verdict ends it. */
static uint64_t assign_frame(struct packet_numbers *id, const struct event *ev)
{
	static const struct death none = {0};
	struct event frame = *ev;
	struct skb_binding *b;
	uint64_t pkt;

	frame.skb = ev->head;
	pkt = followed_pkt(id, ev->origin);
	if (pkt)
		return pkt;
	b = skb_table_find(&id->skbs, frame.skb) ? NULL : skb_table_find_head(&id->skbs, ev->head);
	if (b && tuple_relation(&b->tuple, &ev->tuple) != RELATION_OTHER)
		return b->pkt; /* generic XDP, or veth's: there is an skb already */
	b = find_or_bind(id, &frame, none);
	pkt = b->pkt;
	update(id, b, &frame, none);
	if (ev->source == ST_SRC_PROG_EXIT && !ev->prog.func && (uint32_t)ev->prog.value != XDP_PASS)
		skb_table_remove(&id->skbs, b);
	return pkt;
}

static uint64_t assign(struct packet_numbers *id, const struct event *ev)
{
	struct death death = event_death(ev);
	uint64_t pkt = followed_pkt(id, ev->origin);
	struct skb_binding *b;

	if (ev->skb == 0)
		return ev->prog.xdp && ev->head ? assign_frame(id, ev) : 0;
	/* such an event comes at the end of a chain, which may have freed the packet */
	if (event_ends_chain(ev)) {
		b = skb_table_find(&id->skbs, ev->skb);
		return pkt ?: b ? b->pkt : 0;
	}
	/* the packet as it was seen last, perhaps before it died */
	if (event_is_on_behalf(ev)) {
		b = skb_table_find(&id->skbs, ev->skb);
		return pkt ?: b && is_packet_of(b, ev) ? b->pkt : 0;
	}
	b = find_or_bind(id, ev, death);
	pkt = b->pkt;
	update(id, b, ev, death);
	return pkt;
}

uint64_t packet_number_assign(struct packet_numbers *id, const struct event *ev)
{
	struct event known;

	if (!is_in_ipsec(ev))
		return assign(id, ev);
	known = *ev;
	known.tuple.has_ports = known.tuple.has_tcp = known.tuple.has_icmp = known.tuple.has_icmp_id = false;
	return assign(id, &known);
}

void packet_number_copy(struct packet_numbers *id, const struct event *ev)
{
	uint64_t pkt = packet_number_assign(id, ev);
	struct skb_binding *to = skb_table_find(&id->skbs, ev->copy);
	struct event copy = *ev;

	if (!pkt || !ev->copy || ev->copy == ev->skb)
		return;
	if (to)
		skb_table_remove(&id->skbs, to);
	copy.skb = ev->copy;
	copy.head = 0; /* not set yet, or to be set anew */
	add_binding(id, &copy, pkt);
}

uint64_t packet_number_packets(const struct packet_numbers *id)
{
	return id->packets;
}

uint64_t packet_number_evicted(const struct packet_numbers *id)
{
	return id->skbs.evicted;
}

int packet_number_new(size_t max_skbs, struct packet_numbers **ret)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = calloc(1, sizeof(*id));
	int r;

	if (!id)
		return -ENOMEM;
	r = skb_table_init(&id->skbs, max_skbs);
	if (r < 0)
		return r;
	id->followed = calloc(FOLLOWED, sizeof(*id->followed));
	if (!id->followed)
		return -ENOMEM;
	*ret = TAKE_PTR(id);
	return 0;
}

void packet_number_free(struct packet_numbers *id)
{
	if (!id)
		return;
	skb_table_clear(&id->skbs);
	free(id->followed);
	free(id);
}
