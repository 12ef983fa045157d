/* SPDX-License-Identifier: GPL-2.0-only */
/* Classic BPF as the body of an eBPF function. */
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
 * with start the kernel address of the packet's first byte, cap_bytes how many bytes stand there, len_bytes how long
 * the packet is in all. It returns 0 for no match. What is outside of cap_bytes rejects the packet, as in classic BPF.
 * Needs a kernel with bpf_probe_read_kernel() and 32-bit jumps (5.5) and no relocation; the code has no wide
 * (16-byte) instruction.
 * -EINVAL with a reason for an instruction that is not part of classic BPF, -E2BIG if jumps would not reach, -ENOMEM;
 * *ret is left alone on failure.
 */
int ebpf_translate(const struct cbpf_prog *in, struct ebpf_prog *ret, struct reason *reason);
void ebpf_free(struct ebpf_prog *p);

#define _cleanup_ebpf_ _cleanup_(ebpf_free)
