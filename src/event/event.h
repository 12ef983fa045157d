/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of one event, between the kernel's records and everything that shows or judges them.
 * Decoding is pure: bytes in, struct out.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/* A packet's addresses as they stand in its headers at one moment. */
struct tuple {
	uint8_t family; /* 0 unknown, 4, 6 */
	bool has_l4, has_ports, has_tcp, has_icmp, has_icmp_id;
	uint8_t src[16], dst[16]; /* network byte order; v4 uses the first four bytes */
	uint8_t l4;		  /* IPPROTO_* */
	uint16_t sport, dport;	  /* host byte order */
	uint8_t tcp_flags, icmp_type, icmp_code;
	uint16_t icmp_id, icmp_seq; /* host byte order */
};

struct event_parts;

/* What a function returned, as its type says. */
enum return_kind { RETURN_UNKNOWN, RETURN_POINTER, RETURN_BOOL, RETURN_SIGNED, RETURN_UNSIGNED, RETURN_MAX };

struct event_return {
	bool here; /* the event is a return */
	enum return_kind kind;
	uint64_t value; /* of RETURN_SIGNED an int64_t; of RETURN_UNKNOWN the whole register */
};

/* A BPF program on the path, and what it did. */
struct event_prog {
	uint32_t id;	   /* 0: the event is none of a program's */
	uint32_t func;	   /* index of its function; 0: the program itself */
	bool xdp;	   /* else tc */
	const char *name;  /* in full; NULL unknown */
	bool has_value;	   /* on exit */
	uint64_t value;	   /* what it returned, as the register was */
	bool has_target;   /* it called a redirect helper */
	enum st_call call; /* this and the following: valid with has_target */
	uint32_t ifindex, flags;
	char ifname[ST_IFNAME_LEN]; /* of ifindex, "" unknown */
};

/* What user space adds to a record. Strings are borrowed: they live as long as the caches of the trace that made the
 * event. NULL and false bits mean unknown. */
struct event {
	uint64_t seq;	/* number of this event within the trace, from 0 */
	uint64_t pkt;	/* number of the packet within the trace, from 1; 0 unknown */
	uint64_t ts_ns; /* CLOCK_MONOTONIC */
	uint64_t cpu_seq;
	uint32_t cpu;
	enum st_source source;
	uint64_t addr, skb, head;
	const char *func;   /* NULL: no symbol at addr */
	const char *module; /* NULL: vmlinux */
	bool has_netns, has_dev, has_location, has_reason;
	uint32_t netns;		/* inode */
	const char *netns_name; /* name under /run/netns or a pod's, else NULL */
	uint32_t ifindex;
	char ifname[ST_IFNAME_LEN]; /* always NUL-terminated, raw bytes */
	uint32_t mtu, mark, len_bytes;
	uint16_t proto; /* EtherType, host byte order */
	uint32_t pid;
	char comm[ST_COMM_LEN]; /* always NUL-terminated, raw bytes */
	struct tuple tuple;
	uint64_t location;	      /* valid with has_location: the packet died here */
	const char *drop_symbol;      /* function containing location, NULL unknown */
	uint64_t drop_offset;	      /* bytes from drop_symbol's start */
	uint32_t drop_reason;	      /* valid with has_reason */
	const char *drop_reason_name; /* NULL unknown */
	const char *drop_via; /* NULL, or the function that calls drop_symbol where that ends in a jump to the freeing
				 one */
	bool copy_delivered;  /* it died, but a socket had taken another copy of this packet before */
	struct event_parts *parts; /* event/parts.h; NULL: none were asked for. As short-lived as the event */
	const uint8_t
		*bytes; /* of the packet, from its network header on; NULL: not kept. As short-lived as the event */
	uint32_t n_bytes,
		wire_bytes; /* valid with bytes: how many there are, and how many the packet has from there on */
	struct event_prog prog;
	struct event_return ret;
};

/* The event is the end of a chain of netfilter's, which may have freed the packet meanwhile. */
static inline bool event_ends_chain(const struct event *ev)
{
	return ev->source == ST_SRC_NETFILTER || ev->source == ST_SRC_IPTABLES || ev->source == ST_SRC_IP6TABLES;
}

/* The event tells what the kernel does for the packet, not where the packet is. */
static inline bool event_is_aside(const struct event *ev)
{
	return ev->source == ST_SRC_CALL || ev->source == ST_SRC_RETURN || ev->source == ST_SRC_MAP;
}

/* Its sender is still putting the packet together: what stands in the place of its L4 header may be anything yet. Told
 * by what is mostly set last, protocol and device (net/ipv4/ip_output.c, net/ipv6/ip6_output.c). */
static inline bool event_is_unfinished(const struct event *ev)
{
	return !ev->proto && !ev->has_dev;
}

/* Whether a symbol, or NULL, is that function: the compiler's suffix, such as .isra.0, does not count. */
bool symbol_is(const char *symbol, const char *name);

/* An skb is let go with the packet whose part it had become, which the tracepoint kfree_skb tells like a drop: one of a
 * frag_list, such as a fragment of what was reassembled. Whether the whole was used or dropped, its own events say
 * (skb_release_data(), net/core/skbuff.c: no reason is handed down if the whole had none). */
bool event_frees_part(const struct event *ev);

/* Name of a helper; NULL if there is none of this number. */
const char *event_call_name(enum st_call call);
/* "TC_ACT_OK", "XDP_PASS"…; NULL if that program does not say this. */
const char *event_verdict_name(const struct event_prog *prog);

/* Decodes one record of the ring. Fields that only user space knows (seq, pkt, func, module, names) are zeroed.
 * -EBADMSG if the record is shorter than it claims; *ret is left alone then. */
int event_decode(const void *data, size_t size, struct event *ret);
