/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "event/parts.h"
#include "names/names.h"

static const char kallsyms[] = "ffffffff81000000 T ip_rcv\n"
			       "ffffffff81000100 T kfree_skb_reason\n"
			       "ffffffff81000200 t tcp_v4_rcv\n"
			       "ffffffffc0000000 t veth_xmit\t[veth]\n"
			       "ffffffffc0001000 t veth_end\t[veth]\n";

static struct func funcs[] = {
	{.name = "ip_rcv", .addr = 0xffffffff81000000, .attachable = true, .result = {FUNC_RETURNS_SIGNED, 4}},
	{.name = "tcp_v4_rcv", .addr = 0xffffffff81000200, .attachable = true, .result = {FUNC_RETURNS_BOOL, 1}},
	{.name = "veth_xmit",
	 .module = "veth",
	 .addr = 0xffffffffc0000000,
	 .attachable = true,
	 .result = {FUNC_RETURNS_UNSIGNED, 2}},
};
static const struct func_set func_set = {.items = funcs, .n = ARRAY_SIZE(funcs), .n_attachable = ARRAY_SIZE(funcs)};

static const char *fake_netns(void *ctx, uint32_t inode)
{
	cr_expect_str_eq(ctx, "ctx");
	return inode == 4026532000 ? "pod1" : NULL;
}

static void fake_ifname(void *ctx, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE])
{
	cr_expect_str_eq(ctx, "ctx");
	snprintf(ret, IF_NAMESIZE, "if%u@%u", ifindex, netns);
}

static void fake_drop_site(void *ctx, struct event *ev)
{
	cr_expect_str_eq(ctx, "ctx");
	ev->drop_symbol = "tcp_v4_rcv";
	ev->drop_offset = ev->location - 0xffffffff81000200;
	ev->drop_via = "nf_hook_slow";
}

static const char *fake_drop_reason(void *ctx, uint32_t reason)
{
	cr_expect_str_eq(ctx, "ctx");
	return reason == 5 ? "NO_SOCKET" : NULL;
}

static const char *fake_structure(void *ctx, enum dump_type type, const void *bytes, size_t len_bytes)
{
	static char texts[DUMP_TYPE_MAX][32];

	cr_expect_str_eq(ctx, "ctx");
	snprintf(texts[type], sizeof(texts[type]), "%s of %zu: %s", type == DUMP_SKB ? "skb" : "shinfo", len_bytes,
		 (const char *)bytes);
	return texts[type];
}

static struct names names = {
	.funcs = &func_set,
	.netns = fake_netns,
	.ifname = fake_ifname,
	.drop_site = fake_drop_site,
	.drop_reason = fake_drop_reason,
	.structure = fake_structure,
	.ctx = "ctx",
};

static void load(void)
{
	struct ksyms *ks;

	cr_assert_eq(ksyms_new(kallsyms, strlen(kallsyms), &ks, NULL), 0);
	names.ksyms = ks;
}

static void unload(void)
{
	ksyms_free((struct ksyms *)names.ksyms);
}

TestSuite(names, .init = load, .fini = unload);

static void expect_name(struct event ev, const char *func, const char *module)
{
	names_event(&names, &ev);
	cr_expect_eq(!ev.func, !func);
	cr_expect_eq(!ev.module, !module);
	if (func && ev.func)
		cr_expect_str_eq(ev.func, func);
	if (module && ev.module)
		cr_expect_str_eq(ev.module, module);
}

/* A probe may stand behind the function's first instructions; what is further on is another's. */
Test(names, functions_by_address)
{
	expect_name((struct event){.addr = 0xffffffff81000000}, "ip_rcv", NULL);
	expect_name((struct event){.addr = 0xffffffffc0000020}, "veth_xmit", "veth");
	expect_name((struct event){.addr = 0xffffffffc0000021}, NULL, NULL);
	expect_name((struct event){.addr = 0xffffffff80000000, .func = "stale", .module = "stale"}, NULL, NULL);
}

Test(names, functions_by_source)
{
	struct event_parts map = {.has = PART_BIT(ST_PART_MAP), .map.op = ST_MAP_UPDATE}, other = {0};

	expect_name((struct event){.source = ST_SRC_KFREE, .addr = 0xffffffff81000000}, "kfree_skb", NULL);
	expect_name((struct event){.source = ST_SRC_NETFILTER}, "nft_do_chain", "nf_tables");
	expect_name((struct event){.source = ST_SRC_IPTABLES}, "ipt_do_table", "ip_tables");
	expect_name((struct event){.source = ST_SRC_IP6TABLES}, "ip6t_do_table", "ip6_tables");
	expect_name((struct event){.source = ST_SRC_MAP, .parts = &map}, "bpf_map_update_elem", NULL);
	expect_name((struct event){.source = ST_SRC_MAP, .parts = &other}, NULL, NULL);
	expect_name((struct event){.source = ST_SRC_MAP}, NULL, NULL);
}

/* Their names are set by whoever knows the programs; a helper is called by its own, its device by the packet's
 * namespace. */
