/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path of one packet as a drawing: a lane for each namespace, in it a box for each device that the packet was on,
 * with the stages and their times; arrows say how the packet went from one device to the next. The drawing is SVG
 * elements, which svg.h and page.h put into a document.
 */
#pragma once

#include "path/packet.h"
#include "render/out/out.h"

#define PICTURE_LANES_MAX 32

/* The namespaces, in the order of their first appearance, which is the same for all packets of one picture. */
struct picture_lanes {
	struct path_device met[PICTURE_LANES_MAX];
	unsigned n;
};

struct picture_size {
	unsigned width, height; /* CSS pixels */
};

/* The style sheet of the drawing, for light and dark. It refers to no other resource. */
extern const char picture_css[];

/* Appends the elements of the drawing, whose origin is its upper left corner. */
void picture_packet(struct picture_lanes *lanes, const struct packet *p, struct out *o, struct picture_size *ret);

/* The text beside the drawing, as path_header() and path_end() write it, but escaped for XML. */
void picture_title(const struct packet *p, struct out *o);
void picture_end(const struct packet *p, struct out *o);
/* The longest wait, which the drawing marks; nothing if there was none. */
void picture_wait(const struct packet *p, struct out *o);
