/* SPDX-License-Identifier: GPL-2.0-only */
/* Which columns the text output shows, and in which order. */
#pragma once

#include "base/reason.h"
#include "render/event/fields.h"
#include "render/event/timestamp.h"

struct columns {
	unsigned count;
	enum field_id ids[FIELD_MAX]; /* fields that have a column, none twice */
	bool narrow;		      /* namespaces and interfaces have narrower columns */
};

/* The default: SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC, with TIMESTAMP after PROCESS if timestamp is true. */
void columns_default(bool timestamp, struct columns *ret);
/* Parses a comma-separated list of names in upper or lower case. -EINVAL with a reason if a name is unknown, empty or
 * given twice; *ret is unchanged then. The caller handles "help". */
int columns_parse(const char *list, struct columns *ret, struct reason *reason);
/* Inserts a column before another one, or at the end if that one is not shown. Does nothing if it is shown already. */
void columns_insert(struct columns *columns, enum field_id id, enum field_id before);
/* The width of a column, in characters, without the blank behind it. */
unsigned columns_width(const struct columns *columns, enum field_id id, enum timestamp_mode mode);
/* Leaves columns out until a line of terminal_width characters shows the beginning of FUNC, which is the last column:
 * first SKB, CPU and LEN, then PROCESS; then namespaces and interfaces become narrower. 0: the width is unknown, and
 * nothing is left out. */
void columns_fit(struct columns *columns, unsigned terminal_width, enum timestamp_mode mode);
/* One line per column: its name, its field in JSON lines (- if none), what it shows. */
void columns_help(struct out *o);
