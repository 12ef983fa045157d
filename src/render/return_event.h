/* SPDX-License-Identifier: GPL-2.0-only */
/* What a function returned, as --output-return shows it. */
#pragma once

#include "event/event.h"
#include "render/json.h"

/* " (returned -22)". */
void return_text(struct out *o, const struct event *ev);
/* {"type":"int","value":-22}: pointer, bool, int or unknown; pointers and what is unknown are hexadecimal. Null
 * for an event that is no return. */
void return_json(struct json *j, const struct event *ev);
