/* SPDX-License-Identifier: GPL-2.0-only */
/* Likely causes: none contradicts a known fact, and what cannot be told apart is "one of". */
#include <criterion/criterion.h>

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "path/drop_causes.h"
#include "path/drop_causes_table.h"

#define YES(fact) FACT_BIT(FACT_##fact), FACT_BIT(FACT_##fact)
#define NO(fact)  FACT_BIT(FACT_##fact), UINT64_C(0)

/* Pairs of known and holds, ended by 0. */
static struct facts facts(uint64_t known, ...)
{
	struct facts f = {0};
	va_list ap;

	va_start(ap, known);
	for (; known; known = va_arg(ap, uint64_t)) {
		f.known |= known;
		f.holds |= va_arg(ap, uint64_t);
	}
	va_end(ap);
	return f;
}
#define FACTS(...) facts(__VA_ARGS__, UINT64_C(0))

static char text[DROP_CAUSE_MAX];

static const char *cause(struct drop_facts f)
{
	return drop_cause(&f, text) ? text : NULL;
}
#define CAUSE(...) cause((struct drop_facts){__VA_ARGS__})
#define BEGINS(got, want)                                                                                              \
	do {                                                                                                           \
		const char *got_text = (got);                                                                          \
		cr_expect(got_text &&strncmp(got_text, want, strlen(want)) == 0, "%s", got_text);                      \
	} while (0)

Test(drop_causes, the_table_is_sorted_and_every_place_has_its_rows)
{
	for (size_t i = 1; i < n_cause_rows; i++)
		cr_expect_leq(strcmp(cause_rows[i - 1].key, cause_rows[i].key), 0, "%s", cause_rows[i].key);
	for (size_t i = 0; i < n_place_rows; i++) {
		size_t n = 0;

		while (n < n_cause_rows && strcmp(cause_rows[n].key, place_rows[i].key) != 0)
			n++;
		cr_expect_lt(n, n_cause_rows, "%s", place_rows[i].key);
	}
}

Test(drop_causes, what_no_table_has)
{
	cr_expect_null(CAUSE(.reason = "NO_SUCH_REASON", .symbol = "tcp_v4_rcv"));
	cr_expect_null(CAUSE(.reason = ""));
	cr_expect_null(CAUSE(.reason = NULL));
	cr_expect_null(CAUSE(.symbol = "veth_xmit"));
	cr_expect_null(CAUSE(.symbol = "nf_hook_slower"));
	cr_expect_null(CAUSE(.symbol = "__netif_receive_skb_core", .after = "packet_rcv"));
	cr_expect_null(CAUSE(.symbol = "__netif_receive_skb_core"));
}

/* The VLAN id of a frame that is for this device has no interface: eth_type_trans() did not set PACKET_OTHERHOST. */
Test(drop_causes, otherhost)
{
	BEGINS(CAUSE(.reason = "OTHERHOST"), "one of: its destination MAC address is not DEV's");
	cr_expect(strstr(text, "VLAN id"));
	BEGINS(CAUSE(.reason = "OTHERHOST", .ifname = "lxc1", .facts = FACTS(NO(MAC_OURS))),
	       "its destination MAC address is not lxc1's");
	BEGINS(CAUSE(.reason = "OTHERHOST", .ifname = "lxc1", .facts = FACTS(YES(MAC_OURS), YES(TAGGED))),
	       "its VLAN id has no interface on lxc1");
	CAUSE(.reason = "OTHERHOST", .facts = FACTS(YES(MAC_OURS), NO(TAGGED)));
	cr_expect_null(strstr(text, "VLAN"));
	cr_expect_null(strstr(text, "neighbour"));
	CAUSE(.reason = "OTHERHOST", .facts = FACTS(YES(MAC_OURS)));
	cr_expect_null(strstr(text, "neighbour"));
	cr_expect(strstr(text, "one of: "));
	/* before 5.17 the function has other reasons too */
	BEGINS(CAUSE(.symbol = "ip_rcv_core"), "one of: ");
	BEGINS(CAUSE(.symbol = "ip_rcv_core.constprop.0", .facts = FACTS(NO(MAC_OURS))),
	       "its destination MAC address is not DEV's");
}

