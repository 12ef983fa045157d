/* SPDX-License-Identifier: GPL-2.0-only */
/* Which columns the text output shows, and in which order. */
#pragma once

#include "base/reason.h"
#include "render/fields.h"

struct columns {
	unsigned count;
	enum field_id ids[FIELD_MAX]; /* all of them have a column; none twice */
};

/* CONTRACT's default: SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC, with TIMESTAMP after PROCESS if asked for. */
void columns_default(bool timestamp, struct columns *ret);
/* A comma-separated list of names, in either case. -EINVAL with a reason naming the one that is unknown, empty or given
 * twice; *ret is then left alone. "help" is the caller's. */
int columns_parse(const char *list, struct columns *ret, struct reason *reason);
/* Puts a column before another one, or at the end where that is not shown; nothing happens if it is shown already. */
void columns_insert(struct columns *columns, enum field_id id, enum field_id before);
/* One line per column: its name, its field in JSON lines (- if none), what it shows. */
void columns_help(struct out *o);
