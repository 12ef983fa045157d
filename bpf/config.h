/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration that user space gives the programs before they are loaded. It is read-only data, so the verifier
 * removes the branches of filters that are not used.
 */
#pragma once

#include "bpf/event.h"

/* One prefix. Addresses are compared with it as 32-bit words in network byte order, under the mask. IPv4 uses the first
 * word only. */
struct st_prefix {
	__u32 family; /* 4 or 6 */
	__u32 addr_be[4];
	__u32 mask_be[4];
};

#define ST_FILTER_VALUES 8 /* a filter that is given several times lets pass what any of so many values does */

/* What both addresses of an IPv4 packet must be under a mask; in network byte order, the source in the lower half. */
struct st_pair {
	__u64 mask_be, addrs_be;
};

/* A name of up to 15 bytes as two 64-bit words. The masks cover the name and its NUL, but not the bytes behind the NUL.
 * mask[0] == 0: no such filter. */
struct st_name {
	__u64 word[2], mask[2];
};

/* The attach cookie of a kprobe.multi program: the function's address, with the index of the packet argument in the top
 * byte, which is 0xff in every kernel address. So one program and one link serve all functions. */
#define ST_COOKIE_ARG_SHIFT 56
#define ST_COOKIE_INDIRECT  (1u << 3) /* the argument is a struct sk_buff ** */
#define ST_COOKIE_TOP	    (0xffull << ST_COOKIE_ARG_SHIFT)

#define ST_POD_ADDRS 8

/* The filter on a pod: its packets are in its namespace, or from or to one of its addresses. */
struct st_pod {
	__u32 netns; /* inode number */
	__u32 n_v4, n_v6;
	__u32 v4_be[ST_POD_ADDRS];
	__u32 v6_be[ST_POD_ADDRS][4];
};

/* Filters on the surroundings of a packet. 0: no such filter. */
struct st_surroundings {
	__u64 cgroup;	    /* id of a cgroup of version 2 */
	__u32 cgroup_level; /* with cgroup_has_level: its depth below the root; its descendants match as well */
	__u8 cgroup_has_level;
	__u8 has_mark;
	__u8 has_pid;
	__u8 pad;
	__u32 netns; /* inode number */
	__u32 pid;   /* thread group id */
	__u32 mark, mark_mask;
	__u32 n_ifnames, n_pods; /* 0: no such filter */
	struct st_name comm;
	struct st_name ifname[ST_FILTER_VALUES];
	struct st_pod pod[ST_FILTER_VALUES];
};

enum st_returns { ST_RETURNS_NONE, ST_RETURNS_MULTI, ST_RETURNS_KRETPROBE };

#define ST_TRAMPOLINES_MAX 4 /* bpf/caller.bpf.h */

struct st_config {
	/* The filters on addresses that have one value each, for IPv4: a packet is one of these or does not match. */
	struct st_pair v4[2];
	/* --filter-src-ip, --filter-dst-ip, --filter-ip (either side) */
	struct st_prefix src[ST_FILTER_VALUES], dst[ST_FILTER_VALUES], any[ST_FILTER_VALUES];
	__u16 sport_be[ST_FILTER_VALUES], dport_be[ST_FILTER_VALUES], port_be[ST_FILTER_VALUES];
	__u8 n_src, n_dst, n_any, n_sports, n_dports, n_ports; /* 0: no such filter */
	__u8 has_several_addrs, has_several_ports;	       /* one of these filters has several values */
	__u8 l4;					       /* IPPROTO_*, 0: no such filter */
	__u8 need_l3;	       /* some filter above is set: a packet without an IP header never matches */
	__u8 need_l4;	       /* ports or protocol are filtered */
	__u8 has_drop_reason;  /* the kfree_skb tracepoint has a reason argument */
	__u8 track;	       /* --filter-track-skb */
	__u8 returns;	       /* --output-return: enum st_returns */
	__u8 without_mark_mtu; /* no output shows the mark or the MTU, so events may lack them */
	__u8 maps;	       /* --output-bpfmap; by_stack is set as well */
	__u8 by_stack;	       /* also trace functions called on behalf of a packet: bpf/stack.bpf.h */
	__u8 has_early; /* track, by_stack, or a filter on cgroup, mark or task: tested before the headers are read */
	__u8 has_other_rule; /* has_early, or BPF programs are traced: packets may be wanted whatever the filters say */
	__u8 plain;	     /* what a program reads is read without helpers: bpf/plain.bpf.h */
	__u8 has_late;	     /* any other filter but those on addresses: tested after them */
	struct st_surroundings surroundings;
	__u32 sample;	   /* one flow in this many is recorded; 0 or 1: all flows */
	__u32 rate_events; /* at most this many events in a window; 0: no limit */
	__u64 rate_window_ns;
	__u32 wakeup_bytes; /* wake the reader when the ring holds at least this many bytes */
};

/* The parts of a record (bpf/event.h) that the user asked for. All records with parts have the same size. */
struct st_output {
	__u32 record_bytes;	     /* 0: no parts */
	__u16 at[ST_PART_MAX];	     /* bytes from the start of the record to the part's header; 0: not asked for */
	__u16 capacity[ST_PART_MAX]; /* bytes behind the header */
	__u16 payload_max_bytes;     /* ST_PART_BYTES: bytes of the packet, at most ST_PAYLOAD_MAX */
};

/* Devices on which every transmission is counted, whatever the packet, to compare with the device's own counter. */
#define ST_WATCH_MAX 2

struct st_device {
	__u32 netns;   /* inode number */
	__u32 ifindex; /* 0: none */
};

/* The flow a check watches: both directions between two addresses. */
struct st_flow {
	__u32 family;		    /* 4 or 6 */
	__u32 src_be[4], dst_be[4]; /* IPv4: the first word */
	__u16 port_be;		    /* TCP, UDP: port of the destination; 0: any */
	__u8 l4;		    /* IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP */
	__u8 has_drop_reason;	    /* the kfree_skb tracepoint has a reason argument */
	struct st_device watch[ST_WATCH_MAX];
	__u8 watch_all; /* packets that may be of the flow are recorded on every device, not only on these */
	__u32 pods[2];	/* network namespaces of source and destination, by inode number; 0: not known */
};
