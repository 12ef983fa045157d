/* SPDX-License-Identifier: GPL-2.0-only */
/* Expressions over an sk_buff: compiled against a small table of types, and run on a small kernel's memory. */
#include <criterion/criterion.h>
#include <errno.h>

#include "base/cleanup.h"
#include "filter/skb_expr.h"
#include "test-filter-machine.h"

#define ROOM 1000
#define BASE 0xffff888000000000ull

enum {
	T_SKB = 1,
	T_DEV,
	T_IP,
	T_ANON,
	T_U8,
	T_U16,
	T_U32,
	T_U64,
	T_INT,
	T_CHAR,
	T_DEV_P,
	T_U8_P,
	T_CB,
	T_VOID_P,
	T_VOID,
	T_N
};

static const struct {
	const char *name;
	char kind;
	struct skb_type t;
} table[T_N] = {
	[T_SKB] = {"sk_buff", 's', {.kind = SKB_STRUCT, .size_bytes = 64}},
	[T_DEV] = {"net_device", 's', {.kind = SKB_STRUCT, .size_bytes = 32}},
	[T_IP] = {"iphdr", 's', {.kind = SKB_STRUCT, .size_bytes = 20}},
	[T_ANON] = {"", 'u', {.kind = SKB_STRUCT, .size_bytes = 8}},
	[T_U8] = {"unsigned char", 't', {.kind = SKB_INT, .size_bytes = 1}},
	[T_U16] = {"__u16", 't', {.kind = SKB_INT, .size_bytes = 2}},
	[T_U32] = {"u32", 't', {.kind = SKB_INT, .size_bytes = 4}},
	[T_U64] = {"u64", 't', {.kind = SKB_INT, .size_bytes = 8}},
	[T_INT] = {"int", 't', {.kind = SKB_INT, .size_bytes = 4, .is_signed = true}},
	[T_CHAR] = {"char", 't', {.kind = SKB_INT, .size_bytes = 1, .is_signed = true}},
	[T_DEV_P] = {"", 0, {.kind = SKB_PTR, .size_bytes = 8, .target = T_DEV}},
	[T_U8_P] = {"", 0, {.kind = SKB_PTR, .size_bytes = 8, .target = T_U8}},
	[T_CB] = {"", 0, {.kind = SKB_ARRAY, .size_bytes = 12, .target = T_CHAR}},
	[T_VOID_P] = {"", 0, {.kind = SKB_PTR, .size_bytes = 8, .target = T_VOID}},
	[T_VOID] = {"", 0, {.kind = SKB_OTHER}},
};

static const struct {
	uint32_t of;
	const char *name;
	struct skb_member m;
} members[] = {
	{T_SKB, "len", {T_U32, 0, 0}},		{T_SKB, "mark", {T_U32, 32, 0}},
	{T_SKB, "dev", {T_DEV_P, 64, 0}},	{T_SKB, "protocol", {T_U16, 128, 0}},
	{T_SKB, "pkt_type", {T_U8, 144, 3}},	{T_SKB, "ooo", {T_U32, 147, 7}},
	{T_SKB, "head", {T_U8_P, 192, 0}},	{T_SKB, "network_header", {T_U16, 256, 0}},
	{T_SKB, "priority", {T_INT, 288, 0}},	{T_SKB, "hash", {T_U32, 320 + 32, 0}}, /* in a union without a name */
	{T_SKB, "cb", {T_CB, 384, 0}},		{T_SKB, "anon", {T_ANON, 320, 0}},
	{T_SKB, "private", {T_VOID_P, 192, 0}}, {T_DEV, "mtu", {T_U32, 0, 0}},
	{T_DEV, "ifindex", {T_INT, 32, 0}},	{T_DEV, "flags", {T_U64, 64, 0}},
	{T_DEV, "next", {T_DEV_P, 128, 0}},	{T_IP, "ihl", {T_U8, 0, 4}},
	{T_IP, "version", {T_U8, 4, 4}},	{T_IP, "tot_len", {T_U16, 16, 0}},
	{T_IP, "saddr", {T_U32, 96, 0}},	{T_ANON, "csum", {T_U32, 0, 0}},
};

