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
		struct track *t = &e->scopes[i].track;

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
	e->tallies = calloc(rules->n_rules, sizeof(*e->tallies));
	e->scopes = calloc(rules->n_scopes, sizeof(*e->scopes));
	if (!e->tallies || !e->scopes)
		return -ENOMEM;
	r = alloc_flows(e);
	if (r >= 0)
		r = table_init(&e->table, max_packets, rules->max_rules, rules->max_captures);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	table_free(&e->table);
	free(e->tallies);
	free(e->scopes);
	free(e->flow_flags);
	free(e->flow_counts);
	free(e->flow_captures);
	free(e);
}

void engine_func(struct engine *e, const char *func, bool armed)
{
	for (size_t i = 0; i < e->rules->n_rules; i++) {
		uint32_t which = glob_match_func(e->rules->rules[i].step.func, func);
		struct tally *t = &e->tallies[i];

		if (armed)
			t->armed_alternatives |= which;
		else if (which && !t->refused)
			t->refused = func;
	}
}

/* Every scope has what it needs for a verdict, if not yet all that belongs to it. */
static bool has_enough(const struct engine *e)
{
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope *s = &e->rules->scopes[i];

		if (s->per_packet ? e->scopes[i].candidates < e->opts.enough_packets
				  : !track_is_decided(e, s, &e->scopes[i].track))
			return false;
	}
	return true;
}

bool engine_has_enough(const struct engine *e)
{
	return has_enough(e);
}

static bool is_early(const struct engine *e, const struct scope *s, const struct track *t)
{
	uint64_t armed_ns = e->opts.armed_ns;

	if (!armed_ns || t->first_ns >= armed_ns + ENGINE_EARLY_NS)
		return false;
	if (t->first_ns < armed_ns)
		return true;
	/* not even the first expect */
	for (size_t i = 0; s->per_packet && i < s->n_rules; i++) {
		if (e->rules->rules[s->first_rule + i].kind == RULE_EXPECT)
			return t->expect == i && !t->late;
	}
	return false;
}

static void settle(struct engine *e, struct entry *entry, bool under_way)
{
	const struct scope *s = &e->rules->scopes[entry->scope];
	struct scope_state *state = &e->scopes[entry->scope];
	bool early = is_early(e, s, &entry->track), partial = early || (s->per_packet && under_way);

	if (s->per_packet)
		track_fold(e, s, &entry->track, partial);
	state->packets += !partial;
	state->early += early;
	state->under_way += partial && !early;
	/* a packet that was left out is no longer one to conclude from */
	state->candidates += !partial && !entry->candidate;
	state->candidates -= partial && entry->candidate;
	table_remove(&e->table, entry);
}

static struct entry *enter(struct engine *e, uint32_t scope, const struct step *step)
{
	const struct scope *s = &e->rules->scopes[scope];
	struct entry *entry;
	bool reverse;

	if (!match_packet(&s->match, step->tuple, &reverse) || has_enough(e))
		return NULL;
	entry = table_add(&e->table, scope, step->pkt);
	if (!entry) {
		e->overflow++;
		return NULL;
	}
	entry->reverse = reverse;
	track_start(&entry->track, e, s, step);
	return entry;
}

/* Packets seen while probes were still being armed are no part of a flow. */
static void step_flow(struct engine *e, uint32_t scope, const struct entry *entry, const struct step *step)
{
	struct track *t = &e->scopes[scope].track;

	if (entry->track.first_ns < e->opts.armed_ns)
		return;
	if (!t->n_steps)
		track_start(t, e, &e->rules->scopes[scope], step);
	track_step(e, &e->rules->scopes[scope], t, step, entry->reverse);
}

static void step_packet(struct engine *e, uint32_t scope, struct entry *entry, const struct step *step)
{
	const struct scope *s = &e->rules->scopes[scope];

	track_step(e, s, &entry->track, step, entry->reverse);
	if (entry->candidate || !track_is_through(s, &entry->track) || is_early(e, s, &entry->track))
		return;
	entry->candidate = true;
	e->scopes[scope].candidates++;
}

static void step_in_scope(struct engine *e, uint32_t scope, const struct step *step)
{
	struct entry *entry = table_find(&e->table, scope, step->pkt);

	if (!entry)
		entry = enter(e, scope, step);
	if (!entry)
		return;
	entry->last_ns = step->ts_ns;
	table_touch(&e->table, entry);
	if (e->rules->scopes[scope].per_packet)
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
	struct entry *entry;

	while ((entry = table_oldest(&e->table)) && now_ns > entry->last_ns && now_ns - entry->last_ns > ENGINE_IDLE_NS)
		settle(e, entry, false);
}

/* The packets of a flow need not fall silent. */
bool engine_done(const struct engine *e)
{
	if (!has_enough(e))
		return false;
	for (uint32_t i = e->table.oldest; i != NO_ENTRY; i = e->table.entries[i].lru_prev) {
		if (e->rules->scopes[e->table.entries[i].scope].per_packet)
			return false;
	}
	return true;
}

static void settle_all(struct engine *e, const struct engine_account *a)
{
	struct entry *entry;

	while ((entry = table_oldest(&e->table)))
		settle(e, entry,
		       a->end_ns <= entry->last_ns + ENGINE_UNDER_WAY_NS &&
			       !(a->ended && a->ended(a->ctx, entry->pkt)));
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope *s = &e->rules->scopes[i];

		if (!s->per_packet && e->scopes[i].packets)
			track_fold(e, s, &e->scopes[i].track, false);
	}
}

static void fill_scopes(const struct engine *e, struct rules_result *ret)
{
	for (size_t i = 0; i < e->rules->n_scopes; i++) {
		const struct scope_state *s = &e->scopes[i];

		ret->scopes[i] = (struct scope_result){s->packets, s->early, s->under_way};
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
	judge(e, account, &r);
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
