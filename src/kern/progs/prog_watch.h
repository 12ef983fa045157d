/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Follows the BPF programs on the packet's path: those that are attached, and those that are attached later. A copy of
 * a template of bpf/progs.bpf.h is attached to the entry and the exit of each function that takes the packet.
 */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/lost_events.h"
#include "kern/progs/prog_copies.h"

/* Programs, or functions of them, that cannot be followed: the first, and how many. Its strings are valid during the
 * call only. */
struct prog_watch_error {
	size_t n;
	uint32_t id;
	bool xdp;	  /* else tc */
	const char *name; /* "" if it has none */
	const char *func; /* NULL: the whole program */
	const char *why;  /* one clause */
};

struct prog_watch_opts {
	struct prog_templates templates; /* borrowed until prog_watch_new() returns */
	bool all_tc, all_xdp;		 /* follow every loaded program of the kind, also those that are not attached */
	/* Called at most once by prog_watch_new(), and once by each prog_watch_look(). */
	void (*on_error)(void *ctx, const struct prog_watch_error *r);
	void *ctx;
};

struct prog_watch;

/* The most functions that one watch follows. Each takes two descriptors, and keeps its program loaded until the watch
 * ends, also if the program was replaced. The first program beyond that is reported by on_error, later ones are not. */
#define PROG_WATCH_FUNCS_MAX 16384

/* Follows the programs that are attached, or all. 0; -ENOMEM; with a reason -EPERM or another -errno if the programs
 * cannot be listed. */
int prog_watch_new(const struct prog_watch_opts *opts, struct prog_watch **ret, struct reason *reason);
/* Follows the programs that were attached since, or loaded. To be called often: mostly it makes one system call. 0 or
 * -errno. */
int prog_watch_look(struct prog_watch *w);
/* Sets the names of the program and its function in an event of a BPF program, which the watch owns, and the hooks. */
void prog_watch_name(const struct prog_watch *w, struct event *ev);
size_t prog_watch_programs(const struct prog_watch *w); /* followed since the start */
size_t prog_watch_funcs(const struct prog_watch *w);
/* Adds how long the attached copies ran, in nanoseconds. 0 or -errno. */
int prog_watch_run_time(const struct prog_watch *w, uint64_t *ns);
/* Adds how often the kernel skipped one of the copies. 1 if this kernel counts that, 0 if not, or -errno. */
int prog_watch_account(const struct prog_watch *w, struct lost_events *ledger);
void prog_watch_detach(struct prog_watch *w);
void prog_watch_free(struct prog_watch *w); /* detaches; NULL is fine */

DEFINE_CLEANUP(struct prog_watch *, prog_watch_free)
