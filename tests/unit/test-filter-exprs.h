/* SPDX-License-Identifier: GPL-2.0-only */
/* Expressions: every primitive of pcap-filter(7) that Ethernet or IP packets can have, and random ones made of them. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "test-filter-packets.h"

/* Numbers instead of names where a name would need /etc/services or a name server. */
static const char *const primitives[] = {
	"host 10.0.0.1",
	"src host 10.0.1.2",
	"dst host 10.0.0.3",
	"src or dst host 10.0.2.1",
	"src and dst 10.0.0.1",
	"ip host 10.0.1.1",
	"arp host 10.0.0.2",
	"arp src 10.0.1.1",
	"rarp host 10.0.0.2",
	"host fd00::1",
	"src 2001:db8::2",
	"ip6 dst host fd00::3",
	"ether host 02:00:00:00:00:01",
	"ether dst 02:00:00:00:00:02",
	"ether src 02:00:00:00:00:03",
	"ether broadcast",
	"broadcast",
	"ether multicast",
	"multicast",
	"ip multicast",
	"ip6 multicast",
	"net 10",
	"src net 10.0.1.0/24",
	"dst net 10.0.0.0 mask 255.255.254.0",
	"net 10.0.2",
	"ip6 net fd00::/64",
	"src net 2001:db8::/112",
	"arp net 10.0.0.0/30",
	"port 80",
	"src port 443",
	"dst port 53",
	"tcp port 22",
	"udp port 53",
	"tcp src port 20",
	"udp dst port 4789",
	"sctp port 1024",
	"portrange 20-22",
	"tcp portrange 80-443",
	"udp src portrange 1000-9000",
	"dst portrange 1024-65535",
	"less 60",
	"greater 100",
	"len <= 128",
	"len = 74",
	"ip proto 6",
	"ip proto 47",
	"ip6 proto 17",
	"ip proto \\tcp",
	"ip6 proto \\udp",
	"ip6 protochain 6",
	"ip protochain 6",
	"protochain 17",
	"ip6 protochain 58",
	"proto 132",
	"ether proto 0x0806",
	"ether proto \\ip",
	"ether proto \\ip6",
	"ether proto \\arp",
	"ether proto 0x88cc",
	"ip",
	"ip6",
	"arp",
	"rarp",
	"tcp",
	"udp",
	"icmp",
	"icmp6",
	"igmp",
	"ah",
	"esp",
	"sctp",
	"vrrp",
	"carp",
	"pim",
	"igrp",
	"atalk",
	"stp",
	"ipx",
	"netbeui",
	"iso",
	"llc",
	"aarp",
	"decnet",
	"lat",
	"vlan",
	"vlan 100",
	"vlan 5",
	"vlan 100 and vlan",
	"vlan and ip",
	"vlan and tcp port 80",
	"vlan && vlan 100 && ip6",
	"mpls",
	"mpls 1024",
	"mpls and ip",
	"mpls 1024 and mpls 2048",
	"mpls and mpls and host 10.0.0.1",
	"pppoed",
	"pppoes",
	"pppoes 1",
	"pppoes and ip",
	"pppoes 2 and tcp",
	"geneve",
	"udp port 6081 and geneve",
	"ip[0] & 0xf != 5",
	"ip[6:2] & 0x1fff = 0",
	"ip[8] < 5",
	"ip[2:2] > 576",
	"ip[16] >= 224",
	"ip[12:4] = 0x0a000001",
	"ip[19] = 1",
	"ip[20:4] & 0xff000000 != 0",
	"ip6[6] = 58",
	"ip6[40:2] = 80",
	"ip6[1:2] & 0xf00f != 0",
	"ether[0] & 1 = 0",
	"ether[0] & 1 = 0 and ip[16] >= 224",
	"ether[12:2] > 1500",
	"ether[13] = 6",
	"ether[11:4] & 1 = 0",
	"ether[60:4] != 0",
	"ether[62:4] != 7",
	"ether[61:2] > 100",
	"ether[100:4] > 5",
	"ether[0x7fffffff] = 1",
	"ether[2147483644:4] = 0",
	"ether[3000000000] = 1",
	"ether[len - 1] != 0",
	"ether[len - 4 : 4] > 0",
	"ether[len] = 0",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"tcp[13] & 0x10 != 0",
	"tcp[0:2] = 80",
	"tcp[tcpflags] == tcp-ack",
	"tcp[((tcp[12:1] & 0xf0) >> 2):4] > 0x10",
	"icmp[icmptype] = icmp-echo",
	"icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply",
	"icmp[0] = 8",
	"icmp6[icmp6type] = icmp6-echo",
	"icmp6[0] = 135",
	"udp[4:2] > 20",
	"udp[0:2] = udp[2:2]",
	"igmp[0] > 1",
	"sctp[0:2] = 80",
	"tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
	"ip and not tcp and not udp and not icmp",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10.0.0.0/24",
	"host 10.0.0.1 and (10.0.0.2 or 10.0.0.3)",
	"ip host 10.0.0.1 and not 10.0.0.2",
	"net 10.0.0 and not port 80",
	"gateway 10.0.0.1",
	"ip[0] * 3 = 207",
	"ip[8] / 7 = 2",
	"ip[8] % 7 = 3",
	"ip[9] ^ 0x11 = 0",
	"ip[4] | 1 = 77",
	"ip[4] << 3 > 1000",
	"ip[4:4] >> 29 = 5",
	"ip[4:4] << 31 != 0",
	"ip[8] / (ip[9] - 6) = 1",
	"ip[8] % ip[9] = 3",
	"1 << ip[8] > 65536",
	"ip[4:4] >> ip[8] = 0",
	"-ip[8] < 4294967280",
	"ip[12:4] + ip[16:4] > 0x14000000",
	"ip[16:4] - ip[12:4] < 3",
	"ip[12:4] * ip[16:4] != 0",
	"len - 14 = ip[2:2]",
	"tcp[-1] = 1",
	"ip[200000] = 0",
	"ip[ip[8]] = 1",
	"ip[ip[4:4]] = 1",
	"ether[ip[0] & 0xf] & 1 = 1",
	"ip[len - 15] > 100",
	"tcp or udp or sctp",
	"not ip",
	"not (tcp or udp)",
	"tcp and ip6",
	"dst host 10.0.0.1 or dst host 10.0.1.2 or ip6",
	"ip broadcast",
	"1 = 1",
	"1 = 2",
	"len > 20 or len < 300",
	"",
};

