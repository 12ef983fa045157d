/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording: a trace as bytes, which skbtrail report shows on any machine (format: man/skbtrail-recording.5). This
 * room writes to a callback and reads from memory. The callers open files and pipes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reader reads every minor version of its major version. A newer minor version adds fields at the end of entries and
 * blocks, and blocks that older readers skip. */
#define RECORD_MAJOR 1u
#define RECORD_MINOR 3u

/* The most bytes of a text, without the NUL. */
#define RECORD_TEXT_MAX 0xffffu
/* The most bytes of a packet. An event with more is recorded without them. */
#define RECORD_BYTES_MAX 0xff00u

/* Where and how a trace was made. Strings are borrowed; NULL unknown. */
struct record_info {
	int64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC when the trace began */
	const char *release;	/* of the kernel, from uname(2) */
	const char *machine;	/* the architecture, from uname(2) */
	const char *tool;	/* name and version of the program that wrote it */
	const char *command;	/* its command line */
};

/* An option that the trace was given, without its dashes; a pcap-filter expression is the option "pcap-filter". */
struct record_option {
	const char *name, *value; /* value NULL: none */
};

/* What the trace could see. Since 1.2; of an older recording it is not known. All is borrowed. */
struct record_coverage {
	const struct record_option *options; /* each that says which packets or which functions */
	size_t n_options;
	bool has_funcs;		     /* false: the functions are not known, and the lists empty */
	const char *const *attached; /* names of functions, with the compiler's suffix */
	const char *const *refused;  /* that were to be attached, but the kernel refused */
	size_t n_attached, n_refused;
};
