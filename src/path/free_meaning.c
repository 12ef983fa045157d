/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/free_meaning.h"

#include <linux/if_ether.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/symbol.h"

#define M(mark) (enum stage)(mark)
const struct stage_row free_mark_table[] = {
	{M(FREE_TIMEWAIT), "net/ipv4/tcp_minisocks.c", "tcp_timewait_state_process"},
	{M(FREE_RESET), "net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c", "tcp_v4_send_reset tcp_v6_send_reset"},
	{M(FREE_ICMP6_USED), "net/ipv6/icmp.c, ndisc.c, mcast.c",
	 "icmpv6_echo_reply icmpv6_notify igmp6_event_query igmp6_event_report ndisc_recv_na ndisc_recv_ns "
	 "ndisc_recv_rs ndisc_redirect_rcv ndisc_router_discovery"},
	{M(FREE_MC_SOURCE), "net/ipv4/route.c", "ip_mc_validate_source"},
	{0}};

#define NO_REASON "" /* the kernel gives none, or NOT_SPECIFIED */

struct harmless_row {
	const char *symbol; /* that frees; NULL: any */
	const char *reason; /* NULL: any */
	uint32_t needs, without;
	bool multicast; /* only if the destination is a group */
	const char *why;
};

static const struct harmless_row harmless[] = {
	/* net/ipv4/tcp_input.c, 5.19 and newer: what is refused there has its reason. Up to 5.16 kfree_skb() is not
	 * called there. (5.17 and 5.18 give the reason of neither.) */
	{"tcp_rcv_state_process", NO_REASON, .why = "TCP has used it, and it has no data"},
	/* net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c */
	{"tcp_v4_rcv", NO_REASON, FREE_TIMEWAIT, FREE_RESET, .why = "its connection is over, and was told so"},
	{"tcp_v6_rcv", NO_REASON, FREE_TIMEWAIT, FREE_RESET, .why = "its connection is over, and was told so"},
	/* net/core/stream.c, net/ipv4/af_inet.c: what is left in the queues of a socket that is closed */
	{"sk_stream_kill_queues", NULL, .why = "its socket was closed before it was read"},
	{"inet_sock_destruct", NULL, .why = "its socket was closed before it was read"},
	{"skb_queue_purge", NULL, FREE_SOCKET_QUEUE, .why = "its socket was closed before it was read"},
	{"skb_queue_purge_reason", NULL, FREE_SOCKET_QUEUE, .why = "its socket was closed before it was read"},
	{NULL, "SOCKET_CLOSE", .why = "its socket was closed before it was read"},
	/* net/ipv6/icmp.c before 6.2: all ICMPv6 messages but one kind end like this */
	{"icmpv6_rcv", NO_REASON, FREE_ICMP6_USED, .why = "the ICMPv6 message was handled"},
	/* net/ipv4/ip_input.c, route.c; net/ipv6/ip6_input.c */
	{"ip_rcv_finish_core", NO_REASON, .without = FREE_MC_SOURCE, true,
	 "nobody here has joined this multicast group"},
	{"ip_rcv_finish", NO_REASON, .without = FREE_MC_SOURCE, true, "nobody here has joined this multicast group"},
	{"ip6_mc_input", NO_REASON, .why = "nobody here has joined this multicast group"},
	/* reasons that say it themselves: net/ipv4/tcp_input.c, ip_fragment.c, net/ipv6/ndisc.c, net/unix/af_unix.c */
	{NULL, "TCP_OLD_DATA", .why = "its data had come before"},
	{NULL, "TCP_OLD_SEQUENCE", .why = "it had come before, or is a keepalive; it is acknowledged"},
	{NULL, "TCP_OFOMERGE", .why = "its data had come before"},
	{NULL, "TCP_OFO_DROP", .why = "its data had come before"},
	{NULL, "TCP_RFC7323_PAWS_ACK", .why = "a later acknowledgement overtook it"},
	{NULL, "DUP_FRAG", .why = "the same fragment had come before"},
	{NULL, "IPV6_NDISC_NS_OTHERHOST", .why = "it asks for an address of another host"},
	{NULL, "UNIX_SKIP_OOB", .why = "its reader skipped it"},
};

static bool reason_fits(const struct event *ev, const char *wanted)
{
	const char *name = ev->has_reason ? ev->drop_reason_name : NULL;

	if (!wanted)
		return true;
	if (*wanted)
		return name && strcmp(name, wanted) == 0;
	return !ev->has_reason || (name && strcmp(name, "NOT_SPECIFIED") == 0);
}

static bool is_multicast(const struct tuple *t)
{
	return t->family == 4 ? (t->dst[0] & 0xf0) == 0xe0 : t->family == 6 && t->dst[0] == 0xff;
}

const char *free_is_harmless(const struct event *ev, uint32_t seen)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		const struct harmless_row *row = &harmless[i];

		if ((!row->symbol || symbol_is(ev->drop_symbol, row->symbol)) && reason_fits(ev, row->reason) &&
		    (seen & row->needs) == row->needs && !(seen & row->without) &&
		    (!row->multicast || is_multicast(&ev->tuple)))
			return row->why;
	}
	return NULL;
}

/* After each of these functions, a packet that is not lost goes on to another function. */
static const struct {
	const char *after;
	uint16_t proto; /* EtherType; 0: any */
	const char *why;
} losses[] = {
	/* drivers/net/wireguard/receive.c */
	{"wg_allowedips_lookup_src", 0, "WireGuard: its source is none of the peer's allowed IPs: wg show allowed-ips"},
	/* drivers/net/dummy.c, geneve.c, bareudp.c, gtp.c */
	{"dummy_xmit", 0, "a dummy device sends nothing: ip route get DST shows why it is the way"},
	{"geneve_xmit", 0, "the Geneve device could not send it: no tunnel key, no route, or itself in a loop"},
	{"bareudp_xmit", 0, "the bareudp device could not send it: no tunnel key, no route, or itself in a loop"},
	{"gtp_dev_xmit", 0, "the GTP device knows no tunnel for its destination, or no route to its peer"},
	/* net/ipv4/arp.c: an answer is made only if the route back is valid */
	{"ip_handle_martian_source", ETH_P_ARP,
	 "the ARP message was not answered: its sender's address may not come from there: net.ipv4.conf.*.rp_filter"},
};

const char *free_is_loss(const struct event *ev, const char *after)
{
	for (size_t i = 0; after && i < ARRAY_SIZE(losses); i++)
		if (symbol_is(after, losses[i].after) && (!losses[i].proto || losses[i].proto == ev->proto))
			return losses[i].why;
	return NULL;
}

/* net/ipv4/icmp.c, ping.c, net/ipv6/icmp.c: for echo replies, raw sockets have taken their clones before. */
bool free_is_of_original(const struct event *ev)
{
	return symbol_is(ev->drop_symbol, "icmp_rcv") || symbol_is(ev->drop_symbol, "icmpv6_rcv") ||
	       symbol_is(ev->drop_symbol, "ping_rcv");
}
