/* SPDX-License-Identifier: GPL-2.0-only */
/* Classic BPF without loops. */
#pragma once

#include "filter/cbpf.h"

/*
 * libpcap compiles `protochain` to a loop over headers, with a jump backward that kernels do not take. Here the program
 * is repeated, each backward jump goes on in the next copy, and after max_rounds of them the packet is rejected. A
 * program without a loop is only copied. -EINVAL for jumps out of the program, -ENOMEM; *ret is left alone on failure.
 */
int cbpf_unroll(const struct cbpf_prog *p, unsigned max_rounds, struct cbpf_prog *ret);
