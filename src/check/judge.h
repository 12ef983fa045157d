/* SPDX-License-Identifier: GPL-2.0-only */
/* What the judging files share. */
#pragma once

#include "base/cleanup.h"
#include "check/check.h"

/* Adds a reason for a verdict v that is not PASS: FAIL stands over INCONCLUSIVE, INCONCLUSIVE over PASS. Reasons beyond
 * the array's room are left out, their verdict is not. */
void add_reason(struct check_result *r, enum verdict v, enum reason_code code, const char *fmt, ...) _printf_(4, 5);
