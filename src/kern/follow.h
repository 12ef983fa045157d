/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the trace's object follows BPF programs: the templates, and the programs at the helpers. Private to this
 * room. */
#pragma once

#include <bpf/btf.h>

#include "kern/prog_watch.h"
#include "kern/trace.h"

struct trace_bpf;
struct follow;

/* Before the object is loaded: which of its programs are wanted. A helper that the kernel lacks is left out. */
void follow_choose(struct trace_bpf *skel, const struct trace_opts *opts, const struct vmbtf *btf);
/* Afterwards: attaches to the helpers, and to every program. *ret is NULL if none are wanted. -errno with a reason. */
int follow_open(struct trace_bpf *skel, const struct trace_opts *opts, struct follow **ret, struct reason *reason);
struct prog_watch *follow_watch(const struct follow *f);
void follow_detach(struct follow *f);
void follow_free(struct follow *f); /* detaches too; NULL is fine */
