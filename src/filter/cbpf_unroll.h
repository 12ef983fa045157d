/* SPDX-License-Identifier: GPL-2.0-only */
/* Removes the loops from classic BPF programs. */
#pragma once

#include "filter/cbpf.h"

/*
 * libpcap compiles `protochain` to a loop over headers, with a jump backward, which the kernel does not allow. *ret
 * holds max_rounds + 1 copies of the program: each backward jump leads into the next copy, and in the last copy it
 * rejects the packet. A program without a loop is copied once. -EINVAL for a jump out of the program, -ENOMEM; *ret is
 * unchanged on failure.
 */
int cbpf_unroll(const struct cbpf_prog *p, unsigned max_rounds, struct cbpf_prog *ret);
