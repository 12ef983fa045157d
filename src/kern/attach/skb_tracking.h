/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs of bpf/track_hooks.bpf.h, which follow packets that matched: at the functions that make an skb from
 * another one, and at those that free it. Without them, the programs of bpf/copies.bpf.h. Private to this room. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct bpf_object;
struct btf_index;
struct skb_tracking;

/* Before the object is loaded: selects the programs whose function this kernel has.
 * 0 or more; -EOPNOTSUPP with a reason if this kernel lacks a function that cannot be left out. */
int skb_tracking_choose(struct bpf_object *obj, bool follow, const struct btf_index *btf, const struct ksyms *ks,
			struct reason *reason);
/* After the load: attaches the selected programs. 0 or -errno with a reason. */
int skb_tracking_attach(struct bpf_object *obj, struct skb_tracking **ret, struct reason *reason);
void skb_tracking_free(struct skb_tracking *t); /* detaches; NULL is fine */
DEFINE_CLEANUP(struct skb_tracking *, skb_tracking_free)
