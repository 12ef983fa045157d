/* SPDX-License-Identifier: GPL-2.0-only */
/* The paths of packets as one SVG 1.1 document: no script, nothing to fetch, for light and dark. */
#pragma once

#include "event/lost_events.h"
#include "record/record.h"
#include "render/path/picture.h"

#define SVG_PACKETS_MAX 200 /* drawn; the document says how many more there were */

struct svg {
	struct picture_lanes lanes;
	struct out body;  /* owned */
	struct out title; /* owned: a description of the packets, for screen readers */
	unsigned width, y;
	uint64_t drawn, left_out;
};

void svg_packet(struct svg *s, const struct packet *p);
/* Writes the document. info and l may be NULL, if they are not known. */
void svg_finish(const struct svg *s, const struct record_info *info, const struct lost_events *l, struct out *o);
void svg_free(struct svg *s);
