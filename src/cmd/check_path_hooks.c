/* SPDX-License-Identifier: GPL-2.0-only */
/* check path by the evidence programs: their silence proves something on every kernel, and they are armed at once. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "check/flow.h"
#include "check/hooks.h"
#include "cmd/check_path.h"
#include "cmd/ready.h"
#include "filter/event_match.h"
#include "kern/evidence.h"
#include "kern/leftovers.h"
#include "net/snapshot.h"

struct run {
	const struct path_run *path;
	struct st_flow flow;
	struct flow packets; /* numbers them */
	struct event_match match;
	struct net_snapshot *names; /* of devices, for the reader; NULL: unknown */
	struct evidence *evidence;
	struct engine *engine;
};

static void run_clear(struct run *run)
{
	engine_free(run->engine);
	evidence_free(run->evidence);
	net_snapshot_free(run->names);
	flow_free(&run->packets);
}

static void name_step(const struct run *run, struct step *s)
{
	const struct netns *ns = run->names ? netns_list_find(&run->names->list, s->netns) : NULL;
	const struct net_link *link;

	if (!ns)
		return;
	s->netns_name = ns->name;
	link = net_tables_find(&run->names->tables[ns - run->names->list.v], s->ifindex);
	s->ifname = link ? link->ifname : NULL;
}

/* What the options filter beyond the rules' own addresses: as event_matches(). */
static int is_wanted(const struct run *run, const struct tuple *t)
{
	struct event ev = {.tuple = *t};

	return event_matches(&run->match, &ev);
}

static int on_witness(void *ctx, const struct witness *w)
{
	struct run *run = ctx;
	struct tuple tuple;
	struct step step;
	uint64_t pkt;
	int r;

	/* packets that the engine would not take in are not counted against it */
	run->packets.frozen = engine_has_enough(run->engine);
	r = flow_number(&run->packets, w, &pkt);
	if (r < 0 || !pkt || !hook_step(&run->flow, w, pkt, &tuple, &step))
		return r;
	r = is_wanted(run, &tuple);
	if (r <= 0)
		return r;
	name_step(run, &step);
	engine_step(run->engine, &step);
	return 0;
}

static int start_engine(struct run *run)
{
	struct engine_opts opts = {
		.host_netns = run->path->host_netns,
		.armed_ns = clock_monotonic_ns(),
		.enough_packets = run->path->o->packets,
	};
	int r = engine_new(run->path->rules, &opts, &run->engine);

	for (enum st_hook h = 0; r >= 0 && h < ST_HOOK_MAX; h++) {
		const char *func = hook_func(h, run->flow.family);

		if (func && evidence_armed(run->evidence, h))
			engine_func(run->engine, func, true);
	}
	return r;
}

static int arm(struct run *run, struct reason *reason)
{
	const struct trace_options *t = &run->path->o->trace;
	int r;

	leftovers_sweep();
	r = evidence_open(&run->flow, t->ring_bytes, on_witness, run, &run->evidence, reason);
	if (r >= 0)
		r = start_engine(run);
	if (r < 0)
		return r;
	if (t->verbose)
		fprintf(stderr, "skbtrail: the evidence programs are armed, watching\n");
	return ready_file_create(t->ready_file, reason);
}

static int poll_evidence(void *ctx, int timeout_ms)
{
	return evidence_poll(ctx, timeout_ms);
}

int path_observe_hooks(struct path_run *path, const struct st_flow *flow, struct rules_result *ret,
		       struct reason *reason)
{
	_cleanup_(run_clear) struct run run = {.path = path, .flow = *flow};
	struct engine_account account = {0};
	int r;

	flow_init(&run.packets, &(struct check_setup){.l4 = flow->l4});
	path_match(&path->o->trace, &run.match);
	r = net_snapshot_load(&run.names, reason);
	if (r >= 0)
		r = arm(&run, reason);
	if (r >= 0)
		r = path_confine(path, reason);
	if (r >= 0)
		r = path_watch(path, run.engine, poll_evidence, run.evidence);
	if (r < 0)
		return r;
	account.interrupted = stop_asked();
	account.end_ns = clock_monotonic_ns();
	r = evidence_finish(run.evidence, &account.ledger);
	if (r < 0)
		return r;
	account.forgotten = run.packets.overflow;
	return engine_finish(run.engine, &account, ret);
}
