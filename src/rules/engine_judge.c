/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the counters to the verdict.
 *
 * FAIL needs a rule that is violated for certain (a forbidden step was seen, or more was counted than is allowed), or
 * by an absence that is proven: nothing was lost, the kernel could have told, and every function that the rule names
 * was attached, and the rule does not leave it open (`else inconclusive`). PASS needs a packet in every scope, every
 * rule satisfied, and proof for those that lean on absence. A file of expects and lower bounds leans on presence alone,
 * and may pass on kernels that cannot prove that nothing was lost. If events were lost, what is not FAIL is
 * INCONCLUSIVE: whole packets may be missing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "rules/state.h"

struct judging {
	const struct engine *e;
	const struct engine_account *account;
	struct rules_result *r;
	bool complete; /* no step was lost, and the kernel would have told */
};

static _printf_(4, 5) void add_reason(struct rules_result *r, enum verdict v, enum rules_reason_code code,
				      const char *fmt, ...)
{
	struct rules_reason *reason;
	va_list ap;

	r->verdict = verdict_worse(r->verdict, v);
	if (r->n_reasons == ARRAY_SIZE(r->reasons))
		return;
	reason = &r->reasons[r->n_reasons++];
	reason->code = code;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
}

static uint32_t unattached(const struct rule *rule, const struct rule_counters *t)
{
	return ((1u << glob_alternatives(rule->step.func)) - 1) & ~t->attached_alternatives;
}

/* Whether it is proven that a step which was not seen did not happen. */
static bool is_proven(const struct judging *j, size_t i)
{
	const struct rule_counters *t = &j->e->counters[i];

	return j->complete && !unattached(&j->e->rules->rules[i], t) && !t->refused && !t->left_out;
}

static enum rule_state state_of(const struct judging *j, size_t i)
{
	const struct rule_counters *t = &j->e->counters[i];
	bool may_lack = j->e->rules->rules[i].absence_is_open;

	if (t->violated_certain || (t->violated && !may_lack && is_proven(j, i)))
		return RULE_VIOLATED;
	if (t->violated || t->not_judged || !t->satisfied)
		return RULE_NOT_JUDGED;
	return t->satisfied_certain == t->satisfied || is_proven(j, i) ? RULE_SATISFIED : RULE_NOT_JUDGED;
}

static const struct scope *scope_of(const struct rules *rules, size_t rule)
{
	const struct scope *s = rules->scopes;

	while (rule - s->first_rule >= s->n_rules)
		s++;
	return s;
}

static void fill_result(const struct judging *j, size_t i)
{
	const struct rule_counters *t = &j->e->counters[i];

	j->r->results[i] = (struct rule_result){
		.state = state_of(j, i),
		.satisfied = t->satisfied,
		.violated = t->violated,
		.not_judged = t->not_judged,
		.has_step = t->violated ? t->has_violation : t->has_match,
		.step = t->violated ? t->violation : t->match,
		.count = t->count,
	};
}

static void say_violated(const struct judging *j, size_t i)
{
	const struct rule *rule = &j->e->rules->rules[i];
	const struct rule_result *res = &j->r->results[i];
	uint64_t all = res->satisfied + res->violated + res->not_judged;
	enum verdict v = res->state == RULE_VIOLATED ? VERDICT_FAIL : VERDICT_INCONCLUSIVE;
	const char *what = scope_of(j->e->rules, i)->per_packet ? "packets" : "flows";
	char step[REPORTED_STEP_TEXT_SIZE] = "nothing";

	if (res->has_step)
		rules_reported_step_text(&res->step, step);
	switch (rule->kind) {
	case RULE_FORBID:
		add_reason(j->r, v, RULES_FORBIDDEN_STEP,
			   "line %u: %" PRIu64 " of %" PRIu64 " %s broke the rule, first: %s", rule->line,
			   res->violated, all, what, step);
		break;
	case RULE_EXPECT:
		if (rule->has_within && j->e->counters[i].late)
			add_reason(j->r, v, RULES_STEP_LATE,
				   "line %u: in %" PRIu64 " of %" PRIu64
				   " %s the expected step came too late, first: %s",
				   rule->line, res->violated, all, what, step);
		else
			add_reason(j->r, v, RULES_STEP_MISSING,
				   "line %u: in %" PRIu64 " of %" PRIu64
				   " %s the expected step is missing; the last step of the first was %s",
				   rule->line, res->violated, all, what, step);
		break;
	case RULE_COUNT:
		add_reason(j->r, v, RULES_COUNT_MISMATCH,
			   "line %u: the count does not hold in %" PRIu64 " of %" PRIu64
			   " %s; that of the first is %" PRIu64,
			   rule->line, res->violated, all, what, res->count);
		break;
	}
}

