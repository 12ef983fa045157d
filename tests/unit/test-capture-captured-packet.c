/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "capture/captured_packet.h"
#include "captures.h"

static enum captured_kind read_whole(int link, const struct bytes *f, struct captured_packet *p)
{
	return captured_packet_read(link, f->b, f->n, f->n, p);
}

static void expect_ping(int link, const struct bytes *f, uint8_t family)
{
	struct captured_packet p = {0};

	cr_assert_eq(read_whole(link, f, &p), CAPTURED_IP, "link %d", link);
	cr_expect_eq(p.family, family);
	cr_expect(p.has_l4);
	cr_expect_eq(p.l4, family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	cr_expect_eq(p.sport, 7);
	cr_expect_eq(p.dport, 300);
}

Test(captured_packet, every_link_type)
{
	struct {
		int link;
		void (*put)(struct bytes *f, uint16_t ethertype);
	} cases[] = {{DLT_EN10MB, put_eth}, {DLT_RAW, NULL}};
	struct bytes f = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned family = 4; family <= 6; family += 2) {
			f.n = 0;
			if (cases[i].put)
				cases[i].put(&f, family == 4 ? 0x0800 : 0x86dd);
			(family == 4 ? put_ping4 : put_ping6)(&f, false, 300);
			expect_ping(cases[i].link, &f, family);
		}
	}
	f.n = 0;
	put_ping4(&f, false, 300);
	expect_ping(DLT_IPV4, &f, 4);
	cr_expect_eq(read_whole(DLT_IPV6, &f, &(struct captured_packet){0}), CAPTURED_OTHER);
	f.n = 0;
	put_ping6(&f, false, 300);
	expect_ping(DLT_IPV6, &f, 6);
	cr_expect_eq(read_whole(DLT_IPV4, &f, &(struct captured_packet){0}), CAPTURED_OTHER);
	cr_expect_not(captured_packet_link_known(DLT_IEEE802_11));
}

Test(captured_packet, cooked_headers_tell_direction_and_device)
{
	struct captured_packet p = {0};
	struct bytes f = {0};

	put_sll(&f, OUTGOING, 0x0800);
	put_ping4(&f, false, 300);
	expect_ping(DLT_LINUX_SLL, &f, 4);
	read_whole(DLT_LINUX_SLL, &f, &p);
	cr_expect_eq(p.direction, LINK_DIRECTION_OUT);
	cr_expect_eq(p.device, 0);
	f.n = 0;
	put_sll2(&f, 3, 22, 0x86dd); /* to another host: a promiscuous port's */
	put_ping6(&f, false, 300);
	expect_ping(DLT_LINUX_SLL2, &f, 6);
	read_whole(DLT_LINUX_SLL2, &f, &p);
	cr_expect_eq(p.direction, LINK_DIRECTION_IN);
	cr_expect_eq(p.device, 22);
}

Test(captured_packet, vlan_tags_are_skipped)
{
	static const uint16_t outer[] = {0x8100, 0x88a8, 0x9100};

	for (size_t i = 0; i < ARRAY_SIZE(outer); i++) {
		struct bytes f = {0};

		put_eth(&f, outer[i]);
		put_be16(&f, 100);
		put_be16(&f, 0x8100);
		put_be16(&f, 200);
		put_be16(&f, 0x0800);
		put_ping4(&f, false, 300);
		expect_ping(DLT_EN10MB, &f, 4);
	}
}

Test(captured_packet, what_is_not_ip_is_other)
{
	struct captured_packet p = {0};
	struct bytes f = {0};

	put_eth(&f, 0x0806);
	put(&f, "\0\1\x08\0\6\4\0\1", 8);
	cr_expect_eq(read_whole(DLT_EN10MB, &f, &p), CAPTURED_OTHER);
	f.n = 0;
	put_eth(&f, 0x0800); /* says IPv4, is not */
	put_ping6(&f, false, 1);
	cr_expect_eq(read_whole(DLT_EN10MB, &f, &p), CAPTURED_OTHER);
	f.n = 0;
	put_eth(&f, 0x86dd);
	put_ping4(&f, false, 1);
	for (int i = 0; i < 40; i++)
		put_u8(&f, 0);
	cr_expect_eq(read_whole(DLT_EN10MB, &f, &p), CAPTURED_OTHER);
	cr_expect_eq(p.family, 0, "left alone");
}

Test(captured_packet, tcp_and_udp)
{
	struct captured_packet p = {0};
	struct bytes f = {0};

	put_ip4(&f, false, IPPROTO_TCP, 0, 20 + 5);
	put_be16(&f, 40000);
	put_be16(&f, 80);
	put_be32(&f, 0xdeadbeef);
	put_be32(&f, 0);
	put_be16(&f, 0x5018);
	put(&f, "\0\0\0\0\0\0hello", 11);
	cr_assert_eq(read_whole(DLT_RAW, &f, &p), CAPTURED_IP);
	cr_expect_eq(p.sport, 40000);
	cr_expect_eq(p.dport, 80);
	cr_expect_eq(p.l4_seq, 0xdeadbeef);
	cr_expect_eq(p.tcp_flags, 0x18);
	cr_expect_eq(p.payload_bytes, 5);
	cr_expect_eq(p.ip_id, 0x1234);
	f.n = 0;
	put_ip6(&f, false, IPPROTO_UDP, 8 + 3);
	put_be16(&f, 40000);
	put_be16(&f, 53);
	put_be16(&f, 11);
	put_be16(&f, 0);
	put(&f, "abc", 3);
	cr_assert_eq(read_whole(DLT_RAW, &f, &p), CAPTURED_IP);
	cr_expect_eq(p.dport, 53);
	cr_expect_eq(p.payload_bytes, 3);
}

