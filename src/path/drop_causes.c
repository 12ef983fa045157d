/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reasons are include/net/dropreason-core.h's (5.17 and newer; before 6.3 include/linux/skbuff.h, dropreason.h), of the
 * qdisc subsystem include/net/dropreason-qdisc.h's (7.0). The causes are read from the places that give the reason.
 */
#include "path/drop_causes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct row {
	const char *reason, *cause;
};

/* Sorted, for bsearch(). */
static const struct row rows[] = {
	{"BPF_CGROUP_EGRESS", "a BPF program on the sender's cgroup refused it; bpftool cgroup tree lists them"},
	{"CPU_BACKLOG", "a CPU's receive backlog was full: net.core.netdev_max_backlog, or one CPU takes all the load"},
	{"DEV_READY", "the interface was down or going away, or nobody holds the tun or tap: ip link show DEV"},
	{"FRAG_REASM_TIMEOUT",
	 "a fragment of it never came; look for the drop of the others, or a path MTU in between"},
	{"FULL_RING", "the reader of a tap, tun or macvtap device does not keep up with its ring"},
	{"HDR_TRUNC", "what was written into a tap device ended before its Ethernet header did"},
	{"ICMP_CSUM", "the ICMP checksum is wrong: damaged on the way, or a rewrite that forgot it"},
	{"IPV6DISABLED", "IPv6 is off on this interface: net.ipv6.conf.*.disable_ipv6"},
	{"IP_CSUM", "the IP header's checksum is wrong: damaged on the way, or a rewrite that forgot it"},
	{"IP_INADDRERRORS",
	 "its destination is no address of this host and forwarding is off here: net.ipv4.ip_forward"},
	{"IP_INHDR", "its IP header does not hold, or its TTL ran out in forwarding: a routing loop"},
	{"IP_INNOROUTES", "no route to its destination: ip route get DST from SRC iif DEV in this namespace"},
	{"IP_INVALID_SOURCE", "its source address cannot be one: multicast, broadcast or zero"},
	{"IP_LOCAL_SOURCE", "its source is an address of this host, but it came from outside: an address given twice"},
	{"IP_NOPROTO", "nobody here handles its IP protocol: a module (gre, esp, sctp) that is not loaded"},
	{"IP_OUTNOROUTES", "no route to its destination: ip route get DST in this namespace"},
	{"IP_RPFILTER", "the route back to its source leads elsewhere: net.ipv4.conf.*.rp_filter, asymmetric routing"},
	{"NEIGH_CREATEFAIL", "no entry for the next hop could be made: the neighbour table is full (gc_thresh3)"},
	{"NEIGH_DEAD", "the next hop's entry was removed while it waited"},
	{"NEIGH_FAILED", "the next hop did not answer ARP or neighbour discovery: ip neigh in this namespace"},
	{"NEIGH_QUEUEFULL", "too many packets wait for the next hop's address: it does not answer ARP (ip neigh)"},
	{"NETFILTER_DROP", "a netfilter rule or hook dropped it: nft list ruleset, iptables-save, nft monitor trace"},
	{"NOMEM", "the kernel had no memory for it"},
	{"NOT_SPECIFIED", "this kernel gives no reason at this place: look at the place"},
	{"NO_SOCKET", "nobody listens on that address and port in this namespace: ss -lntu there"},
	{"OTHERHOST",
	 "its destination MAC address is not this interface's: a stale neighbour entry, or a flooding bridge"},
	{"PKT_TOO_BIG", "it is larger than the MTU ahead and must not be fragmented: compare the MTUs on the way"},
	{"PKT_TOO_SMALL", "it is shorter than its headers say"},
	{"PROTO_MEM", "the protocol's memory is used up (net.ipv4.tcp_mem, udp_mem, a cgroup's limit), or the receive "
		      "buffer of a TCP socket is"},
	{"QDISC_DROP", "the queueing discipline was full or shaping, or DEV has no carrier: tc -s qdisc show dev DEV"},
	{"QUEUE_PURGE", "it waited in a queue that was thrown away: a socket was closed, a neighbour or a device went; "
			"mostly harmless"},
	{"SKB_CSUM", "its checksum could not be verified or computed"},
	{"SOCKET_BACKLOG", "the socket's backlog was full while its owner held it: the application does not keep up"},
	{"SOCKET_CLOSE", "the socket was closed with it still queued"},
	{"SOCKET_FILTER", "a filter on the socket (SO_ATTACH_BPF, a cgroup's, an LSM) refused it"},
	{"SOCKET_RCVBUFF", "the socket's receive buffer is full: the application does not read fast enough (ss -m)"},
	{"TCP_ABORT_ON_DATA", "data came after the application had closed the connection: it was reset"},
	{"TCP_ACK_UNSENT_DATA",
	 "it acknowledges what was not sent yet: a stale connection, or two hosts with one address"},
	{"TCP_CLOSE", "the connection is closed already"},
	{"TCP_CSUM", "the TCP checksum is wrong: damaged on the way, or offloading across a rewrite"},
	{"TCP_FLAGS", "its TCP flags make no sense in this state of the connection"},
	{"TCP_INVALID_ACK_SEQUENCE",
	 "it acknowledges what was never sent: a stale connection, or two hosts with one address"},
	{"TCP_INVALID_END_SEQUENCE",
	 "it begins within the receive window and ends beyond: the sender ignores the window, or it shrank"},
	{"TCP_INVALID_SEQUENCE",
	 "its sequence number is outside the window: a stale connection, or state lost on the way"},
	{"TCP_INVALID_SYN",
	 "a SYN in a connection that exists: its client forgot it (a restart), or a port was used again"},
	{"TCP_OFO_QUEUE_PRUNE",
	 "the receive buffer was full, and segments out of order had to go; the sender repeats them"},
	{"TCP_OLD_ACK", "its acknowledgement is too old for a connection that is being opened or closed"},
	{"TCP_OLD_DATA", "its data was received before: a retransmission that was not needed; harmless"},
	{"TCP_OLD_SEQUENCE",
	 "it was received before, or is a keepalive or a probe of a closed window; harmless, it is acknowledged"},
	{"TCP_OVERWINDOW", "it is beyond the receive window: the application does not read fast enough"},
	{"TCP_RESET", "it is a reset that was not obeyed: its sequence number is not the one expected, or nobody is "
		      "connected"},
	{"TCP_RFC7323_PAWS", "its timestamp is older than the connection's: a delayed duplicate, or NAT mixing hosts"},
	{"TCP_TOO_OLD_ACK", "it acknowledges what lies too far back: a very late duplicate, or a forged segment"},
	{"TCP_ZEROWINDOW", "the receiver's window is closed: the application does not read"},
	{"TC_EGRESS", "a tc filter or BPF program on egress dropped it: tc filter show dev DEV egress, bpftool net"},
	{"TC_INGRESS", "a tc filter or BPF program on ingress dropped it: tc filter show dev DEV ingress, bpftool net"},
	{"UDP_CSUM", "the UDP checksum is wrong: damaged on the way, or offloading across a rewrite"},
	{"UNHANDLED_PROTO", "nobody here takes its EtherType: a VLAN, bridge or module that is not set up"},
	{"UNICAST_IN_L2_MULTICAST", "a unicast IP packet in a broadcast or multicast frame"},
	{"XDP", "an XDP program in generic mode redirected it to where it cannot go: ip link shows the program"},
	{"XFRM_POLICY", "an IPsec policy forbids it: ip xfrm policy in this namespace"},
};

