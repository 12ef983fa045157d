/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/verdict.h"

static const char *const names[] = {
	[VERDICT_PASS] = "PASS", [VERDICT_FAIL] = "FAIL", [VERDICT_INCONCLUSIVE] = "INCONCLUSIVE"};

const char *verdict_name(enum verdict v)
{
	return names[v];
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	return b == VERDICT_FAIL || a == VERDICT_PASS ? b : a;
}
