// SPDX-License-Identifier: GPL-2.0-only
/* What a seed says: the same seed, the same way. A change here gives every seed another meaning. */
#include <stdlib.h>
#include <string.h>

#include "adversary.h"

/* POSIX says what nrand48() returns, so a seed is the same way everywhere. */
static int below(unsigned short state[3], int n)
{
	return (int)(nrand48(state) % n);
}

static bool chance(unsigned short state[3], int percent)
{
	return below(state, 100) < percent;
}

#define PICK(state, table) ((table)[below(state, sizeof(table) / sizeof((table)[0]))])

static void set_act(struct way *w, int kind, int dir, int hook, int act)
{
	w->plan[0][kind][dir][hook].act = w->plan[1][kind][dir][hook].act = act;
}

/* The four mechanisms that the check knows, peer most often. */
static void plan_honest(struct way *w, unsigned short *r)
{
	static const uint8_t acts[] = {ACT_PEER, ACT_PEER, ACT_PEER, ACT_REDIRECT, ACT_NEIGH, ACT_OK};
	bool bridge = chance(r, 15);

	w->honest = true;
	w->topo = bridge ? TOPO_BRIDGE : TOPO_ROUTE;
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		int act = bridge ? ACT_OK_FAR : PICK(r, acts);

		for (int kind = 0; kind < ADV_KINDS; kind++)
			set_act(w, kind, dir, AT_NEAR_IN, act);
		w->no_program[dir] = act == ACT_OK && chance(r, 50);
	}
	if (chance(r, 60)) /* the same both ways */
		for (int kind = 0; kind < ADV_KINDS; kind++)
			set_act(w, kind, 1, AT_NEAR_IN, w->plan[0][kind][0][AT_NEAR_IN].act);
	if (w->plan[0][0][1][AT_NEAR_IN].act != ACT_OK)
		w->no_program[1] = false;
}

/* What some packets do instead, or all. */
static int strange_act(unsigned short *r)
{
	static const uint8_t acts[] = {ACT_OK,	       ACT_OK_FAR,    ACT_PEER,	   ACT_REDIRECT, ACT_NEIGH, ACT_CLONE,
				       ACT_CLONE_PEER, ACT_SIDE_PEER, ACT_MIRRED,  ACT_DROP,	 ACT_DROP,  ACT_SWALLOW,
				       ACT_SWALLOW,    ACT_HOP,	      ACT_INGRESS, ACT_BACK};

	return PICK(r, acts);
}

static void some_packets(struct way *w, unsigned short *r, struct adv_rule *rule)
{
	static const uint8_t ping[] = {SELECT_NTH, SELECT_ONE, SELECT_AFTER};
	static const uint8_t own[] = {SELECT_NTH,   SELECT_ONE,	  SELECT_AFTER,	  SELECT_BIG,
				      SELECT_LATER, SELECT_FIRST, SELECT_EXTENDED};

	rule->select = w->flow == FLOW_PING ? PICK(r, ping) : PICK(r, own);
	rule->arg = rule->select == SELECT_BIG ? 8 : 1 + below(r, w->packets);
}

static void plan_strange(struct way *w, unsigned short *r)
{
	static const uint8_t ends[] = {ACT_DROP, ACT_SWALLOW};

	w->topo = (enum topo)(chance(r, 50) ? TOPO_ROUTE : below(r, 4));
	w->hop_dir = below(r, 2);
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		struct adv_rule *near = &w->plan[0][KIND_FLOW][dir][AT_NEAR_IN];

		near->act = chance(r, 55) ? ACT_PEER : strange_act(r);
		/* where the host has the hop, a packet comes to it by the host's own forwarding */
		if (w->topo >= TOPO_HOP_ROUTE && w->hop_dir == dir && chance(r, 80))
			near->act = w->topo == TOPO_HOP_ROUTE ? ACT_OK : ACT_OK_FAR;
		if (chance(r, 45)) {
			near->alt = strange_act(r);
			some_packets(w, r, near);
		}
		near->self = chance(r, 10);
		w->plan[0][KIND_FLOW][dir][AT_HOP_IN].act = chance(r, 75) ? ACT_PEER : ACT_REDIRECT;
		w->plan[0][KIND_FLOW][dir][AT_FAR_IN].act = chance(r, 75) ? ACT_PEER : ACT_REDIRECT;
		w->plan[0][KIND_FLOW][dir][AT_POD_IN].self = chance(r, 8);
		w->plan[0][KIND_FLOW][dir][AT_POD_OUT].self = chance(r, 8);
		if (chance(r, 6)) {
			struct adv_rule *out = &w->plan[0][KIND_FLOW][dir][chance(r, 50) ? AT_FAR_OUT : AT_POD_IN];

			out->alt = PICK(r, ends);
			some_packets(w, r, out);
		}
		if (chance(r, 10)) {
			struct adv_rule *xdp = &w->plan[0][KIND_FLOW][dir][AT_XDP];

			w->xdp[dir] = chance(r, 50) ? XDP_IS_GENERIC : XDP_IS_NATIVE;
			xdp->act = chance(r, 50) ? ACT_XDP : ACT_OK;
			xdp->alt = chance(r, 70) ? ACT_XDP : ACT_DROP;
			some_packets(w, r, xdp);
		}
	}
	memcpy(w->plan[1], w->plan[0], sizeof(w->plan[1]));
	for (int dir = 0; dir < ADV_DIRS; dir++)
		w->plan[1][KIND_FLOW][dir][AT_NEAR_IN].act = strange_act(r);
	for (int gen = 0; gen < 2; gen++)
		memcpy(w->plan[gen][KIND_NOISE], w->plan[gen][KIND_FLOW], sizeof(w->plan[gen][KIND_NOISE]));
}

