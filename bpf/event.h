/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What travels from the kernel to user space: the one definition both sides include (see also config.h).
 * All fields are in host byte order unless named _be. A record is written in the running kernel's own layout;
 * recordings use a format of their own.
 */
#pragma once

#include <linux/types.h>

#define ST_COMM_LEN   16 /* TASK_COMM_LEN, include/linux/sched.h */
#define ST_IFNAME_LEN 16 /* IFNAMSIZ, include/uapi/linux/if.h */

/* st_event.valid: which fields hold something. Absence is a bit, never a magic value. */
#define ST_VALID_NETNS	  (1u << 0)
#define ST_VALID_DEV	  (1u << 1)  /* ifindex, ifname, mtu */
#define ST_VALID_IP4	  (1u << 2)  /* addrs[0..3] source, addrs[4..7] destination */
#define ST_VALID_IP6	  (1u << 3)  /* addrs[0..15] source, addrs[16..31] destination */
#define ST_VALID_L4	  (1u << 4)  /* l4 */
#define ST_VALID_PORTS	  (1u << 5)  /* sport_be, dport_be */
#define ST_VALID_TCP	  (1u << 6)  /* tcp_flags */
#define ST_VALID_ICMP	  (1u << 7)  /* icmp_type, icmp_code */
#define ST_VALID_ICMP_ID  (1u << 8)  /* echo: icmp id in sport_be, sequence in dport_be */
#define ST_VALID_LOCATION (1u << 9)  /* location: the packet died here */
#define ST_VALID_REASON	  (1u << 10) /* drop_reason; not before 5.17 */

/* Which program wrote the record. Each source counts its own records, so a gap in one is a loss in that one. */
enum st_source {
	ST_SRC_KPROBE,	   /* the wide trace: addr lies inside the probed function */
	ST_SRC_KFREE,	   /* the kfree_skb tracepoint: location, and the reason where the kernel has one */
	ST_SRC_PROG_ENTRY, /* a BPF program on the path, or a function of it: prog, prog_func */
	ST_SRC_PROG_EXIT,  /* the same, returning value */
	ST_SRC_PROG_CALL,  /* the program calls a helper: prog, call; value is the ifindex, and the flags above it */
	ST_SRC_NETFILTER,  /* the end of a chain of nf_tables: ST_PART_NETFILTER */
	ST_SRC_IPTABLES,   /* likewise of the older iptables, which has a module of its own for each family */
	ST_SRC_IP6TABLES,
	ST_SRC_CALL, /* a function without a packet of its own, called on behalf of one, which is as it was last seen */
	ST_SRC_MAP,  /* a BPF map is used on behalf of the packet: ST_PART_MAP */
	ST_SRC_RETURN, /* a traced function returns value; the packet is as it was when it was called */
	ST_SRC_MAX,
};

struct st_event {
	__u64 ts_ns; /* CLOCK_MONOTONIC */
	__u64 seq;   /* counts this source's records on this CPU, from 0, also those that were lost */
	union {
		__u64 addr; /* inside the traced function, at most 16 bytes past its start; 0 for a tracepoint */
		struct {    /* ST_SRC_PROG_* */
			__u32 prog; /* id of the program */
			union {
				__u32 prog_func; /* index of its function; 0: the program itself */
				__u32 call;	 /* enum st_call */
			};
		};
	};
	__u64 skb;
	__u64 head; /* skb->head */
	union {
		__u64 location; /* return address of the call that freed the packet */
		__u64 value;	/* ST_SRC_PROG_EXIT, ST_SRC_PROG_CALL, ST_SRC_RETURN */
	};
	__u32 cpu;
	__u32 pid;   /* thread group id, what user space calls the pid */
	__u32 netns; /* inode number of the network namespace */
	__u32 ifindex;
	__u32 mark;
	__u32 len_bytes;
	__u32 mtu;
	__u32 drop_reason;
	__u16 proto_be; /* skb->protocol, an EtherType */
	__u16 valid;	/* ST_VALID_* */
	__u16 sport_be;
	__u16 dport_be;
	__u8 l4;	/* IPPROTO_* */
	__u8 tcp_flags; /* byte 13 of the TCP header */
	__u8 icmp_type;
	__u8 icmp_code;
	__u8 source;	/* enum st_source */
	__u8 has_parts; /* addrs has its longest size, and parts follow it to the record's end */
	__u8 pad[2];
	char comm[ST_COMM_LEN]; /* ends with a NUL; behind it may be anything */
	char ifname[ST_IFNAME_LEN];
	__u8 addrs[]; /* 0, 8 or 32 bytes, by the ST_VALID_IP* bits */
};

