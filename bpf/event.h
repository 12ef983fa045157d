/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records that go from the kernel to user space, defined once for both sides (see also bpf/config.h). All fields
 * are in host byte order unless their name ends in _be. A record has the memory layout of the running kernel;
 * recordings use a format of their own.
 */
#pragma once

#include <linux/types.h>

#define ST_COMM_LEN   16 /* TASK_COMM_LEN, include/linux/sched.h */
#define ST_IFNAME_LEN 16 /* IFNAMSIZ, include/uapi/linux/if.h */

/* st_event.valid: which fields are filled. A missing value is a cleared bit, never a magic value. */
#define ST_VALID_NETNS	  (1u << 0)
#define ST_VALID_DEV	  (1u << 1)  /* ifindex, ifname, mtu */
#define ST_VALID_IP4	  (1u << 2)  /* addrs[0..3] source, addrs[4..7] destination */
#define ST_VALID_IP6	  (1u << 3)  /* addrs[0..15] source, addrs[16..31] destination */
#define ST_VALID_L4	  (1u << 4)  /* l4 */
#define ST_VALID_PORTS	  (1u << 5)  /* sport_be, dport_be */
#define ST_VALID_TCP	  (1u << 6)  /* tcp_flags */
#define ST_VALID_ICMP	  (1u << 7)  /* icmp_type, icmp_code */
#define ST_VALID_ICMP_ID  (1u << 8)  /* echo: icmp id in sport_be, sequence in dport_be */
#define ST_VALID_LOCATION (1u << 9)  /* location: the packet was freed here */
#define ST_VALID_REASON	  (1u << 10) /* drop_reason; since 5.17 */
#define ST_VALID_ARP	  (1u << 11) /* addrs[0..3] sender, addrs[4..7] target; icmp_code: the operation */

/* Which program wrote the record. Each source numbers its own records, so a gap in the numbers is a loss of that
 * source. */
enum st_source {
	ST_SRC_KPROBE,	   /* the function trace: addr lies inside the probed function */
	ST_SRC_KFREE,	   /* the kfree_skb tracepoint: location, and the reason where the kernel has one */
	ST_SRC_PROG_ENTRY, /* a BPF program on the path, or a function of it: prog, prog_func */
	ST_SRC_PROG_EXIT,  /* a BPF program on the path, or a function of it, returns value */
	ST_SRC_PROG_CALL,  /* the program calls a helper: prog, call; value: ifindex in the low 32 bits, flags above */
	ST_SRC_NETFILTER,  /* the end of a base chain of nf_tables: ST_PART_NETFILTER */
	ST_SRC_IPTABLES,   /* the end of a table of the older iptables: ST_PART_NETFILTER */
	ST_SRC_IP6TABLES,
	ST_SRC_CALL,   /* a function without an skb argument, called on behalf of a packet, shown as last seen */
	ST_SRC_MAP,    /* a BPF map is used on behalf of a packet: ST_PART_MAP */
	ST_SRC_RETURN, /* a traced function returns value; the packet is shown as it was at the call */
	ST_SRC_MAX,    /* the sources of events */
	ST_SRC_COPY = ST_SRC_MAX, /* no event: the kernel makes the skb at value a copy of this one, or a part of it */
};

struct st_event {
	__u64 ts_ns; /* CLOCK_MONOTONIC */
	__u64 seq;   /* numbers this source's records on this CPU, from 0, lost records included */
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
		__u64 value;	/* ST_SRC_PROG_EXIT, ST_SRC_PROG_CALL, ST_SRC_RETURN, ST_SRC_COPY */
	};
	__u32 origin; /* the packet that matched and that this skb is, or derives from; 0: not followed */
	__u32 pid;    /* thread group id, what user space calls the pid */
	__u32 netns;  /* inode number of the network namespace */
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
	__u8 has_parts; /* addrs has ST_ADDRS_MAX bytes, and parts follow up to the end of the record */
	__u16 cpu;
	char comm[ST_COMM_LEN]; /* ends with a NUL; the bytes behind the NUL are undefined */
	char ifname[ST_IFNAME_LEN];
	__u8 addrs[]; /* 0, 8 or 32 bytes, by the ST_VALID_IP* bits and ST_VALID_ARP */
};

