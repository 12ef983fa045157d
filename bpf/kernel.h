/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types that the programs read, declared by hand with only the members used. CO-RE finds each member by
 * name, at whatever offset the running kernel has it. The members were checked in include/linux/{skbuff,netdevice}.h,
 * include/net/sock.h and include/net/net_namespace.h of 5.10, 6.1, 6.12 and 7.2.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	char name[16];
	int ifindex;
	unsigned int mtu;
	possible_net_t nd_net;
};

/* include/linux/sched.h */
struct task_struct {
	int tgid;
	char comm[16]; /* TASK_COMM_LEN */
	void *stack;
	struct css_set *cgroups;
};

struct sock_common {
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
};

struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	__u32 mark;
	__be16 protocol;
	__u16 network_header;
	__u16 mac_header;
	unsigned char *head, *data;
	unsigned int tail, end; /* sk_buff_data_t: offsets from head on 64-bit machines */
	char cb[48];
	unsigned long _skb_refdst;
	unsigned long _nfct;
	__u16 inner_network_header;
	__u8 encapsulation : 1;
	__be16 vlan_proto;
	__u16 vlan_tci;
};

/* include/net/netfilter/nf_conntrack.h. vmlinux's BTF has these types even if the code is in a module. */
struct nf_conntrack_zone {
	__u16 id;
};

struct nf_conntrack_tuple {
	unsigned char bytes[40];
};

struct nf_conntrack_tuple_hash {
	struct nf_conntrack_tuple tuple;
};

struct nf_conn {
	struct nf_conntrack_zone zone;
	struct nf_conntrack_tuple_hash tuplehash[2];
	unsigned long status;
	__u32 mark;
};

/* include/net/dst.h, dst_ops.h, route.h, ip6_fib.h */
struct dst_ops {
	unsigned short family;
};

struct dst_entry {
	struct net_device *dev;
	struct dst_ops *ops;
	short error;
};

struct rtable {
	__u16 rt_type;
	__u8 rt_gw_family;
	__be32 rt_gw4;
};

struct rt6_info {
	struct {
		unsigned char bytes[16];
	} rt6i_gateway;
	struct fib6_info *from;
};

struct fib6_info {
	__u8 fib6_type;
};

/* include/net/xdp.h */
struct xdp_rxq_info {
	struct net_device *dev;
};

struct xdp_buff {
	void *data, *data_end, *data_hard_start;
	struct xdp_rxq_info *rxq;
};

#pragma clang attribute pop

struct sk_buff___pre62 { /* whether vlan_tci holds a tag; since 6.2 it does if it or vlan_proto is not 0 */
	__u8 vlan_present : 1;
} __attribute__((preserve_access_index));

/* Makes a pointer a number for the verifier, which refuses to convert it directly. A global
 * function takes numbers only. */
static __always_inline __u64 as_number(const void *p)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), &p);
	return v;
}

#define ETH_P_IP   0x0800
#define ETH_P_ARP  0x0806
#define ETH_P_IPV6 0x86DD

/* The inode numbers of namespaces start here: include/linux/proc_ns.h (PROC_DYNAMIC_FIRST is 0xF0000000, and the fixed
 * numbers of the initial namespaces are just below it). They tell a net_device from the other members of its union in
 * sk_buff. */
#define NS_INUM_MIN 0xE0000000u
