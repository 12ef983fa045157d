/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The picture beside a check's proof: the wide trace of the flow while the check runs. No verdict stands on it; its
 * losses are its own and are said below it.
 */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "render/out.h"

struct check_trace;

/* Arms every function for packets between the two addresses, of either direction. -errno with a reason. */
int check_trace_open(const struct net_ip *src, const struct net_ip *dst, struct check_trace **ret,
		     struct reason *reason);
/* Takes what waits. 0 or -errno. */
int check_trace_poll(struct check_trace *t);
/* Disarms, takes the rest, and appends the lines and their ledger to out. 0 or -errno. */
int check_trace_finish(struct check_trace *t, struct out *out);
void check_trace_free(struct check_trace *t); /* NULL is fine */
DEFINE_CLEANUP(struct check_trace *, check_trace_free)
