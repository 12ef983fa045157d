/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code of our own making in place of a function's body, in the bytes of an object file before libbpf opens them: so
 * libbpf sees ordinary code, and what it derives from it (offsets, function and line information) holds.
 */
#pragma once

#include <stddef.h>

#include "base/reason.h"
#include "filter/ebpf.h"

/* Writes body over the function, which must leave enough room; what remains of it is never run. -E2BIG with a reason if
 * there is too little room, -ENOENT if there is no such function, -EINVAL if the bytes are no object file. On failure
 * the object is unchanged. */
int splice(void *object, size_t object_bytes, const char *function, const struct ebpf_prog *body,
	   struct reason *reason);
