/* SPDX-License-Identifier: GPL-2.0-only */
/* Chains and verdicts: net/netfilter/nf_tables_core.c, nft_do_chain(). */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "owner/nft_machine.h"

#define DEPTH_MAX 16 /* NFT_JUMP_STACK_SIZE */
#define RULES_MAX 100000

/* How the walk through a chain went on. */
enum course { COURSE_ON, COURSE_ENDED, COURSE_RETURNED };

struct nft_walk {
	struct nft_machine machine;
	const struct nft_rule_chain *base;
	struct nft_verdict *v;
	bool sure; /* nothing before may have ended the walk */
	unsigned rules;
};

static void add(struct nft_walk *w, const struct nft_rule *rule, bool sure)
{
	if (w->v->n == NFT_CANDIDATES_MAX) {
		w->v->more = true;
		return;
	}
	w->v->v[w->v->n++] = (struct nft_candidate){.rule = rule, .chain = w->base, .sure = sure && w->sure};
}

static enum course walk_chain(struct nft_walk *w, const char *name, unsigned depth);

/* The rule has a verdict and matches, or may match. */
static enum course obey(struct nft_walk *w, const struct nft_rule *rule, unsigned depth)
{
	struct nft_machine *m = &w->machine;
	bool matches = m->matches == TRUTH_YES;
	int32_t verdict = m->verdict;
	char chain[NFT_NAME_LEN];
	enum course c = COURSE_ENDED;

	memcpy(chain, m->chain, sizeof(chain));
	if (verdict == NFT_JUMP || verdict == NFT_GOTO) {
		w->sure &= matches;
		c = walk_chain(w, chain, depth + 1);
		if (c == COURSE_RETURNED)
			c = verdict == NFT_GOTO ? COURSE_RETURNED : COURSE_ON;
	} else if (verdict == NFT_RETURN || verdict == NFT_BREAK) {
		c = verdict == NFT_RETURN ? COURSE_RETURNED : COURSE_ON;
	} else if (verdict == NF_DROP) {
		add(w, rule, matches);
	} else {
		w->v->passed = true;
	}
	if (!matches) {
		w->sure = w->sure && c == COURSE_ON && verdict != NFT_GOTO;
		return COURSE_ON;
	}
	return c;
}

static enum course walk_chain(struct nft_walk *w, const char *name, unsigned depth)
{
	const struct nft_ruleset *s = w->machine.set;
	bool found = false;

	for (size_t i = 0; depth < DEPTH_MAX && i < s->n_rules; i++) {
		const struct nft_rule *rule = &s->rules[i];
		enum course c;

		if (rule->family != w->base->family || strcmp(rule->chain, name) != 0 ||
		    strcmp(rule->table, w->base->table) != 0) {
			if (found)
				break;
			continue;
		}
		found = true;
		if (++w->rules > RULES_MAX) {
			w->v->more = true;
			return COURSE_ENDED;
		}
		nft_run_rule(&w->machine, rule);
		if (w->machine.matches != TRUTH_NO && w->machine.may_drop) {
			add(w, rule, false);
			w->sure = false;
		}
		if (w->machine.matches == TRUTH_NO || !w->machine.ends)
			continue;
		c = obey(w, rule, depth);
		if (c != COURSE_ON)
			return c;
	}
	return COURSE_RETURNED;
}

void nft_evaluate(const struct nft_ruleset *r, const struct nft_rule_chain *c, const struct nft_packet *p,
		  struct nft_verdict *v)
{
	struct nft_walk w = {.machine = {.set = r, .packet = p}, .base = c, .v = v, .sure = true};

	if (walk_chain(&w, c->name, 0) == COURSE_ENDED)
		return;
	if (c->policy == NF_DROP)
		add(&w, NULL, true);
	else
		v->passed = true;
}
