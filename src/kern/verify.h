/* SPDX-License-Identifier: GPL-2.0-only */
/* How much of the kernel verifier's limit our programs use. */
#pragma once

#include "base/reason.h"
#include "btf/index.h"
#include "kallsyms/ksyms.h"
#include "kern/load/verifier_log.h"

#define VERIFIER_LIMIT 1000000u /* the most instructions it looks at for a program (BPF_COMPLEXITY_LIMIT_INSNS) */

/* Loads every program that this kernel can load, with all options on that can be on together, attaches none, and calls
 * fn for each. Of programs that differ in one register only, one is loaded. 0, or -errno with a reason if one is
 * refused. */
int verify_programs(const struct ksyms *ks, const struct btf_index *vmlinux, verifier_stats_fn fn, void *ctx,
		    struct reason *reason);