static void add_swap(struct way *w, unsigned short *r)
{
	w->swap = chance(r, 50) ? SWAP_REPLACE : SWAP_GAP;
	w->swap_dir = below(r, 2);
	w->swap_at = 1 + below(r, w->packets);
}

static void add_copy(struct way *w, unsigned short *r)
{
	w->copy = (enum copy)(COPY_FAR + below(r, 3));
	w->copy_dir = below(r, 2);
	w->copy_bypass = chance(r, 60);
	/* the copy goes beside the packet, or instead of it */
	w->plan[0][KIND_FLOW][w->copy_dir][AT_NEAR_IN].act = chance(r, 50) ? ACT_PEER : ACT_DROP;
}

static void add_noise(struct way *w, unsigned short *r)
{
	static const uint8_t ways[] = {ACT_PEER, ACT_PEER, ACT_OK, ACT_REDIRECT};

	w->noise = w->flow == FLOW_UDP ? NOISE_OTHER : (enum noise)(NOISE_TWIN + below(r, 3));
	w->noise_bytes = chance(r, 40) && !w->dont_fragment ? 2400 : 64;
	w->noise_after_ms = below(r, 2) * 150;
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		struct adv_rule rule = {.act = PICK(r, ways)};

		for (int gen = 0; gen < 2; gen++) {
			memset(w->plan[gen][KIND_NOISE][dir], 0, sizeof(w->plan[gen][KIND_NOISE][dir]));
			w->plan[gen][KIND_NOISE][dir][AT_NEAR_IN] = rule;
			w->plan[gen][KIND_NOISE][dir][AT_HOP_IN].act = ACT_PEER;
		}
	}
}

static void add_trouble(struct way *w, unsigned short *r)
{
	if (chance(r, 12))
		add_swap(w, r);
	if (chance(r, 18))
		add_copy(w, r);
	if (chance(r, 25) && w->flow <= FLOW_UDP)
		add_noise(w, r);
}

static void add_end(struct way *w, unsigned short *r, int dir)
{
	static const uint8_t hooks[] = {AT_POD_OUT, AT_POD_IN, AT_NEAR_IN}, ends[] = {ACT_DROP, ACT_SWALLOW};
	struct adv_rule *rule = &w->plan[0][KIND_FLOW][dir][PICK(r, hooks)];

	rule->alt = PICK(r, ends);
	some_packets(w, r, rule);
}

static void add_hop(struct way *w, unsigned short *r, int dir)
{
	w->hop_dir = dir;
	w->topo = chance(r, 50) ? TOPO_HOP_ROUTE : TOPO_HOP_BRIDGE;
	w->plan[0][KIND_FLOW][dir][AT_NEAR_IN].act = w->topo == TOPO_HOP_ROUTE ? ACT_OK : ACT_OK_FAR;
}

static void add_xdp(struct way *w, unsigned short *r, int dir)
{
	struct adv_rule *xdp = &w->plan[0][KIND_FLOW][dir][AT_XDP];

	w->xdp[dir] = chance(r, 50) ? XDP_IS_GENERIC : XDP_IS_NATIVE;
	xdp->alt = ACT_XDP;
	some_packets(w, r, xdp);
}

/* Both ways by bpf_redirect_peer, and one thing that is not as it should be. */
static void plan_single(struct way *w, unsigned short *r)
{
	static const uint8_t selves[] = {AT_NEAR_IN, AT_POD_IN, AT_POD_OUT};
	static const uint8_t inner[] = {AT_NEAR_IN, AT_HOP_IN, AT_FAR_IN};
	int dir = below(r, 2), which = below(r, 9);
	struct adv_rule *near = &w->plan[0][KIND_FLOW][dir][AT_NEAR_IN];

	for (int hook = 0; hook < 3; hook++)
		for (int kind = 0; kind < ADV_KINDS; kind++)
			for (int d = 0; d < ADV_DIRS; d++)
				set_act(w, kind, d, inner[hook], ACT_PEER);
	switch (which) {
	case 0:
		near->act = strange_act(r);
		break;
	case 1:
		near->alt = strange_act(r);
		some_packets(w, r, near);
		break;
	case 2:
		add_hop(w, r, dir);
		break;
	case 3:
		add_xdp(w, r, dir);
		break;
	case 4:
		add_copy(w, r);
		break;
	case 5:
		if (w->flow <= FLOW_UDP)
			add_noise(w, r);
		break;
	case 6:
		w->plan[0][KIND_FLOW][dir][PICK(r, selves)].self = 1;
		break;
	case 7:
		add_end(w, r, dir);
		break;
	default:
		break;
	}
	memcpy(w->plan[1][KIND_FLOW], w->plan[0][KIND_FLOW], sizeof(w->plan[1][KIND_FLOW]));
	if (which != 8)
		return;
	add_swap(w, r);
	w->plan[1][KIND_FLOW][w->swap_dir][AT_NEAR_IN].act = strange_act(r);
}

