/* SPDX-License-Identifier: GPL-2.0-only */
/* The colours of verdicts. */
#pragma once

#include "render/out/color.h"
#include "rules/verdict.h"

static inline const char *verdict_sgr(enum verdict verdict)
{
	return verdict == VERDICT_PASS ? SGR_GREEN : verdict == VERDICT_FAIL ? SGR_RED : SGR_YELLOW;
}
