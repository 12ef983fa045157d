/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet numbers against a model: a kernel that allocates, clones, copies, exchanges and frees skbs at random, with so
 * few addresses that each is used again at once, and which knows what is which packet. Every event of a packet must get
 * the packet's number, and no other packet may get it. Only two tuples are in use, so they seldom tell packets apart.
 */
#include <criterion/criterion.h>

#include <netinet/in.h>

#include "path/packet_number.h"

#define SKBS	12
#define HEADS	16
#define PACKETS 100000
#define ROUNDS	200000

/* What the trace sees of the model. */
enum view {
	VIEW_ALL,      /* every function, and records of copies */
	VIEW_FOLLOWED, /* origins; but neither deaths, nor exchanges of heads, nor records of copies */
};

struct sim_skb {
	uint32_t packet; /* 0: free */
	unsigned head;
};

struct sim {
	enum view view;
	uint32_t random, packets;
	struct sim_skb skbs[SKBS];
	unsigned users[HEADS];		 /* skbs at this head */
	unsigned last_skb, last_head;	 /* the most recently freed */
	uint64_t number[PACKETS];	 /* by packet; 0: not seen */
	uint32_t packet_of[PACKETS * 2]; /* by number; 0: none */
	struct packet_numbers *id;
};

static uint32_t draw(struct sim *s, uint32_t n)
{
	s->random = s->random * 1664525u + 1013904223u;
	return (s->random >> 8) % n;
}

static struct tuple tuple_of(uint32_t packet)
{
	return (struct tuple){
		.family = 4,
		.src = {10, 0, 0, 1},
		.dst = {10, 0, 0, 2},
		.has_l4 = true,
		.l4 = IPPROTO_TCP,
		.has_ports = true,
		.sport = 40000 + packet % 2,
		.dport = 80,
	};
}

static struct event event_of(const struct sim *s, unsigned skb, const char *func)
{
	return (struct event){
		.source = ST_SRC_KPROBE,
		.func = func,
		.skb = 0x10000 + skb * 256,
		.head = 0x900000 + s->skbs[skb].head * 2048,
		.proto = 0x0800,
		.has_dev = true,
		.tuple = tuple_of(s->skbs[skb].packet),
		.origin = s->view == VIEW_FOLLOWED ? s->skbs[skb].packet : 0,
	};
}

static void see(struct sim *s, struct event ev, uint32_t packet)
{
	uint64_t pkt = packet_number_assign(s->id, &ev);

	cr_assert(pkt > 0 && pkt < ARRAY_SIZE(s->packet_of));
	if (!s->number[packet])
		s->number[packet] = pkt;
	if (!s->packet_of[pkt])
		s->packet_of[pkt] = packet;
	cr_assert_eq(s->number[packet], pkt, "packet %u has the numbers %llu and %llu, at %s", packet,
		     (unsigned long long)s->number[packet], (unsigned long long)pkt, ev.func);
	cr_assert_eq(s->packet_of[pkt], packet, "the packets %u and %u have the number %llu, at %s", s->packet_of[pkt],
		     packet, (unsigned long long)pkt, ev.func);
}

/* In a function that only some traces probe. */
static void see_all(struct sim *s, unsigned skb, const char *func)
{
	if (s->view == VIEW_ALL)
		see(s, event_of(s, skb, func), s->skbs[skb].packet);
}

/* Somewhere on its path, where not every header can be read. */
static void pass(struct sim *s, unsigned skb)
{
	struct event ev = event_of(s, skb, "ip_rcv");

	if (draw(s, 4) == 0)
		ev.tuple = (struct tuple){0};
	see(s, ev, s->skbs[skb].packet);
}

/* The caches hand out what was freed last. SKBS, HEADS: none is free. */
static unsigned free_skb(const struct sim *s)
{
	for (unsigned i = 0; i < SKBS; i++)
		if (!s->skbs[(s->last_skb + i) % SKBS].packet)
			return (s->last_skb + i) % SKBS;
	return SKBS;
}

