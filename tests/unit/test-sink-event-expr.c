/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "sink/event_expr.h"

static const struct event tcp = {.proto = 0x0800,
				 .len_bytes = 60,
				 .tuple = {.family = 4,
					   .src = {10, 0, 0, 1},
					   .dst = {10, 0, 0, 2},
					   .has_l4 = true,
					   .l4 = IPPROTO_TCP,
					   .has_ports = true,
					   .sport = 40000,
					   .dport = 443,
					   .has_tcp = true,
					   .tcp_flags = 0x02}};
static const struct event echo6 = {.proto = 0x86dd,
				   .len_bytes = 104,
				   .tuple = {.family = 6,
					     .src = {0xfd, [15] = 1},
					     .dst = {0xfd, [15] = 2},
					     .has_l4 = true,
					     .l4 = IPPROTO_ICMPV6,
					     .has_icmp = true,
					     .icmp_type = 128}};
static const struct event arp = {.proto = 0x0806, .len_bytes = 28};

static bool matches(const char *text, const struct event *ev)
{
	_cleanup_cbpf_ struct cbpf_prog p = {0};
	struct reason reason = {0};

	cr_assert_eq(opt_expression(&p, text, &reason), 0, "%s: %s", text, reason.text);
	return event_expr_matches(&p, ev);
}

Test(cmd_event_expr, made_headers)
{
	static const struct {
		const char *text;
		bool tcp, echo6;
	} cases[] = {
		{"host 10.0.0.1", true, false},
		{"tcp dst port 443", true, false},
		{"tcp src port 443", false, false},
		{"tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0", true, false},
		{"tcp[tcpflags] & tcp-ack != 0", false, false},
		{"icmp6", false, true},
		{"ip6 dst fd00::2", false, true},
		{"not icmp6", true, false},
		{"len > 80", false, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(matches(cases[i].text, &tcp), cases[i].tcp, "%s", cases[i].text);
		cr_expect_eq(matches(cases[i].text, &echo6), cases[i].echo6, "%s", cases[i].text);
		cr_expect_not(matches(cases[i].text, &arp), "%s", cases[i].text);
	}
}

/* What was kept of the packet goes before what would be made: its time to live is 3. */
Test(cmd_event_expr, kept_bytes)
{
	static const uint8_t bytes[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 3, IPPROTO_UDP, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
	struct event ev = tcp;

	ev.bytes = bytes;
	ev.n_bytes = ev.wire_bytes = sizeof(bytes);
	cr_expect(matches("ip[8] = 3", &ev));
	cr_expect(matches("udp and src 192.0.2.1", &ev));
	cr_expect_not(matches("tcp", &ev));
	cr_expect_not(matches("ip[8] = 3", &tcp));
}

Test(cmd_event_expr, refused)
{
	struct cbpf_prog p = {0};
	struct reason reason = {0};

	cr_expect_lt(opt_expression(&p, "tcp prt 80", &reason), 0);
	cr_expect(reason.text[0]);
	cr_expect_eq(p.n, 0u);
}
