// SPDX-License-Identifier: GPL-2.0-only
/* For the test of --output-bpfmap: a program that uses maps of several kinds for each IPv4 packet, by its destination.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct trie_key {
	__u32 prefix_bits;
	__u32 addr_be;
};

struct wide_value {
	__u32 packets;
	__u8 rest[96]; /* beyond what is kept of a value */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct wide_value);
} recent SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} each_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__type(key, struct trie_key);
	__type(value, __u16);
} routes SEC(".maps");

SEC("tc")
int uses_maps(struct __sk_buff *skb)
{
	struct wide_value wide = {.packets = 7};
	struct trie_key key = {.prefix_bits = 32};
	__u64 one = 1;
	__u16 port = 0x1234;
	__u32 to;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, daddr), &to, sizeof(to)))
		return TC_ACT_OK;
	if (!bpf_map_lookup_elem(&seen, &to))
		bpf_map_update_elem(&seen, &to, &one, BPF_ANY);
	bpf_map_lookup_elem(&seen, &to);
	bpf_map_update_elem(&recent, &to, &wide, BPF_ANY);
	bpf_map_update_elem(&each_cpu, &to, &one, BPF_ANY);
	bpf_map_lookup_elem(&each_cpu, &to);
	key.addr_be = to;
	bpf_map_update_elem(&routes, &key, &port, BPF_ANY);
	bpf_map_lookup_elem(&routes, &key);
	bpf_map_delete_elem(&recent, &to);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
