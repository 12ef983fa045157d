/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/tuple.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"

/* Two times brackets, address, colon and a port of five digits; the arrow; a name in parentheses; the NUL. */
static_assert(TUPLE_TEXT_SIZE >= 2 * (2 + INET6_ADDRSTRLEN + 6) + 2 + L4_TEXT_SIZE + 2, "any tuple fits");
static_assert(ADDR_TEXT_SIZE >= INET6_ADDRSTRLEN, "any address fits");

/* include/uapi/linux/in.h; by number. */
static const char *const l4_names[256] = {
	[IPPROTO_HOPOPTS] = "hopopt",
	[IPPROTO_ICMP] = "icmp",
	[IPPROTO_IGMP] = "igmp",
	[IPPROTO_IPIP] = "ipip",
	[IPPROTO_TCP] = "tcp",
	[IPPROTO_UDP] = "udp",
	[IPPROTO_DCCP] = "dccp",
	[IPPROTO_IPV6] = "ipv6",
	[IPPROTO_ROUTING] = "route6",
	[IPPROTO_FRAGMENT] = "frag6",
	[IPPROTO_RSVP] = "rsvp",
	[IPPROTO_GRE] = "gre",
	[IPPROTO_ESP] = "esp",
	[IPPROTO_AH] = "ah",
	[IPPROTO_ICMPV6] = "icmp6",
	[IPPROTO_NONE] = "none6",
	[IPPROTO_DSTOPTS] = "dstopts6",
	[89] = "ospf",
	[IPPROTO_PIM] = "pim",
	[IPPROTO_COMP] = "ipcomp",
	[112] = "vrrp",
	[IPPROTO_SCTP] = "sctp",
	[IPPROTO_UDPLITE] = "udplite",
	[IPPROTO_MPLS] = "mpls",
};

static const struct {
	uint16_t proto;
	const char *name;
} ethertypes[] = {
	{ETH_P_IP, "ipv4"},	  {ETH_P_IPV6, "ipv6"},	  {ETH_P_ARP, "arp"},	    {ETH_P_RARP, "rarp"},
	{ETH_P_8021Q, "vlan"},	  {ETH_P_8021AD, "qinq"}, {ETH_P_MPLS_UC, "mpls"},  {ETH_P_MPLS_MC, "mpls"},
	{ETH_P_LLDP, "lldp"},	  {ETH_P_PAE, "eapol"},	  {ETH_P_PPP_SES, "pppoe"}, {ETH_P_PPP_DISC, "pppoed"},
	{ETH_P_MACSEC, "macsec"}, {ETH_P_1588, "ptp"},	  {ETH_P_SLOW, "slow"},	    {ETH_P_802_2, "llc"},
};

static char *put_u16(char *p, uint16_t v)
{
	char tmp[5];
	unsigned n = 0;

	do {
		tmp[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (n)
		*p++ = tmp[--n];
	return p;
}

const char *l4_name(uint8_t l4)
{
	return l4_names[l4];
}

size_t l4_format(uint8_t l4, char *dst)
{
	char *end = l4_names[l4] ? stpcpy(dst, l4_names[l4]) : put_u16(dst, l4);

	*end = '\0';
	return (size_t)(end - dst);
}

const char *ethertype_name(uint16_t proto)
{
	for (size_t i = 0; i < ARRAY_SIZE(ethertypes); i++)
		if (ethertypes[i].proto == proto)
			return ethertypes[i].name;
	return NULL;
}

size_t addr_format(uint8_t family, const uint8_t *addr, char *dst)
{
	char *p = dst;

	if (family == 6) {
		inet_ntop(AF_INET6, addr, dst, ADDR_TEXT_SIZE);
		return strlen(dst);
	}
	for (unsigned i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_u16(p, addr[i]);
	}
	*p = '\0';
	return (size_t)(p - dst);
}

static bool has_unknown_ports(const struct tuple *t)
{
	if (!t->has_l4 || t->has_ports)
		return false;
	return t->l4 == IPPROTO_TCP || t->l4 == IPPROTO_UDP || t->l4 == IPPROTO_SCTP || t->l4 == IPPROTO_DCCP ||
	       t->l4 == IPPROTO_UDPLITE;
}

/* port -1: there is one, but it is not known. */
static char *put_end(char *p, uint8_t family, const uint8_t *addr, int port)
{
	if (family == 6)
		*p++ = '[';
	p += addr_format(family, addr, p);
	if (family == 6)
		*p++ = ']';
	if (port < 0)
		return p;
	*p++ = ':';
	return put_u16(p, (uint16_t)port);
}

static size_t proto_format(uint16_t proto, char *dst)
{
	const char *name = ethertype_name(proto);
	char *p = dst;

	if (name) {
		p = stpcpy(p, name);
	} else if (proto == 0) {
		*p++ = '-';
	} else {
		p = stpcpy(p, "0x");
		for (int shift = 12; shift >= 0; shift -= 4)
			*p++ = "0123456789abcdef"[proto >> shift & 0xf];
	}
	*p = '\0';
	return (size_t)(p - dst);
}

/* RFC 826. */
static const char *arp_name(uint8_t op)
{
	return op == 1 ? "request" : op == 2 ? "reply" : NULL;
}

static size_t arp_format(const struct tuple *t, char *dst)
{
	const char *name = arp_name(t->arp_op);
	char *p = dst;

	p += addr_format(4, t->src, p);
	p = stpcpy(p, "->");
	p += addr_format(4, t->dst, p);
	p = stpcpy(p, "(arp-");
	p = name ? stpcpy(p, name) : put_u16(p, t->arp_op);
	p = stpcpy(p, ")");
	return (size_t)(p - dst);
}

size_t tuple_format(const struct tuple *t, uint16_t proto, char *dst)
{
	int none = has_unknown_ports(t) ? -1 : 0;
	char *p = dst;

	if (t->arp_op)
		return arp_format(t, dst);
	if (t->family == 0)
		return proto_format(proto, dst);
	p = put_end(p, t->family, t->src, t->has_ports ? t->sport : none);
	p = stpcpy(p, "->");
	p = put_end(p, t->family, t->dst, t->has_ports ? t->dport : none);
	if (t->has_l4) {
		*p++ = '(';
		p += l4_format(t->l4, p);
		*p++ = ')';
	}
	*p = '\0';
	return (size_t)(p - dst);
}