#define ST_ADDRS_MAX 32

/*
 * The parts of a record, which it carries only if the user asked for them. The parts follow the addresses. Each part
 * has a header and a capacity that is the same in every record of a trace. len_bytes bytes of the capacity are used; 0:
 * this packet has no such part.
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
	ST_PART_SHINFO,	   /* struct skb_shared_info, as it is in memory */
	ST_PART_BYTES,	   /* struct st_bytes, then bytes of the packet */
	ST_PART_VALUES,	   /* struct st_values */
	ST_PART_NETFILTER, /* struct st_netfilter */
	ST_PART_MAP,	   /* struct st_map_access */
	ST_PART_MAX,
};

#define ST_VALUES_MAX 8

/* The values of the user's expressions over the sk_buff. */
struct st_values {
	__u32 n;
	__u32 valid; /* bit i: expression i has a value */
	__u64 value[ST_VALUES_MAX];
};

struct st_part {
	__u16 kind; /* enum st_part_kind */
	__u16 len_bytes;
	__u16 capacity_bytes;
	__u16 pad;
};

/* The bytes of the packet from its network header on or, if it has none, from skb->data on. */
struct st_bytes {
	__u32 wire_bytes; /* length of the packet from there on; the bytes that were copied follow */
	__u32 pad;
};

#define ST_PAYLOAD_MAX	      4096	 /* bytes of a packet that a record holds, at most */
#define ST_PAYLOAD_LINEAR_MAX (1u << 20) /* bytes; a packet whose linear part seems longer is not read */
#define ST_STACK_MAX	      48
#define ST_CB_BYTES	      48  /* sizeof(skb->cb), include/linux/skbuff.h */
#define ST_DUMP_MAX	      512 /* bytes of a dumped structure, at most */

struct st_link {
	__u8 mac_dst[6], mac_src[6];
	__u16 type_be;	       /* EtherType of what follows the tags */
	__u16 tag_tci[3];      /* host byte order; a tag that is kept in the skb is the first */
	__u16 tag_proto_be[3]; /* EtherType of each tag */
	__u8 n_tags;
	__u8 accel;   /* the first tag is kept in the skb (vlan_tci), not in the frame */
	__u8 has_mac; /* there is an Ethernet header */
	__u8 pad;
};

enum st_tunnel_kind { ST_TUNNEL_VXLAN = 1, ST_TUNNEL_GENEVE, ST_TUNNEL_GRE, ST_TUNNEL_IPIP };

/* The packet inside a tunnel. */
struct st_inner {
	__u8 addrs[32]; /* as in st_event */
	__u16 valid;	/* ST_VALID_IP* to ST_VALID_ICMP_ID */
	__u16 sport_be, dport_be;
	__u8 l4, tcp_flags, icmp_type, icmp_code;
	__u8 kind; /* enum st_tunnel_kind; 0: unknown */
	__u8 has_vni;
	__u32 vni; /* VXLAN, Geneve: network identifier; GRE: key */
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
	struct st_ct_tuple orig, reply; /* reply: the addresses of answers, so after NAT */
	__u64 status; /* enum ip_conntrack_status, include/uapi/linux/netfilter/nf_conntrack_common.h */
	__u32 mark;
	__u32 info; /* enum ip_conntrack_info, of this packet */
	__u16 zone;
	__u16 pad[3];
};

enum st_map_op { ST_MAP_LOOKUP, ST_MAP_UPDATE, ST_MAP_DELETE, ST_MAP_OP_MAX };

#define ST_MAP_BYTES 64 /* bytes that are copied of a key, and of a value, at most */

struct st_map_access {
	__u32 id;
	__u32 key_size, value_size;  /* of the map, in bytes */
	__u8 key_bytes, value_bytes; /* how many of these bytes are copied */
	__u8 op;		     /* enum st_map_op */
	__u8 found;		     /* the key is in the map (look-up) */
	char name[ST_COMM_LEN];	     /* BPF_OBJ_NAME_LEN */
	__u8 key[ST_MAP_BYTES], value[ST_MAP_BYTES];
};

#define ST_NF_NAME_LEN 32 /* longer names are cut */

