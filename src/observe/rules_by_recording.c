/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check path by a recording. It says to which functions the trace was attached, since version 1.2 of the format; of an
 * older one only those with an event are known to have been. A rule that leans on the silence of another function is
 * not judged, nor is one that leans on steps which the trace's own filters may have hidden.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "observe/read_recording.h"
#include "observe/rules_observe.h"
#include "path/death.h"
#include "path/delivery.h"

/* Packets are kept until the end, since a packet may be idle for long in a recording. */
#define PACKETS_MAX (256u << 10)
#define FUNCS_CACHE 4096u

struct rules_reading {
	struct rules_run *path;
	struct engine *engine;	 /* NULL until the first event */
	const char **funcs;	 /* owned; a cache of functions that the engine knows, by address of the name */
	struct packet_set ended; /* one of their skbs was freed */
	struct deliveries *deliveries;
	struct portless portless;
	struct engine_account account;
};

static void reading_clear(struct rules_reading *t)
{
	engine_free(t->engine);
	free(t->funcs);
	packet_set_free(&t->ended);
	deliveries_free(t->deliveries);
	portless_clear(&t->portless);
}

static int start_engine(struct rules_reading *t, uint64_t first_ns)
{
	struct engine_opts opts = {
		.host_netns = t->path->host_netns,
		.attached_ns = first_ns,
		.max_packets = PACKETS_MAX,
		.enough_packets = UINT64_MAX,
		.wanted_packets = t->path->o->packets,
		.match = &t->path->o->trace.match,
	};
	int r = engine_new(t->path->rules, &opts, &t->engine);

	if (r >= 0)
		engine_func(t->engine, "kfree_skb", true); /* the tracepoint */
	return r;
}

/* One function's name mostly has one address within a recording. */
static void tell_func(struct rules_reading *t, const char *func)
{
	size_t at = hash_u64((uintptr_t)func) & (FUNCS_CACHE - 1);

	if (!func || t->funcs[at] == func)
		return;
	t->funcs[at] = func;
	engine_func(t->engine, func, true);
}

static bool has_ended(const void *ctx, uint64_t pkt)
{
	return packet_set_has(&((const struct rules_reading *)ctx)->ended, pkt);
}

static int on_event(void *ctx, const struct event *ev)
{
	struct rules_reading *t = ctx;
	struct event told = *ev;
	struct step step;
	int r = 0;

	if (!t->engine)
		r = start_engine(t, ev->ts_ns);
	if (r >= 0 && ev->pkt && event_death(ev).certain)
		r = packet_set_add(&t->ended, ev->pkt);
	if (r >= 0)
		r = portless_note(&t->portless, t->path, ev);
	if (r < 0)
		return r;
	tell_func(t, ev->func);
	t->account.end_ns = ev->ts_ns > t->account.end_ns ? ev->ts_ns : t->account.end_ns;
	deliveries_note(t->deliveries, &told);
	step_of_event(&told, NULL, &step);
	engine_step(t->engine, &step);
	return 0;
}

static void tell_funcs(struct engine *e, const struct record_coverage *c)
{
	for (size_t i = 0; i < c->n_attached; i++)
		engine_func(e, c->attached[i], true);
	for (size_t i = 0; i < c->n_refused; i++)
		engine_func(e, c->refused[i], false);
}

/* The first reason why a scope's packets, or with follow steps of them, may not be in the recording; NULL: they are. */
static const char *hides(const struct rules *rules, const struct recorded_making *m, bool follow,
			 char buf[static RECORDED_WHY_SIZE])
{
	const char *why = NULL;

	for (size_t i = 0; i < rules->n_scopes && !why; i++) {
		const struct packet_match *match = &rules->scopes[i].match;
		struct recorded_packets p = {.l4 = match->l4, .both = match->both_directions, .follow = follow};

		if (match->has_addrs) {
			p.src = match->src;
			p.dst = match->dst;
		}
		why = recorded_hides(m, &p, buf);
	}
	return why;
}

static int finish(struct rules_reading *t, const struct recording *rec, struct rules_result *ret)
{
	char steps[RECORDED_WHY_SIZE], packets[RECORDED_WHY_SIZE], left_out[RECORDED_WHY_SIZE];
	const char *why = recorded_leaves_out(&rec->making, left_out);

	tell_funcs(t->engine, &rec->making.coverage);
	if (why)
		engine_funcs_left_out(t->engine, why);
	t->account.ledger = rec->ledger;
	t->account.portless = portless_count(&t->portless);
	t->account.hidden = hides(t->path->rules, &rec->making, true, steps);
	t->account.hidden_packets =
		rec->making.cut ? "it ends before its ledger" : hides(t->path->rules, &rec->making, false, packets);
	return engine_finish(t->engine, &t->account, ret);
}

static int refuse_pods(const struct rules_run *path, struct reason *reason)
{
	for (size_t i = 0; i < path->rules->n_rules; i++) {
		const struct rule *r = &path->rules->rules[i];

		if (r->step.device.pod)
			return reason_set(reason, -EINVAL, "%s:%u: a recording does not name pods; name the namespace",
					  path->o->rules, r->line);
	}
	return 0;
}

int rules_by_recording(struct rules_run *path, struct rules_result *ret, struct record_reader **ret_reader,
		       struct reason *reason)
{
	_cleanup_(reading_clear) struct rules_reading t = {.path = path, .account = {.ended = has_ended, .ctx = &t}};
	_cleanup_(recording_clear) struct recording rec = {0};
	int r = refuse_pods(path, reason);

	if (r < 0)
		return r;
	t.portless.asked = rules_run_asks_for_ports(path);
	t.funcs = calloc(FUNCS_CACHE, sizeof(*t.funcs));
	if (!t.funcs || deliveries_new(&t.deliveries) < 0)
		return -ENOMEM;
	r = read_recording(path->o->read, on_event, &t, &rec, reason);
	if (r >= 0 && !t.engine)
		r = start_engine(&t, 0);
	if (r >= 0)
		r = finish(&t, &rec, ret);
	if (r >= 0)
		*ret_reader = TAKE_PTR(rec.reader);
	return r;
}
