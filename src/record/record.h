/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording: a trace as bytes that any machine can show again (man/skbtrail-recording.5 describes them). This room
 * writes into a callback and reads from memory; files and pipes are the commands'.
 */
#pragma once

#include <stdint.h>

/* A reader takes every minor of its major: newer minors add fields at ends, and blocks that may be skipped. */
#define RECORD_MAJOR 1u
#define RECORD_MINOR 1u

/* The longest string in bytes. */
#define RECORD_TEXT_MAX 0xffffu
/* The most bytes of a packet that an entry takes; events with more are kept without them. */
#define RECORD_BYTES_MAX 0xff00u

/* What was traced, where and how. Strings are borrowed, NULL unknown. */
struct record_info {
	int64_t wall_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC when the trace began */
	const char *release;	/* uname(2): the kernel's */
	const char *machine;	/* uname(2): the architecture */
	const char *tool;	/* what wrote it */
	const char *command;	/* the command line */
};