static void judge_violations(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		if (j->r->results[i].state == RULE_VIOLATED)
			say_violated(j, i);
	}
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		if (j->r->results[i].violated && j->r->results[i].state != RULE_VIOLATED)
			say_violated(j, i);
	}
}

static void judge_traffic(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_scopes; i++) {
		const struct scope *s = &j->e->rules->scopes[i];
		const struct scope_result *res = &j->r->scopes[i];

		if (res->vanished)
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
				   "line %u: %" PRIu64 " packets were lost sight of: their headers may have been "
				   "translated, and these rules are judged by headers; to follow them, name functions, "
				   "and "
				   "devices by iface NAME",
				   s->line, res->vanished);
		if (s->per_packet && res->packets && res->packets < j->e->opts.wanted_packets)
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
				   "line %u: packets of this scope that were judged: %" PRIu64
				   "; --packets asks for %" PRIu64,
				   s->line, res->packets, j->e->opts.wanted_packets);
		if (res->packets || res->vanished)
			continue;
		if (!res->early && !res->under_way)
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NO_TRAFFIC,
				   "line %u: no packet of this scope was seen", s->line);
		else
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
				   "line %u: no packet of this scope was seen from beginning to end: %" PRIu64
				   " were under way when the probes were armed, %" PRIu64 " at the end",
				   s->line, res->early, res->under_way);
	}
}

/* Whether an expect of the rule's scope failed. Then the expects behind it were not waited for, and captures not set.
 */
static bool expect_failed(const struct judging *j, size_t rule)
{
	const struct scope *s = scope_of(j->e->rules, rule);

	for (size_t i = s->first_rule; i < s->first_rule + s->n_rules; i++) {
		if (j->e->rules->rules[i].kind == RULE_EXPECT && j->r->results[i].violated)
			return true;
	}
	return false;
}

static void judge_unknown(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct rule_result *res = &j->r->results[i];

		if (res->violated || !res->not_judged || expect_failed(j, i))
			continue;
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
			   "line %u: in %" PRIu64
			   " what was seen does not tell: a namespace or a drop's reason is unknown",
			   j->e->rules->rules[i].line, res->not_judged);
	}
}

static void judge_probes(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct rule *rule = &j->e->rules->rules[i];
		const struct rule_counters *t = &j->e->counters[i];
		uint32_t missing = unattached(rule, t);
		const char *pattern;
		size_t len;

		/* what was seen needs no other probe */
		if (t->violated_certain || (t->satisfied && t->satisfied_certain == t->satisfied && !t->violated))
			continue;
		if (missing) {
			pattern = glob_alternative(rule->step.func, __builtin_ctz(missing), &len);
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_PROBE_NOT_ARMED,
				   "line %u: no function '%.*s' could be armed", rule->line, (int)(len > 64 ? 64 : len),
				   pattern);
		} else if (t->refused) {
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_PROBE_NOT_ARMED,
				   "line %u: the kernel refused the probe at %.64s", rule->line, t->refused);
		} else if (t->left_out) {
			add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_RECORDED,
				   "line %u: '%.64s' may name a function that was not probed: %.256s", rule->line,
				   rule->step.func, t->left_out);
		}
	}
}

