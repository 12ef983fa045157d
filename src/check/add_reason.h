/* SPDX-License-Identifier: GPL-2.0-only */
/* Adding reasons to a result: for same_node.c and captures.c. */
#pragma once

#include "base/cleanup.h"
#include "check/check.h"

/* Adds a reason for v, a verdict that is not PASS, and makes it the result's verdict unless that is worse: see
 * verdict_worse(). If the array of reasons is full, only the verdict changes. */
void add_reason_to(struct check_result *r, enum verdict v, enum reason_code code, const char *fmt, ...) _printf_(4, 5);
/* Adds a note, unless the array of notes is full. */
void add_note_to(struct check_result *r, const char *fmt, ...) _printf_(2, 3);
