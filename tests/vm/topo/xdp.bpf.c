// SPDX-License-Identifier: GPL-2.0-only
/* XDP for the tests, attached by ip link: IPv4 from lxc1 goes to lxc2's peer, whose address it gets. */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define LXC2_IFINDEX 22 /* as topo makes it */

struct eth {
	__u8 dst[6], src[6];
	__u16 type_be;
};

SEC("xdp.redirect")
int redirect(struct xdp_md *ctx)
{
	struct eth *eth = (void *)(long)ctx->data;
	static const __u8 pod2[6] = {2, 0, 0, 0, 2, 2};

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end || eth->type_be != bpf_htons(0x0800))
		return XDP_PASS;
	__builtin_memcpy(eth->dst, pod2, sizeof(pod2));
	return bpf_redirect(LXC2_IFINDEX, 0);
}

SEC("xdp.pass")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
