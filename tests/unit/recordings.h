/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of src/record share: events out of a seed, recordings in memory, and what a reader told of them. */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "event/parts.h"
#include "record/reader.h"
#include "record/writer.h"

/* xorshift64*: the same events on every machine. */
static inline uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* A number of few bits as often as one of many. */
static inline uint64_t draw_any(uint64_t *seed)
{
	return draw(seed) >> (draw(seed) % 64);
}

static inline const char *draw_name(uint64_t *seed)
{
	static const char *const names[] = {"ip_rcv",	 "tcp_v4_rcv", "__netif_receive_skb_core.constprop.0",
					    "kfree_skb", "nf_tables",  "",
					    "a b\n\x01", "pod1"};
	uint64_t i = draw(seed) % (sizeof(names) / sizeof(names[0]) + 1);

	return i ? names[i - 1] : NULL;
}

static inline void draw_chars(uint64_t *seed, char *dst, size_t size)
{
	size_t len = draw(seed) % size;

	memset(dst, 0, size);
	for (size_t i = 0; i < len; i++)
		dst[i] = (char)(1 + draw(seed) % 255);
}

static inline void draw_tuple(uint64_t *seed, struct tuple *t)
{
	static const uint8_t families[] = {0, 4, 6};
	uint64_t bits = draw(seed);

	t->family = families[draw(seed) % 3];
	if (!t->family && bits & 32)
		t->arp_op = (uint8_t)(1 + draw(seed) % 255);
	for (unsigned i = 0; i < (t->family == 4 || t->arp_op ? 4u : t->family ? 16u : 0u); i++) {
		t->src[i] = (uint8_t)draw(seed);
		t->dst[i] = (uint8_t)draw(seed);
	}
	if ((t->has_l4 = bits & 1))
		t->l4 = (uint8_t)draw(seed);
	if ((t->has_ports = bits & 2)) {
		t->sport = (uint16_t)draw_any(seed);
		t->dport = (uint16_t)draw_any(seed);
	}
	if ((t->has_tcp = bits & 4))
		t->tcp_flags = (uint8_t)draw(seed);
	if ((t->has_icmp = bits & 8)) {
		t->icmp_type = (uint8_t)draw(seed);
		t->icmp_code = (uint8_t)draw(seed);
	}
	if ((t->has_icmp_id = bits & 16)) {
		t->icmp_id = (uint16_t)draw_any(seed);
		t->icmp_seq = (uint16_t)draw_any(seed);
	}
}

static inline struct event_frame draw_frame(uint64_t *seed)
{
	return (struct event_frame){
		.addr = draw_any(seed), .symbol = draw_name(seed), .module = draw_name(seed), .offset = draw_any(seed)};
}

static inline void draw_bytes(uint64_t *seed, void *dst, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)dst)[i] = (uint8_t)draw(seed);
}

static inline void draw_ct_tuple(uint64_t *seed, struct st_ct_tuple *t)
{
	draw_bytes(seed, t, sizeof(*t));
}

#define DRAWN_PARTS 8192 /* so many of the last stay */

