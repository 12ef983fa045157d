/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From tallies to the verdict.
 *
 * FAIL needs a rule violated for certain (a forbidden step was seen, more was counted than may be), or violated by an
 * absence that is proven: nothing was lost, the kernel could have told, and every function the rule names was armed.
 * PASS needs a packet in every scope, every rule satisfied, and proof for those that lean on absence; a file of expects
 * and lower bounds leans on presence alone and may pass on kernels that cannot prove that nothing was lost.
 * A known loss leaves INCONCLUSIVE of what is not FAIL: whole packets may be missing.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "rules/state.h"

struct judging {
	const struct engine *e;
	const struct engine_account *account;
	struct rules_result *r;
	bool complete; /* no step was lost, and the kernel could have told */
};

static _printf_(4, 5) void add_reason(struct rules_result *r, enum verdict v, enum path_reason code, const char *fmt,
				      ...)
{
	struct path_reason_text *reason;
	va_list ap;

	/* FAIL stands over INCONCLUSIVE, INCONCLUSIVE over PASS */
	if (v == VERDICT_FAIL || r->verdict == VERDICT_PASS)
		r->verdict = v;
	if (r->n_reasons == ARRAY_SIZE(r->reasons))
		return;
	reason = &r->reasons[r->n_reasons++];
	reason->code = code;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
}

static uint32_t unarmed(const struct rule *rule, const struct tally *t)
{
	return ((1u << glob_alternatives(rule->step.func)) - 1) & ~t->armed_alternatives;
}

/* Whether a silence of the rule's functions means anything. */
static bool is_proven(const struct judging *j, size_t i)
{
	const struct tally *t = &j->e->tallies[i];

	return j->complete && !unarmed(&j->e->rules->rules[i], t) && !t->refused;
}

static enum rule_state state_of(const struct judging *j, size_t i)
{
	const struct tally *t = &j->e->tallies[i];

	if (t->violated_certain || (t->violated && is_proven(j, i)))
		return RULE_VIOLATED;
	if (t->violated || t->not_judged || !t->satisfied)
		return RULE_NOT_JUDGED;
	return t->satisfied_certain == t->satisfied || is_proven(j, i) ? RULE_SATISFIED : RULE_NOT_JUDGED;
}

static void fill_result(const struct judging *j, size_t i)
{
	const struct tally *t = &j->e->tallies[i];

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
	char step[SIGHTING_TEXT_SIZE] = "nothing";

	if (res->has_step)
		sighting_text(&res->step, step);
	switch (rule->kind) {
	case RULE_FORBID:
		add_reason(j->r, v, PATH_FORBIDDEN_STEP,
			   "line %u: %" PRIu64 " of %" PRIu64 " did what is forbidden, first: %s", rule->line,
			   res->violated, all, step);
		break;
	case RULE_EXPECT:
		if (rule->has_within && j->e->tallies[i].late)
			add_reason(j->r, v, PATH_STEP_LATE,
				   "line %u: in %" PRIu64 " of %" PRIu64 " the expected step came too late, first: %s",
				   rule->line, res->violated, all, step);
		else
			add_reason(j->r, v, PATH_STEP_MISSING,
				   "line %u: in %" PRIu64 " of %" PRIu64
				   " the expected step is missing; the first one's "
				   "last step was %s",
				   rule->line, res->violated, all, step);
		break;
	case RULE_COUNT:
		add_reason(j->r, v, PATH_COUNT_MISMATCH,
			   "line %u: the count does not hold in %" PRIu64 " of %" PRIu64
			   ", the first one's is %" PRIu64,
			   rule->line, res->violated, all, res->count);
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

		if (res->packets)
			continue;
		if (!res->early && !res->under_way)
			add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_NO_TRAFFIC,
				   "line %u: no packet of this scope was seen", s->line);
		else
			add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_NOT_JUDGED,
				   "line %u: no packet of this scope was seen from beginning to end: %" PRIu64
				   " were under way when the probes were armed, %" PRIu64 " at the end",
				   s->line, res->early, res->under_way);
	}
}

