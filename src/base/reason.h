/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors below cmd/ are -errno. Where that number does not tell the user what to do, the function also takes a
 * struct reason and leaves one line in it: what is wrong, then the remedy. Libraries never print; cmd/ reports once.
 */
#pragma once

#include "base/cleanup.h"

struct reason {
	char text[512];
};

/* Sets the text and returns err unchanged (a negative errno). r may be NULL. The text that was set first stays, because
 * the layer nearest to the fault knows it best. */
int reason_set(struct reason *r, int err, const char *fmt, ...) _printf_(3, 4);
