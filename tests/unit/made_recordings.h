/* SPDX-License-Identifier: GPL-2.0-only */
/* Random packets of two pods, and recordings of them that random filters, functions and losses leave something out of.
 */
#pragma once

#include <errno.h>

#include "base/buf.h"
#include "filter/prefix.h"
#include "made_ways.h"
#include "record/writer.h"

#define PACKETS_MAX 8
#define EVENTS_MAX  (PACKETS_MAX * MADE_STEPS_MAX)

/* xorshift64*, as in recordings.h */
static uint64_t seed;

static inline uint64_t draw(uint64_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717) >> 20) % n;
}

/* Every function that some way passes, and some that none does. */
static const char *const universe[] = {"ip_output",
				       "__dev_queue_xmit",
				       "dev_hard_start_xmit",
				       "veth_xmit",
				       "__dev_forward_skb",
				       "__netif_rx",
				       "enqueue_to_backlog",
				       "__netif_receive_skb",
				       "__netif_receive_skb_one_core",
				       "__netif_receive_skb_core.constprop.0",
				       "skb_do_redirect",
				       "skb_scrub_packet",
				       "__bpf_redirect",
				       "ip_rcv",
				       "ip_rcv_core",
				       "ip_forward",
				       "__br_forward",
				       "icmp_rcv",
				       "skb_release_head_state",
				       "kfree_skbmem",
				       "ip_mc_output"};

struct traffic {
	struct event events[EVENTS_MAX];
	size_t n;
	bool tapped;  /* something copies packets to a namespace of its own */
	bool peer;    /* every packet is redirected to the peer */
	bool another; /* some packet arrives by another way */
};

/* How it is recorded. */
struct making {
	struct record_option options[4];
	size_t n_options;
	bool attached[ARRAY_SIZE(universe)], refused[ARRAY_SIZE(universe)];
	bool tracks, untold, nameless;
	unsigned lose_of_100, limit_of_100;
	bool unprovable;
	size_t cut; /* bytes cut off */
};

static inline void draw_traffic(struct traffic *t)
{
	bool mixed = draw(2);
	uint64_t ts_ns = 5000000000;
	size_t pairs = 1 + draw(3);

	*t = (struct traffic){.tapped = draw(8) == 0, .peer = true};
	for (uint64_t pkt = 1; pkt <= 2 * pairs; pkt++) {
		const struct way *w = &ways[mixed && draw(3) == 0 ? draw(ARRAY_SIZE(ways)) : 0];

		t->peer &= w->is_peer;
		t->another |= !w->is_peer && strcmp(w->name, "dropped") != 0;
		t->n += way_events(w, pkt, pkt % 2 == 0, &ts_ns, &t->events[t->n]);
	}
	if (t->tapped) {
		static const struct way copy = {
			"copy",
			{{.func = "__dev_queue_xmit", .dev = MADE_TAP},
			 {.func = "dev_hard_start_xmit", .dev = MADE_TAP},
			 {.func = "veth_xmit", .dev = MADE_TAP},
			 MADE_RECEIVED(MADE_THIRD)},
		};
		size_t from = t->n;

		t->n += way_events(&copy, 2 * pairs + 1, false, &ts_ns, &t->events[t->n]);
		for (size_t i = from; i < t->n; i++)
			t->events[i].tuple.icmp_seq = t->events[0].tuple.icmp_seq;
	}
}

static inline size_t number_of(const char *func)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(universe) && strcmp(universe[i], func) != 0)
		i++;
	return i;
}

static inline void tell(struct making *m, const char *name, const char *value)
{
	m->options[m->n_options++] = (struct record_option){name, value};
}

static inline void draw_functions(struct making *m)
{
	unsigned keep = (unsigned)draw(100);

	tell(m, "filter-func", "some");
	for (size_t i = 0; i < ARRAY_SIZE(universe); i++)
		m->attached[i] = draw(100) < keep;
}

static inline void draw_filter(struct making *m)
{
	static const struct record_option filters[] = {
		{"filter-ip", "10.0.0.67"},  {"filter-ip", "10.0.0.133"},     {"filter-ip", "10.0.0.0/24"},
		{"filter-ip", "10.9.9.9"},   {"filter-src-ip", "10.0.0.133"}, {"filter-dst-ip", "10.0.0.67"},
		{"filter-netns", "pod1"},    {"filter-netns", "pod2"},	      {"filter-netns", "host"},
		{"filter-ifname", "eth0"},   {"filter-ifname", "lxc1"},	      {"filter-ifname", "lxc2"},
		{"filter-proto", "icmp"},    {"filter-proto", "udp"},	      {"sample", "2"},
		{"filter-ip", "10.0.0.133"},
	};
	const struct record_option *o = &filters[draw(ARRAY_SIZE(filters))];

	tell(m, o->name, o->value);
}