static unsigned free_head(const struct sim *s)
{
	for (unsigned i = 0; i < HEADS; i++)
		if (!s->users[(s->last_head + i) % HEADS])
			return (s->last_head + i) % HEADS;
	return HEADS;
}

static void drop_head(struct sim *s, unsigned head)
{
	if (--s->users[head] == 0)
		s->last_head = head;
}

static void make(struct sim *s, unsigned skb, unsigned head, uint32_t packet)
{
	s->skbs[skb] = (struct sim_skb){packet, head};
	s->users[head]++;
}

static void sim_free(struct sim *s, unsigned skb)
{
	see_all(s, skb, "skb_release_head_state");
	if (draw(s, 2))
		see_all(s, skb, "skb_release_data");
	if (draw(s, 2))
		see_all(s, skb, "kfree_skbmem");
	drop_head(s, s->skbs[skb].head);
	s->skbs[skb].packet = 0;
	s->last_skb = skb;
}

/* A clone has the same head, a copy another one. */
static unsigned sim_copy(struct sim *s, unsigned from, bool clone)
{
	unsigned to = free_skb(s), head = clone ? s->skbs[from].head : free_head(s);
	struct event ev = event_of(s, from, NULL);

	if (to == SKBS || head == HEADS)
		return SKBS;
	ev.source = ST_SRC_COPY;
	ev.copy = event_of(s, to, NULL).skb;
	if (s->view == VIEW_ALL)
		packet_number_copy(s->id, &ev);
	make(s, to, head, s->skbs[from].packet);
	return to;
}

static void sim_expand(struct sim *s, unsigned skb)
{
	unsigned head = free_head(s);
	struct event ev;

	if (head == HEADS)
		return;
	see_all(s, skb, "pskb_expand_head");
	see_all(s, skb, s->users[s->skbs[skb].head] > 1 ? "skb_release_data" : "skb_free_head");
	drop_head(s, s->skbs[skb].head);
	s->skbs[skb].head = head;
	s->users[head]++;
	/* in IPsec, just when the ports cannot be read */
	ev = event_of(s, skb, "esp_output_tail");
	if (draw(s, 2))
		ev.tuple.l4 = IPPROTO_ESP, ev.tuple.has_ports = false;
	see(s, ev, s->skbs[skb].packet);
}

static void step(struct sim *s)
{
	unsigned skb = draw(s, SKBS), to;

	if (!s->skbs[skb].packet) {
		unsigned head = free_head(s);

		skb = free_skb(s);
		if (head == HEADS || s->packets + 1 == PACKETS)
			return;
		make(s, skb, head, ++s->packets);
		pass(s, skb);
		return;
	}
	switch (draw(s, 7)) {
	case 0:
		sim_free(s, skb);
		return;
	case 1:
		to = sim_copy(s, skb, true);
		break;
	case 2:
		to = sim_copy(s, skb, false);
		break;
	case 3: /* as XDP on a veth: a copy goes on instead */
		to = sim_copy(s, skb, false);
		if (to != SKBS)
			sim_free(s, skb);
		break;
	case 4:
		sim_expand(s, skb);
		return;
	default:
		to = skb;
	}
	if (to != SKBS)
		pass(s, to);
}

static void simulate(enum view view, uint32_t seed)
{
	static struct sim s;

	s = (struct sim){.view = view, .random = seed};
	cr_assert_eq(packet_number_new(64, &s.id), 0);
	for (int i = 0; i < ROUNDS; i++)
		step(&s);
	cr_expect_gt(s.packets, ROUNDS / 50);
	cr_expect_eq(packet_number_evicted(s.id), 0);
	packet_number_free(s.id);
}

Test(one_packet, by_what_is_seen)
{
	for (uint32_t seed = 1; seed <= 5; seed++)
		simulate(VIEW_ALL, seed);
}

Test(one_packet, by_its_origin)
{
	for (uint32_t seed = 1; seed <= 5; seed++)
		simulate(VIEW_FOLLOWED, seed);
}
