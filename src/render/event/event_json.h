/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as JSON lines. Every field is always present, null if unknown. */
#pragma once

#include "event/event.h"
#include "render/out/out.h"

/* The "v" of every line. */
#define JSON_VERSION 1

/* wall_offset_ns: CLOCK_REALTIME - CLOCK_MONOTONIC; NULL: not known, and the time is null. */
void event_json(const struct event *ev, const int64_t *wall_offset_ns, struct out *o);
