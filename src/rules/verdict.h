/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict of any check. */
#pragma once

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE };

/* The verdict of two findings together: FAIL goes before INCONCLUSIVE, and that before PASS. */
enum verdict verdict_worse(enum verdict a, enum verdict b);
const char *verdict_name(enum verdict v); /* "PASS" */
