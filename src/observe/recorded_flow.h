/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of one flow in a recording, and the names of its drops. */
#pragma once

#include "base/reason.h"
#include "check/recorded.h"
#include "observe/read_recording.h"

/* Names are borrowed from the recording. */
struct recorded_flow {
	struct recording recording;
	struct recorded *recorded;
	struct named_location *locations; /* owned */
	size_t n_locations;
	struct named_reason *reasons; /* owned */
	size_t n_reasons;
};

/* Reads the events of the flow. path: - is standard input. -errno with a reason; *ret is left alone then. */
int recorded_flow_load(const char *path, const struct st_flow *flow, struct recorded_flow **ret, struct reason *reason);
/* What the recording calls an address, or a drop reason, that is known by number; ctx is a struct recorded_flow. */
const char *recorded_flow_symbol(void *ctx, uint64_t addr, uint64_t *ret_offset);
const char *recorded_flow_drop_reason(void *ctx, uint32_t reason);
void recorded_flow_free(struct recorded_flow *f); /* NULL is fine */
DEFINE_CLEANUP(struct recorded_flow *, recorded_flow_free)
