/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "filter/expr.h"
#include "test-filter-machine.h"

Test(expr, what_cannot_work_is_refused_with_the_reason)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"tcp and port", "syntax error"},
		{"tcp port", "syntax error"},
		{"host", "syntax error"},
		{"inbound", "not in a packet's bytes"},
		{"tcp and outbound", "not in a packet's bytes"},
		{"ifindex 3", "not in a packet's bytes"},
		{"ether[4294963204] = 1", "not in a packet's bytes"},
		{"ifname eth0", "supported only on PF"},
		{"wlan type mgt", "802.11"},
		{"ip broadcast", "netmask"},
		{"ip and arp", "rejects all packets"},
		{"host 10.0.0.256", "10.0.0.256"},
		{"port 65536", "65536"},
		{"vlan 4096", "4096"},
		{"ip[0:3] = 1", "data size must be 1, 2, or 4"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct expr e = {0};
		struct reason reason = {0};
		char quoted[64];

		snprintf(quoted, sizeof(quoted), "'%s'", bad[i].text);
		cr_expect_eq(expr_compile(bad[i].text, &e, &reason), -EINVAL, "%s", bad[i].text);
		cr_expect(strstr(reason.text, quoted), "%s is not named in: %s", bad[i].text, reason.text);
		cr_expect(strstr(reason.text, bad[i].why), "%s: %s", bad[i].text, reason.text);
		cr_expect_null(e.l2.insns);
	}
}

static int verdict(const struct ebpf_prog *p, const void *packet, size_t size)
{
	struct machine m = {.memory = packet, .start = 0xffff888000001000ull, .memory_bytes = size};

	return machine_run(&m, p->insns, p->n, size, size);
}

/* The same packet, with its Ethernet header and from its IP header on. */
Test(expr, variants)
{
	static const uint8_t packet[78] = {[0] = 2,  [5] = 1,	[6] = 2,  [11] = 2,  [12] = 8, [14] = 0x45,
					   [23] = 6, [26] = 10, [29] = 1, [30] = 10, [33] = 2, [35] = 80};
	static const struct {
		const char *text;
		int l2, l3;
	} cases[] = {
		{"tcp", 1, 1},
		{"udp", 0, 0},
		{"src host 10.0.0.1 and dst host 10.0.0.2", 1, 1},
		{"src port 80", 1, 1},
		{"", 1, 1},
		{"len = 78", 1, 0},
		{"len = 64", 0, 1},
		{"ether host 02:00:00:00:00:02", 1, 0},
		{"ether host 02:00:00:00:00:02 or tcp", 1, 0},
		{"not vlan", 1, 0},
		{"arp", 0, 0},
		{"not arp", 1, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct expr e = {0};
		struct reason reason = {0};

		cr_assert_eq(expr_compile(cases[i].text, &e, &reason), 0, "%s", reason.text);
		cr_expect_eq(verdict(&e.l2, packet, sizeof(packet)), cases[i].l2, "%s: Ethernet", cases[i].text);
		cr_expect_eq(verdict(&e.l3, packet + 14, sizeof(packet) - 14), cases[i].l3, "%s: raw", cases[i].text);
		expr_free(&e);
	}
}
