/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the programs may read the kernel's memory by plain loads. Private to this room. */
#pragma once

#include "kern/vmbtf.h"

struct trace_bpf;

/* Makes the call of bpf_rdonly_cast() in bpf/plain.bpf.h a real one in each program that will be loaded, and says so to
 * them, unless the kernel (before 6.2) has no such function, or refuses it. Says likewise whether there is
 * bpf_get_current_task_btf() (5.11), which every program may call. vmlinux is the running kernel's. 0 or -ENOMEM. */
int plain_reads(struct trace_bpf *skel, const struct vmbtf *vmlinux);