static int find(void *ctx _unused_, char kind, const char *name, size_t len, uint32_t *ret_id)
{
	for (uint32_t i = 1; i < T_N; i++) {
		if (table[i].kind != kind || strlen(table[i].name) != len || memcmp(table[i].name, name, len) != 0)
			continue;
		*ret_id = i;
		return 0;
	}
	return -ENOENT;
}

static int type(void *ctx _unused_, uint32_t id, struct skb_type *ret)
{
	if (!id || id >= T_N)
		return -EINVAL;
	*ret = table[id].t;
	ret->id = id;
	ret->name = table[id].name;
	return 0;
}

static int member(void *ctx _unused_, uint32_t id, const char *name, size_t len, struct skb_member *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (members[i].of != id || strlen(members[i].name) != len || memcmp(members[i].name, name, len) != 0)
			continue;
		*ret = members[i].m;
		return 0;
	}
	return -ENOENT;
}

static const struct skb_types types = {.find = find, .type = type, .member = member};

/* skb at 0, its device at 64, another at 96, the head at 128; the IP header at 14 from there. */
static uint8_t memory[192];

static void put(size_t at, uint64_t v, size_t size)
{
	memcpy(memory + at, &v, size);
}

static void fill(void)
{
	memset(memory, 0, sizeof(memory));
	put(0, 1514, 4);
	put(4, 0x1234, 4);
	put(8, BASE + 64, 8);
	put(16, 0x0008, 2);	   /* 0x0800 in network order */
	put(18, 3 | 0x55 << 3, 2); /* pkt_type, and ooo across two bytes */
	put(24, BASE + 128, 8);
	put(32, 14, 2);
	put(36, (uint32_t)-7, 4);
	put(44, 0xdeadbeef, 4);
	memcpy(memory + 48, "\xff\x01hello", 7);
	put(64, 1500, 4);
	put(68, (uint32_t)-2, 4);
	put(72, 0x8000000000000001, 8);
	put(80, 0, 8);
	put(128 + 14, 0x45, 1);
	put(128 + 16, 0xdc05, 2);     /* 1500 */
	put(128 + 26, 0x0100000a, 4); /* 10.0.0.1 */
}

static int run(const struct ebpf_prog *p, uint64_t which, uint64_t *ret)
{
	struct machine m = {.memory = memory, .start = BASE, .memory_bytes = sizeof(memory)};
	int r = machine_run(&m, p->insns, p->n, which, 0);

	*ret = m.r[0];
	return r;
}

/* 1: true, 0: false or without a value, -1: cannot run, -2: refused. */
static int filter(const char *text, struct skb_error *e)
{
	_cleanup_ebpf_ struct ebpf_prog p = {0};
	uint64_t v;

	if (skb_filter_compile(text, &types, ROOM, &p, e) < 0)
		return -2;
	return run(&p, 0, &v);
}

