/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program at the returns of traced functions. It attaches to all of them that return a value. Functions that free
 * packets return none, and must not be probed at their return: such a probe replaces the return address by which the
 * kernel tells where a packet was dropped. Private to this room.
 */
#pragma once

#include "bpf/config.h"
#include "kern/attach/attach.h"

struct bpf_object;

/* How the programs learn of returns with this backend. */
enum st_returns returns_mode(enum trace_backend backend, bool wanted);
/* Before the object is loaded: selects the program for this backend, if wanted. 0 or -errno. */
int returns_choose(struct bpf_object *obj, enum trace_backend backend, bool wanted);
/* After the load: the group of the returns of the set's functions, without functions if not wanted. funcs has an
 * element for every attachable function, and must outlive the group. */
void returns_make(struct bpf_object *obj, enum trace_backend backend, bool wanted, const struct func_set *set,
		  const struct func **funcs, struct attach_group *ret);
