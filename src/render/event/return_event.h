/* SPDX-License-Identifier: GPL-2.0-only */
/* What a function returned, for --output-return. */
#pragma once

#include "event/event.h"
#include "render/out/json.h"

/* " (returned -22)". */
void return_event_text(struct out *o, const struct event *ev);
/* {"type":"int","value":-22}: pointer, bool, int or unknown; pointers and unknown values are hexadecimal. null
 * for other events. */
void return_event_json(struct json *j, const struct event *ev);
