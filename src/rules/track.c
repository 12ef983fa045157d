/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet, or one flow, held against the rules of its scope. */
#include "rules/state.h"

#include <stdio.h>
#include <string.h>

enum outcome { OUT_SATISFIED, OUT_VIOLATED, OUT_NOT_JUDGED };

/* "Certain": further steps, or steps that went unseen, do not change it. */
struct finding {
	enum outcome outcome;
	bool certain;
};

static const struct rule *rule_at(const struct engine *e, const struct scope *s, size_t i)
{
	return &e->rules->rules[s->first_rule + i];
}

static struct tally *tally_at(const struct engine *e, const struct scope *s, size_t i)
{
	return &e->tallies[s->first_rule + i];
}

static size_t next_expect(const struct engine *e, const struct scope *s, size_t from)
{
	while (from < s->n_rules && rule_at(e, s, from)->kind != RULE_EXPECT)
		from++;
	return from;
}

static void sight(const struct engine *e, const struct step *s, struct sighting *ret)
{
	*ret = (struct sighting){
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

static void note_match(const struct engine *e, struct tally *t, const struct step *s)
{
	if (t->has_match)
		return;
	t->has_match = true;
	sight(e, s, &t->match);
}

static void note_violation(const struct engine *e, struct tally *t, const struct step *s)
{
	if (t->has_violation)
		return;
	t->has_violation = true;
	sight(e, s, &t->violation);
}

void track_start(struct track *t, const struct engine *e, const struct scope *s, const struct step *step)
{
	t->first_ns = t->expect_ns = step->ts_ns;
	t->expect = next_expect(e, s, 0);
}

static bool is_late(const struct rule *r, const struct track *t, const struct step *step)
{
	uint64_t since_ns = r->within_of == RULES_NO_CAPTURE ? t->expect_ns : t->captures[r->within_of].ts_ns;

	/* CPUs' clocks may disagree by a little: then it came at once */
	return r->has_within && step->ts_ns > since_ns && step->ts_ns - since_ns > r->within_ns;
}

/* True: the step was the expect's. */
static bool step_expect(struct engine *e, const struct scope *s, struct track *t, const struct step *step, enum match m)
{
	const struct rule *r = rule_at(e, s, t->expect);
	struct tally *tally = tally_at(e, s, t->expect);

	if (m == MATCH_UNKNOWN)
		t->flags[t->expect] |= TRACK_UNKNOWN;
	if (m != MATCH_YES || (r->binds != RULES_NO_CAPTURE && !step->has_dev))
		return false;
	if (is_late(r, t, step)) {
		t->late = true;
		note_violation(e, tally, step);
		return true;
	}
	note_match(e, tally, step);
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

/* A rule on a capture speaks of what comes after the step that bound it. */
static bool bound_just_now(const struct rule *r, const struct track *t)
{
	int c = r->step.place.capture;

	return c != RULES_NO_CAPTURE && t->captures[c].set && t->captures[c].step == t->n_steps;
}

static void step_other(struct engine *e, const struct scope *s, struct track *t, size_t i, const struct step *step,
		       enum match m)
{
	const struct rule *r = rule_at(e, s, i);
	struct tally *tally = tally_at(e, s, i);

	if (m == MATCH_NO || bound_just_now(r, t))
		return;
	if (m == MATCH_UNKNOWN) {
		t->flags[i] |= TRACK_UNKNOWN;
		return;
	}
	if (r->kind == RULE_FORBID) {
		t->flags[i] |= TRACK_BROKEN;
		note_violation(e, tally, step);
		return;
	}
	if (t->counts[i] < UINT32_MAX)
		t->counts[i]++;
	note_match(e, tally, step);
	if (count_fails_for_more(r->op, t->counts[i], r->n))
		note_violation(e, tally, step);
}

void track_step(struct engine *e, const struct scope *s, struct track *t, const struct step *step, bool reverse)
{
	struct match_context ctx = {.host_netns = e->opts.host_netns, .reverse = reverse, .captures = t->captures};
	bool expected = false; /* a step meets one expect at most */

	t->n_steps++;
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct rule *r = rule_at(e, s, i);

		if (r->kind == RULE_EXPECT && (i != t->expect || expected || t->late))
			continue;
		if (r->kind == RULE_EXPECT)
			expected = step_expect(e, s, t, step, match_step(&r->step, step, &ctx));
		else
			step_other(e, s, t, i, step, match_step(&r->step, step, &ctx));
	}
	sight(e, step, &t->last);
}

bool track_is_through(const struct scope *s, const struct track *t)
{
	return t->expect == s->n_rules || t->late;
}

static struct finding find_expect(const struct track *t, size_t i)
{
	if (i < t->expect)
		return (struct finding){OUT_SATISFIED, .certain = true};
	if (i > t->expect || (!t->late && t->flags[i] & TRACK_UNKNOWN))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){OUT_VIOLATED};
}

/* What a capture was bound to may be another thing when steps went unseen. */
static struct finding find_forbid(const struct rule *r, const struct track *t, size_t i)
{
	int c = r->step.place.capture;

	if (t->flags[i] & TRACK_BROKEN)
		return (struct finding){OUT_VIOLATED, .certain = c == RULES_NO_CAPTURE};
	if (t->flags[i] & TRACK_UNKNOWN || (c != RULES_NO_CAPTURE && !t->captures[c].set))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){OUT_SATISFIED};
}

static struct finding find_count(const struct rule *r, const struct track *t, size_t i)
{
	int c = r->step.place.capture;
	bool fixed = c == RULES_NO_CAPTURE;

	if (count_fails_for_more(r->op, t->counts[i], r->n))
		return (struct finding){OUT_VIOLATED, .certain = fixed};
	if (count_holds_for_more(r->op, t->counts[i], r->n))
		return (struct finding){OUT_SATISFIED, .certain = fixed};
	if (t->flags[i] & TRACK_UNKNOWN || (!fixed && !t->captures[c].set))
		return (struct finding){OUT_NOT_JUDGED};
	return (struct finding){count_holds(r->op, t->counts[i], r->n) ? OUT_SATISFIED : OUT_VIOLATED};
}

static struct finding find(const struct engine *e, const struct scope *s, const struct track *t, size_t i)
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
	return find_count(r, t, i);
}

bool track_is_decided(const struct engine *e, const struct scope *s, const struct track *t)
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

static void tally_add(struct tally *tally, const struct rule *r, const struct track *t, size_t i, struct finding f)
{
	switch (f.outcome) {
	case OUT_SATISFIED:
		tally->satisfied++;
		tally->satisfied_certain += f.certain;
		break;
	case OUT_VIOLATED:
		if (!tally->violated++)
			tally->count = t->counts[i];
		tally->late |= r->kind == RULE_EXPECT && t->late;
		tally->violated_certain += f.certain;
		if (!tally->has_violation) {
			tally->has_violation = t->n_steps;
			tally->violation = t->last;
		}
		return;
	case OUT_NOT_JUDGED:
		tally->not_judged++;
		break;
	}
	if (r->kind == RULE_COUNT && !tally->violated)
		tally->count = t->counts[i];
}

void track_fold(struct engine *e, const struct scope *s, const struct track *t, bool partial)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		struct finding f = find(e, s, t, i);

		if (!partial || (f.outcome == OUT_VIOLATED && f.certain))
			tally_add(tally_at(e, s, i), rule_at(e, s, i), t, i, f);
	}
}
