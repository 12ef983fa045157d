/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The function trace that a check shows beside its evidence (--trace). The verdict does not use it; it counts its own
 * losses, which are printed below it.
 */
#pragma once

#include "base/reason.h"
#include "net/link.h"
#include "render/out/out.h"

struct function_trace;

/* Attaches to every function, for packets between the two addresses in either direction. -errno with a reason; *ret
 * is left alone on failure. */
int function_trace_open(const struct net_ip *src, const struct net_ip *dst, struct function_trace **ret,
			struct reason *reason);
/* Reads the events that wait. 0 or -errno. */
int function_trace_poll(struct function_trace *t);
/* Detaches, reads the last events, and appends all lines and their ledger to out. 0 or -errno. */
int function_trace_finish(struct function_trace *t, struct out *out);
void function_trace_free(struct function_trace *t); /* NULL is fine */
DEFINE_CLEANUP(struct function_trace *, function_trace_free)
