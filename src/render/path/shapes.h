/* SPDX-License-Identifier: GPL-2.0-only */
/* Elements of SVG. Lengths are CSS pixels; class is one of picture_css. */
#pragma once

#include "render/out/out.h"

/* Characters of UTF-8 text; wide ones count as one. */
unsigned shape_chars(const struct out *t);
/* At most so many characters, the last one an ellipsis if there were more. */
void shape_cut(struct out *t, unsigned max);

void shape_attr(struct out *o, const char *name, uint64_t v);
void shape_rect(struct out *o, const char *class, unsigned x, unsigned y, unsigned w, unsigned h, unsigned round);
/* Escapes text for XML; y is the base line. */
void shape_text(struct out *o, const char *class, unsigned x, unsigned y, const struct out *text);
/* A command of path data with a point: "M12 34". */
void shape_point(struct out *o, const char *command, unsigned x, unsigned y);
