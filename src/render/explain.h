/* SPDX-License-Identifier: GPL-2.0-only */
/* What a reason of the check's, or a drop's, means. */
#pragma once

#include "render/out.h"

#define EXPLANATION_PLACES_MAX 8

struct explanation {
	const char *name;
	const char *kind;    /* "check", "drop" */
	const char *verdict; /* of a check with this reason; NULL for drops */
	const char *text;
	const char *places[EXPLANATION_PLACES_MAX]; /* functions in which a drop without a reason means this */
	unsigned n_places;
};

/* A heading, and the text in lines of at most 80 columns; more than one are parted by an empty line. */
void explanation_text(struct out *o, const struct explanation *e);
/* One JSON object in a line. */
void explanation_json(struct out *o, const struct explanation *e);
