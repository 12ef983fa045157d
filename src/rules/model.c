/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/model.h"

void rules_free(struct rules *r)
{
	if (!r)
		return;
	free(r->text);
	free(r->words);
	free(r->rules);
	free(r->scopes);
	free(r);
}

bool count_holds(enum count_op op, uint64_t count, uint64_t n)
{
	switch (op) {
	case COUNT_EQ:
		return count == n;
	case COUNT_NE:
		return count != n;
	case COUNT_LT:
		return count < n;
	case COUNT_LE:
		return count <= n;
	case COUNT_GT:
		return count > n;
	case COUNT_GE:
		break;
	}
	return count >= n;
}

bool count_holds_for_more(enum count_op op, uint64_t count, uint64_t n)
{
	switch (op) {
	case COUNT_NE:
	case COUNT_GT:
		return count > n;
	case COUNT_GE:
		return count >= n;
	default:
		return false;
	}
}

bool count_fails_for_more(enum count_op op, uint64_t count, uint64_t n)
{
	switch (op) {
	case COUNT_EQ:
	case COUNT_LE:
		return count > n;
	case COUNT_LT:
		return count >= n;
	default:
		return false;
	}
}

const char *rule_kind_name(enum rule_kind kind)
{
	return kind == RULE_EXPECT ? "expect" : kind == RULE_FORBID ? "forbid" : "count";
}

bool rules_want_func(const struct rules *r, const char *func)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		if (glob_match_func(r->rules[i].step.func, func))
			return true;
	}
	return false;
}