#define ST_ADDRS_MAX 32

/*
 * What a record carries only when it is asked for. Parts follow the addresses, each behind a header and in a room whose
 * size is the same in every record of a trace, of which len_bytes are in use; 0: this packet has no such thing.
 */
enum st_part_kind {
	ST_PART_CALLER,	   /* u64: the address that the probed function returns to */
	ST_PART_STACK,	   /* u64 each: the kernel's stack, innermost first */
	ST_PART_LINK,	   /* struct st_link */
	ST_PART_CB,	   /* skb->cb */
	ST_PART_TUNNEL,	   /* struct st_inner */
	ST_PART_CT,	   /* struct st_conntrack */
	ST_PART_ROUTE,	   /* struct st_route */
	ST_PART_SKB,	   /* struct sk_buff, as it is in memory */
	ST_PART_SHINFO,	   /* struct skb_shared_info, likewise */
	ST_PART_BYTES,	   /* struct st_bytes and so many of the packet's bytes */
	ST_PART_VALUES,	   /* struct st_values */
	ST_PART_NETFILTER, /* struct st_netfilter */
	ST_PART_MAP,	   /* struct st_map_access */
	ST_PART_MAX,
};

#define ST_VALUES_MAX 8

/* What the user's expressions over the sk_buff give. */
struct st_values {
	__u32 n;
	__u32 valid; /* bits: which have a value */
	__u64 value[ST_VALUES_MAX];
};

struct st_part {
	__u16 kind; /* enum st_part_kind */
	__u16 len_bytes;
	__u16 room_bytes;
	__u16 pad;
};

/* The packet from its network header on; without one, from skb->data on. */
struct st_bytes {
	__u32 wire_bytes; /* how many there are of the packet from there on; those that are here follow */
	__u32 pad;
};

#define ST_SNAP_MAX	   4096	      /* bytes of a packet that a record holds */
#define ST_SNAP_LINEAR_MAX (1u << 20) /* a head that would be longer is none */
#define ST_STACK_MAX	   48
#define ST_CB_BYTES	   48  /* sizeof(skb->cb), include/linux/skbuff.h */
#define ST_DUMP_MAX	   512 /* bytes of a structure that is dumped */

struct st_link {
	__u8 mac_dst[6], mac_src[6];
	__u16 type_be;	       /* what follows the tags */
	__u16 tag_tci[3];      /* host byte order; first the one that is kept beside the frame */
	__u16 tag_proto_be[3]; /* its EtherType */
	__u8 n_tags;
	__u8 accel;   /* the first of them is kept beside the frame: skb->vlan_tci */
	__u8 has_mac; /* there is an Ethernet header */
	__u8 pad;
};

enum st_tunnel_kind { ST_TUNNEL_VXLAN = 1, ST_TUNNEL_GENEVE, ST_TUNNEL_GRE, ST_TUNNEL_IPIP };