struct st_netfilter {
	__u32 verdict; /* NF_*, include/uapi/linux/netfilter.h, in the low byte */
	__u8 hook;     /* NF_INET_*, or the hooks of another family: by pf */
	__u8 pf;       /* NFPROTO_*; 0: unknown */
	__u16 pad;
	char table[ST_NF_NAME_LEN], chain[ST_NF_NAME_LEN];
};

struct st_route {
	__u8 gateway[16];
	__u32 netns, ifindex; /* of the device by which the packet leaves */
	char ifname[ST_IFNAME_LEN];
	__u16 family;	     /* AF_INET, AF_INET6 */
	__u16 type;	     /* RTN_*, include/uapi/linux/rtnetlink.h; 0: unknown */
	__s16 error;	     /* negative errno: there is no route */
	__u8 gateway_family; /* AF_*; 0: no gateway, the destination is on the link */
	__u8 pad;
};

/* Helpers whose calls are shown when a program on the path of a packet calls them. */
enum st_call {
	ST_CALL_REDIRECT,
	ST_CALL_REDIRECT_PEER,
	ST_CALL_REDIRECT_NEIGH,
	ST_CALL_CLONE_REDIRECT,
	ST_CALL_XDP_REDIRECT,
	ST_CALL_MAX,
};

/*
 * Constants in the templates of bpf/progs.bpf.h. User space replaces them before it loads a copy of a template: the
 * target (program id in the low 32 bits, index of the function above), the index of the packet argument, and the number
 * of arguments, behind which the context has the return value.
 */
#define ST_PATCH_WHO	   0x5354524c2d57484fULL
#define ST_PATCH_ARG_INDEX 0x5354524c2d534c00ULL
#define ST_PATCH_ARGS	   0x5354524c2d415200ULL

/* No helper has this number. User space replaces the call by a call of bpf_rdonly_cast(): see bpf/plain.bpf.h. */
#define ST_PATCH_RDONLY_CAST 0x5354524c
/* Constants for the second argument of that call. User space replaces them by the ids of these types in the kernel's
 * BTF. The BTF that libbpf relocates with (src/btf/min_core.h) has other ids. */
#define ST_PATCH_sk_buff	     0x53545401
#define ST_PATCH_net_device	     0x53545402
#define ST_PATCH_bpf_bprintf_buffers 0x53545403
/* Bytes from skb->network_header to skb->tail; other kernels are read by helpers. */
#define ST_TAIL_BEHIND_NETWORK 4

/* Per CPU and source. seq, the number of the next record, is the sum of the sent records and lost_ring. */
struct st_counters {
	__u64 seq;
	__u64 lost_ring; /* records that found no space in the ring */
	__u64 limited;	 /* events that the rate limit left out; seq does not count them */
};

/* Where an evidence program is attached. The records of each hook are numbered and counted separately. */
enum st_hook {
	ST_HOOK_XMIT,	  /* tracepoint net_dev_start_xmit: the packet is handed to the driver of dev */
	ST_HOOK_RECEIVE,  /* tracepoint netif_receive_skb: the packet is received on dev, before tc ingress */
	ST_HOOK_REDIRECT, /* skb_do_redirect entered on dev; helper and helper_ifindex: which redirect, where to */
	ST_HOOK_PEER,	  /* skb_do_redirect returned -EAGAIN: dev, the peer of the redirect's target, has the packet */
	ST_HOOK_IP_RCV,	  /* ip_rcv, ipv6_rcv: IP input on dev; orig_ifindex is the device it was received on */
	ST_HOOK_FORWARD,  /* ip_forward, ip6_forward: dev is the ingress device */
	ST_HOOK_BRIDGE,	  /* __br_forward: a bridge sends it to another port; dev is still the ingress port */
	ST_HOOK_NETKIT,	  /* netkit_xmit entered on dev */
	ST_HOOK_NETFILTER, /* nf_hook_slow: a netfilter hook with rules ran on dev */
	ST_HOOK_DROP,	   /* tracepoint kfree_skb: the packet is freed on dev, at location */
	ST_HOOK_VETH,	   /* veth_xmit, of the driver itself, entered on dev; only if the module has BTF */
	ST_HOOK_MAX,
};