static void judge_unfollowed(const struct judging *j)
{
	if (j->account->unparsed)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
			   "packets cannot be followed that may be of a scope: at %" PRIu64
			   " hooks the headers could not be read up to the protocol",
			   j->account->unparsed);
	if (j->account->portless)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
			   "packets that may be of a scope showed no ports, as later fragments do not: %" PRIu64,
			   j->account->portless);
	if (j->e->copies)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_JUDGED,
			   "copies of packets took %" PRIu64
			   " steps that rules are about: whether the packets themselves took them is not known",
			   j->e->copies);
}

/* The first rule whose result leans on absence; NULL: none. */
static const struct rule *leaning(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct rule_counters *t = &j->e->counters[i];

		if (t->violated > t->violated_certain || t->satisfied > t->satisfied_certain)
			return &j->e->rules->rules[i];
	}
	return NULL;
}

static uint64_t under_way(const struct judging *j)
{
	uint64_t n = 0;

	for (size_t i = 0; i < j->e->rules->n_scopes; i++)
		n += j->r->scopes[i].under_way;
	return n;
}

/* rule: the first that leans on absence; NULL: none. */
static void judge_hidden(const struct judging *j, const struct rule *rule)
{
	if (j->account->hidden_packets)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_RECORDED,
			   "packets of the scopes may be missing from the recording: %.320s",
			   j->account->hidden_packets);
	else if (j->account->hidden && rule)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_RECORDED,
			   "line %u leans on an absence, and the recording could not have shown what is absent: %.320s",
			   rule->line, j->account->hidden);
	else if (j->account->hidden && under_way(j) && j->r->verdict == VERDICT_PASS)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_NOT_RECORDED,
			   "of %" PRIu64 " packets the last steps may be missing from the recording: %.320s",
			   under_way(j), j->account->hidden);
}

static void judge_loss(const struct judging *j)
{
	const struct lost_events *l = &j->account->ledger;
	const struct rule *rule = leaning(j);

	if (ledger_lost(l))
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_EVENTS_LOST,
			   "%" PRIu64 " events were lost (ring %" PRIu64 ", recursion %" PRIu64 ", probes %" PRIu64
			   ", maps %" PRIu64 ")",
			   ledger_lost(l), l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map);
	else if (!l->provable && rule)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_EVENTS_LOST,
			   "line %u leans on an absence, and that no event was lost cannot be proven: %s", rule->line,
			   l->unprovable_why ? l->unprovable_why : "a count is missing");
	judge_hidden(j, rule);
	if (j->account->forgotten)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_TOO_MANY_PACKETS,
			   "%" PRIu64 " packets were forgotten while they may have been alive: filter more narrowly",
			   j->account->forgotten);
	if (j->e->overflow)
		add_reason(j->r, VERDICT_INCONCLUSIVE, RULES_TOO_MANY_PACKETS,
			   "more than %" PRIu32 " packets at a time: %" PRIu64
			   " steps were not judged; filter more narrowly",
			   j->e->packets.n_entries, j->e->overflow);
}

void engine_judge(const struct engine *e, const struct engine_account *account, struct rules_result *ret)
{
	struct judging j = {.e = e, .account = account, .r = ret};

	j.complete = lost_events_proves_no_loss(&account->ledger) && !account->hidden && !account->hidden_packets &&
		     !account->forgotten && !e->overflow;
	ret->verdict = VERDICT_PASS;
	for (size_t i = 0; i < e->rules->n_rules; i++)
		fill_result(&j, i);
	judge_violations(&j);
	judge_traffic(&j);
	judge_probes(&j);
	judge_unknown(&j);
	judge_unfollowed(&j);
	judge_loss(&j);
	if (account->interrupted)
		add_reason(ret, VERDICT_INCONCLUSIVE, RULES_INTERRUPTED, "the check was interrupted");
	if (account->command_failed)
		add_reason(ret, VERDICT_INCONCLUSIVE, RULES_COMMAND_FAILED, "the command %s", account->command_failed);
}
