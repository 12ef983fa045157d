/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/track.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kern/func_progs.h"
#include "kern/refusal.h"

static const struct func_prog track_progs[] = {
	{"born_skb_clone", "skb_clone", true},
	{"born_skb_copy", "skb_copy", true},
	{"born___pskb_copy_fclone", "__pskb_copy_fclone", true},
	{"born_skb_copy_expand", "skb_copy_expand", false},
	{"born_skb_realloc_headroom", "skb_realloc_headroom", false},
	{"born_skb_expand_head", "skb_expand_head", false},
	{"born_ip_frag_next", "ip_frag_next", false},
	{"born_ip6_frag_next", "ip6_frag_next", false},
	{"born_skb_segment", "skb_segment", true},
	{"born_skb_segment_list", "skb_segment_list", false},
	{"born___skb_gso_segment", "__skb_gso_segment", false},
	{"born_skb_morph", "skb_morph", false},
	{"born_skb_copy_header", "skb_copy_header", false},
	{"fragments_v4", "ip_do_fragment", false},
	{"fragments_v6", "ip6_fragment", false},
	{"exchange_begin", "skb_pp_cow_data", false},
	{"exchange_end", "skb_pp_cow_data", false},
	{"dead_skb_release_head_state", "skb_release_head_state", true},
	{"dead_napi_skb_free_stolen_head", "napi_skb_free_stolen_head", false},
	{"dead___consume_stateless_skb", "__consume_stateless_skb", false},
	{"gone_kfree_skbmem", "kfree_skbmem", false},
	{"born___alloc_skb", "__alloc_skb", false},
	{"frame_leaves", "xdp_do_redirect", false},
	{"frame_build", "build_skb", false},
	{"frame_build_around", "build_skb_around", false},
};

struct track {
	struct bpf_link *links[ARRAY_SIZE(track_progs)];
};

int track_choose(struct bpf_object *obj, bool follow, const struct vmbtf *btf, const struct ksyms *ks,
		 struct reason *reason)
{
	const char *missing;
	int r = func_progs_choose(obj, track_progs, ARRAY_SIZE(track_progs), follow, btf, ks, &missing);

	return r == -EOPNOTSUPP ? reason_set(reason, r,
					     "packets cannot be followed: this kernel has no %s to attach to; leave "
					     "--filter-track-skb out",
					     missing)
				: r;
}

int track_attach(struct bpf_object *obj, struct track **ret, struct reason *reason)
{
	_cleanup_(track_freep) struct track *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	r = func_progs_attach(obj, track_progs, ARRAY_SIZE(track_progs), true, t->links);
	if (r < 0)
		return kern_refuse(r, "attach the programs that follow packets", reason);
	*ret = TAKE_PTR(t);
	return 0;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(t->links); i++)
		bpf_link__destroy(t->links[i]);
	free(t);
}
