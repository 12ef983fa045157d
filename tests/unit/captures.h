/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames and capture files written byte by byte, for the tests of src/capture. */
#pragma once

#include <byteswap.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/config.h"

#define NOW_NS 1700000000000000000ull

struct bytes {
	uint8_t b[1 << 16];
	size_t n;
	bool swapped; /* what put_u16() and its like write */
};

static inline void put(struct bytes *f, const void *data, size_t n)
{
	memcpy(f->b + f->n, data, n);
	f->n += n;
}

static inline void put_u8(struct bytes *f, uint8_t v)
{
	f->b[f->n++] = v;
}

static inline void put_be16(struct bytes *f, uint16_t v)
{
	put_u8(f, v >> 8);
	put_u8(f, v);
}

static inline void put_be32(struct bytes *f, uint32_t v)
{
	put_be16(f, v >> 16);
	put_be16(f, v);
}

static inline void put_u16(struct bytes *f, uint16_t v)
{
	v = f->swapped ? bswap_16(v) : v;
	put(f, &v, sizeof(v));
}

static inline void put_u32(struct bytes *f, uint32_t v)
{
	v = f->swapped ? bswap_32(v) : v;
	put(f, &v, sizeof(v));
}

static inline void put_u64(struct bytes *f, uint64_t v)
{
	v = f->swapped ? bswap_64(v) : v;
	put(f, &v, sizeof(v));
}

/* 10.0.0.133 pings 10.0.0.67. */
#define SRC4 0x0a000085u
#define DST4 0x0a000043u

static inline struct st_flow flow4(void)
{
	return (struct st_flow){.family = 4,
				.l4 = IPPROTO_ICMP,
				.src_be = {__builtin_bswap32(SRC4)},
				.dst_be = {__builtin_bswap32(DST4)}};
}

