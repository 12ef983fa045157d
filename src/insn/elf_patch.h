/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces the bodies of functions in the bytes of an object file, before libbpf opens it. libbpf then sees ordinary
 * code, and everything it derives from the code (offsets, information on functions) is right.
 *
 * A function shrinks to its new body: the kernel would get the unused rest with each program, and the verifier would
 * move it for each branch of the program that it removes.
 *
 * The source line numbers are removed as well: nobody sees them, and libbpf would keep all 1.5 MB of them.
 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "base/reason.h"
#include "filter/ebpf.h"

/* The instructions of a program or function that returns 0. */
extern const struct bpf_insn elf_patch_nothing[2];

struct elf_patch {
	const char *function;	      /* its name; its code must be at least as long as the body */
	const struct ebpf_prog *body; /* NULL: a body that returns 0, for a function that is never called */
};

/* Patches all n functions. 0; -E2BIG with a reason if a body is longer than its function; -ENOENT if a function is
 * missing; -EINVAL if the bytes are not an object file of this machine's byte order. After a failure the bytes are half
 * patched and must not be used. */
int elf_patch(void *object, size_t object_bytes, const struct elf_patch *all, size_t n, struct reason *reason);
