/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which drops are harmless because a socket has the packet: the kernel gives every socket that wants it a copy of its
 * own and frees the original, often by the same function that frees what is lost (a ping's reply, of which a raw socket
 * took a clone, dies for want of a ping socket).
 *
 * A copy counts as taken when one of the functions that queue it to a socket was entered with it, and no longer if that
 * copy itself is dropped. Without probes on these functions nothing is known, and a drop is a drop.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "event/event.h"

struct deliveries;

/* Remembers the last few thousand packets, in memory that is taken once. -ENOMEM. */
int deliveries_new(struct deliveries **ret);
void deliveries_free(struct deliveries *d);
DEFINE_CLEANUP(struct deliveries *, deliveries_free)

/* Looks at an event, with its packet's number. Of a drop: whether a socket took another copy of the packet. */
bool deliveries_note(struct deliveries *d, const struct event *ev);
