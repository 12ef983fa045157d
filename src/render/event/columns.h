/* SPDX-License-Identifier: GPL-2.0-only */
/* Which columns the text output shows, and in which order. */
#pragma once

#include "base/reason.h"
#include "render/event/fields.h"

struct columns {
	unsigned count;
	enum field_id ids[FIELD_MAX]; /* fields that have a column, none twice */
};

/* The default: SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC, with TIMESTAMP after PROCESS if timestamp is true. */
void columns_default(bool timestamp, struct columns *ret);
/* Parses a comma-separated list of names in upper or lower case. -EINVAL with a reason if a name is unknown, empty or
 * given twice; *ret is unchanged then. The caller handles "help". */
int columns_parse(const char *list, struct columns *ret, struct reason *reason);
/* Inserts a column before another one, or at the end if that one is not shown. Does nothing if it is shown already. */
void columns_insert(struct columns *columns, enum field_id id, enum field_id before);
/* One line per column: its name, its field in JSON lines (- if none), what it shows. */
void columns_help(struct out *o);
