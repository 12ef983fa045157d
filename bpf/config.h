/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space tells the programs before load. It becomes read-only data, so the verifier removes the branches that
 * this run does not need: an unused filter costs nothing.
 */
#pragma once

#include "bpf/event.h"

/* Addresses of one prefix, compared as 32-bit words of network byte order under a mask; v4 uses the first word. */
struct st_prefix {
	__u32 family; /* 0: no such filter, 4, 6 */
	__u32 addr_be[4];
	__u32 mask_be[4];
};

/* A name of up to 15 bytes in 16, as two words: equal up to its end, whatever stands behind. mask[0] 0: no such filter.
 */
struct st_name {
	__u64 word[2], mask[2];
};

/* The attach cookie of a kprobe.multi program: the function's address, and in the place of its top byte, which is 0xff
 * in every kernel address, the argument that is the packet. One program and one link then serve all functions. */
#define ST_COOKIE_SLOT_SHIFT 56
#define ST_COOKIE_INDIRECT   (1u << 3) /* struct sk_buff ** */
#define ST_COOKIE_TOP	     (0xffull << ST_COOKIE_SLOT_SHIFT)

#define ST_POD_ADDRS 8

/* A pod's packets: in its namespace, or from or to one of its addresses. */
struct st_pod {
	__u32 netns; /* inode; 0: no such filter */
	__u32 n_v4, n_v6;
	__u32 v4_be[ST_POD_ADDRS];
	__u32 v6_be[ST_POD_ADDRS][4];
};

/* Filters on what surrounds the packet. 0: no such filter. */
struct st_meta {
	__u64 cgroup;	    /* id of a cgroup of v2 */
	__u32 cgroup_level; /* how deep it lies below the root: then those below it match, too */
	__u8 cgroup_has_level;
	__u8 has_mark;
	__u8 has_pid;
	__u8 pad;
	__u32 netns; /* inode */
	__u32 pid;   /* thread group id */
	__u32 mark, mark_mask;
	struct st_name ifname, comm;
	struct st_pod pod;
};

enum st_returns { ST_RETURNS_NONE, ST_RETURNS_MULTI, ST_RETURNS_KRETPROBE };

#define ST_TRAMPOLINES_MAX 4 /* bpf/output.bpf.h */

struct st_config {
	struct st_prefix src, dst;	   /* --filter-src-ip, --filter-dst-ip */
	struct st_prefix any;		   /* --filter-ip: either side */
	__u16 sport_be, dport_be, port_be; /* 0: no such filter */
	__u8 l4;			   /* IPPROTO_*, 0: no such filter */
	__u8 need_l3;			   /* some filter above is set: a packet without an IP header never matches */
	__u8 need_l4;			   /* ports or protocol are filtered */
	__u8 has_drop_reason;		   /* the kfree_skb tracepoint has a reason argument */
	__u8 track;			   /* --filter-track-skb */
	__u8 returns;			   /* --output-return: enum st_returns */
	__u8 brief;			   /* nobody is shown a mark or an MTU: events need not have them */
	__u8 maps;			   /* --output-bpfmap; with by_stack */
	__u8 by_stack;			   /* also what is called on behalf of a packet: bpf/stack.bpf.h */
	struct st_meta meta;
	__u32 sample;	   /* one flow in so many is recorded; 0, 1: all */
	__u32 rate_events; /* at most so many events in a window; 0: no limit */
	__u64 rate_window_ns;
	__u32 wakeup_bytes; /* wake the reader when the ring holds at least this much */
};

/* The parts of a record (bpf/event.h) that were asked for. A record with parts has one size. */
struct st_output {
	__u32 record_bytes;	 /* 0: no parts */
	__u16 at[ST_PART_MAX];	 /* where the part's header stands, from the record's beginning; 0: not asked for */
	__u16 room[ST_PART_MAX]; /* bytes behind the header */
	__u16 snap_bytes;	 /* ST_PART_BYTES: of the packet, at most ST_SNAP_MAX */
};

/* Devices whose transmissions are counted whatever the packet, to be held against the device's own counter. */
#define ST_WATCH_MAX 2

struct st_device {
	__u32 netns;   /* inode */
	__u32 ifindex; /* 0: none */
};

/* The flow a check watches: both directions between two addresses. */
struct st_flow {
	__u32 family;		    /* 4, 6 */
	__u32 src_be[4], dst_be[4]; /* v4: the first word */
	__u16 port_be;		    /* TCP, UDP: the destination's port; 0: any */
	__u8 l4;		    /* IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP */
	__u8 has_drop_reason;	    /* the kfree_skb tracepoint has a reason argument */
	struct st_device watch[ST_WATCH_MAX];
};
