/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the rules engine share: steps as one sees them. Time is in ms, the packets' tuples are
 * 10.0.0.133 <-> 10.0.0.67, ICMP. */
#pragma once

#include <criterion/criterion.h>

#include <netinet/in.h>
#include <string.h>

#include "rules/engine.h"
#include "rules/rules_parse.h"

#define MS   1000000ull
#define HOST 100
#define POD1 101
#define POD2 102
#define END  (60000 * MS)

struct at {
	uint64_t pkt, ms;
	const char *func, *ifname;
	uint32_t netns;
	const char *reason; /* a drop */
	bool back;	    /* 10.0.0.67 -> 10.0.0.133 */
	bool copy;
	bool harmless; /* a drop by which nothing was lost */
};

#define FUNCS_MAX 12

struct setting {
	const char *rules;
	struct at steps[24];
	const char *refused;	/* function that could not be armed */
	const char *unattached; /* function that is not there at all */
	const char *filter_dst; /* a filter beside the rules; NULL: none */
	const char *hidden, *hidden_packets, *left_out;
	uint64_t ended; /* packets up to this number are seen to end; 0: that is not asked */
	bool unprovable, interrupted;
	const char *command_failed;
	uint64_t lost, attached_ms, end_ms;
	size_t max_packets, packets;
};

static const struct tuple there = {.family = 4, .src = {10, 0, 0, 133}, .dst = {10, 0, 0, 67}, .has_l4 = true, .l4 = 1};
static const struct tuple back = {.family = 4, .src = {10, 0, 0, 67}, .dst = {10, 0, 0, 133}, .has_l4 = true, .l4 = 1};

static const char *const funcs[] = {
	"dev_hard_start_xmit", "veth_xmit", "skb_do_redirect", "ip_rcv",
	"ip_forward",	       "icmp_rcv",  "kfree_skb",       "__netif_receive_skb_core.constprop.0"};

static uint32_t ifindex_of(const char *ifname)
{
	return ifname && strcmp(ifname, "eth0") == 0 ? 2 : ifname ? 10 + ifname[3] - '0' : 0;
}

static const char *netns_name(uint32_t netns)
{
	return netns == POD1 ? "pod1" : netns == POD2 ? "pod2" : NULL;
}

static void add(struct engine *e, const struct at *at)
{
	struct step s = {
		.ts_ns = at->ms * MS,
		.pkt = at->pkt,
		.func = at->func,
		.drop_reason = at->reason && at->reason[0] ? at->reason : NULL,
		.netns_name = netns_name(at->netns),
		.pod = at->netns == POD2 ? "default/web-1" : NULL,
		.ifname = at->ifname,
		.tuple = at->back ? &back : &there,
		.netns = at->netns,
		.ifindex = ifindex_of(at->ifname),
		.has_netns = at->netns,
		.has_dev = at->ifname,
		.dropped = at->reason,
		.lost = at->reason && !at->harmless,
		.copy = at->copy,
	};

	engine_step(e, &s);
	engine_tick(e, at->ms * MS);
}

static inline bool seen_to_end(const void *ctx, uint64_t pkt)
{
	return pkt <= ((const struct setting *)ctx)->ended;
}

static inline struct engine *engine_for(const struct setting *set, struct rules **ret_rules)
{
	static struct event_match match;
	struct engine_opts opts = {.host_netns = HOST,
				   .attached_ns = set->attached_ms * MS,
				   .max_packets = set->max_packets,
				   .enough_packets = set->packets,
				   .match = set->filter_dst ? &match : NULL,
				   .ended = set->ended ? seen_to_end : NULL,
				   .ctx = set};
	struct rules_error error;
	struct engine *e = NULL;

	cr_assert_eq(rules_parse(set->rules, strlen(set->rules), ret_rules, &error), 0, "%u:%u: %s in:\n%s", error.line,
		     error.column, error.reason.text, set->rules);
	match.dst.n = 0;
	if (set->filter_dst)
		cr_assert_eq(match_prefixes_add(&match.dst, set->filter_dst, NULL), 0);
	cr_assert_eq(engine_new(*ret_rules, &opts, &e), 0);
	if (set->left_out)
		engine_funcs_left_out(e, set->left_out);
	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++) {
		if (set->unattached && strcmp(set->unattached, funcs[i]) == 0)
			continue;
		engine_func(e, funcs[i], !set->refused || strcmp(set->refused, funcs[i]) != 0);
	}
	return e;
}

static inline void judge_all(const struct setting *set, struct rules **ret_rules, struct rules_result *ret)
{
	_cleanup_(engine_freep) struct engine *e = engine_for(set, ret_rules);
	struct engine_account account = {
		.ledger = {.provable = !set->unprovable, .lost_ring = set->lost},
		.end_ns = set->end_ms ? set->end_ms * MS : END,
		.hidden = set->hidden,
		.hidden_packets = set->hidden_packets,
		.interrupted = set->interrupted,
		.command_failed = set->command_failed,
	};

	for (const struct at *at = set->steps; at->func; at++)
		add(e, at);
	cr_assert_eq(engine_finish(e, &account, ret), 0);
}

/* Request and reply of one ping, redirected to the peer. */
#define REQUEST(n, ms)                                                                                                 \
	{n, ms, "dev_hard_start_xmit", "eth0", POD1},                                                                  \
		{n, ms + 1, "__netif_receive_skb_core.constprop.0", "lxc1", HOST},                                     \
		{n, ms + 2, "skb_do_redirect", "lxc1", HOST},                                                          \
	{                                                                                                              \
		n, ms + 3, "ip_rcv", "eth0", POD2                                                                      \
	}
#define STACK(n, ms)                                                                                                   \
	{n, ms, "dev_hard_start_xmit", "eth0", POD1}, {n, ms + 1, "ip_rcv", "lxc1", HOST},                             \
		{n, ms + 2, "dev_hard_start_xmit", "lxc2", HOST},                                                      \
	{                                                                                                              \
		n, ms + 3, "ip_rcv", "eth0", POD2                                                                      \
	}
#define PATH                                                                                                           \
	"packet request 10.0.0.133 -> 10.0.0.67 icmp\nexpect dev_hard_start_xmit on iface eth0 netns pod1\n"           \
	"expect skb_do_redirect on iface lxc1 netns host\nexpect ip_rcv on iface eth0 netns pod2 within 5ms\n"         \
	"forbid * on iface lxc2\ncount ip_rcv == 1\n"
#define ONE "packet\n"
