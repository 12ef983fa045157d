/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "event/parts.h"

#define ALL (PART_BIT(ST_PART_MAX) - 1)

/* A record with all parts, empty. */
static struct st_output layout(uint8_t rec[4096])
{
	struct st_output o;

	cr_assert_eq(event_parts_layout(ALL, &(struct parts_sizes){232, 320, 60}, &o), 0);
	cr_assert_leq(o.record_bytes, 4096);
	memset(rec, 0, 4096);
	((struct st_event *)rec)->has_parts = 1;
	for (int kind = 0; kind < ST_PART_MAX; kind++)
		memcpy(rec + o.at[kind], &(struct st_part){.kind = (uint16_t)kind, .capacity_bytes = o.capacity[kind]},
		       sizeof(struct st_part));
	return o;
}

static void put(uint8_t *rec, const struct st_output *o, enum st_part_kind kind, const void *data, size_t len)
{
	((struct st_part *)(rec + o->at[kind]))->len_bytes = (uint16_t)len;
	memcpy(rec + o->at[kind] + sizeof(struct st_part), data, len);
}

Test(parts, layout_is_what_was_asked_for)
{
	static const struct parts_sizes none;
	struct st_output o;

	cr_assert_eq(event_parts_layout(0, &none, &o), 0);
	cr_expect_eq(o.record_bytes, 0);
	cr_assert_eq(event_parts_layout(PART_BIT(ST_PART_CALLER) | PART_BIT(ST_PART_LINK), &none, &o), 0);
	cr_expect_eq(o.at[ST_PART_CALLER], sizeof(struct st_event) + ST_ADDRS_MAX);
	cr_expect_eq(o.at[ST_PART_STACK], 0);
	cr_expect_eq(o.at[ST_PART_LINK], o.at[ST_PART_CALLER] + 16);
	cr_expect_eq(o.record_bytes % 8, 0);
	cr_expect_eq(event_parts_layout(PART_BIT(ST_PART_SKB), &(struct parts_sizes){.skb = ST_DUMP_MAX + 1}, &o),
		     -E2BIG);
}

Test(parts, empty_rooms_are_no_parts)
{
	uint8_t rec[4096];
	struct st_output o = layout(rec);
	struct event_parts p;

	cr_assert_eq(event_parts_decode(rec, o.record_bytes, &p), 0);
	cr_expect_eq(p.has, 0);
	((struct st_event *)rec)->has_parts = 0;
	cr_assert_eq(event_parts_decode(rec, sizeof(struct st_event), &p), 0);
	cr_expect_eq(p.has, 0);
}

Test(parts, each_is_decoded)
{
	static const uint64_t stack[] = {0xffffffff81000005, 0xffffffff82000000};
	static const struct st_inner inner = {.addrs = {10, 0, 0, 1, 10, 0, 0, 2},
					      .valid = ST_VALID_IP4 | ST_VALID_L4 | ST_VALID_PORTS,
					      .sport_be = 0x5000,
					      .dport_be = 0x3500,
					      .l4 = IPPROTO_UDP,
					      .kind = ST_TUNNEL_VXLAN,
					      .has_vni = 1,
					      .vni = 42};
	static const struct st_link link = {.n_tags = 2, .tag_tci = {100, 200}, .accel = 1};
	uint8_t rec[4096], dump[232] = {1};
	struct st_output o = layout(rec);
	struct event_parts p;

	put(rec, &o, ST_PART_CALLER, stack, 8);
	put(rec, &o, ST_PART_STACK, stack, sizeof(stack));
	put(rec, &o, ST_PART_TUNNEL, &inner, sizeof(inner));
	put(rec, &o, ST_PART_LINK, &link, sizeof(link));
	put(rec, &o, ST_PART_SKB, dump, sizeof(dump));
	cr_assert_eq(event_parts_decode(rec, o.record_bytes, &p), 0);
	cr_expect_eq(p.has, PART_BIT(ST_PART_CALLER) | PART_BIT(ST_PART_STACK) | PART_BIT(ST_PART_TUNNEL) |
				    PART_BIT(ST_PART_LINK) | PART_BIT(ST_PART_SKB));
	cr_expect_eq(p.caller.addr, stack[0]);
	cr_expect_eq(p.n_frames, 2);
	cr_expect_eq(p.frames[1].addr, stack[1]);
	cr_expect_eq(p.inner.kind, ST_TUNNEL_VXLAN);
	cr_expect(p.inner.has_vni && p.inner.vni == 42);
	cr_expect(p.inner.tuple.family == 4 && p.inner.tuple.dst[3] == 2);
	cr_expect(p.inner.tuple.has_ports && p.inner.tuple.sport == 80 && p.inner.tuple.dport == 53);
	cr_expect_eq(p.link.tag_tci[1], 200);
	cr_expect_eq(p.skb_len, sizeof(dump));
	cr_expect_eq(*(const uint8_t *)p.skb_bytes, 1);
}

