/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets' ways as one picture that stands for itself: SVG 1.1, no script, nothing fetched, for light and dark. */
#pragma once

#include "event/ledger.h"
#include "record/record.h"
#include "render/picture.h"

#define SVG_PACKETS_MAX 200 /* drawn; the rest is counted and said */

struct svg {
	struct picture_lanes lanes;
	struct out body;  /* owned */
	struct out title; /* owned: what the packets are, for those who cannot see */
	unsigned width, y;
	uint64_t drawn, left_out;
};

void svg_packet(struct svg *s, const struct packet *p);
/* The whole picture. info and ledger may be NULL: unknown, and said so. */
void svg_finish(const struct svg *s, const struct record_info *info, const struct ledger *l, struct out *o);
void svg_free(struct svg *s);
