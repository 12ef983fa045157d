/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names the owners of drops while a trace runs: remembers what happened to each packet just before, and reads the state
 * of its namespace when it is dropped.
 *
 * The state is read when the drop is taken from the ring, so some time after it. A rule that changes in between is not
 * seen.
 */
#pragma once

#include "base/reason.h"
#include "owner/owner.h"

struct owners;

/* Notes the counters of all namespaces. To be called before anything is attached: a counter that moves between two
 * looks may then have moved for a packet that was not seen, but moved for each that was. -errno with a reason; *ret is
 * left alone then. */
int owners_new(struct owners **ret, struct reason *reason);
void owners_free(struct owners *o);
DEFINE_CLEANUP(struct owners *, owners_free)

/* Says that each end of a chain is an event, on this kernel and with the modules that are loaded. */
void owners_see_chains(struct owners *o);
/* Takes each event, in the order of time, with its names set. If it is a drop, finds its owners, and keeps them for
 * owners_of(). 0 or -ENOMEM. */
int owners_event(struct owners *o, const struct event *ev);
/* To be called when all events that were waiting have been taken: the next drop gets a state that is read anew, unless
 * reading takes very long. */
void owners_tick(struct owners *o);
/* The owners of a drop by the number of its event, borrowed; NULL: forgotten, or it was no drop. */
const struct owner_list *owners_of(const struct owners *o, uint64_t seq);