static inline void whole(struct making *m)
{
	*m = (struct making){0};
	for (size_t i = 0; i < ARRAY_SIZE(universe); i++)
		m->attached[i] = true;
}

static inline void draw_making(struct making *m)
{
	whole(m);
	if (draw(3) == 0)
		draw_functions(m);
	if (draw(2))
		draw_filter(m);
	if (draw(3) == 0) {
		tell(m, "filter-track-skb", NULL);
		m->tracks = true;
	}
	for (size_t i = 0; draw(8) == 0 && i < 2; i++)
		m->refused[draw(ARRAY_SIZE(universe))] = true;
	m->lose_of_100 = draw(6) ? 0 : 1 + (unsigned)draw(40);
	m->limit_of_100 = draw(8) ? 0 : 1 + (unsigned)draw(40);
	m->unprovable = draw(10) == 0;
	m->untold = draw(10) == 0;
	m->nameless = draw(10) == 0;
	m->cut = draw(10) ? 0 : 1 + draw(600);
}

static inline bool has_addr(const struct prefix *p, const uint8_t *addr)
{
	uint8_t mask[16];

	prefix_mask(p, mask);
	for (size_t i = 0; i < 4; i++) {
		if ((addr[i] & mask[i]) != p->addr_be[i])
			return false;
	}
	return true;
}

/* Whether the filter of the kernel takes this event; not whether its packet is followed. */
static inline bool takes(const struct record_option *o, const struct event *ev)
{
	struct prefix p = {0};

	if (strcmp(o->name, "filter-netns") == 0)
		return strcmp(o->value, ev->netns_name) == 0;
	if (strcmp(o->name, "filter-ifname") == 0)
		return strcmp(o->value, ev->ifname) == 0;
	if (strcmp(o->name, "filter-proto") == 0)
		return strcmp(o->value, "icmp") == 0;
	if (strcmp(o->name, "sample") == 0)
		return ev->pkt % 2;
	if (!o->value || prefix_parse(o->value, &p, NULL) < 0)
		return true;
	if (strcmp(o->name, "filter-src-ip") == 0)
		return has_addr(&p, ev->tuple.src);
	if (strcmp(o->name, "filter-dst-ip") == 0)
		return has_addr(&p, ev->tuple.dst);
	return has_addr(&p, ev->tuple.src) || has_addr(&p, ev->tuple.dst);
}

static inline bool is_recorded(const struct making *m, const struct event *ev, bool *followed)
{
	size_t func = number_of(ev->func);
	bool taken = true;

	if (ev->source != ST_SRC_KFREE && (!m->attached[func] || m->refused[func]))
		return false;
	for (size_t i = 0; i < m->n_options; i++)
		taken &= takes(&m->options[i], ev);
	if (!taken && !(m->tracks && *followed))
		return false;
	*followed = true;
	return true;
}

static inline void write_coverage(const struct making *m, struct record_writer *w)
{
	const char *attached[ARRAY_SIZE(universe)], *refused[ARRAY_SIZE(universe)];
	struct record_coverage c = {.options = m->options,
				    .n_options = m->n_options,
				    .has_funcs = !m->nameless,
				    .attached = attached,
				    .refused = refused};

	for (size_t i = 0; !m->nameless && i < ARRAY_SIZE(universe); i++) {
		if (m->attached[i] && m->refused[i])
			refused[c.n_refused++] = universe[i];
		else if (m->attached[i])
			attached[c.n_attached++] = universe[i];
	}
	if (!m->untold)
		cr_assert_eq(record_writer_coverage(w, &c), 0);
}

static inline int to_buf(void *ctx, const void *data, size_t len)
{
	return buf_append(ctx, data, len);
}

static inline void record(const struct traffic *t, const struct making *m, struct buf *ret)
{
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;
	struct lost_events ledger = {.provable = !m->unprovable, .selected = 3, .attached = 3};
	bool followed[PACKETS_MAX + 1] = {false};

	cr_assert_eq(record_writer_new(to_buf, ret, &(struct record_info){0}, &w), 0);
	write_coverage(m, w);
	for (size_t i = 0; i < t->n; i++) {
		if (!is_recorded(m, &t->events[i], &followed[t->events[i].pkt]))
			continue;
		if (draw(100) < m->lose_of_100)
			ledger.lost_ring++;
		else if (draw(100) < m->limit_of_100)
			ledger.limited++;
		else
			cr_assert_eq(record_writer_event(w, &t->events[i]), 0);
		ledger.events++;
		if (draw(20) == 0)
			cr_assert_eq(record_writer_flush(w), 0);
	}
	cr_assert_eq(record_writer_ledger(w, &ledger), 0);
	ret->len -= m->cut < ret->len ? m->cut : 0;
}
