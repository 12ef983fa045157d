/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program did with a BPF map, as --output-bpfmap shows it. Of a key or value beyond ST_MAP_BYTES only these. */
#pragma once

#include "event/event.h"
#include "render/json.h"

/* " (ct#12 0a000043 = 01000000)", a look-up of a key that is not there " (ct#12 0a000043 = none)", a removal without
 * value. Bytes are hexadecimal, in the order of memory. */
void map_text(struct out *o, const struct event *ev);
/* {"id","name","op","key","value","found","key_size","value_size"}, null for another event. */
void map_json(struct json *j, const struct event *ev);
