/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/known.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN(n, m, s)                                                                                                 \
	{                                                                                                              \
		.name = (char *)(n), .module = (char *)(m), .slot = (s), .unchecked = true                             \
	}
#define KNOWN_PTR(n, m, s)                                                                                             \
	{                                                                                                              \
		.name = (char *)(n), .module = (char *)(m), .slot = (s), .indirect = true, .unchecked = true           \
	}

/* Their arguments are the same in Linux 5.10 to 7.2. */
static const struct sig known[] = {
	/* net/core/dev.c */
	KNOWN_PTR("__netif_receive_skb_core", NULL, 1),
	/* drivers/net/veth.c */
	KNOWN("veth_xmit", "veth", 1),
	/* net/sched/cls_bpf.c */
	KNOWN("cls_bpf_classify", "cls_bpf", 1),
	/* net/bridge/br_device.c, br_forward.c, br_input.c, br_vlan.c, br_vlan_tunnel.c */
	KNOWN("br_dev_xmit", "bridge", 1),
	KNOWN("br_dev_queue_push_xmit", "bridge", 3),
	KNOWN("br_forward_finish", "bridge", 3),
	KNOWN("__br_forward", "bridge", 2),
	KNOWN("br_forward", "bridge", 2),
	KNOWN("maybe_deliver", "bridge", 3),
	KNOWN("br_flood", "bridge", 2),
	KNOWN("br_netif_receive_skb", "bridge", 3),
	KNOWN("br_pass_frame_up", "bridge", 1),
	KNOWN("br_handle_local_finish", "bridge", 3),
	KNOWN("br_handle_frame_finish", "bridge", 3),
	KNOWN_PTR("br_handle_frame", "bridge", 1),
	KNOWN("br_allowed_ingress", "bridge", 3),
	KNOWN("br_handle_ingress_vlan_tunnel", "bridge", 1),
};

/* By name and module. */
static int function_cmp(const void *a, const void *b)
{
	const struct sig *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->module ? x->module : "", y->module ? y->module : "");
}

static int sig_cmp(const void *a, const void *b)
{
	const struct sig *x = a, *y = b;
	int r = function_cmp(a, b);

	if (r == 0)
		r = x->slot - y->slot;
	return r ? r : x->indirect - y->indirect;
}

static void sort(struct sig_set *set)
{
	if (set->n)
		qsort(set->items, set->n, sizeof(*set->items), sig_cmp);
}

int known_sigs_add(struct sig_set *set)
{
	size_t n;

	sort(set);
	n = set->n;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		int r = 0;

		if (n == 0 || !bsearch(&known[i], set->items, n, sizeof(*set->items), function_cmp))
			r = sig_set_add(set, &known[i]);
		if (r < 0)
			return r;
	}
	sort(set);
	return 0;
}
