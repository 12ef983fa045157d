/* SPDX-License-Identifier: GPL-2.0-only */
/* The path of one packet as a diagram: a box for each namespace and device, in it the stages with their times, and
 * arrows that say how the packet went from one to the next. A row has as many boxes as the terminal has columns for. */
#pragma once

#include "render/path/path_text.h"

/* A header line, the diagram, the end of the packet, a blank line. Frees after the packet's end are left out. */
void path_diagram(const struct path_format *f, const struct packet *p, struct out *o);
