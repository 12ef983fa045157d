// SPDX-License-Identifier: GPL-2.0-only
/* Programs by which packets are lost, for tests/vm/drops.sh: on an interface, and on a cgroup's way out. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NO_IFINDEX 9999 /* no interface has it */

SEC("xdp")
int redirects_to_nowhere(struct xdp_md *xdp)
{
	(void)xdp;
	return bpf_redirect(NO_IFINDEX, 0);
}

SEC("cgroup_skb/egress")
int refuses(struct __sk_buff *skb)
{
	(void)skb;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
