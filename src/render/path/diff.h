/* SPDX-License-Identifier: GPL-2.0-only */
/* The places where the paths of two packets differ. */
#pragma once

#include "path/packet_diff.h"
#include "render/path/path_text.h"

/* What is compared, as the user named it: "A.skbt". */
struct diff_sides {
	const char *a, *b;
};

/* One pair of packets. Shows the first step at which their paths differ, with its stage and device on each side, the
 * steps until they are the same again, and the number of further differences; or a line that says there are none. */
void diff_text(const struct path_format *f, const struct diff_sides *sides, const struct packet *a,
	       const struct packet *b, const struct diff *d, struct out *o);
/* A packet that only one recording has. */
void diff_text_single(const struct path_format *f, const char *side, const struct packet *p, struct out *o);

/* {"type":"diff",…}, one line per pair. For a packet that only one recording has, the other packet and d are NULL. */
void diff_json(const struct packet *a, const struct packet *b, const struct diff *d, struct out *o);