#define N_PRIMITIVES (sizeof(primitives) / sizeof(primitives[0]))
#define EXPR_TEXT    1024

/* What may be compared: a load of each header at any offset, arithmetic on it. */
static inline int random_value(char *dst, size_t size, uint64_t *s, int depth)
{
	static const char *const headers[] = {"ether", "ip", "ip6", "tcp", "udp", "icmp", "arp", "link"};
	static const char *const ops[] = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"};
	char left[128], right[128];

	switch (rnd(s, depth ? 6 : 3)) {
	case 0:
		return snprintf(dst, size, "%u", rnd(s, 4) ? rnd(s, 300) : rnd(s, 1u << 31));
	case 1:
		return snprintf(dst, size, "%s", rnd(s, 3) ? "ip[9]" : "len");
	case 2:
		return snprintf(dst, size, "%s[%u:%u]", headers[rnd(s, 8)], rnd(s, 70), 1u << rnd(s, 3));
	case 3:
		random_value(left, sizeof(left), s, 0);
		return snprintf(dst, size, "%s[%.100s]", headers[rnd(s, 8)], left);
	default:
		random_value(left, sizeof(left), s, depth - 1);
		random_value(right, sizeof(right), s, depth - 1);
		return snprintf(dst, size, "(%.60s %s %.60s)", left, ops[rnd(s, 10)], right);
	}
}

static inline void random_expr(char dst[EXPR_TEXT], uint64_t *s, int depth)
{
	static const char *const relations[] = {"=", "!=", "<", ">", "<=", ">="};
	char left[EXPR_TEXT], right[EXPR_TEXT];

	switch (rnd(s, depth ? 6 : 2)) {
	case 0:
		snprintf(dst, EXPR_TEXT, "%s", primitives[rnd(s, N_PRIMITIVES)]);
		break;
	case 1:
		random_value(left, 140, s, 2);
		random_value(right, 140, s, 1);
		snprintf(dst, EXPR_TEXT, "%.140s %s %.140s", left, relations[rnd(s, 6)], right);
		break;
	case 2:
		random_expr(left, s, depth - 1);
		snprintf(dst, EXPR_TEXT, "not (%.500s)", left);
		break;
	default:
		random_expr(left, s, depth - 1);
		random_expr(right, s, depth - 1);
		snprintf(dst, EXPR_TEXT, "(%.500s) %s (%.500s)", left, rnd(s, 2) ? "and" : "or", right);
	}
}
