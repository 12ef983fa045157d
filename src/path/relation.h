/* SPDX-License-Identifier: GPL-2.0-only */
/* What two tuples, read from the same place in memory one after the other, say about the packet there. */
#pragma once

#include "event/event.h"

enum relation {
	RELATION_UNKNOWN, /* one of them has no addresses */
	RELATION_SAME,	  /* no known field differs */
	RELATION_CHANGED, /* what NAT, or putting on or taking off a tunnel's header, does to a packet */
	RELATION_OTHER,	  /* no kernel code makes one into the other: another packet */
};

/* The same addresses and protocol, whatever ports. */
bool tuple_same_ends(const struct tuple *a, const struct tuple *b);

/* a was read before b. */
enum relation tuple_relation(const struct tuple *a, const struct tuple *b);
