/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/engine.h"

#include <errno.h>
#include <string.h>

#include "rules/state.h"

static int alloc_flows(struct engine *e)
{
	const struct rules *r = e->rules;

	e->flow_flags = calloc(r->n_scopes, r->max_rules);
	e->flow_counts = calloc(r->n_scopes, r->max_rules * sizeof(*e->flow_counts));
	e->flow_captures = calloc(r->n_scopes, (r->max_captures + 1) * sizeof(*e->flow_captures));
	if (!e->flow_flags || !e->flow_counts || !e->flow_captures)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_scopes; i++) {
		struct rule_progress *t = &e->scopes[i].progress;

		t->flags = e->flow_flags + i * r->max_rules;
		t->counts = e->flow_counts + i * r->max_rules;
		t->captures = e->flow_captures + i * (r->max_captures + 1);
	}
	return 0;
}

int engine_new(const struct rules *rules, const struct engine_opts *opts, struct engine **ret)
{
	_cleanup_(engine_freep) struct engine *e = calloc(1, sizeof(*e));
	size_t max_packets = opts->max_packets ? opts->max_packets : ENGINE_PACKETS_DEFAULT;
	int r;

	if (!e)
		return -ENOMEM;
	e->rules = rules;
	e->opts = *opts;
	if (!e->opts.enough_packets)
		e->opts.enough_packets = 1;
	e->counters = calloc(rules->n_rules, sizeof(*e->counters));
	e->scopes = calloc(rules->n_scopes, sizeof(*e->scopes));
	if (!e->counters || !e->scopes)
		return -ENOMEM;
	r = alloc_flows(e);
	if (r >= 0)
		r = scope_packets_init(&e->packets, max_packets, rules->max_rules, rules->max_captures);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	scope_packets_free(&e->packets);
	free(e->counters);
	free(e->scopes);
	free(e->flow_flags);
	free(e->flow_counts);
	free(e->flow_captures);
	free(e);
}

void engine_func(struct engine *e, const char *func, bool attached)
{
	for (size_t i = 0; i < e->rules->n_rules; i++) {
		uint32_t which = glob_match_func(e->rules->rules[i].step.func, func);
		struct rule_counters *t = &e->counters[i];

		if (attached)
			t->attached_alternatives |= which;
		else if (which && !t->refused)
			t->refused = func;
	}
}

void engine_funcs_left_out(struct engine *e, const char *why)
{
	for (size_t i = 0; i < e->rules->n_rules; i++) {
		if (strpbrk(e->rules->rules[i].step.func, "*?"))
			e->counters[i].left_out = why;
	}
}

/* Whether every scope has enough for a verdict, though perhaps not all its packets. */
static bool has_enough(const struct engine *e)
{
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope *s = &e->rules->scopes[i];

		if (s->per_packet ? e->scopes[i].candidates < e->opts.enough_packets
				  : !rule_progress_is_decided(e, s, &e->scopes[i].progress))
			return false;
	}
	return true;
}

bool engine_has_enough(const struct engine *e)
{
	return has_enough(e);
}

static bool is_early(const struct engine *e, const struct scope *s, const struct rule_progress *t)
{
	uint64_t attached_ns = e->opts.attached_ns;

	if (!attached_ns || t->first_ns >= attached_ns + ENGINE_EARLY_NS)
		return false;
	if (t->first_ns < attached_ns)
		return true;
	/* early packets lack the first expect */
	for (size_t i = 0; s->per_packet && i < s->n_rules; i++) {
		if (e->rules->rules[s->first_rule + i].kind == RULE_EXPECT)
			return t->expect == i && !t->late;
	}
	return false;
}

static void settle(struct engine *e, struct scope_packet *entry, bool under_way)
{
	const struct scope *s = &e->rules->scopes[entry->scope];
	struct scope_state *state = &e->scopes[entry->scope];
	bool early, vanished, partial;

	if (entry->out) {
		scope_packets_remove(&e->packets, entry);
		return;
	}
	early = is_early(e, s, &entry->progress);
	vanished = !early && !under_way && e->opts.ended && !e->opts.ended(e->opts.ctx, entry->pkt);
	partial = early || (s->per_packet && (under_way || vanished));

	if (s->per_packet)
		rule_progress_count(e, s, &entry->progress,
				    early     ? PROGRESS_NO_BEGINNING
				    : partial ? PROGRESS_NO_END
					      : PROGRESS_WHOLE);
	state->packets += !partial;
	state->early += early;
	state->vanished += vanished;
	state->under_way += partial && !early && !vanished;
	/* a packet that is left out is no candidate any more */
	state->candidates += !partial && !entry->candidate;
	state->candidates -= partial && entry->candidate;
	scope_packets_remove(&e->packets, entry);
}

/* Before a packet has a device, its L4 header may not be written. */
static enum tuple_match filter(const struct engine *e, const struct step *step)
{
	return e->opts.match ? event_match_tuple(e->opts.match, step->tuple, step->has_dev) : TUPLE_YES;
}

