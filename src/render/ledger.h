/* SPDX-License-Identifier: GPL-2.0-only */
/* The closing ledger of a trace, for stderr and as the last JSON line. */
#pragma once

#include "event/ledger.h"
#include "render/json.h"

/* Two lines: what was seen and lost, and where; what was armed, how, and for how long. */
void ledger_text(const struct ledger *l, struct out *o);
/* The line of type "summary" (CONTRACT, "JSON lines"). */
void ledger_json(const struct ledger *l, struct out *o);
/* The same fields without type and version, into an object the caller opened. */
void ledger_json_fields(const struct ledger *l, struct json *j);
