/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs of endpoints, from the running kernel. */
#pragma once

#include "check/check.h"
#include "kern/progs/progs.h"
#include "net/endpoint.h"
#include "render/list/programs.h"

/* Sets e->programs, which e owns, to the programs on its host-side device, and for a netkit pair on both devices. No
 * programs and 0 if e has no host side, or if the namespace is gone. -errno if the kernel does not tell; e is then
 * unchanged. */
int programs_of_endpoint(struct progs *progs, const struct netns_list *namespaces, struct endpoint *e);

/* The programs that a check reports. They do not change the verdict: what cannot be found is left out, without an
 * error. */
struct check_programs {
	struct endpoint src, dst; /* copies of the given ones; only their programs are owned */
	struct program_walk walks[DIRECTION_MAX];
	struct direction_program directions[DIRECTION_MAX]; /* points into the members above */
};

/* Fills *ret, which must not be moved, since it points into itself, and borrows from r. tc_drops: for each direction,
 * where its drop happened by the kernel's reason. */
enum tc_drop { TC_DROP_NONE, TC_DROP_INGRESS, TC_DROP_EGRESS };
void programs_of_check(struct progs *progs, const struct endpoint *src, const struct endpoint *dst,
		       const struct check_result *r, const enum tc_drop tc_drops[static DIRECTION_MAX],
		       struct check_programs *ret);
void programs_of_check_free(struct check_programs *p);
