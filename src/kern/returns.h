/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where traced functions return: one more program on all of them that return something. Those that free packets return
 * nothing, which is as well: a probe at their return takes the address away by which the kernel tells where a packet
 * died. Private to this room.
 */
#pragma once

#include "kern/attach.h"
#include "kern/fentry_multi.h"

struct bpf_object;

/* How the programs are to be told of returns, by the way functions are attached to. */
enum st_returns returns_way(const struct trace_opts *opts);
/* Before the object is loaded: lets the program load that is wanted, if any. */
int returns_choose(struct bpf_object *obj, const struct trace_opts *opts);
/* After: the group of these functions where they return, of those that fentry takes and of the others; fentry is NULL
 * but for TRACE_BACKEND_FENTRY_MULTI. The group's functions are in funcs, which has room for every attachable one and
 * must outlive it. No functions: it is not wanted. */
void returns_make_fentry(struct bpf_object *obj, const struct trace_opts *opts, const struct fentry_multi *fentry,
			 const struct func_set *set, const struct func **funcs, struct attach_group *ret);
void returns_make(struct bpf_object *obj, const struct trace_opts *opts, const struct fentry_multi *fentry,
		  const struct func_set *set, const struct func **funcs, struct attach_group *ret);