static inline struct event_parts *draw_parts(uint64_t *seed)
{
	static struct event_parts pool[DRAWN_PARTS];
	static unsigned n;
	struct event_parts *p = &pool[n++ % DRAWN_PARTS];

	*p = (struct event_parts){.has = 1 + (uint32_t)draw(seed) % ((1u << ST_PART_MAX) - 1)};
	if (p->has & PART_BIT(ST_PART_CALLER))
		p->caller = draw_frame(seed);
	if (p->has & PART_BIT(ST_PART_STACK)) {
		p->n_frames = (unsigned)(draw(seed) % (ST_STACK_MAX + 1));
		for (unsigned i = 0; i < p->n_frames; i++)
			p->frames[i] = draw_frame(seed);
	}
	if (p->has & PART_BIT(ST_PART_LINK)) {
		draw_bytes(seed, p->link.mac_dst, 14);
		p->link.n_tags = draw(seed) % 4;
		draw_bytes(seed, p->link.tag_tci, 2 * p->link.n_tags);
		draw_bytes(seed, p->link.tag_proto_be, 2 * p->link.n_tags);
		p->link.accel = draw(seed) & 1;
		p->link.has_mac = draw(seed) & 1;
	}
	if (p->has & PART_BIT(ST_PART_CB))
		draw_bytes(seed, p->cb, sizeof(p->cb));
	if (p->has & PART_BIT(ST_PART_TUNNEL)) {
		draw_tuple(seed, &p->inner.tuple);
		p->inner.kind = (enum st_tunnel_kind)(draw(seed) % (ST_TUNNEL_IPIP + 1));
		p->inner.has_vni = draw(seed) & 1;
		p->inner.vni = (uint32_t)draw_any(seed);
	}
	if (p->has & PART_BIT(ST_PART_CT)) {
		draw_ct_tuple(seed, &p->ct.orig);
		draw_ct_tuple(seed, &p->ct.reply);
		p->ct.status = draw_any(seed);
		p->ct.mark = (uint32_t)draw_any(seed);
		p->ct.info = (uint32_t)draw_any(seed);
		p->ct.zone = (uint16_t)draw_any(seed);
	}
	if (p->has & PART_BIT(ST_PART_ROUTE)) {
		draw_bytes(seed, p->route.gateway, 16);
		p->route.netns = (uint32_t)draw_any(seed);
		p->route.ifindex = (uint32_t)draw_any(seed);
		draw_chars(seed, p->route.ifname, sizeof(p->route.ifname));
		p->route.family = (uint16_t)draw_any(seed);
		p->route.type = (uint16_t)draw_any(seed);
		p->route.error = (int16_t)draw(seed);
		p->route.gateway_family = (uint8_t)draw(seed);
	}
	if (p->has & PART_BIT(ST_PART_NETFILTER)) {
		p->netfilter.verdict = (uint32_t)draw_any(seed);
		p->netfilter.hook = (uint8_t)draw(seed);
		p->netfilter.pf = (uint8_t)draw(seed);
		draw_chars(seed, p->netfilter.table, sizeof(p->netfilter.table));
		draw_chars(seed, p->netfilter.chain, sizeof(p->netfilter.chain));
	}
	if (p->has & PART_BIT(ST_PART_MAP)) {
		p->map.id = (uint32_t)draw_any(seed);
		p->map.op = draw(seed) % ST_MAP_OP_MAX;
		p->map.found = draw(seed) & 1;
		p->map.key_size = (uint32_t)draw_any(seed);
		p->map.value_size = (uint32_t)draw_any(seed);
		p->map.key_bytes = draw(seed) % (ST_MAP_BYTES + 1);
		p->map.value_bytes = draw(seed) % (ST_MAP_BYTES + 1);
		draw_bytes(seed, p->map.key, p->map.key_bytes);
		draw_bytes(seed, p->map.value, p->map.value_bytes);
		draw_chars(seed, p->map.name, sizeof(p->map.name));
	}
	if (p->has & PART_BIT(ST_PART_SKB))
		p->skb_text = draw_name(seed);
	if (p->has & PART_BIT(ST_PART_SHINFO))
		p->shinfo_text = draw_name(seed);
	if (p->has & PART_BIT(ST_PART_VALUES)) {
		p->n_values = (unsigned)(draw(seed) % (ST_VALUES_MAX + 1));
		for (unsigned i = 0; i < p->n_values; i++)
			p->values[i] = (struct event_value){.text = draw_name(seed),
							    .value = draw_any(seed),
							    .has_value = draw(seed) & 1,
							    .is_signed = draw(seed) & 1,
							    .is_pointer = draw(seed) & 1};
	}
	return p;
}

