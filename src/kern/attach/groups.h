/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program serves which functions. Private to this room. */
#pragma once

#include <bpf/libbpf.h>

#include "kern/attach/attach.h"

#define GROUPS_MAX (SLOT_MAX * 2 + 1) /* each argument as packet or pointer to one, and functions without a packet */

/* Before the object is loaded: selects only the programs that the functions need with this backend. */
void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs);
/* After the load: the groups that have functions. Their functions are slices of members, which has an element for every
 * attachable function, and must outlive the groups. Returns the number of groups. */
size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs,
		   const struct func **members, struct attach_group ret[GROUPS_MAX]);
