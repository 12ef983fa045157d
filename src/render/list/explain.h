/* SPDX-License-Identifier: GPL-2.0-only */
/* What the reason of a check or of a drop means. */
#pragma once

#include "render/out/out.h"

#define EXPLANATION_FUNCS_MAX 8

struct explanation {
	const char *name;
	const char *kind;    /* "check", "drop" */
	const char *verdict; /* that a check with this reason has; NULL for drops */
	const char *text;
	const char *funcs[EXPLANATION_FUNCS_MAX]; /* functions in which a drop without a reason means this */
	unsigned n_funcs;
};

/* A heading, and the text in lines of at most 80 columns, after an empty line if o is not empty. */
void explanation_text(struct out *o, const struct explanation *e);
/* One JSON object in a line. */
void explanation_json(struct out *o, const struct explanation *e);
