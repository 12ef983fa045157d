/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings out of the paths of hook_paths.h, as a function trace shows them, for tests that change one thing. */
#pragma once

#include <arpa/inet.h>

#include "check/recorded.h"
#include "hook_paths.h"

static const struct st_flow icmp = {.family = 4,
				    .src_be = {0x0a000085},
				    .dst_be = {0x0a000043},
				    .l4 = IPPROTO_ICMP}; /* bytes are set by tape_init() */

/* A recording in the making. */
struct tape {
	struct world world; /* for its devices and the result */
	struct st_flow flow;
	struct recorded *recorded;
	uint64_t ts_ns, pkt;
	struct recorded_making making;
	uint32_t cpu;
	uint64_t skb_offset; /* of a copy of the packet */
	const char *without; /* a function that is not attached */
	bool without_ports;  /* the packet is a later fragment */
};

static inline void tape_init(struct tape *t)
{
	*t = (struct tape){.flow = icmp, .ts_ns = 5000000000, .making.told = true};
	t->flow.src_be[0] = inet_addr("10.0.0.133");
	t->flow.dst_be[0] = inet_addr("10.0.0.67");
	world_init(&t->world);
	cr_assert_eq(recorded_new(&t->flow, &t->recorded), 0);
}

static inline void tape_clear(struct tape *t)
{
	recorded_free(t->recorded);
	world_clear(&t->world);
}

static inline void tape_reset_devices(struct tape *t)
{
	struct world w;

	world_init(&w);
	memcpy(t->world.evidence.setup.points, w.evidence.setup.points, sizeof(w.evidence.setup.points));
}

#define _cleanup_tape_ _cleanup_(tape_clear)

/* One event of the packet in a function on the direction's step. */
static inline void put(struct tape *t, const char *func, enum direction dir, unsigned step)
{
	const struct iface *i = &t->world.evidence.setup.points[direction_point(dir, step)];
	struct event ev = {
		.pkt = t->pkt,
		.ts_ns = t->ts_ns += 1000,
		.func = func,
		.skb = 0xffff888000000000 + t->pkt * 256 + t->skb_offset,
		.cpu = t->cpu,
		.has_netns = true,
		.netns = i->netns,
		.netns_name = step == 0 || step == 3 ? "pod" : NULL,
		.has_dev = true,
		.ifindex = i->ifindex,
		.tuple = {.family = 4, .has_l4 = true, .l4 = t->flow.l4},
	};

	if (t->without && strcmp(func, t->without) == 0)
		return;
	strcpy(ev.ifname, i->ifname);
	memcpy(ev.tuple.src, dir == DIRECTION_REQUEST ? t->flow.src_be : t->flow.dst_be, 4);
	memcpy(ev.tuple.dst, dir == DIRECTION_REQUEST ? t->flow.dst_be : t->flow.src_be, 4);
	if (t->flow.l4 == IPPROTO_ICMP) {
		ev.tuple.has_icmp = ev.tuple.has_icmp_id = true;
		ev.tuple.icmp_type = dir == DIRECTION_REQUEST ? 8 : 0;
		ev.tuple.icmp_id = PING_ID;
		ev.tuple.icmp_seq = t->pkt / 2;
	} else {
		ev.tuple.has_ports = !t->without_ports;
		ev.tuple.sport = dir == DIRECTION_REQUEST ? 4444 : 80;
		ev.tuple.dport = dir == DIRECTION_REQUEST ? 80 : 4444;
	}
	t->world.run.ledger.events++;
	cr_assert_eq(recorded_add(t->recorded, &ev), 0);
}

/* What a probe at every function's entry records where the evidence programs record a step. */
static inline void put_step(struct tape *t, const struct hook_path_step *s, enum direction dir)
{
	static const char *const funcs[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = "dev_hard_start_xmit",
		[ST_HOOK_REDIRECT] = "skb_do_redirect",
		[ST_HOOK_IP_RCV] = "ip_rcv",
		[ST_HOOK_FORWARD] = "ip_forward",
		[ST_HOOK_BRIDGE] = "__br_forward",
		[ST_HOOK_NETKIT] = "netkit_xmit",
		[ST_HOOK_NETFILTER] = "nf_hook_slow",
	};

	if (s->hook == ST_HOOK_PEER)
		return;
	if (s->hook == ST_HOOK_RECEIVE) {
		put(t, "enqueue_to_backlog", dir, s->on);
		put(t, "__netif_receive_skb_core.constprop.0", dir, s->on);
		return;
	}
	put(t, funcs[s->hook], dir, s->on);
	if (s->hook == ST_HOOK_XMIT && s->on == 0)
		put(t, "skb_scrub_packet", dir, s->on); /* says nothing */
}

static inline void put_path(struct tape *t, const struct hook_path_step *path, enum direction dir)
{
	t->pkt++;
	for (size_t i = 0; i < HOOK_PATH_MAX && path[i].hook != ST_HOOK_MAX; i++)
		put_step(t, &path[i], dir);
}

static inline void put_both(struct tape *t, const struct hook_path_step *path)
{
	put_path(t, path, DIRECTION_REQUEST);
	put_path(t, path, DIRECTION_REPLY);
}

static inline struct check_result judge_tape(struct tape *t)
{
	struct check_setup setup = {.expect = t->world.evidence.setup.expect, .l4 = t->flow.l4};
	struct recorded_points found;
	struct check_result r;

	recorded_find_points(t->recorded, &found);
	memcpy(setup.points, found.points, sizeof(setup.points));
	evidence_table_free(&t->world.evidence);
	evidence_table_init(&t->world.evidence, &setup);
	t->world.run.from_events = true;
	t->world.run.endpoint_changed = found.renamed;
	cr_assert_eq(recorded_file_events(t->recorded, &t->world.evidence), 0);
	r = judge(&t->world);
	recorded_judge(&t->flow, &t->making, &found, &r);
	return r;
}

static const struct {
	const struct hook_path_step *path;
	enum mechanism mechanism;
} paths[] = {
	{hook_path_peer, MECH_REDIRECT_PEER},	 {hook_path_redirect, MECH_REDIRECT},
	{hook_path_host_stack, MECH_HOST_STACK}, {hook_path_bridge, MECH_BRIDGE},
	{hook_path_netkit, MECH_NETKIT},
};

/* What a direction of redirect_peer must not show between the redirect and IP input, and what becomes of it. */
static const struct {
	const char *func;
	unsigned on;
	enum verdict verdict;
} between[] = {
	{"dev_hard_start_xmit", 2, VERDICT_FAIL},
	{"veth_xmit", 2, VERDICT_FAIL},
	{"__bpf_redirect", 1, VERDICT_INCONCLUSIVE},
	/* the record of what put it on the device, or of its reception, may be lost */
	{"__dev_queue_xmit", 2, VERDICT_INCONCLUSIVE},
	{"enqueue_to_backlog", 3, VERDICT_INCONCLUSIVE},
	{"__netif_rx", 3, VERDICT_INCONCLUSIVE},
	{"__netif_receive_skb", 3, VERDICT_FAIL},
	{"skb_scrub_packet", 3, VERDICT_PASS},
};