/* Which program counts the transmissions of a watched device. Packet sockets that bypass the queueing layer and generic
 * XDP call the driver past the tracepoint. */
enum st_tx_seen_by {
	ST_TX_SEEN_BY_XMIT,   /* that of ST_HOOK_XMIT */
	ST_TX_SEEN_BY_DRIVER, /* that of ST_HOOK_VETH or ST_HOOK_NETKIT */
	ST_TX_SEEN_MAX,
};

/* What identifies a flow beside its protocol. */
struct st_tuple {
	__u32 src_be[4], dst_be[4]; /* IPv4: the first word */
	__u16 sport_be, dport_be;   /* ports; echo: icmp id and sequence */
};

/* How packets of a direction of the watched flow were translated: indexes of the map st_translated, for each direction
 * ST_TRANSLATED_MAX of them. */
enum st_translation {
	ST_TRANSLATED_INTO,   /* they left their pod as packets of another flow */
	ST_TRANSLATED_OUT_OF, /* they became packets of another flow */
	ST_TRANSLATED_MAX,
};

struct st_translated {
	__u64 n;		  /* packets */
	struct st_tuple from, to; /* of the first one */
};

/* Which BPF helper chose the redirect that skb_do_redirect carries out. */
enum st_helper {
	ST_HELPER_NONE,
	ST_HELPER_REDIRECT,
	ST_HELPER_REDIRECT_PEER,
	ST_HELPER_REDIRECT_NEIGH,
};

struct st_hook_event {
	__u64 ts_ns; /* CLOCK_MONOTONIC */
	__u64 seq;   /* numbers this hook's records on this CPU, from 0, lost records included */
	__u64 skb;
	__u64 location;	    /* ST_HOOK_DROP: return address of the call that freed the packet */
	__u64 helper_flags; /* ST_HOOK_REDIRECT: the helper's argument */
	__u32 cpu;
	__u32 netns, ifindex;		/* of dev; 0: unknown */
	__u32 orig_netns, orig_ifindex; /* ST_HOOK_IP_RCV: of the receiving device; 0 elsewhere */
	__u32 drop_reason;		/* ST_HOOK_DROP, with has_reason */
	__u32 helper_ifindex;		/* ST_HOOK_REDIRECT: the helper's argument */
	__u32 l4_seq;			/* TCP sequence number, host byte order */
	__u32 fragment_id;		/* of IPv6's fragment header, host byte order; 0: none */
	__u16 sport_be, dport_be;	/* ports; echo: icmp id and sequence */
	__u16 ip_id_be;			/* IPv4 identification */
	__u16 frag_off;			/* fragment offset in units of 8 bytes, host byte order */
	__u16 payload_bytes;		/* TCP, UDP: bytes behind the L4 header, by the IP header's length */
	__u8 hook;			/* enum st_hook */
	__u8 reverse;			/* 0: source to destination, 1: back */
	__u8 l4;
	__u8 icmp_type;
	__u8 tcp_flags;
	__u8 has_reason;
	__u8 helper; /* enum st_helper */
	__u8 has_l4; /* 0: not the first fragment, so ports and ids are unknown */
	__u8 is_fragment;
	__u8 other_port; /* a first fragment that is not of the flow's port */
	__u8 unparsed;	 /* of the flow's addresses; what it carries cannot be told */
	__u8 pad[7];
};

/* A symbol of the kernel, from bpf/symbols.bpf.c. Its name and the name of its module follow, both without a NUL. */
struct st_symbol {
	__u64 addr;
	__u16 name_bytes;  /* 0: not a symbol of code; less than ST_SYMBOL_NAME_MAX */
	__u8 module_bytes; /* 0: a symbol of vmlinux; less than ST_SYMBOL_MODULE_MAX */
	__u8 type;	   /* as nm(1) prints it */
	__u32 pad;
};

#define ST_SYMBOL_NAME_MAX   512 /* KSYM_NAME_LEN, 128 before 6.1 (include/linux/kallsyms.h) */
#define ST_SYMBOL_MODULE_MAX 64	 /* MODULE_NAME_LEN is 56 */
