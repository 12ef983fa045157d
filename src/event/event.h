/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One event: what a probed function or a hook reported about a packet. Decoded from the kernel's records (bpf/event.h).
 * Pure.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "event/facts.h"

/* The addresses and ports in a packet's headers at one moment. */
struct tuple {
	uint8_t family; /* 0 unknown, 4, 6 */
	uint8_t arp_op; /* of an ARP packet, whose family is 0: 1 request, 2 reply; 0: src and dst are not known */
	bool has_l4, has_ports, has_tcp, has_icmp, has_icmp_id;
	uint8_t src[16], dst[16]; /* network byte order; v4 and ARP (sender, target) use the first four bytes */
	uint8_t l4;		  /* IPPROTO_* */
	uint16_t sport, dport;	  /* host byte order */
	uint8_t tcp_flags, icmp_type, icmp_code;
	uint16_t icmp_id, icmp_seq; /* host byte order */
};

static inline bool tuple_has_addrs(const struct tuple *t)
{
	return t->family || t->arp_op;
}

struct event_parts;

/* The type of a function's return value. */
enum return_kind { RETURN_UNKNOWN, RETURN_POINTER, RETURN_BOOL, RETURN_SIGNED, RETURN_UNSIGNED, RETURN_MAX };

struct event_return {
	bool here; /* the event is the return of a function */
	enum return_kind kind;
	uint64_t value; /* RETURN_SIGNED: an int64_t; RETURN_UNKNOWN: the whole register */
};

/* Where a tc program is attached; as bits, since one program may be at several places. */
enum event_hook {
	EVENT_HOOK_TC_INGRESS = 1 << 0, /* a filter or action of a qdisc, such as clsact */
	EVENT_HOOK_TC_EGRESS = 1 << 1,
	EVENT_HOOK_TCX_INGRESS = 1 << 2,
	EVENT_HOOK_TCX_EGRESS = 1 << 3,
	EVENT_HOOK_NETKIT = 1 << 4,
	EVENT_HOOKS_ALL = (1 << 5) - 1,
};

/* A BPF program that ran on the packet. */
struct event_prog {
	uint32_t id;	   /* 0: the event is not of a BPF program */
	uint32_t func;	   /* index of its function; 0: the program itself */
	bool xdp;	   /* else tc */
	uint32_t hooks;	   /* of a tc program: bits of enum event_hook; 0: not known */
	const char *name;  /* the full name; NULL unknown */
	bool has_value;	   /* the event is the exit of the program */
	uint64_t value;	   /* its return value: the whole register */
	bool has_target;   /* the event is a call of a redirect helper */
	enum st_call call; /* this and the members below: valid with has_target */
	uint32_t ifindex, flags;
	char ifname[ST_IFNAME_LEN]; /* of ifindex; "" unknown */
};

/* A record with the names that user space adds. Strings are borrowed from the caches of the trace. NULL, and a has_*
 * bit that is false, mean unknown. */
struct event {
	uint64_t seq;	/* number of this event within the trace, from 0 */
	uint64_t pkt;	/* number of the packet within the trace, from 1; 0 unknown */
	uint64_t ts_ns; /* CLOCK_MONOTONIC */
	uint64_t cpu_seq;
	uint32_t cpu;
	enum st_source source;
	uint64_t addr, skb, head;
	uint32_t origin;    /* as in struct st_event; not in recordings, which have pkt */
	uint64_t copy;	    /* ST_SRC_COPY: the skb that is made of this one */
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
	uint64_t location;	      /* valid with has_location: address of the code that freed the packet */
	const char *drop_symbol;      /* function containing location; NULL unknown */
	uint64_t drop_offset;	      /* bytes from drop_symbol's start */
	uint32_t drop_reason;	      /* valid with has_reason */
	const char *drop_reason_name; /* NULL unknown */
	const char *drop_via;	      /* the function that called drop_symbol, if drop_symbol ends in a tail call of the
				       * function that frees; else NULL */
	struct facts facts;	      /* of a drop in a live trace, about the node; else nothing is known */
	bool fate_told; /* copy_delivered, harmless and lost are known from all events, of which some may be left out */
	bool copy_delivered;	   /* the packet was freed, but a socket of its namespace took a clone of it before */
	const char *harmless;	   /* why nothing was lost by this drop; NULL: something was, as far as is known */
	const char *lost;	   /* why the packet was lost by this free, though the kernel calls it used; NULL */
	struct event_parts *parts; /* event/parts.h; NULL: none were asked for. Valid as long as the event */
	const uint8_t *bytes;	   /* of the packet, from its network header; NULL: none. Valid as long as the event */
	uint32_t n_bytes, wire_bytes; /* valid with bytes: their number, and that of the whole packet from there */
	struct event_prog prog;
	struct event_return ret;
};

/* Whether the event is the end of a netfilter chain, which may have freed the packet. */
static inline bool event_ends_chain(const struct event *ev)
{
	return ev->source == ST_SRC_NETFILTER || ev->source == ST_SRC_IPTABLES || ev->source == ST_SRC_IP6TABLES;
}

/* Whether the event is about work that the kernel does for the packet, such as a map lookup, and not about the packet's
 * path. */
static inline bool event_is_on_behalf(const struct event *ev)
{
	return ev->source == ST_SRC_CALL || ev->source == ST_SRC_RETURN || ev->source == ST_SRC_MAP;
}

/* Whether the sender is still building the packet, so that its L4 header may not be written yet: protocol and device,
 * which are mostly set last, are not set (net/ipv4/ip_output.c, net/ipv6/ip6_output.c). */
static inline bool event_is_unfinished(const struct event *ev)
{
	return !ev->proto && !ev->has_dev;
}

/* Whether the event is the free of an skb in the frag_list of a packet, such as a fragment of a reassembled one. The
 * tracepoint kfree_skb reports it like a drop, but it only follows the free of the whole packet, which has events of
 * its own (skb_release_data(), net/core/skbuff.c, which passes on the reason of the whole packet, if it has one). */
bool event_frees_part(const struct event *ev);
/* Whether the event is the end of an skb that the kernel made in order to look a route up for `ip route get` and the
 * like (inet_rtm_getroute(), net/ipv4/route.c; net/ipv6/route.c). It has the addresses that were asked for, and is no
 * packet. This program asks, too (net/route.h). */
bool event_ends_question(const struct event *ev);
/* Whether the kernel's reason says that the packet was used, or not freed yet (include/net/dropreason-core.h). */
bool drop_reason_is_none(const char *name);
/* What counts as a drop, everywhere: the tracepoint kfree_skb told of this skb, it was no part of another one, and its
 * reason does not say that it was used. */
bool event_is_drop(const struct event *ev);
/* A free that lost the packet. */
bool event_is_loss(const struct event *ev);

/* Name of a BPF helper; NULL: no such number. */
const char *event_call_name(enum st_call call);
/* Name of the program's return value, such as "TC_ACT_OK" or "XDP_PASS"; NULL: not an exit, or no such verdict. */
const char *event_verdict_name(const struct event_prog *prog);

/* Decodes one record of the ring. Members that only user space sets (seq, pkt, func, module, names) are zero. -EBADMSG
 * if the record is too short or holds an unknown source or helper; *ret is then unchanged. */
int event_decode(const void *data, size_t size, struct event *ret);
