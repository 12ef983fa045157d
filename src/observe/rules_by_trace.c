/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check path by a function trace, of every function that a rule can match, of those that tell packets apart, and, if a
 * rule asks for drops, those that tell whether a packet was lost.
 *
 * What a rule forbids may happen to a packet after its headers have changed. So no filter of the options is evaluated
 * in the kernel: the engine applies them where a packet enters a scope. The kernel only keeps away packets that enter
 * none, where one address is on either side of every scope's packets; from then on it follows a packet as
 * --filter-track-skb does.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/ready_file.h"
#include "live/session.h"
#include "names/netns_pods.h"
#include "observe/rules_observe.h"
#include "path/death.h"
#include "path/delivery.h"

struct trace_run {
	const struct rules_run *path;
	struct netns_pods *pods; /* NULL: no rule names a pod */
	struct session *session;
	struct engine *engine;
	struct deliveries *deliveries;
	struct portless portless;
	bool by_drop; /* a rule asks for drops */
};

static void run_clear(struct trace_run *run)
{
	engine_free(run->engine);
	session_free(run->session);
	netns_pods_free(run->pods);
	deliveries_free(run->deliveries);
	portless_clear(&run->portless);
}

/* Keeps what the rules name, and what tells one packet from the next. */
static bool keep(void *ctx, const struct func *f)
{
	const struct trace_run *run = ctx;
	struct event ev = {.source = ST_SRC_KPROBE, .func = f->name};

	return rules_want_func(run->path->rules, f->name) || event_death(&ev).step != DEATH_NONE ||
	       (run->by_drop && deliveries_want_func(run->deliveries, f->name));
}

static int on_event(void *ctx, struct event *ev)
{
	struct trace_run *run = ctx;
	struct step step;
	int r = portless_note(&run->portless, run->path, ev);

	if (r < 0)
		return r;
	deliveries_note(run->deliveries, ev);
	step_of_event(ev, ev->has_netns ? netns_pods_find(run->pods, ev->netns) : NULL, &step);
	engine_step(run->engine, &step);
	return 0;
}

static int prepare(struct trace_run *run, struct reason *reason)
{
	bool wants_pods = false;

	if (deliveries_new(&run->deliveries) < 0)
		return -ENOMEM;
	run->portless.asked = rules_run_asks_for_ports(run->path);
	for (size_t i = 0; i < run->path->rules->n_rules; i++) {
		wants_pods |= run->path->rules->rules[i].step.device.pod != NULL;
		run->by_drop |= run->path->rules->rules[i].step.drop != NULL;
	}
	return wants_pods ? netns_pods_new(&run->pods, reason) : 0;
}

static bool was_refused(const struct session_status *status, const struct func *f)
{
	for (size_t i = 0; i < status->n_failures; i++) {
		if (status->failures[i].func == f)
			return true;
	}
	return false;
}

static bool same_prefix(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && a->bits == b->bits && memcmp(a->addr_be, b->addr_be, sizeof(a->addr_be)) == 0;
}

static bool has_side(const struct scope *s, const struct prefix *p)
{
	return s->match.has_addrs && (same_prefix(&s->match.src, p) || same_prefix(&s->match.dst, p));
}

static bool is_side_of_all(const struct rules *rules, const struct prefix *p)
{
	for (size_t i = 0; p->family && i < rules->n_scopes; i++) {
		if (!has_side(&rules->scopes[i], p))
			return false;
	}
	return p->family;
}

/* The packets that may enter a scope. Without a common address these are all. */
static void filter_scopes(const struct rules *rules, struct st_config *ret)
{
	const struct packet_match *first = &rules->scopes[0].match;
	struct trace_options common = {.track_skb = true};

	if (is_side_of_all(rules, &first->src))
		common.match.any = (struct match_prefixes){.n = 1, .v = {first->src}};
	else if (is_side_of_all(rules, &first->dst))
		common.match.any = (struct match_prefixes){.n = 1, .v = {first->dst}};
	else
		return;
	trace_options_filter(&common, ret);
}

static int start_engine(struct trace_run *run)
{
	const struct func_set *funcs = session_funcs(run->session);
	struct engine_opts engine_opts = {
		.host_netns = run->path->host_netns,
		.attached_ns = clock_monotonic_ns(),
		.enough_packets = run->path->o->command ? UINT64_MAX : run->path->o->packets,
		.wanted_packets = run->path->o->packets,
		.match = &run->path->o->trace.match,
	};
	struct session_status status;
	int r = engine_new(run->path->rules, &engine_opts, &run->engine);

	if (r < 0)
		return r;
	session_status(run->session, &status);
	engine_func(run->engine, "kfree_skb", true); /* the tracepoint */
	for (size_t i = 0; i < funcs->n; i++) {
		if (funcs->items[i].attachable)
			engine_func(run->engine, funcs->items[i].name, !was_refused(&status, &funcs->items[i]));
	}
	return 0;
}

static int attach(struct trace_run *run, struct reason *reason)
{
	const struct trace_options *t = &run->path->o->trace;
	struct session_opts opts = {
		.env = {.kernel_btf = t->kernel_btf},
		.backend = t->backend,
		.ring_bytes = t->ring_bytes,
		.keep = keep,
		.on_event = on_event,
		.ctx = run,
	};
	struct session_status status;
	int r;

	filter_scopes(run->path->rules, &opts.filter);
	r = session_open(&opts, &run->session, reason);
	if (r < 0 && r != -ECANCELED && opts.filter.track) { /* not every kernel lets packets be followed: take all */
		opts.filter = (struct st_config){0};
		r = session_open(&opts, &run->session, reason);
	}
	if (r >= 0)
		r = start_engine(run);
	if (r < 0)
		return r;
	session_status(run->session, &status);
	if (t->verbose)
		fprintf(stderr, "skbtrail: %zu functions armed, watching\n", status.attached);
	return ready_file_create(t->ready_file, reason);
}

static int poll_session(void *ctx, int timeout_ms)
{
	return session_poll(ctx, timeout_ms);
}

static int observe(struct trace_run *run, struct rules_result *ret, struct reason *reason)
{
	struct engine_account account = {0};
	char failure[CHILD_FAILURE_MAX];
	int r;

	r = prepare(run, reason);
	if (r >= 0)
		r = attach(run, reason);
	if (r >= 0)
		r = rules_run_confine(run->path, reason);
	if (r >= 0)
		r = rules_run_watch(run->path, run->engine, poll_session, run->session);
	if (r < 0)
		return r;
	account.interrupted = signals_stop_asked();
	child_failure(run->path->o->command, failure);
	account.command_failed = failure[0] ? failure : NULL;
	account.end_ns = clock_monotonic_ns();
	r = session_finish(run->session, &account.ledger);
	if (r < 0)
		return r;
	account.portless = portless_count(&run->portless);
	account.forgotten = session_forgotten(run->session);
	return engine_finish(run->engine, &account, ret);
}

int rules_by_trace(struct rules_run *path, struct rules_result *ret, struct reason *reason)
{
	_cleanup_(run_clear) struct trace_run run = {.path = path};

	return observe(&run, ret, reason);
}
