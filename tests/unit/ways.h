/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Built paths: what the evidence programs record of one packet on each way that two pods of a node can be joined
 * (measured: tests/vm), and a small world to send such packets through. A test changes one thing about them.
 */
#pragma once

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/same_node.h"

#define NS_HOST 4026531840u
#define NS_POD1 4026532480u
#define NS_POD2 4026532544u
#define PING_ID 77

/* A record of one hook. Devices are steps of the leg's way: 0 its first, 1 the near host device, 2 the far host device,
 * 3 the far pod's. */
struct way_step {
	enum st_hook hook;
	unsigned on, orig; /* orig: of ST_HOOK_IP_RCV */
};

#define WAY_MAX 10
#define WAY_END                                                                                                        \
	{                                                                                                              \
		ST_HOOK_MAX, 0, 0                                                                                      \
	}

static const struct way_step way_peer[WAY_MAX] = {
	{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
	{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1},  WAY_END,
};

static const struct way_step way_redirect[WAY_MAX] = {
	{ST_HOOK_XMIT, 0, 0},
	{ST_HOOK_RECEIVE, 1, 0},
	{ST_HOOK_REDIRECT, 1, 0},
	{ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_RECEIVE, 3, 0},
	{ST_HOOK_IP_RCV, 3, 3},
	WAY_END,
};

static const struct way_step way_host_stack[WAY_MAX] = {
	{ST_HOOK_XMIT, 0, 0},	   {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_IP_RCV, 1, 1},
	{ST_HOOK_NETFILTER, 1, 0}, {ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_RECEIVE, 3, 0},   {ST_HOOK_IP_RCV, 3, 3},  WAY_END,
};

static const struct way_step way_bridge[WAY_MAX] = {
	{ST_HOOK_XMIT, 0, 0},
	{ST_HOOK_RECEIVE, 1, 0},
	{ST_HOOK_BRIDGE, 1, 0},
	{ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_RECEIVE, 3, 0},
	{ST_HOOK_IP_RCV, 3, 3},
	WAY_END,
};

static const struct way_step way_netkit[WAY_MAX] = {
	{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_NETKIT, 0, 0},	 {ST_HOOK_REDIRECT, 1, 0}, {ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_NETKIT, 2, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3},   WAY_END,
};

struct world {
	struct flow flow;
	struct check_run run;
	uint64_t now_ns;
};

/* Everything armed, nothing lost; both pods' eth0 have one ifindex, as they mostly do. */
static inline void world_init(struct world *w)
{
	struct check_setup setup = {
		.points = {[POINT_SRC_POD] = {NS_POD1, 2, "eth0"},
			   [POINT_SRC_HOST] = {NS_HOST, 21, "lxc1"},
			   [POINT_DST_HOST] = {NS_HOST, 22, "lxc2"},
			   [POINT_DST_POD] = {NS_POD2, 2, "eth0"}},
		.expect = MECH_REDIRECT_PEER,
	};

	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++)
		setup.armed[h] = true;
	*w = (struct world){
		.run.ledger = {.provable = true, .selected = 13, .attached = 13, .backend = "fentry"},
		.now_ns = 1000000,
	};
	flow_init(&w->flow, &setup);
}

static inline void world_clear(struct world *w)
{
	flow_free(&w->flow);
}

#define _cleanup_world_ _cleanup_(world_clear)

/* An echo of sequence seq, seen by hook on the leg's step. */
static inline struct witness echo_at(const struct world *w, enum leg leg, uint16_t seq, const struct way_step *s)
{
	const struct iface *on = &w->flow.setup.points[leg_point(leg, s->on)];
	const struct iface *orig = &w->flow.setup.points[leg_point(leg, s->orig)];
	struct witness e = {
		.ts_ns = w->now_ns,
		.hook = s->hook,
		.skb = 0xffff888000000000 + seq * 512u + leg * 256u,
		.netns = on->netns,
		.ifindex = on->ifindex,
		.reverse = leg == LEG_REPLY,
		.has_l4 = true,
		.l4 = IPPROTO_ICMP,
		.icmp_type = leg == LEG_REPLY ? 0 : 8,
		.sport = PING_ID,
		.dport = seq,
	};

	if (s->hook == ST_HOOK_IP_RCV) {
		e.orig_netns = orig->netns;
		e.orig_ifindex = orig->ifindex;
	}
	return e;
}

static inline void world_add(struct world *w, const struct witness *e)
{
	w->now_ns += 1000;
	w->run.ledger.events++;
	cr_assert_eq(flow_add(&w->flow, e), 0);
}

/* The first n records of a way. */
static inline void walk_part(struct world *w, enum leg leg, uint16_t seq, const struct way_step *way, size_t n)
{
	for (size_t i = 0; i < n && way[i].hook != ST_HOOK_MAX; i++) {
		struct witness e = echo_at(w, leg, seq, &way[i]);

		if (e.hook == ST_HOOK_REDIRECT) {
			e.helper = way == way_peer ? ST_HELPER_REDIRECT_PEER : ST_HELPER_REDIRECT;
			e.helper_ifindex = w->flow.setup.points[leg_point(leg, 2)].ifindex;
		}
		world_add(w, &e);
	}
}

static inline void walk(struct world *w, enum leg leg, uint16_t seq, const struct way_step *way)
{
	walk_part(w, leg, seq, way, WAY_MAX);
}

/* A way without its i-th record. */
static inline void walk_without(struct world *w, enum leg leg, uint16_t seq, const struct way_step *way, size_t i)
{
	struct way_step rest[WAY_MAX] = {0};

	memcpy(rest, way, i * sizeof(*way));
	memcpy(rest + i, way + i + 1, (WAY_MAX - i - 1) * sizeof(*way));
	walk(w, leg, seq, rest);
}

static inline void walk_both(struct world *w, uint16_t seq, const struct way_step *way)
{
	walk(w, LEG_REQUEST, seq, way);
	walk(w, LEG_REPLY, seq, way);
}

static inline struct leg_result leg_of(const struct world *w, enum leg leg)
{
	struct leg_result legs[LEG_MAX];

	flow_legs(&w->flow, legs);
	return legs[leg];
}

static inline struct check_result judge(struct world *w)
{
	struct check_result r;

	memset(&r, 0xa5, sizeof(r));
	same_node_judge(&w->flow, &w->run, &r);
	return r;
}

/* The text of a reason with that code which holds `part`, NULL if there is none. */
static inline const char *reason_text(const struct check_result *r, enum reason_code code, const char *part)
{
	const char *text = NULL;

	for (size_t i = 0; i < r->n_reasons; i++) {
		if (r->reasons[i].code == code && strstr(r->reasons[i].text, part))
			text = r->reasons[i].text;
	}
	return text;
}

static inline void expect_verdict(const struct check_result *r, enum verdict verdict, size_t n_reasons)
{
	cr_expect_eq(r->verdict, verdict, "verdict %s", verdict_name(r->verdict));
	cr_expect_eq(r->n_reasons, n_reasons, "%zu reasons", r->n_reasons);
	for (size_t i = 0; (r->verdict != verdict || r->n_reasons != n_reasons) && i < r->n_reasons; i++)
		cr_log_error("%s: %s", reason_code_name(r->reasons[i].code), r->reasons[i].text);
}

#define expect_reason(r, code, part)                                                                                   \
	cr_expect(reason_text(r, code, part), "no reason %s with '%s'", reason_code_name(code), part)
