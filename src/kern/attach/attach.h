/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two ways of attaching to many functions share: kprobe_multi.h and kprobe_events.h.
 *
 * A group is the functions that one program serves: those that have the packet in the same argument.
 */
#pragma once

#include "base/reason.h"
#include "event/lost_events.h"
#include "select/func.h"

struct bpf_program;

enum trace_backend {
	TRACE_BACKEND_KPROBE,	    /* single kprobes; those of a group share one tracefs event */
	TRACE_BACKEND_KPROBE_MULTI, /* one kprobe.multi link for a group */
};

/* A function that was selected, and to which the kernel did not attach. */
struct trace_failure {
	const struct func *func; /* borrowed from the set given to trace_open() */
	int err;		 /* negative errno */
};

struct attach_group {
	int prog_fd;
	const struct bpf_program *prog;
	const struct func **funcs; /* owned by the caller */
	size_t n;
	bool at_return; /* at the functions' returns, which count neither as attached nor as failures */
};

struct attach_failures {
	struct trace_failure *v; /* owned */
	size_t n;
};

/* Notes that func failed with err, a negative errno. 0 or -ENOMEM. */
int attach_failed(struct attach_failures *f, const struct func *func, int err);

struct attach_progress {
	void (*fn)(void *ctx, size_t done, size_t total); /* may be NULL */
	void *ctx;
	size_t done, total;
};

/* n more functions are done, whether they were attached or failed. */
void attach_advance(struct attach_progress *p, size_t n);
