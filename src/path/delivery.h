/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells of each event that frees an skb whether the packet was lost with it, while the trace runs: from what was seen
 * of the packet before. packet.h tells the same of whole packets.
 *
 * A drop is harmless if its place or reason says so (free_meaning.h). It is also if a socket of the same namespace has
 * the packet: the kernel gives a clone to every raw socket that wants one, and then frees the original, for example of
 * a ping's reply, because no ping socket wants it. A clone counts as taken when a function was entered with it that
 * queues it to a socket, unless that clone itself is dropped later. Without probes on these functions every drop is a
 * drop. What one namespace or socket received says nothing of another's.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "event/event.h"

struct deliveries;

/* Remembers the last few thousand packets; memory is allocated here only. 0 or -ENOMEM; *ret is left alone on failure.
 */
int deliveries_new(struct deliveries **ret);
void deliveries_free(struct deliveries *d);
DEFINE_CLEANUP(struct deliveries *, deliveries_free)

/* Whether events of the function tell whether a packet was lost. */
bool deliveries_want_func(const struct deliveries *d, const char *func);
/* Notes an event with its packet's number, and sets copy_delivered, harmless and lost of it, unless they are told. */
void deliveries_note(struct deliveries *d, struct event *ev);