/* They are not among the columns' parts; a head of none is no bytes. */
Test(parts, bytes_of_the_packet)
{
	static const struct {
		struct st_bytes b;
		uint8_t data[60];
	} full = {{.wire_bytes = 1500}, {0x45, [59] = 7}};
	uint8_t rec[4096];
	struct st_output o = layout(rec);
	struct event_parts p;
	struct event ev = {0}, *copy;

	cr_expect_eq(o.payload_max_bytes, 60);
	cr_expect_eq(event_parts_layout(PART_BIT(ST_PART_BYTES), &(struct parts_sizes){.snap = ST_PAYLOAD_MAX + 1}, &o),
		     -E2BIG);
	put(rec, &o, ST_PART_BYTES, &full, sizeof(full));
	cr_assert_eq(event_parts_decode(rec, o.record_bytes, &p), 0);
	cr_expect_eq(p.has, 0);
	cr_expect_eq(p.n_bytes, 60);
	cr_expect_eq(p.wire_bytes, 1500);
	cr_expect(p.bytes[0] == 0x45 && p.bytes[59] == 7);
	ev.bytes = p.bytes;
	ev.n_bytes = p.n_bytes;
	copy = event_copy(&ev);
	cr_assert_not_null(copy);
	memset(rec, 0, sizeof(rec));
	cr_expect(copy->bytes[0] == 0x45 && copy->bytes[59] == 7);
	free(copy);
	o = layout(rec);
	put(rec, &o, ST_PART_BYTES, &full, sizeof(full.b) - 1);
	cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG);
}

Test(parts, what_does_not_hold_is_refused)
{
	static const uint64_t stack[ST_STACK_MAX] = {1};
	uint8_t rec[4096];
	struct st_output o = layout(rec);
	struct event_parts p;

	/* cut off at any place but the end of a part */
	put(rec, &o, ST_PART_STACK, stack, sizeof(stack));
	for (size_t n = 0; n < o.record_bytes; n++) {
		bool whole = n == sizeof(struct st_event) + ST_ADDRS_MAX;

		for (int kind = 0; kind < ST_PART_MAX; kind++)
			whole |= n == o.at[kind];
		cr_expect_eq(event_parts_decode(rec, n, &p), whole ? 0 : -EBADMSG, "%zu", n);
	}
	put(rec, &o, ST_PART_CALLER, stack, 7);
	cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG);
	o = layout(rec);
	((struct st_part *)(rec + o.at[ST_PART_CB]))->kind = ST_PART_MAX;
	((struct st_part *)(rec + o.at[ST_PART_CB]))->len_bytes = 1;
	cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG);
	o = layout(rec);
	((struct st_part *)(rec + o.at[ST_PART_CB]))->len_bytes = ST_CB_BYTES + 8;
	cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG);
}

