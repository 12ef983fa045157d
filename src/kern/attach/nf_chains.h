/* SPDX-License-Identifier: GPL-2.0-only */
/* The trace's programs at the end of netfilter's chains, of nf_tables and of the older iptables. Private to this room.
 */
#pragma once

#include <stdbool.h>

#include "base/reason.h"

struct nf_chains;
struct trace_bpf;
struct btf_index;

/* Before the object is loaded: selects the programs, if wanted. A module gets none if it is not loaded, has no BTF, or
 * if its function differs from the ones known here. 0, or -errno of reading the BTF. */
int nf_chains_choose(struct trace_bpf *skel, bool wanted, const struct btf_index *vmlinux);
/* The module whose types the selected programs read, static; NULL: none. */
const char *nf_chains_module(const struct trace_bpf *skel);
/* After the load: attaches the selected programs. *ret is NULL if there are none. 0 or -errno with a reason. */
int nf_chains_attach(struct trace_bpf *skel, struct nf_chains **ret, struct reason *reason);
void nf_chains_free(struct nf_chains *c); /* detaches; NULL is fine */