/* Every field that its validity bits allow, with any value. */
static inline struct event draw_event(uint64_t *seed)
{
	uint64_t bits = draw(seed);
	struct event ev = {
		.seq = draw_any(seed),
		.pkt = draw_any(seed),
		.ts_ns = draw_any(seed),
		.cpu_seq = draw_any(seed),
		.cpu = (uint32_t)draw_any(seed) % 4096,
		.source = (enum st_source)(draw(seed) % ST_SRC_MAX),
		.addr = draw_any(seed),
		.skb = draw_any(seed),
		.head = draw_any(seed),
		.func = draw_name(seed),
		.module = draw_name(seed),
		.mark = (uint32_t)draw_any(seed),
		.len_bytes = (uint32_t)draw_any(seed),
		.proto = (uint16_t)draw_any(seed),
		.pid = (uint32_t)draw_any(seed),
	};

	draw_chars(seed, ev.comm, sizeof(ev.comm));
	draw_tuple(seed, &ev.tuple);
	if ((ev.has_netns = bits & 1)) {
		ev.netns = (uint32_t)draw_any(seed);
		ev.netns_name = draw_name(seed);
	}
	if ((ev.has_dev = bits & 2)) {
		ev.ifindex = (uint32_t)draw_any(seed);
		ev.mtu = (uint32_t)draw_any(seed);
		draw_chars(seed, ev.ifname, sizeof(ev.ifname));
	}
	if ((ev.has_location = bits & 4)) {
		ev.location = draw_any(seed);
		ev.drop_symbol = draw_name(seed);
		ev.drop_offset = draw_any(seed);
		ev.drop_via = draw_name(seed);
	}
	if (bits & 16)
		ev.parts = draw_parts(seed);
	if (bits & 32) {
		static uint8_t pool[256];

		for (unsigned i = 0; i < sizeof(pool); i++)
			pool[i] = (uint8_t)(i * 37);
		ev.bytes = pool + draw(seed) % 8;
		ev.n_bytes = draw(seed) % 200;
		ev.wire_bytes = (uint32_t)draw_any(seed);
	}
	if ((ev.has_reason = bits & 8)) {
		ev.drop_reason = (uint32_t)draw_any(seed);
		ev.drop_reason_name = draw_name(seed);
	}
	if (bits & 16) {
		ev.prog = (struct event_prog){.id = 1 + (uint32_t)draw(seed) % 1000,
					      .func = (uint32_t)draw_any(seed),
					      .xdp = bits & 32,
					      .hooks = (uint32_t)(bits >> 9) & EVENT_HOOKS_ALL,
					      .name = draw_name(seed),
					      .has_value = bits & 64,
					      .has_target = bits & 128};
		if (ev.prog.has_value)
			ev.prog.value = draw_any(seed);
	}
	if (ev.prog.has_target) {
		ev.prog.call = (enum st_call)(draw(seed) % ST_CALL_MAX);
		ev.prog.ifindex = (uint32_t)draw_any(seed);
		ev.prog.flags = (uint32_t)draw_any(seed);
		draw_chars(seed, ev.prog.ifname, sizeof(ev.prog.ifname));
	}
	if (bits & 256)
		ev.ret = (struct event_return){
			.here = true, .kind = (enum return_kind)(draw(seed) % RETURN_MAX), .value = draw_any(seed)};
	return ev;
}

static inline bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

#define SAME(field)	  (a->field == b->field)
#define SAME_BYTES(field) (memcmp(a->field, b->field, sizeof(a->field)) == 0)

static inline bool same_tuple(const struct tuple *a, const struct tuple *b)
{
	return SAME(family) && SAME(arp_op) && SAME(has_l4) && SAME(has_ports) && SAME(has_tcp) && SAME(has_icmp) &&
	       SAME(has_icmp_id) && SAME_BYTES(src) && SAME_BYTES(dst) && SAME(l4) && SAME(sport) && SAME(dport) &&
	       SAME(tcp_flags) && SAME(icmp_type) && SAME(icmp_code) && SAME(icmp_id) && SAME(icmp_seq);
}

static inline bool same_frame(const struct event_frame *a, const struct event_frame *b)
{
	return SAME(addr) && same_text(a->symbol, b->symbol) && same_text(a->module, b->module) && SAME(offset);
}

static inline bool same_value(const struct event_value *a, const struct event_value *b)
{
	return same_text(a->text, b->text) && SAME(value) && SAME(has_value) && SAME(is_signed) && SAME(is_pointer);
}

