/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One captured packet: link-layer header to IP header to what tells a packet of a flow. Pure: bytes in, struct out.
 * Layouts: IEEE 802.1Q; RFC 791, 8200, 4302 (AH), 792, 4443, 9293, 768; cooked headers: pcap/sll.h of libpcap 1.10.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum direction { DIRECTION_UNKNOWN, DIRECTION_IN, DIRECTION_OUT };

struct packet {
	uint8_t family;		       /* 4, 6 */
	uint32_t src_be[4], dst_be[4]; /* v4: the first word, the others are 0 */
	uint16_t ip_id;		       /* host byte order, 0 for IPv6 */
	uint8_t l4;		       /* IPPROTO_*, after the extension headers; 0 if cut before */
	bool l4_cut;		       /* the snapshot ends before what is needed below */
	bool has_l4;		       /* false: a later fragment, or cut: of what follows only the fragment is known */
	uint16_t frag_off;	       /* fragment offset in units of 8 bytes; 0: the first, or none */
	uint32_t fragment_id;	       /* IPv6, of a later fragment; else 0 */
	uint8_t icmp_type, tcp_flags;
	uint16_t sport, dport;	  /* host byte order; echo: id and sequence */
	uint16_t payload_bytes;	  /* TCP, UDP: after the L4 header, by the IP header's length */
	uint32_t l4_seq;	  /* TCP */
	enum direction direction; /* known in cooked captures only */
	uint32_t device;	  /* Linux cooked v2: ifindex; else 0 */
};

enum packet_kind {
	PACKET_OTHER, /* not IP, or malformed */
	PACKET_IP,    /* *ret is filled */
	PACKET_CUT,   /* the snapshot ends before the addresses: it could be anything */
};

/* Whether packets of that link type (DLT_*) can be read. */
bool packet_link_known(int link_type);
/* size: bytes captured; wire_size: bytes on the wire, to tell a short snapshot from a short packet. *ret is left alone
 * unless PACKET_IP is returned. */
enum packet_kind packet_read(int link_type, const void *data, size_t size, size_t wire_size, struct packet *ret);