static inline struct st_flow flow6(void)
{
	struct st_flow f = {.family = 6, .l4 = IPPROTO_ICMPV6};

	memcpy(f.src_be, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x33", 16);
	memcpy(f.dst_be, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x67", 16);
	return f;
}

static inline void put_ip4(struct bytes *f, bool reverse, uint8_t l4, uint16_t frag, size_t payload)
{
	put_u8(f, 0x45);
	put_u8(f, 0);
	put_be16(f, 20 + payload);
	put_be16(f, 0x1234); /* identification */
	put_be16(f, frag);
	put_u8(f, 64);
	put_u8(f, l4);
	put_be16(f, 0);
	put_be32(f, reverse ? DST4 : SRC4);
	put_be32(f, reverse ? SRC4 : DST4);
}

static inline void put_ip6(struct bytes *f, bool reverse, uint8_t next, size_t payload)
{
	struct st_flow flow = flow6();

	put_be32(f, 0x60000000);
	put_be16(f, payload);
	put_u8(f, next);
	put_u8(f, 64);
	put(f, reverse ? flow.dst_be : flow.src_be, 16);
	put(f, reverse ? flow.src_be : flow.dst_be, 16);
}

/* Eight bytes of echo with id 7. */
static inline void put_echo(struct bytes *f, uint8_t type, uint16_t seq)
{
	put_u8(f, type);
	put_u8(f, 0);
	put_be16(f, 0);
	put_be16(f, 7);
	put_be16(f, seq);
}

static inline void put_ping4(struct bytes *f, bool reverse, uint16_t seq)
{
	put_ip4(f, reverse, IPPROTO_ICMP, 0, 8);
	put_echo(f, reverse ? 0 : 8, seq);
}

static inline void put_ping6(struct bytes *f, bool reverse, uint16_t seq)
{
	put_ip6(f, reverse, IPPROTO_ICMPV6, 8);
	put_echo(f, reverse ? 129 : 128, seq);
}

static inline void put_eth(struct bytes *f, uint16_t ethertype)
{
	put(f, "\2\0\0\0\0\1\2\0\0\0\0\2", 12);
	put_be16(f, ethertype);
}

#define OUTGOING 4

static inline void put_sll(struct bytes *f, uint16_t packet_type, uint16_t ethertype)
{
	put_be16(f, packet_type);
	put_be16(f, 1);
	put_be16(f, 6);
	put(f, "\2\0\0\0\0\1\0\0", 8);
	put_be16(f, ethertype);
}

static inline void put_sll2(struct bytes *f, uint8_t packet_type, uint32_t ifindex, uint16_t ethertype)
{
	put_be16(f, ethertype);
	put_be16(f, 0);
	put_be32(f, ifindex);
	put_be16(f, 1);
	put_u8(f, packet_type);
	put_u8(f, 6);
	put(f, "\2\0\0\0\0\1\0\0", 8);
}

/* pcap: man 5 pcap-savefile. */
static inline void pcap_begin(struct bytes *f, bool swapped, bool nano, uint32_t link)
{
	f->n = 0;
	f->swapped = swapped;
	put_u32(f, nano ? 0xa1b23c4d : 0xa1b2c3d4);
	put_u16(f, 2);
	put_u16(f, 4);
	put_u32(f, 0);
	put_u32(f, 0);
	put_u32(f, 262144);
	put_u32(f, link);
}

static inline void pcap_packet(struct bytes *f, uint64_t ts_ns, bool nano, const struct bytes *frame, size_t captured)
{
	put_u32(f, ts_ns / 1000000000);
	put_u32(f, ts_ns % 1000000000 / (nano ? 1 : 1000));
	put_u32(f, captured);
	put_u32(f, frame->n);
	put(f, frame->b, captured);
}

/* pcapng: draft-ietf-opsawg-pcapng. A block is begun, filled, ended. */
static inline size_t ng_block(struct bytes *f, uint32_t type)
{
	put_u32(f, type);
	put_u32(f, 0);
	return f->n;
}

static inline void ng_pad(struct bytes *f, size_t n)
{
	while (n++ % 4)
		put_u8(f, 0);
}

static inline void ng_end(struct bytes *f, size_t body)
{
	uint32_t size = f->n - body + 12, stored = f->swapped ? bswap_32(size) : size;

	memcpy(f->b + body - 4, &stored, 4);
	put_u32(f, size);
}

static inline void ng_option(struct bytes *f, uint16_t code, const void *data, size_t n)
{
	put_u16(f, code);
	put_u16(f, n);
	put(f, data, n);
	ng_pad(f, n);
}

static inline void ng_option_u64(struct bytes *f, uint16_t code, uint64_t v)
{
	put_u16(f, code);
	put_u16(f, 8);
	put_u64(f, v);
}

static inline void ng_section(struct bytes *f, bool swapped)
{
	size_t body;

	f->swapped = swapped;
	body = ng_block(f, 0x0a0d0d0a);
	put_u32(f, 0x1a2b3c4d);
	put_u16(f, 1);
	put_u16(f, 0);
	put_u64(f, UINT64_MAX);
	ng_end(f, body);
}

static inline void ng_interface(struct bytes *f, uint16_t link, const char *name)
{
	size_t body = ng_block(f, 1);

	put_u16(f, link);
	put_u16(f, 0);
	put_u32(f, 262144);
	if (name)
		ng_option(f, 2, name, strlen(name));
	put_u32(f, 0);
	ng_end(f, body);
}

/* An Ethernet interface with a resolution of time, unless it is negative, and a filter, or NULL. */
static inline void ng_interface_with(struct bytes *f, const char *name, int resolution, const char *filter,
				     uint8_t kind)
{
	size_t body = ng_block(f, 1);
	uint8_t byte = resolution;

	put_u16(f, 1);
	put_u16(f, 0);
	put_u32(f, 262144);
	ng_option(f, 2, name, strlen(name));
	if (resolution >= 0)
		ng_option(f, 9, &byte, 1);
	if (filter) {
		put_u16(f, 11);
		put_u16(f, 1 + strlen(filter));
		put_u8(f, kind);
		put(f, filter, strlen(filter));
		ng_pad(f, 1 + strlen(filter));
	}
	put_u32(f, 0);
	ng_end(f, body);
}

static inline void ng_packet(struct bytes *f, uint32_t interface, uint64_t ts_ns, const struct bytes *frame,
			     uint64_t dropped)
{
	size_t body = ng_block(f, 6);

	put_u32(f, interface);
	put_u32(f, ts_ns / 1000 >> 32);
	put_u32(f, ts_ns / 1000);
	put_u32(f, frame->n);
	put_u32(f, frame->n);
	put(f, frame->b, frame->n);
	ng_pad(f, frame->n);
	if (dropped)
		ng_option_u64(f, 4, dropped);
	ng_end(f, body);
}

static inline void ng_statistics(struct bytes *f, uint32_t interface, uint64_t ifdrop, uint64_t osdrop)
{
	size_t body = ng_block(f, 5);

	put_u32(f, interface);
	put_u64(f, 0);
	ng_option_u64(f, 5, ifdrop);
	ng_option_u64(f, 7, osdrop);
	put_u32(f, 0);
	ng_end(f, body);
}
