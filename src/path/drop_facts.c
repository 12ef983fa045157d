/* SPDX-License-Identifier: GPL-2.0-only */
/* What a packet itself tells of its drop. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/symbol.h"
#include "path/drop_causes.h"

#define TCP_SYN 0x02
#define TCP_ACK 0x10

static bool v4_source_is_invalid(const uint8_t *a)
{
	return a[0] == 0 || a[0] == 127 || a[0] >= 240 || (a[0] & 0xf0) == 0xe0; /* net/ipv4/route.c */
}

static bool v6_source_is_invalid(const uint8_t *a)
{
	static const uint8_t loopback[16] = {[15] = 1}, any[16];

	return a[0] == 0xff || memcmp(a, loopback, 16) == 0 || memcmp(a, any, 16) == 0;
}

static void addr_facts(const struct tuple *t, struct facts *f)
{
	bool v6 = t->family == 6;

	facts_set(f, FACT_IPV6, v6);
	facts_set(f, FACT_SRC_NO_UNICAST, v6 ? v6_source_is_invalid(t->src) : v4_source_is_invalid(t->src));
	facts_set(f, FACT_SRC_LINK_LOCAL, v6 && t->src[0] == 0xfe && (t->src[1] & 0xc0) == 0x80);
}

static void l4_facts(const struct tuple *t, struct facts *f)
{
	facts_set(f, FACT_TCP, t->l4 == IPPROTO_TCP);
	facts_set(f, FACT_PORTS,
		  t->l4 == IPPROTO_TCP || t->l4 == IPPROTO_UDP || t->l4 == IPPROTO_UDPLITE || t->l4 == IPPROTO_SCTP ||
			  t->l4 == IPPROTO_DCCP);
	if (t->has_tcp)
		facts_set(f, FACT_SYN, (t->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN);
	if (t->has_icmp && t->l4 == IPPROTO_ICMP)
		facts_set(f, FACT_ECHO, t->icmp_type == 8 || t->icmp_type == 13);
}

static bool is_one_of(const char *func, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (symbol_is(func, names[i]))
			return true;
	return false;
}

/* Which hook of netfilter the packet was at, by the last function that calls one. */
static void hook_facts(const struct packet *p, const struct path_drop *d, struct facts *f)
{
	static const char *const begin[] = {"ip_rcv",	    "ip_rcv_core",    "ipv6_rcv",	 "ip6_rcv_core",
					    "ip_local_out", "__ip_local_out", "__ip6_local_out", "ip6_xmit"};
	static const char *const go_on[] = {"ip_forward", "ip6_forward", "ip_local_deliver", "ip6_input",
					    "ip_output",  "ip6_output",	 "ip_mc_output"};

	for (size_t i = d->step < p->n_steps ? d->step + 1 : 0; i-- > 0;) {
		bool begins = is_one_of(p->steps[i].func, begin, ARRAY_SIZE(begin));

		if (p->steps[i].copy != p->steps[d->step].copy ||
		    !(begins || is_one_of(p->steps[i].func, go_on, ARRAY_SIZE(go_on))))
			continue;
		facts_set(f, FACT_CT_BEGINS, begins);
		return;
	}
}

struct drop_facts drop_facts_of(const struct packet *p, const struct path_drop *d)
{
	const struct path_device *device = d->step < p->n_steps ? &p->devices[p->steps[d->step].device] : NULL;
	const struct tuple *t = p->translated ? &p->last_tuple : &p->tuple;
	struct drop_facts f = {
		.reason = d->has_reason && !d->reason_name ? "" : d->reason_name,
		.symbol = d->symbol,
		.after = d->after,
		.lost = d->lost,
		.ifname = device && device->has_dev ? device->ifname : NULL,
		.tuple = t,
		.facts = d->facts,
	};

	if (p->proto == ETH_P_IP || p->proto == ETH_P_IPV6)
		facts_set(&f.facts, FACT_IPV6, p->proto == ETH_P_IPV6);
	if (t->family)
		addr_facts(t, &f.facts);
	if (t->has_l4)
		l4_facts(t, &f.facts);
	hook_facts(p, d, &f.facts);
	if (p->knows_tags)
		facts_set(&f.facts, FACT_TAGGED, p->tagged);
	return f;
}
