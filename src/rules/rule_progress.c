/* SPDX-License-Identifier: GPL-2.0-only */
/* Holds the steps of one packet, or of one flow, against the rules of its scope. */
#include "rules/state.h"

#include <stdio.h>
#include <string.h>

enum outcome { OUT_SATISFIED, OUT_VIOLATED, OUT_NOT_JUDGED };

/* Certain: neither further steps nor steps that went unseen would change it. */
struct finding {
	enum outcome outcome;
	bool certain;
};

static const struct rule *rule_at(const struct engine *e, const struct scope *s, size_t i)
{
	return &e->rules->rules[s->first_rule + i];
}

static struct rule_counters *counters_at(const struct engine *e, const struct scope *s, size_t i)
{
	return &e->counters[s->first_rule + i];
}

static size_t next_expect(const struct engine *e, const struct scope *s, size_t from)
{
	while (from < s->n_rules && rule_at(e, s, from)->kind != RULE_EXPECT)
		from++;
	return from;
}

static void report_step(const struct engine *e, const struct step *s, struct reported_step *ret)
{
	*ret = (struct reported_step){
		.ts_ns = s->ts_ns,
		.pkt = s->pkt,
		.func = s->func,
		.drop_reason = s->drop_reason,
		.has_netns = s->has_netns,
		.has_dev = s->has_dev,
		.dropped = s->dropped,
		.in_host = s->has_netns && s->netns == e->opts.host_netns,
		.netns = s->netns,
		.ifindex = s->ifindex,
	};
	snprintf(ret->netns_name, sizeof(ret->netns_name), "%s", s->netns_name ? s->netns_name : "");
	snprintf(ret->ifname, sizeof(ret->ifname), "%s", s->has_dev && s->ifname ? s->ifname : "");
}

static void note_match(const struct engine *e, struct rule_counters *t, const struct step *s)
{
	if (t->has_match)
		return;
	t->has_match = true;
	report_step(e, s, &t->match);
}

static void note_violation(const struct engine *e, struct rule_counters *t, const struct step *s)
{
	if (t->has_violation)
		return;
	t->has_violation = true;
	report_step(e, s, &t->violation);
}

void rule_progress_start(struct rule_progress *t, const struct engine *e, const struct scope *s,
			 const struct step *step)
{
	t->first_ns = t->expect_ns = step->ts_ns;
	t->expect = next_expect(e, s, 0);
}

static bool is_late(const struct rule *r, const struct rule_progress *t, const struct step *step)
{
	uint64_t since_ns = r->within_of == RULES_NO_CAPTURE ? t->expect_ns : t->captures[r->within_of].ts_ns;

	/* the clocks of CPUs may differ a little: the step came at once */
	return r->has_within && step->ts_ns > since_ns && step->ts_ns - since_ns > r->within_ns;
}

/* Whether the step was the one expected. */
static bool step_expect(struct engine *e, const struct scope *s, struct rule_progress *t, const struct step *step,
			enum match m)
{
	const struct rule *r = rule_at(e, s, t->expect);
	struct rule_counters *counters = counters_at(e, s, t->expect);

	if (m == MATCH_UNKNOWN)
		t->flags[t->expect] |= PROGRESS_UNKNOWN;
	if (m != MATCH_YES || (r->binds != RULES_NO_CAPTURE && !step->has_dev))
		return false;
	if (is_late(r, t, step)) {
		t->late = true;
		note_violation(e, counters, step);
		return true;
	}
	note_match(e, counters, step);
	if (r->binds != RULES_NO_CAPTURE)
		t->captures[r->binds] = (struct capture){
			.set = true,
			.netns = step->netns,
			.ifindex = step->ifindex,
			.ts_ns = step->ts_ns,
			.step = t->n_steps,
		};
	t->expect_ns = step->ts_ns;
	t->expect = next_expect(e, s, t->expect + 1);
	return true;
}

/* A rule that names a capture is about steps after the one that set it. */
static bool bound_just_now(const struct rule *r, const struct rule_progress *t)
{
	int c = r->step.device.capture;

	return c != RULES_NO_CAPTURE && t->captures[c].set && t->captures[c].step == t->n_steps;
}

