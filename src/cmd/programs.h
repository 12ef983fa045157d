/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs of endpoints, asked of the running kernel. */
#pragma once

#include "check/check.h"
#include "kern/progs.h"
#include "net/endpoint.h"
#include "render/programs.h"

/* Sets e->programs to those on its host-side device and, of a netkit pair, on either end; e owns them. -errno: they
 * could not be asked for; e is then left alone. No host side, or a namespace that is gone: none, no error. */
int programs_of_endpoint(struct progs *progs, const struct netns_list *namespaces, struct endpoint *e);

/* What a check shows of programs. Supporting evidence: whatever cannot be known is left out, nothing fails. */
struct check_programs {
	struct endpoint src, dst; /* as given, with programs; only these are owned */
	struct program_walk walks[LEG_MAX];
	struct leg_program legs[LEG_MAX]; /* points into the above */
};

/* *ret must stay where it is. */
void check_programs_load(struct progs *progs, const struct endpoint *src, const struct endpoint *dst,
			 const struct leg_result legs[static LEG_MAX], struct check_programs *ret);
void check_programs_free(struct check_programs *p);
