/* SPDX-License-Identifier: GPL-2.0-only */
/* Random packets of which many match something: few addresses and ports, many kinds of headers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PACKET_MAX   400
#define PACKET_SLACK 64 /* random bytes behind the packet, which no verdict may depend on */

struct test_packet {
	uint8_t bytes[PACKET_MAX + PACKET_SLACK];
	uint32_t l3; /* where the Ethernet header ends, with its tags */
	uint32_t len_bytes, cap_bytes;
};

/* xorshift64*, so that a seed gives the same packets everywhere. */
static inline uint32_t rnd(uint64_t *s, uint32_t below)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return (uint32_t)((*s * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static inline void put(struct test_packet *p, const void *data, size_t n)
{
	memcpy(p->bytes + p->len_bytes, data, n);
	p->len_bytes += n;
}

static inline void put_be(struct test_packet *p, uint32_t v, unsigned bytes)
{
	while (bytes--)
		p->bytes[p->len_bytes++] = (uint8_t)(v >> (8 * bytes));
}

static inline void put_random(struct test_packet *p, uint64_t *s, uint32_t n)
{
	while (n--)
		p->bytes[p->len_bytes++] = (uint8_t)(1 + rnd(s, 255));
}

static inline void put_port(struct test_packet *p, uint64_t *s)
{
	static const uint16_t ports[] = {20, 21, 22, 53, 80, 443, 1024, 4789, 6081, 8080, 33000};

	put_be(p, ports[rnd(s, sizeof(ports) / sizeof(ports[0]))], 2);
}

static inline void put_l4(struct test_packet *p, uint64_t *s, uint8_t proto)
{
	static const uint8_t types[] = {0, 3, 8, 11, 128, 129, 135, 136};

	switch (proto) {
	case 6:
		put_port(p, s);
		put_port(p, s);
		put_random(p, s, 8);
		put_be(p, (5 + rnd(s, 3)) << 4, 1);
		put_be(p, rnd(s, 64), 1);
		put_random(p, s, 6);
		break;
	case 17:
	case 132:
		put_port(p, s);
		put_port(p, s);
		put_random(p, s, 4);
		break;
	case 1:
	case 58:
		put_be(p, types[rnd(s, sizeof(types))], 1);
		put_be(p, rnd(s, 3), 1);
		put_random(p, s, 6);
		break;
	}
	put_random(p, s, rnd(s, 100));
}

static inline uint8_t any_proto(uint64_t *s)
{
	static const uint8_t protos[] = {6, 6, 6, 17, 17, 1, 58, 132, 2, 47, 50, 51, 4, 41, 103, 112, 255};

	return protos[rnd(s, sizeof(protos))];
}

static inline void put_ip4(struct test_packet *p, uint64_t *s)
{
	uint32_t words = rnd(s, 3) ? 5 : 5 + rnd(s, 11);
	uint8_t proto = any_proto(s);

	put_be(p, (rnd(s, 20) ? 0x40 : 0x50) | words, 1);
	put_random(p, s, 5);
	put_be(p, rnd(s, 4) ? rnd(s, 2) << 14 : rnd(s, 0x10000), 2);
	put_be(p, 1 + rnd(s, 64), 1);
	put_be(p, proto, 1);
	put_random(p, s, 2);
	for (int i = 0; i < 2; i++)
		put_be(p, rnd(s, 8) ? 0x0a000000 | rnd(s, 3) << 8 | rnd(s, 4) : 0xe0000001 + rnd(s, 3), 4);
	put_random(p, s, (words - 5) * 4);
	put_l4(p, s, proto);
}

static inline void put_ip6(struct test_packet *p, uint64_t *s)
{
	static const uint8_t chain[] = {0, 60, 43, 44, 51};
	uint32_t n_ext = rnd(s, 2) ? 0 : rnd(s, 5);
	uint8_t proto = any_proto(s), ext[5];

	for (uint32_t i = 0; i < n_ext; i++)
		ext[i] = chain[rnd(s, sizeof(chain))];
	put_be(p, 0x60000000 | rnd(s, 1 << 20), 4);
	put_random(p, s, 2);
	put_be(p, n_ext ? ext[0] : proto, 1);
	put_be(p, 64, 1);
	for (int i = 0; i < 2; i++) {
		static const uint8_t prefix[2][14] = {{0xfd}, {0x20, 0x01, 0x0d, 0xb8}};

		put(p, prefix[rnd(s, 2)], 14);
		put_be(p, rnd(s, 4), 2);
	}
	for (uint32_t i = 0; i < n_ext; i++) {
		uint32_t units = ext[i] == 44 ? 0 : rnd(s, 2);

		put_be(p, i + 1 < n_ext ? ext[i + 1] : proto, 1);
		put_be(p, units, 1);
		put_random(p, s, 6 + units * 8);
	}
	put_l4(p, s, proto);
}

static inline void put_arp(struct test_packet *p, uint64_t *s)
{
	put_be(p, 1, 2);
	put_be(p, 0x0800, 2);
	put_be(p, 0x0604, 2);
	put_be(p, 1 + rnd(s, 2), 2);
	for (int i = 0; i < 2; i++) {
		put_random(p, s, 6);
		put_be(p, 0x0a000000 | rnd(s, 3) << 8 | rnd(s, 4), 4);
	}
}

static inline void put_mac(struct test_packet *p, uint64_t *s)
{
	switch (rnd(s, 6)) {
	case 0:
		put_be(p, 0xffff, 2);
		put_be(p, 0xffffffff, 4);
		break;
	case 1:
		put_be(p, 0x0100, 2);
		put_be(p, 0x5e000001, 4);
		break;
	default:
		put_be(p, 0x0200, 2);
		put_be(p, 1 + rnd(s, 3), 4);
	}
}

static inline void packet_random(struct test_packet *p, uint64_t *s)
{
	static const uint16_t types[] = {0x0800, 0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x86dd,
					 0x0806, 0x8847, 0x8864, 0x0026, 0x88cc, 0x8035};
	uint16_t type = types[rnd(s, sizeof(types) / sizeof(types[0]))];

	p->len_bytes = 0;
	put_mac(p, s);
	put_mac(p, s);
	for (uint32_t tags = rnd(s, 3) ? 0 : 1 + rnd(s, 2); tags; tags--) {
		put_be(p, rnd(s, 4) ? 0x8100 : 0x88a8, 2);
		put_be(p, rnd(s, 8) << 13 | (rnd(s, 2) ? 100 : 1 + rnd(s, 300)), 2);
	}
	put_be(p, type, 2);
	p->l3 = p->len_bytes;
	if (type == 0x8847) { /* MPLS: labels, the bottom of the stack last */
		put_be(p, (1024 + rnd(s, 2)) << 12, 4);
		put_be(p, 2048 << 12 | 0x100, 4);
	} else if (type == 0x8864) { /* PPPoE: session, length, then PPP's protocol number */
		put_be(p, 0x1100, 2);
		put_be(p, rnd(s, 3), 2);
		put_be(p, 0x0040, 2);
		put_be(p, 0x0021, 2);
	}
	if (type == 0x0806)
		put_arp(p, s);
	else if (type == 0x86dd)
		put_ip6(p, s);
	else if (type == 0x0800 || type == 0x8847 || type == 0x8864)
		put_ip4(p, s);
	else
		put_random(p, s, rnd(s, 100));
	/* Bytes may be missing at the end, as when they are in fragments, and the frame may be padded. */
	p->cap_bytes = rnd(s, 4) ? p->len_bytes : rnd(s, p->len_bytes + 1);
	for (uint32_t i = 0; i < PACKET_SLACK; i++)
		p->bytes[p->len_bytes + i] = (uint8_t)rnd(s, 256);
}