/* Hop-by-hop, routing, destination options, AH, mobility and an atomic fragment, in one packet. */
Test(captured_packet, ipv6_extension_headers_are_walked)
{
	struct bytes f = {0};

	put_ip6(&f, false, IPPROTO_HOPOPTS, 16 + 8 + 8 + 12 + 8 + 8 + 8);
	put(&f, "\x2b\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16); /* hop-by-hop of 16 bytes → routing */
	put(&f, "\x3c\0\0\0\0\0\0\0", 8);		   /* → destination options */
	put(&f, "\x33\0\0\0\0\0\0\0", 8);		   /* → AH */
	put(&f, "\x87\1\0\0\0\0\0\0\0\0\0\0", 12);	   /* AH of 12 bytes → mobility */
	put(&f, "\x2c\0\0\0\0\0\0\0", 8);		   /* → fragment */
	put(&f, "\x3a\0\0\0\0\0\0\1", 8);		   /* offset 0, none to come → ICMPv6 */
	put_echo(&f, 128, 300);
	expect_ping(DLT_RAW, &f, 6);
}

Test(captured_packet, later_fragments_have_no_l4)
{
	struct captured_packet p = {0};
	struct bytes f = {0};

	put_ip4(&f, false, IPPROTO_ICMP, 185, 8);
	put_echo(&f, 8, 300);
	cr_assert_eq(read_whole(DLT_RAW, &f, &p), CAPTURED_IP);
	cr_expect_not(p.has_l4);
	cr_expect_not(p.l4_cut);
	cr_expect_eq(p.frag_off, 185);
	cr_expect_eq(p.l4, IPPROTO_ICMP);
	f.n = 0;
	put_ip6(&f, false, IPPROTO_FRAGMENT, 16);
	put(&f, "\x3a\0\5\xc8\0\0\0\7", 8); /* 0x5c8: offset 185 */
	put_echo(&f, 128, 300);
	cr_assert_eq(read_whole(DLT_RAW, &f, &p), CAPTURED_IP);
	cr_expect_not(p.has_l4);
	cr_expect_eq(p.frag_off, 185);
	cr_expect_eq(p.fragment_id, 7);
	cr_expect_eq(p.l4, IPPROTO_ICMPV6);
}

/* Cut anywhere before its end, a ping is never read as something else, and never as whole. */
Test(captured_packet, a_short_snapshot_is_noticed_at_every_length)
{
	struct bytes f = {0};
	size_t addresses_end;

	put_eth(&f, 0x8100);
	put_be16(&f, 100);
	put_be16(&f, 0x86dd);
	addresses_end = f.n + 40;
	put_ip6(&f, false, IPPROTO_HOPOPTS, 16);
	put(&f, "\x3a\0\0\0\0\0\0\0", 8);
	put_echo(&f, 128, 300);
	for (size_t n = 0; n < f.n; n++) {
		uint8_t *exact = malloc(n ? n : 1); /* for the sanitizer */
		struct captured_packet p = {0};
		enum captured_kind kind;

		memcpy(exact, f.b, n);
		kind = captured_packet_read(DLT_EN10MB, exact, n, f.n, &p);
		if (n < addresses_end)
			cr_expect_eq(kind, CAPTURED_CUT, "%zu bytes", n);
		else
			cr_expect(kind == CAPTURED_IP && p.l4_cut && !p.has_l4, "%zu bytes", n);
		/* not cut, but short on the wire already: malformed */
		kind = captured_packet_read(DLT_EN10MB, exact, n, n, &p);
		cr_expect(kind == CAPTURED_OTHER || (n >= addresses_end && !p.l4_cut && !p.has_l4), "%zu bytes", n);
		free(exact);
	}
}

/* Ethernet pads short frames: what follows the IP packet is not part of it. */
Test(captured_packet, padding_is_not_read)
{
	struct captured_packet p = {0};
	struct bytes f = {0};

	put_eth(&f, 0x0800);
	put_ip4(&f, false, IPPROTO_ICMP, 0, 4); /* four bytes of ICMP only */
	put_echo(&f, 8, 300);
	cr_assert_eq(read_whole(DLT_EN10MB, &f, &p), CAPTURED_IP);
	cr_expect_not(p.has_l4);
	cr_expect_not(captured_packet_read(DLT_EN10MB, f.b, f.n, f.n + 20, &p) == CAPTURED_IP && p.l4_cut);
}