Test(drop_causes, netfilter)
{
	struct facts full = FACTS(YES(CT_FULL)), room = FACTS(NO(CT_FULL));

	full.ct_count = 4;
	full.ct_max = 4;
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "nf_conntrack_in", .facts = full),
	       "the conntrack table is full: 4 of 4 entries");
	cr_expect_null(strstr(text, "rule"));
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "nft_do_chain_inet", .facts = full), "a netfilter rule");
	cr_expect_null(strstr(text, "conntrack"));
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "ip_rcv", .facts = full),
	       "one of: the conntrack table is full");
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "ip_rcv", .facts = room), "a netfilter rule");
	cr_expect_null(strstr(text, "conntrack"));
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "nf_conntrack_in", .facts = room),
	       "conntrack could not begin");
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "nf_ct_resolve_clash"), "conntrack has its addresses");
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .after = "__nf_conntrack_confirm"), "conntrack could not enter");
	BEGINS(CAUSE(.symbol = "nf_hook_slow", .after = "ipt_do_table"), "a netfilter rule");
	BEGINS(CAUSE(.reason = "NETFILTER_DROP", .symbol = "nft_do_chain", .after = "ip_rcv", .facts = full),
	       "a netfilter rule"); /* where the rule itself frees it */
}

Test(drop_causes, forwarding)
{
	BEGINS(CAUSE(.reason = "IP_INADDRERRORS", .ifname = "eth0.7",
		     .facts = FACTS(NO(IPV6), YES(FORWARDS), NO(DEV_FORWARDS))),
	       "its destination is no address of this host, and forwarding is off for eth0.7 alone: "
	       "net.ipv4.conf.eth0/7.forwarding");
	BEGINS(CAUSE(.reason = "IP_INADDRERRORS", .facts = FACTS(NO(IPV6), NO(FORWARDS), NO(DEV_FORWARDS))),
	       "its destination is no address of this host, and forwarding is off in this namespace");
	BEGINS(CAUSE(.reason = "IP_INADDRERRORS",
		     .facts = FACTS(YES(IPV6), NO(FORWARDS), NO(SRC_LINK_LOCAL), NO(SRC_NO_UNICAST))),
	       "IPv6 forwarding is off");
	CAUSE(.reason = "IP_INADDRERRORS", .facts = FACTS(YES(IPV6)));
	cr_expect_null(strstr(text, "ipv4"));
	CAUSE(.reason = "IP_INADDRERRORS", .facts = FACTS(NO(IPV6)));
	cr_expect_null(strstr(text, "ipv6"));
	BEGINS(CAUSE(.reason = "IP_INADDRERRORS",
		     .facts = FACTS(YES(IPV6), YES(FORWARDS), YES(SRC_LINK_LOCAL), NO(SRC_NO_UNICAST))),
	       "its source is a link-local address");
}

/* ip_error() has several meanings. Those that have a reason are no cause of a drop without one. */
Test(drop_causes, ip_error)
{
	BEGINS(CAUSE(.symbol = "ip_error"), "one of: ");
	BEGINS(CAUSE(.symbol = "ip_error", .facts = FACTS(NO(DEV_FORWARDS), NO(FORWARDS))),
	       "its destination is no address of this host, and forwarding is off in this namespace");
	BEGINS(CAUSE(.symbol = "ip_error",
		     .facts = FACTS(YES(DEV_FORWARDS), YES(FORWARDS), NO(NO_ROUTE), NO(ROUTE_UNREACHABLE),
				    NO(ROUTE_PROHIBIT), YES(ROUTE_BLACKHOLE), NO(ROUTE_FOUND))),
	       "a route of type blackhole");
	BEGINS(CAUSE(.symbol = "ip_error",
		     .facts = FACTS(YES(DEV_FORWARDS), YES(FORWARDS), YES(NO_ROUTE), NO(ROUTE_UNREACHABLE),
				    NO(ROUTE_PROHIBIT), NO(ROUTE_BLACKHOLE), NO(ROUTE_FOUND))),
	       "no route to its destination");
	CAUSE(.reason = "NOT_SPECIFIED", .symbol = "ip_error");
	cr_expect_null(strstr(text, "no route"));
	cr_expect_null(strstr(text, "forwarding"));
	cr_expect(strstr(text, "blackhole"));
	CAUSE(.symbol = "ip_error", .facts = FACTS(YES(ROUTE_FOUND), NO(NO_ROUTE)));
	cr_expect_null(strstr(text, "no route"));
}

Test(drop_causes, addresses_and_device_stand_in_the_advice)
{
	const struct tuple t = {.family = 4, .src = {10, 0, 0, 1}, .dst = {192, 0, 2, 7}};

	BEGINS(CAUSE(.reason = "IP_INNOROUTES", .ifname = "eth0", .tuple = &t),
	       "one of: a route of type unreachable takes it: ip route get 192.0.2.7 from 10.0.0.1 iif eth0");
	BEGINS(CAUSE(.reason = "TC_EGRESS", .ifname = "lxc2"),
	       "a tc filter or BPF program on egress dropped it: tc filter show dev lxc2 egress");
	cr_expect(strstr(CAUSE(.reason = "TC_EGRESS"), "dev DEV egress"));
}

