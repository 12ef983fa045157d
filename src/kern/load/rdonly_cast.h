/* SPDX-License-Identifier: GPL-2.0-only */
/* Lets programs read kernel memory by ordinary loads instead of helpers, by bpf_rdonly_cast(). Private to src/kern. */
#pragma once

#include "btf/index.h"

struct trace_bpf;

/* Replaces the placeholder of bpf/plain.bpf.h in each selected program by a call of bpf_rdonly_cast(), and tells the
 * programs so, if the kernel has that function (6.2) and lets them call it. Also tells them whether the kernel has
 * bpf_get_current_task_btf() (5.11). vmlinux has the running kernel's types. 0 or -ENOMEM. */
int rdonly_cast_enable(struct trace_bpf *skel, const struct btf_index *vmlinux);
