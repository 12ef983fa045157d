/* SPDX-License-Identifier: GPL-2.0-only */
/* Where two packets' ways part. */
#pragma once

#include "path/diff.h"
#include "render/path.h"

/* What is compared, as the user named it: "A.skbt", "packet 7". */
struct diff_sides {
	const char *a, *b;
};

/* One pair. Without a difference one line says so; else the step at which they part, with its stage and place on each
 * side, and what follows until they meet again; then how many more differences there are. */
void diff_text(const struct path_format *f, const struct diff_sides *sides, const struct packet *a,
	       const struct packet *b, const struct diff *d, struct out *o);
/* A packet that only one side has. */
void diff_text_single(const struct path_format *f, const char *side, const struct packet *p, struct out *o);

/* {"type":"diff",…}, one line per pair; a or b is NULL for a packet that only the other side has, d is then too. */
void diff_json(const struct packet *a, const struct packet *b, const struct diff *d, struct out *o);
