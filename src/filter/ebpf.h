/* SPDX-License-Identifier: GPL-2.0-only */
/* Translates classic BPF to the body of an eBPF function. */
#pragma once

#include <stddef.h>

#include "base/reason.h"
#include "filter/cbpf.h"

struct bpf_insn; /* linux/bpf.h's */

struct ebpf_prog {
	struct bpf_insn *insns; /* owned */
	size_t n;
};

/*
 * Translates to the body of
 *	int match(u64 start, u64 cap_bytes, u64 len_bytes)
 * start is the kernel address of the packet's first byte, cap_bytes the number of bytes there, len_bytes the length of
 * the whole packet. It returns 0 for no match. A load beyond cap_bytes rejects the packet, as in classic BPF. The code
 * needs bpf_probe_read_kernel() and 32-bit jumps (Linux 5.5), and has no relocations and no ldimm64.
 * -EINVAL with a reason for an instruction that is not part of classic BPF, -E2BIG if a jump is too long, -ENOMEM; *ret
 * is unchanged on failure.
 */
int ebpf_translate(const struct cbpf_prog *in, struct ebpf_prog *ret, struct reason *reason);
void ebpf_free(struct ebpf_prog *p);

#define _cleanup_ebpf_ _cleanup_(ebpf_free)