Test(names, programs)
{
	struct event ev = {.func = "cil_from_container", .has_netns = true, .netns = 7, .prog.id = 3};

	names_event(&names, &ev);
	cr_expect_str_eq(ev.func, "cil_from_container");
	cr_expect_str_eq(ev.prog.ifname, "");
	ev.prog.has_target = true;
	ev.prog.call = ST_CALL_REDIRECT_PEER;
	ev.prog.ifindex = 12;
	names_event(&names, &ev);
	cr_expect_str_eq(ev.func, "bpf_redirect_peer");
	cr_expect_str_eq(ev.prog.ifname, "if12@7");
	ev.has_netns = false;
	memset(ev.prog.ifname, 0, sizeof(ev.prog.ifname));
	names_event(&names, &ev);
	cr_expect_str_eq(ev.prog.ifname, "");
}

/* A register is wider than most types. */
Test(names, returns)
{
	static const struct {
		uint64_t addr, value, want;
		enum return_kind kind;
	} cases[] = {
		{0xffffffff81000000, 0xdead0000fffffff4, (uint64_t)-12, RETURN_SIGNED},
		{0xffffffff81000000, 0xdead000000000001, 1, RETURN_SIGNED},
		{0xffffffff81000200, 0xdead000000000100, 0, RETURN_BOOL},
		{0xffffffff81000200, 0xdead000000000002, 1, RETURN_BOOL},
		{0xffffffffc0000000, 0xdead00000001fffe, 0xfffe, RETURN_UNSIGNED},
		{0xffffffff80000000, 0xdead000000000001, 0xdead000000000001, RETURN_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event ev = {.addr = cases[i].addr, .ret = {.here = true, .value = cases[i].value}};

		names_event(&names, &ev);
		cr_expect_eq(ev.ret.kind, cases[i].kind, "%zu", i);
		cr_expect_eq(ev.ret.value, cases[i].want, "%zu: %llx", i, (unsigned long long)ev.ret.value);
		ev = (struct event){.addr = cases[i].addr, .ret.value = cases[i].value}; /* no return */
		names_event(&names, &ev);
		cr_expect_eq(ev.ret.value, cases[i].value, "%zu", i);
	}
}

Test(names, namespaces_and_drops)
{
	struct event ev = {.has_netns = true,
			   .netns = 4026532000,
			   .has_location = true,
			   .location = 0xffffffff81000242,
			   .has_reason = true,
			   .drop_reason = 5};

	names_event(&names, &ev);
	cr_expect_str_eq(ev.netns_name, "pod1");
	cr_expect_str_eq(ev.drop_symbol, "tcp_v4_rcv");
	cr_expect_eq(ev.drop_offset, 0x42);
	cr_expect_str_eq(ev.drop_via, "nf_hook_slow");
	cr_expect_str_eq(ev.drop_reason_name, "NO_SOCKET");
	ev = (struct event){.netns = 4026532000, .location = 0xffffffff81000242, .drop_reason = 5};
	names_event(&names, &ev);
	cr_expect_null(ev.netns_name);
	cr_expect_null(ev.drop_symbol);
	cr_expect_null(ev.drop_reason_name);
}

/* The first frames of a drop's stack are the tracepoint's. */
Test(names, stacks)
{
	struct event_parts parts = {
		.has = PART_BIT(ST_PART_CALLER) | PART_BIT(ST_PART_STACK),
		.caller.addr = 0xffffffffc0000008,
		.n_frames = 3,
		.frames = {{.addr = 0xffffffff81000104}, {.addr = 0xffffffff81000242}, {.addr = 0xffffffff81000010}}};
	struct event ev = {.parts = &parts};

	names_event(&names, &ev);
	cr_expect_str_eq(parts.caller.symbol, "veth_xmit");
	cr_expect_str_eq(parts.caller.module, "veth");
	cr_expect_eq(parts.caller.offset, 8);
	cr_assert_eq(parts.n_frames, 3);
	cr_expect_str_eq(parts.frames[0].symbol, "kfree_skb_reason");
	cr_expect_str_eq(parts.frames[2].symbol, "ip_rcv");
	cr_expect_null(parts.frames[2].module);
	ev = (struct event){.parts = &parts, .has_location = true, .location = 0xffffffff81000242};
	names_event(&names, &ev);
	cr_assert_eq(parts.n_frames, 2);
	cr_expect_str_eq(parts.frames[0].symbol, "tcp_v4_rcv");
	cr_expect_eq(parts.frames[0].offset, 0x42);
	ev.location = 0xffffffff81000299; /* is not on the stack: nothing is cut */
	names_event(&names, &ev);
	cr_expect_eq(parts.n_frames, 2);
}

Test(names, structures)
{
	struct event_parts parts = {.skb_bytes = "abc", .skb_len = 3, .shinfo_bytes = "de", .shinfo_len = 2};
	struct event ev = {.parts = &parts};

	names_event(&names, &ev);
	cr_expect_str_eq(parts.skb_text, "skb of 3: abc");
	cr_expect_str_eq(parts.shinfo_text, "shinfo of 2: de");
	parts = (struct event_parts){0};
	names_event(&names, &ev);
	cr_expect_null(parts.skb_text);
	cr_expect_null(parts.shinfo_text);
}
