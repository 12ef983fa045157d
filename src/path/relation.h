/* SPDX-License-Identifier: GPL-2.0-only */
/* What two tuples say that were read from the same memory one after the other: is it the same packet? */
#pragma once

#include "event/event.h"

enum relation {
	RELATION_UNKNOWN, /* one of them has no addresses */
	RELATION_SAME,	  /* no known field differs */
	RELATION_CHANGED, /* as NAT changes a packet, or putting on or taking off a tunnel's header */
	RELATION_OTHER,	  /* no kernel code makes one of the other: another packet */
};

/* Whether both have the same addresses and protocol, whatever their ports. */
bool tuple_same_ends(const struct tuple *a, const struct tuple *b);

/* a was read before b. */
enum relation tuple_relation(const struct tuple *a, const struct tuple *b);
