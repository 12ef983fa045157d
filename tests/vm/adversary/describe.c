// SPDX-License-Identifier: GPL-2.0-only
/* A way in words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adversary.h"
#include "text.h"

static const char *const sources[] = {"live", "recording", "captures"};

int source_parse(const char *name, enum source *ret)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(name, sources[i]) != 0)
			continue;
		*ret = (enum source)i;
		return 0;
	}
	return -EINVAL;
}

const char *mech_name(enum mech m)
{
	static const char *const names[] = {"redirect_peer", "redirect", "host_stack", "bridge"};

	return names[m];
}

static void put_rule(struct text *t, const char *hook, const struct adv_rule *r)
{
	static const char *const acts[ADV_ACTS] = {"pass",	 "pass-far",  "peer",	"redirect", "neigh",   "clone",
						   "clone+peer", "side+peer", "mirred", "drop",	    "swallow", "hop",
						   "ingress",	 "self",      "back",	"xdp"};
	static const char *const selects[] = {"", "nth", "one", "after", "big", "later", "first", "extended"};

	put(t, " %s=%s%s", hook, r->self ? "self+" : "", acts[r->act & 15]);
	if (r->select)
		put(t, "/%s(%s %d)", acts[r->alt & 15], selects[r->select], r->arg);
}

static void put_plan(struct text *t, const struct adv_rule plan[ADV_DIRS][ADV_HOOKS])
{
	static const char *const hooks[ADV_HOOKS] = {"pod-out", "near", "xdp", "hop", "far-in", "far-out", "pod-in"};
	static const struct adv_rule none;

	for (int dir = 0; dir < ADV_DIRS; dir++) {
		put(t, " %s{", dir ? "reply" : "request");
		for (int hook = 0; hook < AT_POD_IN + 1; hook++)
			if (hook == AT_NEAR_IN || memcmp(&plan[dir][hook], &none, sizeof(none)) != 0)
				put_rule(t, hooks[hook], &plan[dir][hook]);
		put(t, " }");
	}
}

static void put_packets(struct text *t, const struct way *w)
{
	if (w->gro)
		put(t, " gro");
	if (w->flow == FLOW_PING || w->flow == FLOW_TCP)
		return;
	put(t, " bytes(");
	for (int i = 0; i < w->packets; i++)
		put(t, w->extensions[i] ? "%s64 behind %d headers" : "%s%d", i ? ", " : "",
		    w->extensions[i] ? w->extensions[i] : w->bytes[i]);
	put(t, ")");
}

static void put_evidence(struct text *t, const struct way *w)
{
	if (w->source == SOURCE_RECORDING)
		put(t, " recorded(functions %d, filter %d)", w->recorded_funcs, w->recorded_filter);
	if (w->source != SOURCE_CAPTURES)
		return;
	put(t, " windows(");
	for (int i = 0; i < POINTS; i++)
		put(t, "%s%d+%d", i ? " " : "", w->capture_skip[i], w->capture_keep[i]);
	put(t, ")");
}

void way_describe(const struct way *w, char *buf, size_t size)
{
	static const char *const flows[] = {"ping", "echo", "udp", "tcp", "vip"};
	static const char *const topos[] = {"route", "bridge", "hop-route", "hop-bridge"};
	static const char *const noises[] = {"", "twin", "spoofed", "other"};
	static const char *const xdps[] = {"", "generic", "native"};
	static const char *const copies[] = {"", "far", "hop", "side"};
	struct text t = {buf, size, 0};

	put(&t, "%s%s v%d x%d expect=%s by=%s%s %s %s", w->honest ? "honest " : "", flows[w->flow], w->family,
	    w->packets, mech_name(w->expect), sources[w->source], w->by_rules ? "-rules" : "", topos[w->topo],
	    w->hook == HOOK_TCX ? "tcx" : "clsact");
	if (w->topo >= TOPO_HOP_ROUTE)
		put(&t, "(%s)", w->hop_dir ? "reply" : "request");
	put_plan(&t, w->plan[0][KIND_FLOW]);
	for (int dir = 0; dir < ADV_DIRS; dir++) {
		if (w->no_program[dir])
			put(&t, " no-program(lxc%d)", dir + 1);
		if (w->xdp[dir])
			put(&t, " xdp-%s(lxc%d)", xdps[w->xdp[dir]], dir + 1);
	}
	if (w->copy)
		put(&t, " copy(%s of %s%s)", copies[w->copy], w->copy_dir ? "reply" : "request",
		    w->copy_bypass ? " bypass" : "");
	if (w->noise) {
		put(&t, " noise(%s +%d ms", noises[w->noise], w->noise_after_ms);
		put_plan(&t, w->plan[0][KIND_NOISE]);
		put(&t, ")");
	}
	if (w->swap) {
		put(&t, " swap(%s lxc%d at %d", w->swap == SWAP_GAP ? "gap" : "replace", w->swap_dir + 1, w->swap_at);
		put_rule(&t, "near", &w->plan[1][KIND_FLOW][w->swap_dir][AT_NEAR_IN]);
		put(&t, ")");
	}
	if (w->dont_fragment)
		put(&t, " df");
	put_packets(&t, w);
	put_evidence(&t, w);
}
