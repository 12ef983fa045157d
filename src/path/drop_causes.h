/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The likely cause of a drop, and where to look.
 *
 * Theory of operation. A row of a table is a key, a condition and a text. The key is the kernel's reason or, where that
 * tells nothing (before 5.17, NOT_SPECIFIED), the function that dropped the packet. A row whose condition a known fact
 * contradicts is left out. The first row whose whole condition is known to hold is the cause; if there is none, the
 * rows that are left are named as "one of".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/facts.h"
#include "path/packet.h"

struct drop_facts {
	const char *reason;	   /* as in include/net/dropreason-core.h, without SKB_DROP_REASON_; NULL: none */
	const char *symbol;	   /* the function that dropped it; NULL: unknown */
	const char *after;	   /* the function before that; NULL: unknown */
	const char *lost;	   /* path_drop.lost: the cause itself; NULL: none */
	const char *ifname;	   /* of its device, raw bytes; NULL: unknown */
	const struct tuple *tuple; /* NULL or family 0: no IP addresses */
	struct facts facts;
};

/* All that is known of a drop of an analysed packet; borrows from it. */
struct drop_facts drop_facts_of(const struct packet *p, const struct path_drop *d);

#define DROP_CAUSE_MAX 1024 /* bytes, with the NUL; a longer text is cut */
/* Sets ret to one line: lower case, no full stop, device names as raw bytes. False, with "" in ret: no table has the
 * reason, or all that could be it is contradicted. */
bool drop_cause(const struct drop_facts *facts, char ret[static DROP_CAUSE_MAX]);

/* The nth reason of the table, from 0, by name; NULL after the last. */
const char *drop_reason_at(size_t n);
/* The nth function, from 0, in which every drop without a reason has this reason; NULL after the last. */
const char *drop_func_at(const char *reason, size_t n);
