/* SPDX-License-Identifier: GPL-2.0-only */
/* One record of an evidence program: a packet of the watched flow was seen at a hook. Pure: bytes in, struct out. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct witness {
	uint64_t ts_ns;	  /* CLOCK_MONOTONIC */
	uint64_t cpu_seq; /* per hook and CPU, without a gap unless records were lost */
	uint64_t skb, location;
	uint32_t cpu;
	uint32_t netns, ifindex;	   /* the device, 0 unknown */
	uint32_t orig_netns, orig_ifindex; /* ST_HOOK_IP_RCV: the receiving device, 0 unknown */
	uint32_t drop_reason;		   /* valid with has_reason */
	uint32_t helper_ifindex;	   /* valid unless helper is ST_HELPER_NONE */
	uint32_t l4_seq;		   /* TCP */
	uint16_t sport, dport;		   /* host byte order; echo: icmp id and sequence */
	uint16_t frag_off;		   /* fragment offset in units of 8 bytes; 0: the first, or none */
	uint16_t payload_bytes;		   /* TCP, UDP: after the L4 header */
	uint16_t ip_id;			   /* host byte order, 0 for IPv6 */
	enum st_hook hook;
	enum st_helper helper;
	bool reverse; /* destination to source */
	bool has_reason;
	bool has_l4; /* false: a later fragment; ports, ids and seq are unknown */
	uint8_t l4, icmp_type, tcp_flags;
};

/* -EBADMSG if the record is too short or holds an unknown hook or helper; *ret is left alone then. */
int witness_decode(const void *data, size_t size, struct witness *ret);
