/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads one captured packet, from its link-layer header on. Pure: bytes in, struct out. Layouts: IEEE 802.1Q; RFC 791,
 * 8200, 4302 (AH), 792, 4443, 9293, 768; cooked headers: pcap/sll.h of libpcap 1.10.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/captures.h"

enum link_direction { LINK_DIRECTION_UNKNOWN, LINK_DIRECTION_IN, LINK_DIRECTION_OUT };

struct captured_packet {
	uint8_t family;		       /* 4 or 6 */
	uint32_t src_be[4], dst_be[4]; /* v4: the first word; the others are 0 */
	uint16_t ip_id;		       /* host byte order; 0 for IPv6 */
	uint8_t l4;		       /* IPPROTO_*, after the extension headers; 0 if cut before it */
	bool l4_cut;		       /* the snapshot ends before all fields below were read */
	bool has_l4; /* false: a later fragment, or cut; then of the fields below only frag_off and fragment_id are
			valid */
	uint16_t frag_off;    /* fragment offset in units of 8 bytes; 0: the first, or none */
	bool is_fragment;     /* the first or a later one */
	uint32_t fragment_id; /* of an IPv6 fragment; otherwise 0 */
	uint8_t icmp_type, tcp_flags;
	uint16_t sport, dport;	       /* host byte order; echo: id and sequence */
	uint16_t payload_bytes;	       /* TCP, UDP: bytes after the L4 header, by the IP header's length */
	uint32_t l4_seq;	       /* TCP */
	enum link_direction direction; /* known in cooked captures only */
	uint32_t device;	       /* Linux cooked v2: ifindex; otherwise 0 */
	struct captured_frame frame;
};

enum captured_kind {
	CAPTURED_OTHER, /* not IP, or malformed */
	CAPTURED_IP,	/* *ret is filled */
	CAPTURED_CUT,	/* the snapshot ends before the addresses: it may be anything */
};

/* Whether packets of that link type (DLT_*) can be read. */
bool captured_packet_link_known(int link_type);
/* size: bytes captured; wire_size: bytes on the wire, which tell a short snapshot from a short packet. *ret is left
 * alone unless CAPTURED_IP is returned. */
enum captured_kind captured_packet_read(int link_type, const void *data, size_t size, size_t wire_size,
					struct captured_packet *ret);
