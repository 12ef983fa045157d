/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code of our own making in place of functions' bodies, in the bytes of an object file before libbpf opens them: so
 * libbpf sees ordinary code, and what it derives from it (offsets, what is known of functions) holds.
 *
 * A function shrinks to its new body. What it left over would be passed through the kernel with each program, and the
 * verifier moves all of it for each branch of the program that it removes.
 *
 * The numbers of source lines go, too: nobody is shown them, and libbpf would keep all 1.5 MB of them.
 */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "base/reason.h"
#include "filter/ebpf.h"

/* A program or function that returns 0. */
extern const struct bpf_insn splice_nothing[2];

struct splice {
	const char *function;	      /* its code must have room for the body */
	const struct ebpf_prog *body; /* NULL: the function returns 0, and is never called */
};

/* -E2BIG with a reason if there is too little room, -ENOENT if one of the functions is missing, -EINVAL if the bytes
 * are no object file of this machine's byte order. After a failure the object is of no use. */
int splice(void *object, size_t object_bytes, const struct splice *all, size_t n, struct reason *reason);
