/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets' ways as one page that stands for itself: drawings, and every function in a table below its packet. No
 * script, nothing fetched (the page forbids it to itself), for light, dark and paper, to be read with a keyboard alone.
 */
#pragma once

#include "event/ledger.h"
#include "record/record.h"
#include "render/picture.h"

#define PAGE_PACKETS_MAX 1000 /* shown; the rest is counted and said */

struct page {
	struct picture_lanes lanes;
	struct out index; /* owned: a table row for each packet */
	struct out body;  /* owned: a section for each */
	uint64_t shown, left_out;
};

void page_packet(struct page *g, const struct packet *p);
/* The whole page. info and ledger may be NULL: unknown, and said so. */
void page_finish(const struct page *g, const struct record_info *info, const struct ledger *l, struct out *o);
void page_free(struct page *g);
