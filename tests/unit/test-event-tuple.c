/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "event/tuple.h"

static struct tuple make(const char *src, const char *dst, uint8_t l4)
{
	struct tuple t = {.family = strchr(src, ':') ? 6 : 4, .has_l4 = true, .l4 = l4};
	int af = t.family == 6 ? AF_INET6 : AF_INET;

	cr_assert_eq(inet_pton(af, src, t.src), 1);
	cr_assert_eq(inet_pton(af, dst, t.dst), 1);
	return t;
}

static void expect(const struct tuple *t, uint16_t proto, const char *want)
{
	char text[TUPLE_TEXT_SIZE];

	cr_expect_eq(tuple_format(t, proto, text), strlen(want), "%s for %s", text, want);
	cr_expect_str_eq(text, want);
}

Test(tuple, v4)
{
	struct tuple t = make("10.0.0.67", "10.0.0.133", IPPROTO_ICMP);

	expect(&t, 0x0800, "10.0.0.67:0->10.0.0.133:0(icmp)");
	t.sport = 1; /* not valid, so not shown */
	expect(&t, 0x0800, "10.0.0.67:0->10.0.0.133:0(icmp)");
	t.has_l4 = false;
	expect(&t, 0x0800, "10.0.0.67:0->10.0.0.133:0");
	t = make("255.255.255.255", "0.0.0.0", IPPROTO_TCP);
	t.has_ports = true;
	t.sport = 65535;
	t.dport = 80;
	expect(&t, 0, "255.255.255.255:65535->0.0.0.0:80(tcp)");
}

Test(tuple, v6)
{
	struct tuple t = make("fd00::1", "fd00::2", IPPROTO_ICMPV6);

	expect(&t, 0x86dd, "[fd00::1]:0->[fd00::2]:0(icmp6)");
	t = make("2001:db8:0:1:1:1:1:1", "1:0:0:2:0:0:0:3", IPPROTO_UDP); /* RFC 5952, 4.2.2 and 4.2.3 */
	t.has_ports = true;
	t.dport = 53;
	expect(&t, 0, "[2001:db8:0:1:1:1:1:1]:0->[1:0:0:2::3]:53(udp)");
	t.has_ports = false; /* not read: no port 0 */
	expect(&t, 0, "[2001:db8:0:1:1:1:1:1]->[1:0:0:2::3](udp)");
	t = make("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "::ffff:255.255.255.255", IPPROTO_DSTOPTS);
	expect(&t, 0, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:0->[::ffff:255.255.255.255]:0(dstopts6)");
}

Test(tuple, protocol_names)
{
	static const struct {
		uint8_t l4;
		const char *name;
	} cases[] = {{IPPROTO_TCP, "tcp"},   {IPPROTO_UDP, "udp"},   {IPPROTO_SCTP, "sctp"},
		     {IPPROTO_GRE, "gre"},   {IPPROTO_IPIP, "ipip"}, {IPPROTO_ESP, "esp"},
		     {IPPROTO_IGMP, "igmp"}, {253, "253"},	     {255, "255"}};
	char text[L4_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(l4_format(cases[i].l4, text), strlen(cases[i].name));
		cr_expect_str_eq(text, cases[i].name);
	}
	cr_expect_null(l4_name(253));
	for (unsigned l4 = 0; l4 < 256; l4++)
		cr_expect(!l4_name((uint8_t)l4) || strlen(l4_name((uint8_t)l4)) < sizeof(text), "%u", l4);
}

Test(tuple, without_addresses)
{
	struct tuple t = {0};

	expect(&t, 0x0806, "arp");
	expect(&t, 0x0800, "ipv4");
	expect(&t, 0x86dd, "ipv6");
	expect(&t, 0x88b5, "0x88b5");
	expect(&t, 0x00ff, "0x00ff");
	expect(&t, 0, "-");
	cr_expect_null(ethertype_name(0));
}

Test(tuple, arp)
{
	struct tuple t = {.arp_op = 1, .src = {10, 0, 0, 67}, .dst = {10, 0, 0, 133}};

	expect(&t, 0x0806, "10.0.0.67->10.0.0.133(arp-request)");
	t.arp_op = 2;
	expect(&t, 0x0806, "10.0.0.67->10.0.0.133(arp-reply)");
	t.arp_op = 9;
	expect(&t, 0x0806, "10.0.0.67->10.0.0.133(arp-9)");
}

Test(tuple, v4_is_written_as_libc_writes_it)
{
	for (unsigned i = 0; i < 256; i++) {
		uint8_t addr[4] = {(uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7), (uint8_t)(i / 3)};
		char got[ADDR_TEXT_SIZE], want[INET_ADDRSTRLEN];

		inet_ntop(AF_INET, addr, want, sizeof(want));
		cr_expect_eq(addr_format(4, addr, got), strlen(want));
		cr_expect_str_eq(got, want);
	}
}