static void step_other(struct engine *e, const struct scope *s, struct rule_progress *t, size_t i,
		       const struct step *step, enum match m)
{
	const struct rule *r = rule_at(e, s, i);
	struct rule_counters *counters = counters_at(e, s, i);

	if (m == MATCH_NO || bound_just_now(r, t))
		return;
	if (m == MATCH_UNKNOWN) {
		t->flags[i] |= PROGRESS_UNKNOWN;
		return;
	}
	if (r->kind == RULE_FORBID) {
		t->flags[i] |= PROGRESS_BROKEN;
		note_violation(e, counters, step);
		return;
	}
	if (t->counts[i] < UINT32_MAX)
		t->counts[i]++;
	note_match(e, counters, step);
	if (count_fails_for_more(r->op, t->counts[i], r->n))
		note_violation(e, counters, step);
}

/* The scope's last expect; n_rules: it has none. */
static size_t last_expect(const struct engine *e, const struct scope *s)
{
	for (size_t i = s->n_rules; i > 0; i--) {
		if (rule_at(e, s, i - 1)->kind == RULE_EXPECT)
			return i - 1;
	}
	return s->n_rules;
}

void rule_progress_step(struct engine *e, const struct scope *s, struct rule_progress *t, const struct step *step,
			bool reverse)
{
	struct match_context ctx = {.host_netns = e->opts.host_netns, .reverse = reverse, .captures = t->captures};
	bool expected = false; /* a step can meet one expect only */
	size_t last = last_expect(e, s);

	t->n_steps++;
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct rule *r = rule_at(e, s, i);

		if (i == last && match_step(&r->step, step, &ctx) == MATCH_YES)
			t->flags[i] |= PROGRESS_SEEN;
		if (r->kind == RULE_EXPECT && (i != t->expect || expected || t->late))
			continue;
		if (r->kind == RULE_EXPECT)
			expected = step_expect(e, s, t, step, match_step(&r->step, step, &ctx));
		else
			step_other(e, s, t, i, step, match_step(&r->step, step, &ctx));
	}
	report_step(e, step, &t->last);
}

/* Whether the rule might come out otherwise if the copy's step were the packet's own. What is counted anywhere is not:
 * copies have their own ways. */
static bool copy_matters(const struct rule *r, const struct step *step, const struct match_context *ctx, enum match m)
{
	const struct device_pattern *at = &r->step.device;

	if (at->capture != RULES_NO_CAPTURE) {
		struct step_pattern anywhere = r->step;

		anywhere.device = (struct device_pattern){.capture = RULES_NO_CAPTURE};
		m = match_step(&anywhere, step, ctx);
	} else if (r->kind == RULE_COUNT && at->iface_kind == IFACE_ANY && at->netns_kind == NETNS_ANY && !at->pod) {
		return false;
	}
	return m != MATCH_NO && (r->kind != RULE_COUNT || count_fails_for_more(r->op, UINT32_MAX, r->n));
}

void rule_progress_step_copy(struct engine *e, const struct scope *s, const struct step *step, bool reverse)
{
	static const struct capture none[RULES_CAPTURES_MAX];
	struct match_context ctx = {.host_netns = e->opts.host_netns, .reverse = reverse, .captures = none};

	for (size_t i = 0; i < s->n_rules; i++) {
		const struct rule *r = rule_at(e, s, i);
		struct rule_counters *counters = counters_at(e, s, i);
		enum match m = match_step(&r->step, step, &ctx);

		if (r->kind != RULE_FORBID || m != MATCH_YES) {
			e->copies += copy_matters(r, step, &ctx, m);
			continue;
		}
		counters->violated++;
		counters->violated_certain++;
		note_violation(e, counters, step);
	}
}

bool rule_progress_is_through(const struct scope *s, const struct rule_progress *t)
{
	return t->expect == s->n_rules || t->late;
}

