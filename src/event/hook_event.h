/* SPDX-License-Identifier: GPL-2.0-only */
/* One record of an evidence program: a packet of the watched flow was seen at a hook. Pure: bytes in, struct out. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct hook_event {
	uint64_t ts_ns;	  /* CLOCK_MONOTONIC */
	uint64_t cpu_seq; /* per hook and CPU, without a gap unless records were lost */
	uint64_t skb, location;
	uint64_t helper_flags; /* valid unless helper is ST_HELPER_NONE */
	uint32_t cpu;
	uint32_t netns, ifindex;	   /* the device, 0 unknown */
	uint32_t orig_netns, orig_ifindex; /* ST_HOOK_IP_RCV: the receiving device, 0 unknown */
	uint32_t drop_reason;		   /* valid with has_reason */
	uint32_t helper_ifindex;	   /* valid unless helper is ST_HELPER_NONE */
	uint32_t l4_seq;		   /* TCP */
	uint32_t fragment_id;		   /* of IPv6's fragment header; 0 for IPv4, see ip_id */
	uint32_t nth;			   /* captures: how many of the same headers came before in the file */
	uint16_t sport, dport;		   /* host byte order; echo: icmp id and sequence */
	uint16_t frag_off;		   /* fragment offset in units of 8 bytes; 0: the first, or none */
	uint16_t payload_bytes;		   /* TCP, UDP: after the L4 header */
	uint16_t ip_id;			   /* host byte order, 0 for IPv6 */
	enum st_hook hook;
	enum st_helper helper;
	bool reverse; /* destination to source */
	bool has_reason;
	bool has_l4;	  /* false: a later fragment; ports, ids and seq are unknown */
	bool is_fragment; /* the first or a later one */
	bool other_port;  /* a first fragment, of another port than the flow's */
	bool unparsed; /* between the flow's addresses, of unknown protocol: its headers could not be read to the end */
	uint8_t l4, icmp_type, tcp_flags;
};

/* -EBADMSG if the record is too short or holds an unknown hook or helper; *ret is left alone then. */
int hook_event_decode(const void *data, size_t size, struct hook_event *ret);
