/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF programs on the packet's path, followed by copies of the templates of bpf/progs.bpf.h: those that are loaded, and
 * those that are loaded later.
 */
#pragma once

#include "base/cleanup.h"
#include "base/reason.h"
#include "event/event.h"
#include "event/ledger.h"

struct bpf_program;

/* A program, or one function of it, that cannot be followed. Borrowed for the call. */
struct prog_refusal {
	uint32_t id;
	bool xdp;	  /* else tc */
	const char *name; /* "" if it has none */
	const char *func; /* NULL: the program as a whole */
	const char *why;
};

struct prog_watch_opts {
	/* Templates, loaded; NULL: programs of that kind are left alone. Borrowed until prog_watch_new() returns. */
	const struct bpf_program *tc_entry, *tc_exit, *xdp_entry, *xdp_exit;
	void (*on_refusal)(void *ctx, const struct prog_refusal *r);
	void *ctx;
};

struct prog_watch;

/* Functions of programs that one watch follows in all: each takes two descriptors, and holds a program that was
 * replaced until the watch ends. What would be beyond is refused, once. */
#define PROG_WATCH_FUNCS_MAX 16384

/* Follows every program that is loaded. -EPERM where the kernel lets nobody list them, -ENOMEM, with a reason. */
int prog_watch_new(const struct prog_watch_opts *opts, struct prog_watch **ret, struct reason *reason);
/* Follows what was loaded since; cheap when nothing was. 0 or -ENOMEM. */
int prog_watch_look(struct prog_watch *w);
/* Sets the program's strings in an event of one of its sources. They live as long as the watch. */
void prog_watch_name(const struct prog_watch *w, struct event *ev);
size_t prog_watch_programs(const struct prog_watch *w); /* followed, with all that were ever */
size_t prog_watch_funcs(const struct prog_watch *w);
/* Adds how long the following programs ran, nanoseconds. 0 or -errno. */
int prog_watch_run_time(const struct prog_watch *w, uint64_t *ns);
/* Adds what the kernel skipped. 1 if it can tell, 0 if not, or -errno. */
int prog_watch_account(const struct prog_watch *w, struct ledger *ledger);
void prog_watch_detach(struct prog_watch *w);
void prog_watch_free(struct prog_watch *w); /* detaches too; NULL is fine */

DEFINE_CLEANUP(struct prog_watch *, prog_watch_free)
