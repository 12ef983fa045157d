/* SPDX-License-Identifier: GPL-2.0-only */
/* The path of one packet as a block of text, or as one JSON line. The packet is analysed already: path/packets.h. */
#pragma once

#include "path/packet.h"
#include "render/out/out.h"

struct path_format {
	bool color;	/* terminal colours */
	bool utf8;	/* box drawing, arrows and µ; else ASCII */
	unsigned width; /* columns of the terminal, for path_diagram(); 0: 100 */
	/* Appends who decided the drop that event seq told of, nothing if that is not known; NULL: nobody knows. */
	void (*owner)(void *ctx, uint64_t seq, struct out *o);
	void *owner_ctx;
};

/* A header line; a line for each namespace and interface; below it a line for each stage: when it began, how long it
 * took, and its functions (first … last and their number, if there are many). The longest wait is marked. The block
 * ends with what became of the packet, and a blank line. */
void path_text(const struct path_format *f, const struct packet *p, struct out *o);
/* {"type":"path",…}, and a newline. */
void path_json(const struct packet *p, struct out *o);

#define INDENT_PLACE "  "
#define INDENT_RUN   "    "

/* Sets the terminal's colour (color.h), if there are colours. */
void path_color(const struct path_format *f, const char *sgr, struct out *o);
/* The header line: "packet 7  TUPLE echo request …". */
void path_header(const struct path_format *f, const struct packet *p, struct out *o);
/* What became of the packet, with the likely cause of a drop and who decided it, or what it waits for; below it a line
 * for each other copy that was freed as dropped. */
void path_end(const struct path_format *f, const struct packet *p, struct out *o);
/* "pod1 eth0", "netns:4026531840 lxc1"; "?" if nothing is known. */
void path_device_text(const struct path_device *device, struct out *o);
/* Three digits and a unit: 812 ns, 31.0 µs, 1.24 ms, 3.10 s. */
void path_duration(uint64_t ns, bool utf8, struct out *o);
/* The run's stage, or its function if it has none. */
void path_run_name(const struct packet *p, const struct path_run *run, struct out *o);