static inline bool same_parts(const struct event_parts *a, const struct event_parts *b)
{
	if (!a || !b)
		return a == b;
	for (unsigned i = 0; i < ST_STACK_MAX; i++)
		if (!same_frame(&a->frames[i], &b->frames[i]))
			return false;
	for (unsigned i = 0; i < ST_VALUES_MAX; i++)
		if (!same_value(&a->values[i], &b->values[i]))
			return false;
	return SAME(has) && SAME(n_values) && same_frame(&a->caller, &b->caller) && SAME(n_frames) &&
	       !memcmp(&a->link, &b->link, sizeof(a->link)) && SAME_BYTES(cb) && SAME(inner.kind) &&
	       SAME(inner.has_vni) && SAME(inner.vni) && same_tuple(&a->inner.tuple, &b->inner.tuple) &&
	       !memcmp(&a->ct, &b->ct, sizeof(a->ct)) && !memcmp(&a->route, &b->route, sizeof(a->route)) &&
	       !memcmp(&a->netfilter, &b->netfilter, sizeof(a->netfilter)) &&
	       !memcmp(&a->map, &b->map, sizeof(a->map)) && same_text(a->skb_text, b->skb_text) &&
	       same_text(a->shinfo_text, b->shinfo_text);
}

static inline bool same_bytes(const struct event *a, const struct event *b)
{
	if (!a->bytes || !b->bytes)
		return a->bytes == b->bytes;
	return SAME(n_bytes) && SAME(wire_bytes) && memcmp(a->bytes, b->bytes, a->n_bytes) == 0;
}

static inline bool same_prog(const struct event_prog *a, const struct event_prog *b)
{
	return SAME(id) && SAME(func) && SAME(xdp) && SAME(hooks) && same_text(a->name, b->name) && SAME(has_value) &&
	       SAME(value) && SAME(has_target) && SAME(call) && SAME(ifindex) && SAME(flags) && SAME_BYTES(ifname);
}

static inline bool same_return(const struct event_return *a, const struct event_return *b)
{
	return SAME(here) && SAME(kind) && SAME(value);
}

static inline bool same_event(const struct event *a, const struct event *b)
{
	return SAME(seq) && SAME(pkt) && SAME(ts_ns) && SAME(cpu_seq) && SAME(cpu) && SAME(source) && SAME(addr) &&
	       SAME(skb) && SAME(head) && same_text(a->func, b->func) && same_text(a->module, b->module) &&
	       SAME(has_netns) && SAME(has_dev) && SAME(has_location) && SAME(has_reason) && SAME(netns) &&
	       same_text(a->netns_name, b->netns_name) && SAME(ifindex) && SAME_BYTES(ifname) && SAME(mtu) &&
	       SAME(mark) && SAME(len_bytes) && SAME(proto) && SAME(pid) && SAME_BYTES(comm) &&
	       same_tuple(&a->tuple, &b->tuple) && SAME(location) && same_text(a->drop_symbol, b->drop_symbol) &&
	       SAME(drop_offset) && SAME(drop_reason) && same_text(a->drop_reason_name, b->drop_reason_name) &&
	       same_text(a->drop_via, b->drop_via) && same_parts(a->parts, b->parts) && same_bytes(a, b) &&
	       same_prog(&a->prog, &b->prog) && same_return(&a->ret, &b->ret);
}

static inline int to_buf(void *ctx, const void *data, size_t len)
{
	return buf_append(ctx, data, len);
}

static const struct record_info some_info = {
	.wall_offset_ns = -1234567890123,
	.release = "6.12.9-amd64",
	.machine = "x86_64",
	.tool = "skbtrail 0.1.0",
	.command = "skbtrail record -w ping.skbt",
};

static const struct lost_events some_ledger = {
	.events = 3,
	.lost_ring = 1,
	.lost_recursion = 200,
	.lost_kprobe = 3,
	.lost_map = UINT64_MAX,
	.unprovable_why = "it is old",
	.selected = 1500,
	.attached = 1499,
	.failed = 1,
	.backend = "kprobe",
	.duration_ns = 4000000000,
	.limited = 17,
	.unreadable = 18,
};