Test(drop_causes, places)
{
	BEGINS(CAUSE(.symbol = "nf_hook_slow"), "one of: the conntrack table");
	BEGINS(CAUSE(.symbol = "__netif_receive_skb_core", .after = "cls_bpf_classify"),
	       "a tc filter or BPF program on ingress");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "veth_xdp_rcv_skb", .ifname = "eth0"),
	       "the XDP program on eth0");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "no_such_place"), "this kernel gives no reason");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "xfrm_input", .facts = FACTS(YES(XFRM_IN_NO_STATES))),
	       "no IPsec state");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "xfrm_input"), "one of: ");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "ip_rcv_finish_core", .after = "ip_handle_martian_source",
		     .facts = FACTS(YES(SRC_NO_UNICAST))),
	       "its source address cannot be one");
	BEGINS(CAUSE(.symbol = "__udp4_lib_rcv.constprop.0", .facts = FACTS(YES(UDP_NO_PORTS), NO(UDP_IN_CSUM_ERRORS))),
	       "nobody listens");
	BEGINS(CAUSE(.symbol = "__udp4_lib_rcv", .facts = FACTS(NO(UDP_NO_PORTS), YES(UDP_IN_CSUM_ERRORS))),
	       "the UDP checksum is wrong");
	BEGINS(CAUSE(.symbol = "tcp_rcv_state_process"), "TCP also frees this way");
	BEGINS(CAUSE(.reason = "NOT_SPECIFIED", .symbol = "tcp_v4_rcv"), "TCP also frees this way");
	BEGINS(CAUSE(.reason = "TCP_CSUM", .symbol = "tcp_v4_rcv"), "the TCP checksum");
}

Test(drop_causes, protocols)
{
	BEGINS(CAUSE(.reason = "NO_SOCKET", .facts = FACTS(YES(PORTS), NO(TCP))), "nobody listens");
	BEGINS(CAUSE(.reason = "NO_SOCKET", .facts = FACTS(YES(PORTS), YES(TCP), NO(SYN))),
	       "there is no such TCP connection");
	BEGINS(CAUSE(.reason = "NO_SOCKET", .facts = FACTS(NO(PORTS), NO(TCP))), "no ping socket");
	BEGINS(CAUSE(.reason = "IP_INHDR", .symbol = "ip_forward"), "its TTL");
	BEGINS(CAUSE(.reason = "IP_INHDR", .symbol = "ip_rcv_core"), "its IP header");
}

/* Whether another row of the same key has this text, maybe with more behind it. */
static bool text_is_shared(size_t row)
{
	for (size_t i = 0; i < n_cause_rows; i++)
		if (i != row && strcmp(cause_rows[i].key, cause_rows[row].key) == 0 &&
		    strstr(cause_rows[i].text, cause_rows[row].text))
			return true;
	return false;
}

/* Whatever is known, a text is never named whose row a fact contradicts. */
Test(drop_causes, no_row_contradicts_its_own_condition)
{
	for (size_t i = 0; i < n_cause_rows; i++) {
		const struct cause_row *row = &cause_rows[i];
		struct drop_facts f = {.reason = row->key, .facts = {.known = row->yes | row->no, .holds = row->yes}};

		cr_expect_eq(row->yes & row->no, 0, "%s", row->key);
		if (row->after || row->at || !(row->yes | row->no) || (row->no & FACT_BIT(FACT_REASONS)) ||
		    text_is_shared(i))
			continue;
		cr_assert(drop_cause(&f, text), "%s", row->key);
		cr_expect_eq(strncmp(text, row->text, 12) == 0, !row->maybe, "%s: %s", row->key, text);
		for (unsigned fact = 0; fact < FACT_MAX; fact++) {
			struct drop_facts other = f;

			if (!(f.facts.known & ~FACT_BIT(FACT_REASONS) & FACT_BIT(fact)))
				continue;
			other.facts.holds ^= FACT_BIT(fact);
			drop_cause(&other, text);
			cr_expect_null(strstr(text, row->text), "%s", row->key);
		}
	}
}

Test(drop_causes, facts_common)
{
	struct facts a = FACTS(YES(IPV6), NO(TAGGED), YES(TCP)), b = FACTS(YES(IPV6), YES(TAGGED));

	facts_common(&a, &b);
	cr_expect_eq(a.known, FACT_BIT(FACT_IPV6));
	cr_expect_eq(a.holds, FACT_BIT(FACT_IPV6));
	cr_expect_leq(FACT_MAX, 64);
}