/* Whether an expect of the rule's scope failed: then those behind it have no say, and captures are not bound. */
static bool expect_failed(const struct judging *j, size_t rule)
{
	const struct rules *rules = j->e->rules;

	for (size_t i = 0; i < rules->n_scopes; i++) {
		const struct scope *s = &rules->scopes[i];

		for (size_t k = s->first_rule; rule - s->first_rule < s->n_rules && k < s->first_rule + s->n_rules;
		     k++) {
			if (rules->rules[k].kind == RULE_EXPECT && j->r->results[k].violated)
				return true;
		}
	}
	return false;
}

static void judge_unknown(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct rule_result *res = &j->r->results[i];

		if (res->violated || !res->not_judged || expect_failed(j, i))
			continue;
		add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_NOT_JUDGED,
			   "line %u: in %" PRIu64
			   " what was seen does not tell: a namespace or a drop's reason is unknown",
			   j->e->rules->rules[i].line, res->not_judged);
	}
}

static void judge_probes(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct rule *rule = &j->e->rules->rules[i];
		const struct tally *t = &j->e->tallies[i];
		uint32_t missing = unarmed(rule, t);
		const char *pattern;
		size_t len;

		/* what was seen was seen */
		if (t->violated_certain || (t->satisfied && t->satisfied_certain == t->satisfied && !t->violated))
			continue;
		if (missing) {
			pattern = glob_alternative(rule->step.func, __builtin_ctz(missing), &len);
			add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_PROBE_NOT_ARMED,
				   "line %u: no function '%.*s' could be armed", rule->line, (int)(len > 64 ? 64 : len),
				   pattern);
		} else if (t->refused) {
			add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_PROBE_NOT_ARMED,
				   "line %u: the kernel refused the probe at %.64s", rule->line, t->refused);
		}
	}
}

/* The first rule that leans on what cannot be proven; NULL: none. */
static const struct rule *leaning(const struct judging *j)
{
	for (size_t i = 0; i < j->e->rules->n_rules; i++) {
		const struct tally *t = &j->e->tallies[i];

		if (t->violated > t->violated_certain || t->satisfied > t->satisfied_certain)
			return &j->e->rules->rules[i];
	}
	return NULL;
}

static void judge_loss(const struct judging *j)
{
	const struct ledger *l = &j->account->ledger;
	const struct rule *rule = leaning(j);

	if (ledger_lost(l))
		add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_EVENTS_LOST,
			   "%" PRIu64 " events were lost (ring %" PRIu64 ", recursion %" PRIu64 ", probes %" PRIu64
			   ", maps %" PRIu64 ")",
			   ledger_lost(l), l->lost_ring, l->lost_recursion, l->lost_kprobe, l->lost_map);
	else if (!l->provable && rule)
		add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_EVENTS_LOST,
			   "line %u leans on an absence, and that no event was lost cannot be proven: %s", rule->line,
			   l->unprovable_why ? l->unprovable_why : "a count is missing");
	if (j->account->forgotten)
		add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_TOO_MANY_PACKETS,
			   "%" PRIu64 " packets were forgotten while they may have been alive: filter more narrowly",
			   j->account->forgotten);
	if (j->e->overflow)
		add_reason(j->r, VERDICT_INCONCLUSIVE, PATH_TOO_MANY_PACKETS,
			   "more than %" PRIu32 " packets at a time: %" PRIu64
			   " steps were not judged; filter more narrowly",
			   j->e->table.n_entries, j->e->overflow);
}

void judge(const struct engine *e, const struct engine_account *account, struct rules_result *ret)
{
	struct judging j = {.e = e, .account = account, .r = ret};

	j.complete = ledger_proves_no_loss(&account->ledger) && !account->forgotten && !e->overflow;
	ret->verdict = VERDICT_PASS;
	for (size_t i = 0; i < e->rules->n_rules; i++)
		fill_result(&j, i);
	judge_violations(&j);
	judge_traffic(&j);
	judge_probes(&j);
	judge_unknown(&j);
	judge_loss(&j);
	if (account->interrupted)
		add_reason(ret, VERDICT_INCONCLUSIVE, PATH_INTERRUPTED, "the check was interrupted");
}
