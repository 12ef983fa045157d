/* SPDX-License-Identifier: GPL-2.0-only */
/* Which program serves which functions. Private to this room. */
#pragma once

#include <bpf/libbpf.h>

#include "kern/attach.h"
#include "kern/fentry_multi.h"

#define GROUPS_MAX (SLOT_MAX * 2 + 1) /* each slot, plain and indirect, and none */

/* Lets only the programs load that the functions need on this backend; fentry is NULL but for
 * TRACE_BACKEND_FENTRY_MULTI.
 */
void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct fentry_multi *fentry,
		   const struct func_set *funcs);
/* After the load: the groups that have functions, as slices of slots, which has room for every attachable one and must
 * outlive them. Returns how many. First those that fentry takes, then those that nothing has taken. */
size_t groups_make_fentry(struct bpf_object *obj, const struct fentry_multi *fentry, const struct func_set *funcs,
			  const struct func **slots, struct attach_group ret[GROUPS_MAX]);
size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct fentry_multi *fentry,
		   const struct func_set *funcs, const struct func **slots, struct attach_group ret[GROUPS_MAX]);
