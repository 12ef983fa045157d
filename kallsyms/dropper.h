/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which code freed a packet, given the return address that the kernel's tracepoint tells.
 *
 * Theory of operation. The address lies behind the call that led to the freeing function. Mostly that call is the
 * freeing function's own, and the address lies in who dropped the packet. But where the dropper ended in a jump instead
 * of a call, nothing of it is on the stack: the call before the address is then one of the dropper. So the instruction
 * before the address is decoded; if it calls another function, that one's code is searched for a jump to a freeing
 * function, at most through one function in between. What the call goes to is not known where it is an indirect one.
 */
#pragma once

#include <stdbool.h>

#include "kallsyms/kcode.h"
#include "kallsyms/ksyms.h"

struct dropper {
	uint64_t addr; /* the jump, if there is one, else the return address itself */
	bool jumped;
};

/* Whether the function frees packets and does nothing else, so that whoever calls it is the dropper. */
bool dropper_frees(const char *func);

/* Reads code bytes: kcode_read()'s signature, for tests. */
typedef ssize_t (*dropper_read_fn)(void *ctx, uint64_t addr, void *buf, size_t len_bytes);

/* 0; -ENOENT where the code does not tell (an indirect call, a function that frees by a call), -EOPNOTSUPP where this
 * architecture's code is not known, -ENOMEM, or the reader's error; *ret is left alone then. */
int dropper_find(dropper_read_fn read, void *ctx, const struct ksyms *ks, uint64_t location, struct dropper *ret);
