/* SPDX-License-Identifier: GPL-2.0-only */
/* The lost-events report at the end of a trace, as text and as the last JSON line. */
#pragma once

#include "event/lost_events.h"
#include "render/out/json.h"

/* Two lines: events seen and lost, and where they were lost; probes attached, how, and for how long. */
void lost_events_text(const struct lost_events *l, struct out *o);
/* The line of type "summary". */
void lost_events_json(const struct lost_events *l, struct out *o);
/* The fields of lost_events_json() but type and version, in an object that the caller opened. */
void lost_events_json_fields(const struct lost_events *l, struct json *j);
