/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program serves which functions. Private to this room. */
#pragma once

#include <bpf/libbpf.h>

#include "kern/attach.h"

#define GROUPS_MAX (SLOT_MAX * 2 + 1) /* each slot, plain and indirect, and none */

/* Lets only the programs load that the functions need on this backend. */
void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs);
/* After the load: the groups that have functions, as slices of slots, which has room for every attachable one and must
 * outlive them. Returns how many. */
size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs,
		   const struct func **slots, struct attach_group ret[GROUPS_MAX]);