Test(skb_expr, true_and_false, .init = fill)
{
	static const char *const yes[] = {
		"1",
		"!0",
		"skb",
		"skb->len",
		"skb->len == 1514",
		"skb->dev->mtu > 1499 && skb->mark & 0x1230",
		"skb->mark & 0xf00 || 0",
		"(skb->mark & 0xff) == 0x34",
		"skb->mark >> 8 == 0x12",
		"skb->len - 1515 < 0",
		"skb->pkt_type == 3",
		"skb->ooo == 0x55",
		"skb->priority == -7",
		"skb->priority < 0",
		"skb->priority >> 1 == -4",
		"-skb->priority == 7",
		"~skb->priority == 6",
		"skb->hash == 0xdeadbeef",
		"ntohs(skb->protocol) == 0x800",
		"skb->protocol == htons(0x800)",
		"skb->dev->ifindex < skb->len",
		"skb->dev->flags > 0x8000000000000000",
		"skb->dev->flags == 0x8000000000000001",
		"skb->dev->flags > skb->dev->ifindex || 0 == 0",
		"skb->cb[0] == -1",
		"skb->cb[2] == 104",
		"((unsigned char *)skb->cb)[0] == 255",
		"*skb->cb == -1",
		"((struct iphdr *)(skb->head + skb->network_header))->version == 4",
		"((struct iphdr *)(skb->head + skb->network_header))->ihl == 5",
		"ntohl(((const struct iphdr*)(skb->network_header + skb->head))->saddr) == 0x0a000001",
		"ntohs(((struct iphdr *)(skb->head+skb->network_header))->tot_len)==1500",
		"(unsigned char)skb->mark == 0x34",
		"(u32)-1 == 0xffffffff",
		"(int)0xffffffff == -1",
		"(unsigned short)0x12345 == 0x2345",
		"skb->len == 1514 || skb->dev->next->mtu",
		"1 + 2 * 3 == 7",
		"(1 + 2) * 3 == 9",
		"1 << 40 >> 40 == 1",
		"2 - 1 - 1 == 0",
		"1 | 2 ^ 3 & 1",
		"(1 < 2) == 1",
		"017 == 15 && 0XfFuL == 255",
		"(*skb).len == 1514",
		"skb->dev[0].mtu == 1500",
		"skb->dev != 0",
		"skb->head - skb->private == 0",
		"(skb->dev + 1)->mtu == 0",
		" skb -> len==1514 ",
	};
	static const char *const no[] = {
		"0",
		"!1",
		"skb->len == 0",
		"skb->mark & 0xf00 == 0x200",
		"skb->dev->mtu > 1500 && 1",
		"0 || 0",
		"skb->dev->next->mtu == 0", /* no such memory: no value, and so not even this */
		"skb->dev->next->mtu != 0",
		"!skb->dev->next->mtu",
		"skb->dev->next->mtu == 0 || 1",
		"skb->priority > 0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		struct skb_error e = {0};

		cr_expect_eq(filter(yes[i], &e), 1, "'%s': %d, %s", yes[i], filter(yes[i], &e), e.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		struct skb_error e = {0};

		cr_expect_eq(filter(no[i], &e), 0, "'%s': %d, %s", no[i], filter(no[i], &e), e.text);
	}
}

Test(skb_expr, errors_say_where)
{
	static const struct {
		const char *text;
		size_t column;
		const char *says;
	} cases[] = {
		{"", 0, "ends where"},
		{"skb->", 5, "ends where a member's name"},
		{"skb->dev->mttu > 1500", 10, "net_device has no member 'mttu'"},
		{"skb->dev.mtu", 9, "-> follows"},
		{"skb.len", 4, "-> follows"},
		{"skb->len->x", 10, "not a pointer"},
		{"skb->anon", 5, "name a member"},
		{"len > 5", 0, "'len' is unknown"},
		{"skb->len = 5", 9, "operator"},
		{"skb->len 5", 9, "operator"},
		{"(skb->len", 9, "ends where ')'"},
		{"skb->len == 0x", 12, "digits"},
		{"skb->len == 12a", 14, "digit"},
		{"skb->len == 089", 13, "digit"},
		{"skb->len == 99999999999999999999", 12, "64 bits"},
		{"skb->cb[x]", 8, "number"},
		{"skb->cb[99999]", 7, "too large"},
		{"skb->cb[1", 9, "']'"},
		{"((struct nothing *)skb)->x", 1, "no type 'nothing'"},
		{"(struct iphdr)skb->len", 0, "only to a pointer"},
		{"(struct iphdr **)skb", 0, "pointers to pointers"},
		{"skb & 1", 4, "pointer"},
		{"skb + skb", 4, "two pointers"},
		{"~skb", 0, "pointer"},
		{"*skb->len", 0, "not a pointer"},
		{"*skb", 0, "name a member"},
		{"ntohs skb->len", 6, "'('"},
		{"skb->len / 2", 9, "operator"},
		{"1 ? 2 : 3", 2, "operator"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct skb_error e = {.column = 999};

		cr_expect_eq(filter(cases[i].text, &e), -2, "'%s' is taken", cases[i].text);
		cr_expect_eq(e.column, cases[i].column, "'%s': at %zu, %s", cases[i].text, e.column, e.text);
		cr_expect(strstr(e.text, cases[i].says), "'%s': %s", cases[i].text, e.text);
	}
}

/* A text of N times one piece, between two ends. */
static int repeated(const char *begin, const char *piece, size_t n, const char *end, struct skb_error *e)
{
	size_t len = strlen(piece);
	_cleanup_free_ char *text = malloc(strlen(begin) + n * len + strlen(end) + 1);
	char *p = text;

	cr_assert_not_null(text);
	p = stpcpy(p, begin);
	for (size_t i = 0; i < n; i++)
		p = stpcpy(p, piece);
	stpcpy(p, end);
	return filter(text, e);
}

Test(skb_expr, nothing_is_without_bounds, .init = fill)
{
	struct skb_error e;

	cr_expect_eq(repeated("", "!", 20, "0", &e), 0);
	cr_expect_eq(repeated("", "!", 100000, "0", &e), -2);
	cr_expect(strstr(e.text, "nested"), "%s", e.text);
	cr_expect_eq(repeated("", "(", 100000, "0", &e), -2);
	cr_expect_eq(repeated("0", "+(1", 9, ")))))))))", &e), -2, "as many operands wait as there is stack for");
	cr_expect_eq(repeated("1", "+(1", 7, ")))))))", &e), 1);
	cr_expect_eq(repeated("1", "+1", 100, "== 101", &e), 1);
	cr_expect_eq(repeated("1", "+1", 100000, "", &e), -2);
	cr_expect_eq(repeated("skb->dev", "->next", 150, "->mtu", &e), -2);
	cr_expect(strstr(e.text, "at most 1000"), "%s", e.text);
	cr_expect_eq(repeated("1", " && skb->len", 30, "", &e), 1);
}

/* Whatever is written: an error or code that runs, no crash. */
Test(skb_expr, any_text, .init = fill)
{
	static const char *const pieces[] = {"skb",	   "->",     "len", "dev",   ".",  "[",	 "]",
					     "(",	   ")",	     "*",   "0x1f",  "7",  "&&", "||",
					     "&",	   "|",	     "==",  "<",     "!",  "-",	 "struct iphdr *",
					     "(unsigned)", "ntohs(", " ",   "saddr", ">>", "<<", "+",
					     "\x80",	   "cb"};
	unsigned seed = 1, taken = 0;

	for (int i = 0; i < 200000; i++) {
		char text[512] = "";
		struct skb_error e = {0};
		int r;

		for (unsigned k = (seed = seed * 1103515245 + 12345) >> 16 & 15; k; k--)
			strcat(text, pieces[((seed = seed * 1103515245 + 12345) >> 16) % ARRAY_SIZE(pieces)]);
		r = filter(text, &e);
		cr_assert_neq(r, -1, "'%s' makes code that cannot run", text);
		cr_assert(r != -2 || (e.text[0] && e.column <= strlen(text)), "'%s': at %zu, %s", text, e.column,
			  e.text);
		taken += r >= 0;
	}
	cr_expect_gt(taken, 100);
}

Test(skb_expr, several_values, .init = fill)
{
	static const char *const texts[] = {"skb->len", "skb->priority", "skb->dev->next->mtu", "skb->head", "7"};
	static const int64_t values[] = {1514, -7, 0, (int64_t)(BASE + 128), 7};
	struct skb_value_kind kinds[SKB_VALUES_MAX];
	_cleanup_ebpf_ struct ebpf_prog p = {0};
	struct skb_error e;
	size_t bad;

	cr_assert_eq(skb_values_compile(texts, 5, &types, ROOM, &p, kinds, &bad, &e), 0, "%s", e.text);
	for (uint64_t i = 0; i < 5; i++) {
		uint64_t value, valid;

		cr_assert_geq(run(&p, 2 * i, &value), 0);
		cr_assert_geq(run(&p, 2 * i + 1, &valid), 0);
		cr_expect_eq((int64_t)value, values[i], "%s", texts[i]);
		cr_expect_eq(valid, i != 2, "%s", texts[i]);
	}
	cr_expect(!kinds[0].is_signed && kinds[1].is_signed && kinds[3].is_pointer && !kinds[4].is_pointer);
	cr_expect_eq(skb_values_compile((const char *const[]){"1", "skb->x"}, 2, &types, ROOM, &p, kinds, &bad, &e),
		     -EINVAL);
	cr_expect_eq(bad, 1);
	cr_expect_eq(e.column, 5);
	cr_expect_eq(skb_values_compile(texts, 5, &types, 20, &p, kinds, &bad, &e), -E2BIG);
}