static struct finding find_expect(const struct rule_progress *t, size_t i)
{
	if (i < t->expect)
		return (struct finding){OUT_SATISFIED, .certain = true};
	if (i > t->expect || (!t->late && t->flags[i] & PROGRESS_UNKNOWN))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){OUT_VIOLATED};
}

/* If steps went unseen, a capture might have been set to something else. */
static struct finding find_forbid(const struct rule *r, const struct rule_progress *t, size_t i)
{
	int c = r->step.device.capture;

	if (t->flags[i] & PROGRESS_BROKEN)
		return (struct finding){OUT_VIOLATED, .certain = c == RULES_NO_CAPTURE};
	if (t->flags[i] & PROGRESS_UNKNOWN || (c != RULES_NO_CAPTURE && !t->captures[c].set))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){OUT_SATISFIED};
}

/* Whether the packet came where the scope's last expect is. A scope without expects has no such place. */
static bool came_to_end(const struct engine *e, const struct scope *s, const struct rule_progress *t)
{
	size_t last = last_expect(e, s);

	return last == s->n_rules || t->flags[last] & PROGRESS_SEEN;
}

static struct finding find_count(const struct engine *e, const struct scope *s, const struct rule *r,
				 const struct rule_progress *t, size_t i)
{
	int c = r->step.device.capture;
	bool fixed = c == RULES_NO_CAPTURE && (!r->absence_is_open || came_to_end(e, s, t));

	if (count_fails_for_more(r->op, t->counts[i], r->n))
		return (struct finding){OUT_VIOLATED, .certain = fixed};
	if (count_holds_for_more(r->op, t->counts[i], r->n))
		return (struct finding){OUT_SATISFIED, .certain = fixed};
	if (t->flags[i] & PROGRESS_UNKNOWN || (!fixed && !t->captures[c].set))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){count_holds(r->op, t->counts[i], r->n) ? OUT_SATISFIED : OUT_VIOLATED};
}

static struct finding find(const struct engine *e, const struct scope *s, const struct rule_progress *t, size_t i)
{
	const struct rule *r = rule_at(e, s, i);

	switch (r->kind) {
	case RULE_EXPECT:
		return find_expect(t, i);
	case RULE_FORBID:
		return find_forbid(r, t, i);
	case RULE_COUNT:
		break;
	}
	return find_count(e, s, r, t, i);
}

bool rule_progress_is_decided(const struct engine *e, const struct scope *s, const struct rule_progress *t)
{
	bool certain = t->n_steps;

	for (size_t i = 0; i < s->n_rules; i++) {
		struct finding f = find(e, s, t, i);

		if (f.outcome == OUT_VIOLATED && (f.certain || t->late))
			return true;
		certain &= f.certain;
	}
	return certain;
}

static void counters_add(struct rule_counters *counters, const struct rule *r, const struct rule_progress *t, size_t i,
			 struct finding f)
{
	switch (f.outcome) {
	case OUT_SATISFIED:
		counters->satisfied++;
		counters->satisfied_certain += f.certain;
		break;
	case OUT_VIOLATED:
		if (!counters->violated++)
			counters->count = t->counts[i];
		counters->late |= r->kind == RULE_EXPECT && t->late;
		counters->violated_certain += f.certain;
		if (!counters->has_violation) {
			counters->has_violation = t->n_steps;
			counters->violation = t->last;
		}
		return;
	case OUT_NOT_JUDGED:
		counters->not_judged++;
		break;
	}
	if (r->kind == RULE_COUNT && !counters->violated)
		counters->count = t->counts[i];
}

void rule_progress_count(struct engine *e, const struct scope *s, const struct rule_progress *t,
			 enum rule_progress_part part)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		struct finding f = find(e, s, t, i);
		bool broken = part == PROGRESS_NO_END && t->flags[i] & PROGRESS_BROKEN;

		/* what was done against a rule at a captured place counts, too, if its beginning was seen */
		if (part == PROGRESS_WHOLE || (f.outcome == OUT_VIOLATED && (f.certain || broken)))
			counters_add(counters_at(e, s, i), rule_at(e, s, i), t, i, f);
	}
}
