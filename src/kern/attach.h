/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ways of arming many functions. Private to this room.
 *
 * A group is the functions that one program serves: those with the packet in the same argument slot.
 */
#pragma once

#include "base/reason.h"
#include "event/ledger.h"
#include "kern/trace.h"

struct attach_group {
	int prog_fd;
	const struct bpf_program *prog;
	const struct func **funcs; /* owned by the caller */
	size_t n;
	bool at_return; /* where they return; these count neither as attached nor as failures */
};

struct attach_failures {
	struct trace_failure *v; /* owned */
	size_t n, cap;
};

int attach_failed(struct attach_failures *f, const struct func *func, int err); /* 0 or -ENOMEM */

struct attach_progress {
	void (*fn)(void *ctx, size_t done, size_t total); /* may be NULL */
	void *ctx;
	size_t done, total;
};

void attach_advance(struct attach_progress *p, size_t n);

/* kprobe.multi: one link per group, by address, with the cookie that ST_COOKIE_SLOT_SHIFT tells. Entries the kernel
 * refuses are found by halving and reported; the rest go on. */
struct multi;
int multi_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
		 struct attach_progress *progress, struct multi **ret, struct reason *reason);
size_t multi_attached(const struct multi *m);
size_t multi_without_return(const struct multi *m); /* functions that refused at their return */
/* Adds what the kernel says it missed; 1 if it can say, 0 if not. */
int multi_account(const struct multi *m, struct ledger *ledger);
void multi_detach(struct multi *m); /* and frees; NULL is fine */

/* Individual kprobes past the ftrace site, all of a group behind one tracefs event. See attach_events.c. */
struct events;
int events_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
		  struct attach_progress *progress, struct events **ret, struct reason *reason);
size_t events_attached(const struct events *e);
size_t events_without_return(const struct events *e);
/* As multi_account(); and takes from the ledger what somebody else deleted, which makes it 0. -errno if tracefs cannot
 * be read. */
int events_account(const struct events *e, struct ledger *ledger);
void events_disarm(struct events *e); /* no program runs any more; the definitions still stand */
void events_detach(struct events *e); /* and frees; NULL is fine */