/* net/ipv4/tcp_input.c, tcp_ipv4.c, net/ipv6/tcp_ipv6.c: what TCP has done with is freed like a drop there
 * (seen on 6.12). */
static const char *const tcp_funcs[] = {"tcp_rcv_state_process", "tcp_v4_rcv", "tcp_v6_rcv", "tcp_v4_do_rcv",
					"tcp_v6_do_rcv"};

static int row_compare(const void *key, const void *row)
{
	return strcmp(key, ((const struct row *)row)->reason);
}

/* Before 5.17 no reason is given, but many places have only one. Where they are not parted by the symbol alone, the
 * function before tells. net/core/dev.c, filter.c, neighbour.c, sock.c; net/netfilter/core.c; net/ipv4/arp.c, icmp.c,
 * ip_input.c, ip_forward.c, route.c, udp.c; net/ipv6/ip6_input.c, ndisc.c, udp.c: 5.10 */
static const struct {
	const char *symbol, *after, *reason; /* after: NULL any, else the beginning of its name */
} places[] = {
	{"__dev_queue_xmit", "cls_", "TC_EGRESS"},
	{"__dev_queue_xmit", "tcf_", "TC_EGRESS"},
	{"__netif_receive_skb_core", "cls_", "TC_INGRESS"},
	{"__netif_receive_skb_core", "tcf_", "TC_INGRESS"},
	{"__udp4_lib_rcv", NULL, "NO_SOCKET"},
	{"__udp6_lib_rcv", NULL, "NO_SOCKET"},
	{"arp_error_report", NULL, "NEIGH_FAILED"},
	{"enqueue_to_backlog", NULL, "CPU_BACKLOG"},
	{"ip_error", NULL, "IP_INNOROUTES"},
	{"kfree_skb_list", "__dev_xmit_skb", "QDISC_DROP"},
	{"ndisc_error_report", NULL, "NEIGH_FAILED"},
	{"neigh_invalidate", NULL, "NEIGH_FAILED"},
	{"nf_hook_slow", NULL, "NETFILTER_DROP"},
	{"sock_queue_rcv_skb", NULL, "SOCKET_RCVBUFF"},
};

/* The name without what the compiler appended. */
static bool is_func(const char *func, const char *name)
{
	size_t len = strlen(name);

	return strncmp(func, name, len) == 0 && (!func[len] || func[len] == '.');
}

static const char *reason_of_place(const char *symbol, const char *after)
{
	for (size_t i = 0; symbol && i < ARRAY_SIZE(places); i++) {
		if (!is_func(symbol, places[i].symbol))
			continue;
		if (!places[i].after || (after && strncmp(after, places[i].after, strlen(places[i].after)) == 0))
			return places[i].reason;
	}
	return NULL;
}

const char *drop_cause(const char *reason, const char *symbol, const char *after)
{
	const struct row *row;
	bool unspecified = !reason || strcmp(reason, "NOT_SPECIFIED") == 0;

	for (size_t i = 0; unspecified && symbol && i < ARRAY_SIZE(tcp_funcs); i++)
		if (strcmp(symbol, tcp_funcs[i]) == 0)
			return "TCP also frees this way what it has processed (a last ACK, a FIN): harmless if the "
			       "connection went on or was over";
	if (!reason)
		reason = reason_of_place(symbol, after);
	row = reason ? bsearch(reason, rows, ARRAY_SIZE(rows), sizeof(rows[0]), row_compare) : NULL;
	return row ? row->cause : NULL;
}

const char *drop_reason_at(size_t i)
{
	return i < ARRAY_SIZE(rows) ? rows[i].reason : NULL;
}

const char *drop_place_at(const char *reason, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i].after && strcmp(places[i].reason, reason) == 0 && n-- == 0)
			return places[i].symbol;
	}
	return NULL;
}
