/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/skb_tracking.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kern/attach/func_progs.h"
#include "kern/error/kern_error.h"

static const struct func_prog progs[] = {
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
	{"born___copy_skb_header", "__copy_skb_header", false},
	{"expanded", "pskb_expand_head", false},
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
	{"frame_xdp_return_frame", "xdp_return_frame", false},
	{"frame_xdp_return_frame_rx_napi", "xdp_return_frame_rx_napi", false},
	{"frame_xdp_return_frame_bulk", "xdp_return_frame_bulk", false},
	{"born___netdev_alloc_skb", "__netdev_alloc_skb", false},
	{"born___napi_alloc_skb", "__napi_alloc_skb", false},
	{"born_napi_alloc_skb", "napi_alloc_skb", false},
	{"born_build_skb", "build_skb", false},
	{"born_build_skb_around", "build_skb_around", false},
	{"born_napi_build_skb", "napi_build_skb", false},
	{"born_slab_build_skb", "slab_build_skb", false},
};

/* Where packets are not followed. Without them, copies are packets of their own. */
static const struct func_prog copies[] = {
	{"copy_header", "__copy_skb_header", false},
	{"copy_frag_v4", "ip_frag_next", false},
	{"copy_frag_v6", "ip6_frag_next", false},
	{"copy_fraglist_v4", "ip_fraglist_prepare", false},
	{"copy_fraglist_v6", "ip6_fraglist_prepare", false},
};

struct skb_tracking {
	struct bpf_link *links[ARRAY_SIZE(progs) + ARRAY_SIZE(copies)];
};

int skb_tracking_choose(struct bpf_object *obj, bool follow, const struct btf_index *btf, const struct ksyms *ks,
			struct reason *reason)
{
	const char *missing = "";
	int r = func_progs_choose(obj, copies, ARRAY_SIZE(copies), !follow, btf, ks, &missing);

	if (r >= 0)
		r = func_progs_choose(obj, progs, ARRAY_SIZE(progs), follow, btf, ks, &missing);
	return r == -EOPNOTSUPP ? reason_set(reason, r,
					     "packets cannot be followed: this kernel has no %s to attach to; leave "
					     "--filter-track-skb out",
					     missing)
				: r;
}

int skb_tracking_attach(struct bpf_object *obj, struct skb_tracking **ret, struct reason *reason)
{
	_cleanup_(skb_tracking_freep) struct skb_tracking *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	r = func_progs_attach(obj, progs, ARRAY_SIZE(progs), true, t->links);
	if (r >= 0) /* an architecture may lack what they need */
		r = func_progs_attach(obj, copies, ARRAY_SIZE(copies), false, t->links + ARRAY_SIZE(progs));
	if (r < 0)
		return kern_error_set(r, "attach the programs that follow packets", reason);
	*ret = TAKE_PTR(t);
	return 0;
}

void skb_tracking_free(struct skb_tracking *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(t->links); i++)
		bpf_link__destroy(t->links[i]);
	free(t);
}
