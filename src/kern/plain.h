/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the programs may read the kernel's memory by plain loads. Private to this room. */
#pragma once

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Makes the call of bpf_rdonly_cast() in bpf/plain.bpf.h a real one in each program of obj that will be loaded. btf is
 * the running kernel's. 1: they may; 0: the kernel (before 6.2) has no such function, or refuses it; nothing is changed
 * then. -ENOMEM. */
int plain_reads(struct bpf_object *obj, const struct btf *btf);
