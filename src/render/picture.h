/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One packet's way as a drawing: a lane per namespace, in it a box per device the packet was on, with its stages and
 * their times; arrows say how it got from one to the next. Plain SVG elements, for svg.h and page.h to put in a frame.
 */
#pragma once

#include "path/packet.h"
#include "render/out.h"

#define PICTURE_LANES_MAX 32

/* Namespaces in the order in which they were met, so that the packets of one picture have them in the same order. */
struct picture_lanes {
	struct path_place met[PICTURE_LANES_MAX];
	unsigned n;
};

struct picture_size {
	unsigned width, height; /* CSS pixels */
};

/* Style sheet of the drawing, for light and dark; no resource outside is referred to. */
extern const char picture_css[];

/* Appends what lies between <svg> and </svg>, with its origin at the upper left. */
void picture_packet(struct picture_lanes *lanes, const struct packet *p, struct out *o, struct picture_size *ret);

/* What is said of a packet beside the drawing; as in path.h, but ready for XML. */
void picture_title(const struct packet *p, struct out *o);
void picture_end(const struct packet *p, struct out *o);
/* What was marked as slow; nothing if there was no wait. */
void picture_wait(const struct packet *p, struct out *o);