Test(parts, uses_of_maps)
{
	static const struct st_map_access good = {
		.op = ST_MAP_DELETE, .key_bytes = ST_MAP_BYTES, .name = "sixteen letters."};
	struct st_map_access bad[] = {good, good, good};
	uint8_t rec[4096];
	struct st_output o = layout(rec);
	struct event_parts p;

	put(rec, &o, ST_PART_MAP, &good, sizeof(good));
	cr_assert_eq(event_parts_decode(rec, o.record_bytes, &p), 0);
	cr_expect_eq(p.has, PART_BIT(ST_PART_MAP));
	cr_expect_str_eq(p.map.name, "sixteen letters", "ended");
	bad[0].op = ST_MAP_OP_MAX;
	bad[1].key_bytes = ST_MAP_BYTES + 1;
	bad[2].value_bytes = ST_MAP_BYTES + 1;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put(rec, &o, ST_PART_MAP, &bad[i], sizeof(bad[i]));
		cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG, "%zu", i);
	}
}

Test(parts, values)
{
	struct st_values v = {.n = 3, .valid = 5, .value = {7, 0, UINT64_MAX}};
	uint8_t rec[4096];
	struct st_output o = layout(rec);
	struct event_parts p;

	put(rec, &o, ST_PART_VALUES, &v, sizeof(v));
	cr_assert_eq(event_parts_decode(rec, o.record_bytes, &p), 0);
	cr_expect_eq(p.n_values, 3);
	cr_expect(p.values[0].has_value && p.values[0].value == 7);
	cr_expect_not(p.values[1].has_value);
	cr_expect(p.values[2].has_value && p.values[2].value == UINT64_MAX);
	v.n = ST_VALUES_MAX + 1;
	put(rec, &o, ST_PART_VALUES, &v, sizeof(v));
	cr_expect_eq(event_parts_decode(rec, o.record_bytes, &p), -EBADMSG);
}

Test(parts, a_copy_owns_what_does_not_last)
{
	char name[] = "pod1", value[] = "skb->len", text[] = "(struct sk_buff){}";
	struct event_parts parts = {.has = PART_BIT(ST_PART_SKB) | PART_BIT(ST_PART_CALLER),
				    .caller.addr = 5,
				    .skb_text = text,
				    .n_values = 1,
				    .values = {{.text = value, .value = 9}}};
	struct event ev = {.seq = 7, .func = "ip_rcv", .netns_name = name, .parts = &parts};
	struct event *copy = event_copy(&ev);

	cr_assert_not_null(copy);
	name[0] = text[0] = value[0] = 'x';
	parts.caller.addr = 6;
	cr_expect_eq(copy->seq, 7);
	cr_expect_eq(copy->func, ev.func);
	cr_expect_str_eq(copy->netns_name, "pod1");
	cr_expect_str_eq(copy->parts->skb_text, "(struct sk_buff){}");
	cr_expect_null(copy->parts->shinfo_text);
	cr_expect_str_eq(copy->parts->values[0].text, "skb->len");
	cr_expect_eq(copy->parts->caller.addr, 5);
	free(copy);
}

/* skb_vlan_untag() keeps the tag before it takes it out of the frame. */
Test(parts, a_tag_in_two_places_is_one)
{
	struct event_parts parts = {.link = {.n_tags = 2, .accel = 1, .tag_tci = {0x6064, 0x6064}}};
	struct event ev = {.func = "skb_pull_rcsum", .parts = &parts};

	cr_expect_eq(event_first_tag(&ev), 1);
	ev.func = "vlan_do_receive";
	cr_expect_eq(event_first_tag(&ev), 0);
	ev.func = "skb_pull_rcsum.part.0";
	parts.link.tag_proto_be[1] = 0xa888;
	cr_expect_eq(event_first_tag(&ev), 0);
	parts.link.tag_proto_be[0] = 0xa888;
	cr_expect_eq(event_first_tag(&ev), 1);
	parts.link.tag_tci[1] = 0x0064; /* another priority: a tag within a tag */
	cr_expect_eq(event_first_tag(&ev), 0);
	parts.link.tag_tci[1] = 0x6064;
	parts.link.accel = 0;
	cr_expect_eq(event_first_tag(&ev), 0);
	parts.link = (struct st_link){.n_tags = 1, .accel = 1};
	cr_expect_eq(event_first_tag(&ev), 0);
}
