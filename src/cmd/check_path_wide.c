/* SPDX-License-Identifier: GPL-2.0-only */
/* check path by the wide trace: every function that the rules can match, and those that tell packets apart. */
#include <errno.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cmd/check_path.h"
#include "cmd/netns_pods.h"
#include "cmd/ready.h"
#include "cmd/wide.h"
#include "path/death.h"

struct run {
	const struct path_run *path;
	struct netns_pods *pods; /* NULL: no rule names a pod */
	struct wide *wide;
	struct engine *engine;
};

static void run_clear(struct run *run)
{
	engine_free(run->engine);
	wide_free(run->wide);
	netns_pods_free(run->pods);
}

/* What the rules speak of, and what tells one packet from the next. */
static bool keep(void *ctx, const struct func *f)
{
	const struct run *run = ctx;
	struct event ev = {.source = ST_SRC_KPROBE, .func = f->name};

	return rules_want_func(run->path->rules, f->name) || event_death(&ev).step != DEATH_NONE;
}

static int on_event(void *ctx, struct event *ev)
{
	struct run *run = ctx;
	struct step step;

	step_of_event(ev, ev->has_netns ? netns_pods_find(run->pods, ev->netns) : NULL, &step);
	engine_step(run->engine, &step);
	return 0;
}

static int prepare(struct run *run, struct reason *reason)
{
	bool wants_pods = false;

	for (size_t i = 0; i < run->path->rules->n_rules; i++)
		wants_pods |= run->path->rules->rules[i].step.place.pod != NULL;
	return wants_pods ? netns_pods_new(&run->pods, reason) : 0;
}

static bool was_refused(const struct trace *t, const struct func *f)
{
	size_t n;
	const struct trace_failure *failures = trace_failures(t, &n);

	for (size_t i = 0; i < n; i++) {
		if (failures[i].func == f)
			return true;
	}
	return false;
}

static int start_engine(struct run *run)
{
	const struct func_set *funcs = wide_funcs(run->wide);
	struct engine_opts engine_opts = {
		.host_netns = run->path->host_netns,
		.armed_ns = clock_monotonic_ns(),
		.enough_packets = run->path->o->packets,
	};
	int r = engine_new(run->path->rules, &engine_opts, &run->engine);

	if (r < 0)
		return r;
	engine_func(run->engine, "kfree_skb", true); /* the tracepoint */
	for (size_t i = 0; i < funcs->n; i++) {
		if (funcs->items[i].attachable)
			engine_func(run->engine, funcs->items[i].name,
				    !was_refused(wide_trace(run->wide), &funcs->items[i]));
	}
	return 0;
}

static int arm(struct run *run, struct reason *reason)
{
	const struct trace_options *t = &run->path->o->trace;
	struct wide_opts wide_opts = {
		.env = {.kernel_btf = t->kernel_btf},
		.backend = t->backend,
		.ring_bytes = t->ring_bytes,
		.keep = keep,
		.on_event = on_event,
		.ctx = run,
	};
	int r;

	trace_options_filter(t, &wide_opts.filter);
	r = wide_open(&wide_opts, &run->wide, reason);
	if (r >= 0)
		r = start_engine(run);
	if (r < 0)
		return r;
	if (t->verbose)
		fprintf(stderr, "skbtrail: %zu functions armed, watching\n", trace_attached(wide_trace(run->wide)));
	return ready_file_create(t->ready_file, reason);
}

static int poll_wide(void *ctx, int timeout_ms)
{
	return wide_poll(ctx, timeout_ms);
}

static int observe(struct run *run, struct rules_result *ret, struct reason *reason)
{
	struct engine_account account = {0};
	int r;

	r = prepare(run, reason);
	if (r >= 0)
		r = arm(run, reason);
	if (r >= 0)
		r = path_confine(run->path, reason);
	if (r >= 0)
		r = path_watch(run->path, run->engine, poll_wide, run->wide);
	if (r < 0)
		return r;
	account.interrupted = stop_asked();
	account.end_ns = clock_monotonic_ns();
	r = wide_finish(run->wide, &account.ledger);
	if (r < 0)
		return r;
	account.forgotten = wide_forgotten(run->wide);
	return engine_finish(run->engine, &account, ret);
}

int path_observe_wide(struct path_run *path, struct rules_result *ret, struct reason *reason)
{
	_cleanup_(run_clear) struct run run = {.path = path};

	return observe(&run, ret, reason);
}
