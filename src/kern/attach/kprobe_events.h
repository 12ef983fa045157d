/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching by single kprobes, past the ftrace site where there is one; the kprobes of a group share one tracefs event.
 * kprobe_events.c has the theory. Private to this room.
 */
#pragma once

#include "kern/attach/attach.h"

struct kprobe_events;

/* Attaches the groups. Functions that the kernel refuses are noted in failures. 0, or -errno with a reason and nothing
 * left attached. */
int kprobe_events_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
			 struct attach_progress *progress, struct kprobe_events **ret, struct reason *reason);
/* How many functions are attached, returns not counted. */
size_t kprobe_events_attached(const struct kprobe_events *e);
/* How many functions could not be attached at their return. */
size_t kprobe_events_without_return(const struct kprobe_events *e);
/* Adds the events that the kernel counts as missed, and counts functions as failed whose probes somebody else deleted.
 * 1 if this kernel counts all losses and no probe was deleted, 0 if not; -errno if tracefs cannot be read. */
int kprobe_events_account(const struct kprobe_events *e, struct lost_events *ledger);
/* From now on no program runs; the events stay defined until kprobe_events_detach(). */
void kprobe_events_disable(struct kprobe_events *e);
void kprobe_events_detach(struct kprobe_events *e); /* and frees; NULL is fine */
