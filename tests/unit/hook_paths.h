/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Built paths: what the evidence programs record of one packet on each path by which two pods of a node can be joined
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

/* A record of one hook. Devices are points of the direction: 0 its first, 1 the near host device, 2 the far host
 * device, 3 the far pod's. */
struct hook_path_step {
	enum st_hook hook;
	unsigned on, orig; /* orig: of ST_HOOK_IP_RCV */
};

#define HOOK_PATH_MAX 10
#define HOOK_PATH_END                                                                                                  \
	{                                                                                                              \
		ST_HOOK_MAX, 0, 0                                                                                      \
	}

static const struct hook_path_step hook_path_peer[HOOK_PATH_MAX] = {
	{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
	{ST_HOOK_PEER, 3, 0}, {ST_HOOK_IP_RCV, 3, 1},  HOOK_PATH_END,
};

static const struct hook_path_step hook_path_redirect[HOOK_PATH_MAX] = {
	{ST_HOOK_XMIT, 0, 0}, {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_REDIRECT, 1, 0},
	{ST_HOOK_XMIT, 2, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3},
	HOOK_PATH_END,
};

static const struct hook_path_step hook_path_host_stack[HOOK_PATH_MAX] = {
	{ST_HOOK_XMIT, 0, 0},	   {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_IP_RCV, 1, 1},
	{ST_HOOK_NETFILTER, 1, 0}, {ST_HOOK_FORWARD, 1, 0}, {ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_RECEIVE, 3, 0},   {ST_HOOK_IP_RCV, 3, 3},  HOOK_PATH_END,
};

static const struct hook_path_step hook_path_bridge[HOOK_PATH_MAX] = {
	{ST_HOOK_XMIT, 0, 0},	 {ST_HOOK_RECEIVE, 1, 0}, {ST_HOOK_BRIDGE, 1, 0}, {ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3},  HOOK_PATH_END,
};

static const struct hook_path_step hook_path_netkit[HOOK_PATH_MAX] = {
	{ST_HOOK_XMIT, 0, 0},	{ST_HOOK_NETKIT, 0, 0},	 {ST_HOOK_REDIRECT, 1, 0}, {ST_HOOK_XMIT, 2, 0},
	{ST_HOOK_NETKIT, 2, 0}, {ST_HOOK_RECEIVE, 3, 0}, {ST_HOOK_IP_RCV, 3, 3},   HOOK_PATH_END,
};

struct world {
	struct evidence_table evidence;
	struct check_run run;
	uint64_t now_ns;
};

/* Everything attached, nothing lost; both pods' eth0 have one ifindex, as they mostly do. */
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
		setup.attached[h] = true;
	*w = (struct world){
		.run.ledger = {.provable = true, .selected = 13, .attached = 13, .backend = "fentry"},
		.now_ns = 1000000,
	};
	evidence_table_init(&w->evidence, &setup);
}

static inline void world_clear(struct world *w)
{
	evidence_table_free(&w->evidence);
}

#define _cleanup_world_ _cleanup_(world_clear)

/* An echo of sequence seq, seen by hook on the direction's step. */
static inline struct hook_event echo_at(const struct world *w, enum direction dir, uint16_t seq,
					const struct hook_path_step *s)
{
	const struct iface *on = &w->evidence.setup.points[direction_point(dir, s->on)];
	const struct iface *orig = &w->evidence.setup.points[direction_point(dir, s->orig)];
	struct hook_event e = {
		.ts_ns = w->now_ns,
		.hook = s->hook,
		.skb = 0xffff888000000000 + seq * 512u + dir * 256u,
		.netns = on->netns,
		.ifindex = on->ifindex,
		.reverse = dir == DIRECTION_REPLY,
		.has_l4 = true,
		.l4 = IPPROTO_ICMP,
		.icmp_type = dir == DIRECTION_REPLY ? 0 : 8,
		.sport = PING_ID,
		.dport = seq,
	};

	if (s->hook == ST_HOOK_IP_RCV) {
		e.orig_netns = orig->netns;
		e.orig_ifindex = orig->ifindex;
	}
	return e;
}

static inline void world_add(struct world *w, const struct hook_event *e)
{
	w->now_ns += 1000;
	w->run.ledger.events++;
	cr_assert_eq(evidence_table_add(&w->evidence, e), 0);
}

/* The first n records of a path. */
static inline void walk_part(struct world *w, enum direction dir, uint16_t seq, const struct hook_path_step *path,
			     size_t n)
{
	for (size_t i = 0; i < n && path[i].hook != ST_HOOK_MAX; i++) {
		struct hook_event e = echo_at(w, dir, seq, &path[i]);

		if (e.hook == ST_HOOK_REDIRECT) {
			e.helper = path == hook_path_peer ? ST_HELPER_REDIRECT_PEER : ST_HELPER_REDIRECT;
			e.helper_ifindex = w->evidence.setup.points[direction_point(dir, 2)].ifindex;
		}
		world_add(w, &e);
	}
}

static inline void walk(struct world *w, enum direction dir, uint16_t seq, const struct hook_path_step *path)
{
	walk_part(w, dir, seq, path, HOOK_PATH_MAX);
}

/* A path without its ith record. */
static inline void walk_without(struct world *w, enum direction dir, uint16_t seq, const struct hook_path_step *path,
				size_t i)
{
	struct hook_path_step rest[HOOK_PATH_MAX] = {0};

	memcpy(rest, path, i * sizeof(*path));
	memcpy(rest + i, path + i + 1, (HOOK_PATH_MAX - i - 1) * sizeof(*path));
	walk(w, dir, seq, rest);
}

static inline void walk_both(struct world *w, uint16_t seq, const struct hook_path_step *path)
{
	walk(w, DIRECTION_REQUEST, seq, path);
	walk(w, DIRECTION_REPLY, seq, path);
}

static inline struct direction_result direction_of(const struct world *w, enum direction dir)
{
	struct direction_result directions[DIRECTION_MAX];

	directions_sum(&w->evidence, directions);
	return directions[dir];
}

static inline struct check_result judge(struct world *w)
{
	struct check_result r;

	memset(&r, 0xa5, sizeof(r));
	same_node_judge(&w->evidence, &w->run, &r);
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
