/* SPDX-License-Identifier: GPL-2.0-only */
/* How much work our programs are to the kernel's verifier. */
#pragma once

#include <stdint.h>

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "kern/vmbtf.h"

#define VERIFIER_LIMIT 1000000u /* instructions the verifier goes through at most (BPF_COMPLEXITY_LIMIT_INSNS) */

struct prog_stats {
	const char *object, *prog; /* "trace", "kfree" */
	uint32_t insns;		   /* of the program, as loaded */
	uint32_t processed;	   /* that the verifier went through, each path counted */
};

/* s is the callee's only during the call. */
typedef void (*prog_stats_fn)(void *ctx, const struct prog_stats *s);

/* Loads every program that this kernel can have (of those that differ in a register only, one), with everything asked
 * of it that can be asked at once, attaches none, and tells of each. 0, or -errno with a reason: one is refused. */
int kern_verify(const struct ksyms *ks, const struct vmbtf *vmlinux, prog_stats_fn fn, void *ctx,
		struct reason *reason);
