/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the trace's object tells of the ends of netfilter's chains: nf_tables, and the older iptables. Private to
 * this room. */
#pragma once

#include <stdbool.h>

#include "base/reason.h"

struct chains;
struct trace_bpf;
struct vmbtf;

/* Before the object is loaded: which programs it gets. A module that is not loaded, has no BTF, or none of
 * the function that is known here gets none. 0, or -errno of reading the BTF. */
int chains_choose(struct trace_bpf *skel, bool wanted, const struct vmbtf *vmlinux);
/* The module whose types the chosen programs read; NULL: none is. */
const char *chains_module(const struct trace_bpf *skel);
/* Afterwards: *ret is NULL if there are none. -errno with a reason. */
int chains_attach(struct trace_bpf *skel, struct chains **ret, struct reason *reason);
void chains_free(struct chains *c); /* detaches too; NULL is fine */
