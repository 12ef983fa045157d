/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program did with a BPF map, for --output-bpfmap. Keys and values are cut after ST_MAP_BYTES. */
#pragma once

#include "event/event.h"
#include "render/out/json.h"

/* " (ct#12 0a000043 = 01000000)"; " (ct#12 0a000043 = none)" if a lookup finds no key; " (ct#12 0a000043)" for a
 * removal. Bytes are hexadecimal, in the order of memory. */
void map_event_text(struct out *o, const struct event *ev);
/* {"id","name","op","key","value","found","key_size","value_size"}, null for another event. */
void map_event_json(struct json *j, const struct event *ev);
