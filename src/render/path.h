/* SPDX-License-Identifier: GPL-2.0-only */
/* One packet's way as a block of text, or as one JSON line. The packet has been analysed (path/packets.h does that). */
#pragma once

#include "path/packet.h"
#include "render/out.h"

struct path_format {
	bool color;	/* the caller knows whether that is wanted */
	bool utf8;	/* box drawing, arrows and µ; else ASCII */
	unsigned width; /* columns of the terminal, for path_wide(); 0: 100 */
};

/* A header line, a line per namespace and interface, below it a line per stage: when it began, how long it took, which
 * functions it was in (first … last, with their number, where they are many). The longest wait is marked. The block
 * ends with what became of the packet, and a blank line. */
void path_text(const struct path_format *f, const struct packet *p, struct out *o);
/* {"type":"path",…}, and a newline. */
void path_json(const struct packet *p, struct out *o);

/* What the two forms share. */

/* "packet 7  TUPLE echo request …", one line. */
void path_header(const struct path_format *f, const struct packet *p, struct out *o);
/* What became of it, with the likely cause of a drop; one to three lines. */
void path_end(const struct path_format *f, const struct packet *p, struct out *o);
/* "pod1 eth0", "netns:4026531840 lxc1"; "?" where nothing is known. */
void path_place(const struct path_place *place, struct out *o);
/* Three digits and a unit: 812 ns, 31.0 µs, 1.24 ms, 3.10 s. */
void path_duration(uint64_t ns, bool utf8, struct out *o);
/* The run's stage, or its function if it has none. */
void path_run_name(const struct packet *p, const struct path_run *run, struct out *o);
