/* SPDX-License-Identifier: GPL-2.0-only */
/* Where traced functions return: one more program on all of them. Private to this room. */
#pragma once

#include "kern/attach.h"

struct bpf_object;

/* Before the object is loaded: whether its program is to be. -EOPNOTSUPP with a reason if it is, and this way to attach
 * has no returns. */
int returns_choose(struct bpf_object *obj, const struct trace_opts *opts, struct reason *reason);
/* After: attaches it where functions return, if wanted; functions that refuse are counted only: *ret_missing.
 * *ret is NULL if it is not wanted. */
int returns_attach(struct bpf_object *obj, const struct trace_opts *opts, const struct func_set *funcs,
		   struct multi **ret, size_t *ret_missing, struct reason *reason);
