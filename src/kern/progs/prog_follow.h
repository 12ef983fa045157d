/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs of the trace's object that follow BPF programs: templates (prog_watch.h), and programs at the helpers
 * that BPF programs call. Private to src/kern. */
#pragma once

#include <bpf/btf.h>

#include "kern/progs/prog_watch.h"

struct trace_bpf;
struct prog_follow;
struct btf_index;

struct prog_follow_opts {
	bool tc, xdp;						       /* follow programs of this kind */
	bool all_tc, all_xdp;					       /* as in prog_watch_opts */
	void (*on_error)(void *ctx, const struct prog_watch_error *r); /* may be NULL */
	void *ctx;
};

/* Before the object is loaded: selects its programs, without those at helpers that the kernel lacks. */
void prog_follow_choose(struct trace_bpf *skel, bool tc, bool xdp, const struct btf_index *btf);
/* After the load: attaches to the helpers and to the programs. *ret is NULL if neither kind is followed. 0 or -errno
 * with a reason. */
int prog_follow_open(struct trace_bpf *skel, const struct prog_follow_opts *opts, struct prog_follow **ret,
		     struct reason *reason);
/* Borrowed from f. */
struct prog_watch *prog_follow_watch(const struct prog_follow *f);
void prog_follow_detach(struct prog_follow *f);
void prog_follow_free(struct prog_follow *f); /* detaches; NULL is fine */
