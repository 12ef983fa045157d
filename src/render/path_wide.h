/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet's way as a diagram: a box per namespace and device, its stages with their times inside, an arrow with what
 * carried the packet from one to the next. As many boxes side by side as the terminal is wide. */
#pragma once

#include "render/path.h"

/* The header line, the diagram, what became of the packet, a blank line. What is freed after its end is left out. */
void path_wide(const struct path_format *f, const struct packet *p, struct out *o);