static void choose_flow(struct way *w, unsigned short *r, const struct wish *wish)
{
	int which = below(r, 100);

	w->family = chance(r, 70) ? 4 : 6;
	w->flow = which < 45   ? FLOW_PING
		  : which < 67 ? FLOW_ECHO
		  : which < 87 ? FLOW_UDP
		  : which < 95 ? FLOW_TCP
			       : FLOW_VIP;
	if (w->flow == FLOW_VIP)
		w->family = 4;
	if (w->flow == FLOW_PING && wish->has_source && wish->source != SOURCE_LIVE)
		w->flow = FLOW_ECHO;
	w->packets = 1 + below(r, w->flow == FLOW_PING ? 3 : 5);
	for (int i = 0; i < PACKETS_MAX; i++)
		w->bytes[i] = chance(r, 25) ? 2000 + 8 * below(r, 200) : 64;
	w->dont_fragment = chance(r, 30);
	if (w->dont_fragment)
		for (int i = 0; i < PACKETS_MAX; i++)
			w->bytes[i] = 64;
	for (int i = 0; i < PACKETS_MAX; i++)
		if (w->family == 6 && w->flow == FLOW_ECHO && chance(r, 40))
			w->extensions[i] = 1 + below(r, 8);
	w->gro = w->flow == FLOW_TCP && chance(r, 30);
}

static void choose_evidence(struct way *w, unsigned short *r, const struct wish *wish)
{
	int which = below(r, 100);

	if (w->flow == FLOW_PING)
		return;
	w->source = which < 60 ? SOURCE_LIVE : which < 80 ? SOURCE_RECORDING : SOURCE_CAPTURES;
	if (wish->has_source)
		w->source = wish->source;
	w->by_rules = w->source != SOURCE_CAPTURES && w->flow != FLOW_VIP && chance(r, 40);
	if (w->source == SOURCE_RECORDING && chance(r, 60)) {
		w->recorded_funcs = below(r, RECORDED_FUNCS);
		w->recorded_filter = below(r, RECORDED_FILTERS);
	}
	for (int i = 0; i < POINTS && w->source == SOURCE_CAPTURES && !w->honest; i++) {
		w->capture_skip[i] = chance(r, 20) ? 1 + below(r, 3) : 0;
		w->capture_keep[i] = chance(r, 40) ? 1 + below(r, 5) : 0;
	}
}

/* A packet that is lost, and one with its keys that takes its place. */
static void choose_twin(struct way *w, unsigned short *r)
{
	struct adv_rule *near = &w->plan[0][KIND_FLOW][0][AT_NEAR_IN];

	if (w->noise != NOISE_TWIN || !chance(r, 50))
		return;
	near->select = SELECT_ONE;
	near->arg = (__u8)w->packets;
	near->alt = chance(r, 50) ? ACT_DROP : ACT_SWALLOW;
}

void way_of_seed(uint64_t seed, const struct wish *wish, struct way *ret)
{
	static const uint8_t mech_of[ADV_ACTS] = {
		[ACT_OK] = MECH_STACK,		[ACT_OK_FAR] = MECH_BRIDGE,  [ACT_PEER] = MECH_PEER,
		[ACT_REDIRECT] = MECH_REDIRECT, [ACT_NEIGH] = MECH_REDIRECT, [ACT_MIRRED] = MECH_REDIRECT};
	unsigned short state[3] = {(unsigned short)seed, (unsigned short)(seed >> 16), 0x5eed}, *r = state;

	memset(ret, 0, sizeof(*ret));
	ret->seed = seed;
	for (int i = 0; i < 8; i++) /* small seeds differ in the low bits only */
		(void)nrand48(state);
	choose_flow(ret, r, wish);
	ret->hook = chance(r, 30) ? HOOK_TCX : HOOK_CLSACT;
	if (wish->single) {
		plan_single(ret, r);
		choose_twin(ret, r);
		choose_evidence(ret, r, wish);
		return;
	}
	if (chance(r, 30) || wish->honest) {
		plan_honest(ret, r);
		choose_evidence(ret, r, wish);
		if (ret->flow == FLOW_VIP)
			ret->honest = false;
		ret->expect = chance(r, 50) ? MECH_PEER : mech_of[ret->plan[0][0][below(r, 2)][AT_NEAR_IN].act];
		return;
	}
	plan_strange(ret, r);
	add_trouble(ret, r);
	choose_twin(ret, r);
	choose_evidence(ret, r, wish);
	ret->expect = chance(r, 65)   ? MECH_PEER
		      : chance(r, 70) ? mech_of[ret->plan[0][0][0][AT_NEAR_IN].act]
				      : (enum mech)below(r, MECHS);
}
