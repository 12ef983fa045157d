/* SPDX-License-Identifier: GPL-2.0-only */
/* What a check ends with; the same for every check. */
#pragma once

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };

const char *verdict_name(enum verdict v); /* "PASS" */