static struct scope_packet *enter(struct engine *e, uint32_t scope, const struct step *step)
{
	const struct scope *s = &e->rules->scopes[scope];
	struct scope_packet *entry;
	enum tuple_match wanted;
	bool reverse;

	if (!match_packet(&s->match, step->tuple, &reverse) || has_enough(e))
		return NULL;
	wanted = filter(e, step);
	if (wanted == TUPLE_UNKNOWN)
		return NULL;
	entry = scope_packets_add(&e->packets, scope, step->pkt);
	if (!entry) {
		e->overflow++;
		return NULL;
	}
	entry->reverse = reverse;
	entry->out = wanted == TUPLE_NO;
	rule_progress_start(&entry->progress, e, s, step);
	return entry;
}

/* A flow has no packets that were first seen while probes were still being attached. */
static void step_flow(struct engine *e, uint32_t scope, const struct scope_packet *entry, const struct step *step)
{
	struct rule_progress *t = &e->scopes[scope].progress;

	if (entry->progress.first_ns < e->opts.attached_ns)
		return;
	if (!t->n_steps)
		rule_progress_start(t, e, &e->rules->scopes[scope], step);
	rule_progress_step(e, &e->rules->scopes[scope], t, step, entry->reverse);
}

static void step_packet(struct engine *e, uint32_t scope, struct scope_packet *entry, const struct step *step)
{
	const struct scope *s = &e->rules->scopes[scope];

	rule_progress_step(e, s, &entry->progress, step, entry->reverse);
	if (entry->candidate || !rule_progress_is_through(s, &entry->progress) || is_early(e, s, &entry->progress))
		return;
	entry->candidate = true;
	e->scopes[scope].candidates++;
}

static void step_in_scope(struct engine *e, uint32_t scope, const struct step *step)
{
	const struct scope *s = &e->rules->scopes[scope];
	struct scope_packet *entry;
	bool reverse;

	if (step->copy && s->per_packet) {
		if (match_packet(&s->match, step->tuple, &reverse) && filter(e, step) != TUPLE_NO)
			rule_progress_step_copy(e, s, step, reverse);
		return;
	}
	entry = scope_packets_find(&e->packets, scope, step->pkt);
	if (!entry)
		entry = enter(e, scope, step);
	if (!entry)
		return;
	entry->last_ns = step->ts_ns;
	scope_packets_touch(&e->packets, entry);
	if (entry->out)
		return;
	if (s->per_packet)
		step_packet(e, scope, entry, step);
	else
		step_flow(e, scope, entry, step);
}

void engine_step(struct engine *e, const struct step *s)
{
	if (!s->pkt)
		return;
	for (uint32_t i = 0; i < e->rules->n_scopes; i++)
		step_in_scope(e, i, s);
}

void engine_tick(struct engine *e, uint64_t now_ns)
{
	struct scope_packet *entry;

	while ((entry = scope_packets_oldest(&e->packets)) && now_ns > entry->last_ns &&
	       now_ns - entry->last_ns > ENGINE_IDLE_NS)
		settle(e, entry, false);
}

/* This does not wait for the packets of a flow to become idle. */
bool engine_done(const struct engine *e)
{
	if (!has_enough(e))
		return false;
	for (uint32_t i = e->packets.oldest; i != NO_PACKET; i = e->packets.entries[i].lru_prev) {
		if (e->rules->scopes[e->packets.entries[i].scope].per_packet && !e->packets.entries[i].out)
			return false;
	}
	return true;
}

static void settle_all(struct engine *e, const struct engine_account *a)
{
	struct scope_packet *entry;

	while ((entry = scope_packets_oldest(&e->packets)))
		settle(e, entry,
		       a->end_ns <= entry->last_ns + ENGINE_UNDER_WAY_NS &&
			       !(a->ended && a->ended(a->ctx, entry->pkt)));
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope *s = &e->rules->scopes[i];

		if (!s->per_packet && e->scopes[i].packets)
			rule_progress_count(e, s, &e->scopes[i].progress, PROGRESS_WHOLE);
	}
}

static void fill_scopes(const struct engine *e, struct rules_result *ret)
{
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope_state *s = &e->scopes[i];

		ret->scopes[i] = (struct scope_result){s->packets, s->early, s->under_way, s->vanished};
	}
}

int engine_finish(struct engine *e, const struct engine_account *account, struct rules_result *ret)
{
	_cleanup_(rules_result_clear) struct rules_result r = {.rules = e->rules, .ledger = account->ledger};

	r.results = calloc(e->rules->n_rules, sizeof(*r.results));
	r.scopes = calloc(e->rules->n_scopes, sizeof(*r.scopes));
	if (!r.results || !r.scopes)
		return -ENOMEM;
	settle_all(e, account);
	fill_scopes(e, &r);
	engine_judge(e, account, &r);
	*ret = r;
	r = (struct rules_result){0};
	return 0;
}

void rules_result_clear(struct rules_result *r)
{
	free(r->results);
	free(r->scopes);
	*r = (struct rules_result){0};
}
