/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs of bpf/track.bpf.h, which follow packets that matched: where skbs are made from others, and freed. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"

struct bpf_object;
struct vmbtf;
struct track;

/* Before the object is loaded: those programs whose function this kernel has are to be loaded, if packets are followed;
 * else none. 0, or -EOPNOTSUPP with a reason if packets cannot be followed here. */
int track_choose(struct bpf_object *obj, bool follow, const struct vmbtf *btf, const struct ksyms *ks,
		 struct reason *reason);
/* After: attaches them. */
int track_attach(struct bpf_object *obj, struct track **ret, struct reason *reason);
void track_free(struct track *t); /* detaches; NULL is fine */
DEFINE_CLEANUP(struct track *, track_free)