/* The packet within an encapsulated one. */
struct st_inner {
	__u8 addrs[32]; /* as in st_event */
	__u16 valid;	/* ST_VALID_IP* to ST_VALID_ICMP_ID */
	__u16 sport_be, dport_be;
	__u8 l4, tcp_flags, icmp_type, icmp_code;
	__u8 kind; /* enum st_tunnel_kind, 0 not known */
	__u8 has_vni;
	__u32 vni; /* VXLAN, Geneve: network; GRE: key */
};

/* struct nf_conntrack_tuple, include/net/netfilter/nf_conntrack_tuple.h: the same from 5.10 to 7.2. */
struct st_ct_tuple {
	__u8 src[16];
	__u16 sport_be; /* or the ICMP id, in the original direction */
	__u16 l3num;	/* AF_INET, AF_INET6 */
	__u8 dst[16];
	__u16 dport_be; /* or ICMP type and code */
	__u8 protonum, dir;
};

struct st_conntrack {
	struct st_ct_tuple orig, reply; /* reply: as the answers look, so after translation */
	__u64 status; /* enum ip_conntrack_status, include/uapi/linux/netfilter/nf_conntrack_common.h */
	__u32 mark;
	__u32 info; /* enum ip_conntrack_info, of this packet */
	__u16 zone;
	__u16 pad[3];
};

enum st_map_op { ST_MAP_LOOKUP, ST_MAP_UPDATE, ST_MAP_DELETE, ST_MAP_OP_MAX };

#define ST_MAP_BYTES 64 /* of a key and of a value that are kept */

struct st_map_access {
	__u32 id;
	__u32 key_size, value_size;  /* as the map has them */
	__u8 key_bytes, value_bytes; /* that are here */
	__u8 op;		     /* enum st_map_op */
	__u8 found;		     /* a look-up's key is there */
	char name[ST_COMM_LEN];	     /* BPF_OBJ_NAME_LEN */
	__u8 key[ST_MAP_BYTES], value[ST_MAP_BYTES];
};

#define ST_NF_NAME_LEN 32 /* longer names are cut */

struct st_netfilter {
	__u32 verdict; /* NF_*, include/uapi/linux/netfilter.h, in the low byte */
	__u8 hook;     /* NF_INET_* and the like, by family */
	__u8 pf;       /* NFPROTO_*; 0 not known */
	__u16 pad;
	char table[ST_NF_NAME_LEN], chain[ST_NF_NAME_LEN];
};

struct st_route {
	__u8 gateway[16];
	__u32 netns, ifindex; /* of the device it leaves by */
	char ifname[ST_IFNAME_LEN];
	__u16 family;	     /* AF_INET, AF_INET6 */
	__u16 type;	     /* RTN_*, include/uapi/linux/rtnetlink.h; 0 not known */
	__s16 error;	     /* negative errno: there is none */
	__u8 gateway_family; /* 0: none, it is on the link */
	__u8 pad;
};

/* Helpers that a program on the path calls, and that are shown. */
enum st_call {
	ST_CALL_REDIRECT,
	ST_CALL_REDIRECT_PEER,
	ST_CALL_REDIRECT_NEIGH,
	ST_CALL_CLONE_REDIRECT,
	ST_CALL_XDP_REDIRECT,
	ST_CALL_MAX,
};

/*
 * Constants in the programs that follow BPF programs, to be replaced before each is loaded: whom it follows (program
 * id, the function's index above it), which argument is the packet, and how many arguments there are, behind which the
 * return value stands.
 */
#define ST_PATCH_WHO  0x5354524c2d57484fULL
#define ST_PATCH_SLOT 0x5354524c2d534c00ULL
#define ST_PATCH_ARGS 0x5354524c2d415200ULL

/* No helper has this number: the call of bpf_rdonly_cast(), see plain.bpf.h. */
#define ST_PATCH_RDONLY_CAST 0x5354524c

/* Per CPU and source. sent + lost_ring == the next seq. */
struct st_counters {
	__u64 seq;
	__u64 lost_ring; /* records for which the ring had no room */
	__u64 limited;	 /* not recorded, and not counted above: the rate was reached */
};

