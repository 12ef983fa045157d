/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdint.h>

/* What the kernel takes as a ring's size: a power of two and whole pages (kernel/bpf/ringbuf.c), at most 1 GiB. */
uint32_t ring_round(uint64_t bytes);