/* The events between information and ledger; flushes after every `per_block` of them. */
static inline void record_events(struct buf *to, const struct event *events, size_t n, size_t per_block)
{
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;

	cr_assert_eq(record_writer_new(to_buf, to, &some_info, &w), 0);
	for (size_t i = 0; i < n; i++) {
		cr_assert_eq(record_writer_event(w, &events[i]), 0);
		if (per_block && (i + 1) % per_block == 0)
			cr_assert_eq(record_writer_flush(w), 0);
	}
	cr_assert_eq(record_writer_ledger(w, &some_ledger), 0);
}

/* What a reader told. Strings belong to the reader, which stays until told_free(). */
struct told {
	struct record_reader *reader;
	struct event *events;
	size_t n_events, cap;
	struct record_info info;
	struct lost_events ledger;
	unsigned n_infos, n_ledgers;
	struct reason reason;
};

static inline int tell_info(void *ctx, const struct record_info *info)
{
	struct told *t = ctx;

	t->info = *info;
	t->n_infos++;
	return 0;
}

static inline int tell_event(void *ctx, const struct event *ev)
{
	struct told *t = ctx;

	if (t->n_events == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->events = reallocarray(t->events, t->cap, sizeof(*t->events));
		cr_assert_not_null(t->events);
	}
	t->events[t->n_events] = *ev;
	if (ev->parts) { /* as short-lived as the event */
		struct event_parts *parts = malloc(sizeof(*parts));

		cr_assert_not_null(parts);
		*parts = *ev->parts;
		parts->skb_text = parts->skb_text ? strdup(parts->skb_text) : NULL;
		parts->shinfo_text = parts->shinfo_text ? strdup(parts->shinfo_text) : NULL;
		for (unsigned i = 0; i < parts->n_values; i++)
			parts->values[i].text = parts->values[i].text ? strdup(parts->values[i].text) : NULL;
		t->events[t->n_events].parts = parts;
	}
	if (ev->bytes) {
		uint8_t *copy = malloc(ev->n_bytes + 1);

		cr_assert_not_null(copy);
		memcpy(copy, ev->bytes, ev->n_bytes);
		t->events[t->n_events].bytes = copy;
	}
	t->n_events++;
	return 0;
}

static inline int tell_ledger(void *ctx, const struct lost_events *l)
{
	struct told *t = ctx;

	t->ledger = *l;
	t->n_ledgers++;
	return 0;
}

static inline void told_free(struct told *t)
{
	record_reader_free(t->reader);
	for (size_t i = 0; i < t->n_events; i++) {
		if (t->events[i].parts) {
			free((char *)t->events[i].parts->skb_text);
			free((char *)t->events[i].parts->shinfo_text);
			for (unsigned k = 0; k < t->events[i].parts->n_values; k++)
				free((char *)t->events[i].parts->values[k].text);
			free(t->events[i].parts);
		}
	}
	for (size_t i = 0; i < t->n_events; i++)
		free((void *)t->events[i].bytes);
	free(t->events);
	*t = (struct told){0};
}

/* Feeds it in pieces of `piece` bytes; 0: whole. The first error, that of the end included. */
static inline int read_back(const void *data, size_t len, size_t piece, struct told *ret)
{
	struct record_sink sink = {.info = tell_info, .event = tell_event, .ledger = tell_ledger, .ctx = ret};
	const char *p = data;
	int r = 0;

	*ret = (struct told){0};
	cr_assert_eq(record_reader_new(&sink, &ret->reader), 0);
	while (len && r >= 0) {
		size_t n = piece && piece < len ? piece : len;
		/* of exactly this size, so that a sanitizer sees what goes beyond */
		void *copy = malloc(n);

		cr_assert_not_null(copy);
		memcpy(copy, p, n);
		r = record_reader_feed(ret->reader, copy, n, &ret->reason);
		free(copy);
		p += n;
		len -= n;
	}
	return r < 0 ? r : record_reader_end(ret->reader, &ret->reason);
}

#define _cleanup_told_ _cleanup_(told_free)