/* Where an evidence program sits: one program, one hook, one count. */
enum st_hook {
	ST_HOOK_XMIT,	  /* tracepoint net_dev_start_xmit: handed to the driver of dev */
	ST_HOOK_RECEIVE,  /* tracepoint netif_receive_skb: received on dev, before tc ingress */
	ST_HOOK_REDIRECT, /* skb_do_redirect entered on dev: helper says which redirect, and where to */
	ST_HOOK_PEER,	  /* skb_do_redirect returned -EAGAIN: the packet is now on dev, the redirect's target's peer */
	ST_HOOK_IP_RCV,	  /* ip_rcv, ipv6_rcv: IP input on dev; orig is the device it was received on */
	ST_HOOK_FORWARD,  /* ip_forward, ip6_forward: dev is the ingress device */
	ST_HOOK_BRIDGE,	  /* __br_forward: a bridge sends it to another port; dev is still the ingress port */
	ST_HOOK_NETKIT,	  /* netkit_xmit entered on dev */
	ST_HOOK_NETFILTER, /* nf_hook_slow: a netfilter hook with rules ran on dev */
	ST_HOOK_DROP,	   /* tracepoint kfree_skb: died on dev, at location */
	ST_HOOK_VETH,	   /* veth_xmit entered on dev: the driver itself; where the module has BTF */
	ST_HOOK_MAX,
};

/* Which BPF helper chose the redirect that skb_do_redirect carries out. */
enum st_helper {
	ST_HELPER_NONE,
	ST_HELPER_REDIRECT,
	ST_HELPER_REDIRECT_PEER,
	ST_HELPER_REDIRECT_NEIGH,
};

struct st_witness {
	__u64 ts_ns; /* CLOCK_MONOTONIC */
	__u64 seq;   /* counts this hook's records on this CPU, from 0, also those that were lost */
	__u64 skb;
	__u64 location; /* ST_HOOK_DROP: return address of the call that freed it */
	__u32 cpu;
	__u32 netns, ifindex;		/* of dev; 0 unknown */
	__u32 orig_netns, orig_ifindex; /* ST_HOOK_IP_RCV: of the receiving device; 0 elsewhere */
	__u32 drop_reason;		/* ST_HOOK_DROP, with has_reason */
	__u32 helper_ifindex;		/* ST_HOOK_REDIRECT: the helper's argument */
	__u32 l4_seq;			/* TCP sequence number, host byte order */
	__u16 sport_be, dport_be;	/* ports; echo: icmp id and sequence */
	__u16 ip_id_be;			/* IPv4 identification */
	__u16 frag_off;			/* fragment offset in units of 8 bytes, host byte order */
	__u16 payload_bytes;		/* TCP, UDP: after the L4 header, by the IP header's length */
	__u8 hook;			/* enum st_hook */
	__u8 reverse;			/* 0: source to destination, 1: back */
	__u8 l4;
	__u8 icmp_type;
	__u8 tcp_flags;
	__u8 has_reason;
	__u8 helper; /* enum st_helper */
	__u8 has_l4; /* 0: a later fragment, ports and ids unknown */
	__u8 pad[2];
};

/* A symbol of the kernel's, from bpf/symbols.bpf.c: its name and its module's follow, neither with a NUL. */
struct st_symbol {
	__u64 addr;
	__u16 name_bytes;  /* 0: no text; less than ST_SYMBOL_NAME_MAX */
	__u8 module_bytes; /* 0: vmlinux's; less than ST_SYMBOL_MODULE_MAX */
	__u8 type;	   /* as nm(1) prints it */
	__u32 pad;
};

#define ST_SYMBOL_NAME_MAX   512 /* KSYM_NAME_LEN, 128 before 6.1 (include/linux/kallsyms.h) */
#define ST_SYMBOL_MODULE_MAX 64	 /* MODULE_NAME_LEN is 56 */
