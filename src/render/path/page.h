/* SPDX-License-Identifier: GPL-2.0-only */
/* The paths of packets as one HTML page: a drawing for each packet, below it a table of every function. No script,
 * nothing to fetch (the page's own policy forbids it), for light, dark and paper, usable by keyboard alone. */
#pragma once

#include "event/lost_events.h"
#include "record/record.h"
#include "render/path/picture.h"

#define PAGE_PACKETS_MAX 1000 /* shown; the page says how many more there were */

struct page {
	struct picture_lanes lanes;
	struct out index; /* owned: a table row for each packet */
	struct out body;  /* owned: a section for each packet */
	uint64_t shown, left_out;
};

void page_packet(struct page *g, const struct packet *p);
/* Writes the page. info and l may be NULL, if they are not known. */
void page_finish(const struct page *g, const struct record_info *info, const struct lost_events *l, struct out *o);
void page_free(struct page *g);
