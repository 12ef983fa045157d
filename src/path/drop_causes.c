/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reasons are include/net/dropreason-core.h's (5.17 and newer; before 6.3 include/linux/skbuff.h, dropreason.h): all
 * that 6.1, 6.12 and 7.2 list. The causes are read from the places that give the reason.
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
	{"ARP_PVLAN_DISABLE",
	 "an ARP request for an address that is reached the way it came in: net.ipv4.conf.*.proxy_arp_pvlan is off"},
	{"BPF_CGROUP_EGRESS", "a BPF program on the sender's cgroup refused it; bpftool cgroup tree lists them"},
	{"BRIDGE_INGRESS_STP_STATE",
	 "the bridge port it came in on does not forward: disabled, blocking or learning: bridge -d link show dev DEV"},
	{"CANFD_RX_INVALID_FRAME", "it is no valid CAN FD frame, or the device it came from is none for CAN"},
	{"CANXL_RX_INVALID_FRAME", "it is no valid CAN XL frame, or the device it came from is none for CAN"},
	{"CAN_RX_INVALID_FRAME", "it is no valid CAN frame, or the device it came from is none for CAN"},
	{"CPU_BACKLOG", "a CPU's receive backlog was full: net.core.netdev_max_backlog, or one CPU takes all the load"},
	{"DEV_HDR", "the virtio-net header written before it into a macvtap or ipvtap device does not hold"},
	{"DEV_READY", "the interface was down or going away, or nobody holds the tun or tap: ip link show DEV"},
	{"DUP_FRAG", "a fragment that was there before: a duplicate on the way; harmless, the other one is used"},
	{"FQ_BAND_LIMIT", "the band of its priority was full in fq: tc -s qdisc show dev DEV"},
	{"FQ_FLOW_LIMIT",
	 "its flow had too many packets in fq (flow_limit): the sender does not wait for what it sent"},
	{"FQ_HORIZON_LIMIT", "it is to leave later than fq looks ahead (horizon): the sender's pacing or SO_TXTIME"},
	{"FRAG_REASM_TIMEOUT",
	 "a fragment of it never came; look for the drop of the others, or a path MTU in between"},
	{"FRAG_TOO_FAR", "too many other fragments of its sender came before the rest of it: net.ipv4.ipfrag_max_dist"},
	{"FULL_RING", "the reader of a tap, tun or macvtap device does not keep up with its ring"},
	{"HDR_TRUNC", "what was written into a tap device ended before its Ethernet header did"},
	{"ICMP_CSUM", "the ICMP checksum is wrong: damaged on the way, or a rewrite that forgot it"},
	{"INVALID_PROTO",
	 "it may not come as broadcast or multicast: net.ipv4.icmp_echo_ignore_broadcasts, or another ICMP type"},
	{"IPV6DISABLED", "IPv6 is off on this interface: net.ipv6.conf.*.disable_ipv6"},
	{"IPV6_BAD_EXTHDR", "the packet that an ICMPv6 error quotes has extension headers that cannot be read"},
	{"IPV6_NDISC_BAD_CODE", "a neighbour discovery message whose ICMPv6 code is not 0"},
	{"IPV6_NDISC_BAD_OPTIONS", "the options of a neighbour discovery message do not hold"},
	{"IPV6_NDISC_FRAG", "a neighbour discovery message came in fragments: net.ipv6.conf.*.suppress_frag_ndisc"},
	{"IPV6_NDISC_HOP_LIMIT",
	 "a neighbour discovery message whose hop limit is not 255: it came through a router, or is forged"},
	{"IPV6_NDISC_NS_OTHERHOST",
	 "a neighbour solicitation for an address that is not here; mostly harmless, it was flooded"},
	{"IPV6_TOO_MANY_EXTHDRS", "it has more than 12 IPv6 extension headers"},
	{"IPVLAN_MULTICAST_BACKLOG", "too much broadcast and multicast waits for an ipvlan's worker: 1000 packets"},
	{"IP_CSUM", "the IP header's checksum is wrong: damaged on the way, or a rewrite that forgot it"},
	{"IP_INADDRERRORS",
	 "its destination is no address of this host and forwarding is off here: net.ipv4.ip_forward"},
	{"IP_INHDR", "its IP header does not hold, or its TTL ran out in forwarding: a routing loop"},
	{"IP_INNOROUTES", "no route to its destination: ip route get DST from SRC iif DEV in this namespace"},
	{"IP_INVALID_DEST",
	 "its destination cannot be one: 0.0.0.0, or the route is neither local, broadcast nor unicast"},
	{"IP_INVALID_SOURCE", "its source address cannot be one: multicast, broadcast or zero"},
	{"IP_LOCALNET", "it has an address of 127.0.0.0/8 and came from outside: net.ipv4.conf.*.route_localnet"},
	{"IP_LOCAL_SOURCE", "its source is an address of this host, but it came from outside: an address given twice"},
	{"IP_NOPROTO", "nobody here handles its IP protocol: a module (gre, esp, sctp) that is not loaded"},
	{"IP_OUTNOROUTES", "no route to its destination: ip route get DST in this namespace"},
	{"IP_RPFILTER", "the route back to its source leads elsewhere: net.ipv4.conf.*.rp_filter, asymmetric routing"},
	{"IP_TUNNEL_ECN",
	 "its outer header says congestion, and the inner one cannot say so (RFC 6040): tos of the VXLAN device"},
	{"LOCAL_MAC", "what is in it comes from the VXLAN device's own MAC address: a loop, or an address given twice"},
	{"MACVLAN_BROADCAST_BACKLOG",
	 "too much broadcast and multicast waits for a macvlan's worker: bcqueuelen in ip -d link show dev DEV"},
	{"MAC_IEEE_MAC_CONTROL", "a pause frame (to 01:80:c2:00:00:01) reached a bridge, which never forwards it"},
	{"MAC_INVALID_SOURCE", "its source MAC address cannot be one: multicast, broadcast or zero"},
	{"NEIGH_CREATEFAIL", "no entry for the next hop could be made: the neighbour table is full (gc_thresh3)"},
	{"NEIGH_DEAD", "the next hop's entry was removed while it waited"},
	{"NEIGH_FAILED", "the next hop did not answer ARP or neighbour discovery: ip neigh in this namespace"},
	{"NEIGH_HH_FILLFAIL", "the device could not write its link layer header before it"},
	{"NEIGH_QUEUEFULL", "too many packets wait for the next hop's address: it does not answer ARP (ip neigh)"},
	{"NETFILTER_DROP", "a netfilter rule or hook dropped it: nft list ruleset, iptables-save, nft monitor trace"},
	{"NOMEM", "the kernel had no memory for it"},
	{"NOT_SPECIFIED", "this kernel gives no reason at this place: look at the place"},
	{"NO_SOCKET", "nobody listens on that address and port in this namespace: ss -lntu there"},
	{"NO_TX_TARGET",
	 "no other bridge port takes it, or VXLAN knows no remote host for it: bridge -d link, bridge fdb show"},
	{"OTHERHOST",
	 "its destination MAC address is not this interface's: a stale neighbour entry, or a flooding bridge"},
	{"PACKET_SOCK_ERROR",
	 "a copy for a packet socket (tcpdump, a DHCP client) found no room; the packet itself mostly went on"},
	{"PFMEMALLOC",
	 "it lies in the memory reserve, which only what frees memory may use: the machine is short of memory"},
	{"PKT_TOO_BIG", "it is larger than the MTU ahead and must not be fragmented: compare the MTUs on the way"},
	{"PKT_TOO_SMALL", "it is shorter than its headers say"},
	{"PROTO_MEM", "the protocol's memory is used up (net.ipv4.tcp_mem, udp_mem, a cgroup's limit), or the receive "
		      "buffer of a TCP socket is"},
	{"PSP_INPUT", "it is not encrypted by PSP as its TCP connection wants, or it is and the connection has no PSP"},
	{"PSP_OUTPUT", "it would leave by another device than the one that holds its connection's PSP keys"},
	{"QDISC_BURST_DROP", "too many packets at once wait for the lock of one qdisc: net.core.qdisc_max_burst"},
	{"QDISC_DROP", "the queueing discipline was full or shaping, or DEV has no carrier: tc -s qdisc show dev DEV"},
	{"QUEUE_PURGE", "it waited in a queue that was thrown away: a socket was closed, a neighbour or a device went; "
			"mostly harmless"},
	{"RECURSION_LIMIT",
	 "a device sends into itself by way of tunnels or other devices: dmesg says Dead loop on virtual device"},
	{"SECURITY_HOOK",
	 "a security module refused it: SELinux, AppArmor, Smack or a BPF program of type LSM: ausearch -m avc"},
	{"SKB_BAD_GSO",
	 "a large packet to be cut into segments whose headers do not hold: a virtual machine's, or a packet socket's"},
	{"SKB_CSUM", "its checksum could not be verified or computed"},
	{"SKB_GSO_SEG", "it could not be cut into segments for who reads a macvtap or ipvtap"},
	{"SKB_UCOPY_FAULT", "its data could not be copied from user space, or from pages that a sender lent"},
	{"SOCKET_BACKLOG", "the socket's backlog was full while its owner held it: the application does not keep up"},
	{"SOCKET_CLOSE", "the socket was closed with it still queued"},
	{"SOCKET_FILTER", "a filter on the socket (SO_ATTACH_BPF, a cgroup's, an LSM) refused it"},
	{"SOCKET_RCVBUFF", "the socket's receive buffer is full: the application does not read fast enough (ss -m)"},
	{"TAP_FILTER", "a BPF program that a tun's or tap's reader attached (TUNSETFILTEREBPF) said no"},
	{"TAP_TXFILTER",
	 "the address filter that a tap's reader set (TUNSETTXFILTER) does not take its destination MAC address"},
	{"TCP_ABORT_ON_DATA", "data came after the application had closed the connection: it was reset"},
	{"TCP_ACK_UNSENT_DATA",
	 "it acknowledges what was not sent yet: a stale connection, or two hosts with one address"},
	{"TCP_AOFAILURE", "its TCP-AO signature is wrong: not the same key at both ends, or it was changed on the way"},
	{"TCP_AOKEYNOTFOUND", "the id of its TCP-AO key is not known here"},
	{"TCP_AONOTFOUND", "it has no TCP-AO signature, and this connection or listener demands one of its peer"},
	{"TCP_AOUNEXPECTED", "it has a TCP-AO signature, and the socket here has no TCP-AO keys"},
	{"TCP_AUTH_HDR",
	 "its TCP-MD5 or TCP-AO option is there twice, is there beside the other, or has a wrong length"},
	{"TCP_CLOSE", "the connection is closed already"},
	{"TCP_CSUM", "the TCP checksum is wrong: damaged on the way, or offloading across a rewrite"},
	{"TCP_FASTOPEN",
	 "it does not fit a connection that TCP Fast Open accepted early and whose handshake is not over"},
	{"TCP_FLAGS", "its TCP flags make no sense in this state of the connection"},
	{"TCP_INVALID_ACK_SEQUENCE",
	 "it acknowledges what was never sent: a stale connection, or two hosts with one address"},
	{"TCP_INVALID_END_SEQUENCE",
	 "it begins within the receive window and ends beyond: the sender ignores the window, or it shrank"},
	{"TCP_INVALID_SEQUENCE",
	 "its sequence number is outside the window: a stale connection, or state lost on the way"},
	{"TCP_INVALID_SYN",
	 "a SYN in a connection that exists: its client forgot it (a restart), or a port was used again"},
	{"TCP_LISTEN_OVERFLOW",
	 "the listener's accept queue is full: the application does not accept fast enough: ss -lnt"},
	{"TCP_MD5FAILURE",
	 "its TCP-MD5 signature is wrong: not the same password at both ends, or it was changed on the way"},
	{"TCP_MD5NOTFOUND", "it has no TCP-MD5 signature, and the socket has a password for its peer"},
	{"TCP_MD5UNEXPECTED", "it has a TCP-MD5 signature, and the socket has no password for its peer"},
	{"TCP_MINTTL",
	 "its TTL is below what the socket demands (IP_MINTTL): it comes from further away than is allowed"},
	{"TCP_OFOMERGE", "its data had come before and waits out of order: sent again, or a duplicate; harmless"},
	{"TCP_OFO_DROP", "it waited out of order, and all of its data came in order meanwhile; harmless"},
	{"TCP_OFO_QUEUE_PRUNE",
	 "the receive buffer was full, and segments out of order had to go; the sender repeats them"},
	{"TCP_OLD_ACK", "its acknowledgement is too old for a connection that is being opened or closed"},
	{"TCP_OLD_DATA", "its data was received before: a retransmission that was not needed; harmless"},
	{"TCP_OLD_SEQUENCE",
	 "it was received before, or is a keepalive or a probe of a closed window; harmless, it is acknowledged"},
	{"TCP_OVERWINDOW", "it is beyond the receive window: the application does not read fast enough"},
	{"TCP_RESET",
	 "it is a reset that was not obeyed: its sequence number is not the one expected, or nobody is connected"},
	{"TCP_RFC7323_PAWS", "its timestamp is older than the connection's: a delayed duplicate, or NAT mixing hosts"},
	{"TCP_RFC7323_PAWS_ACK", "an old ACK that a later segment overtook: its timestamp is older; harmless"},
	{"TCP_RFC7323_TSECR",
	 "it echoes a timestamp that no SYN-ACK of its handshake had: forged, or rewritten on the way"},
	{"TCP_RFC7323_TW_PAWS",
	 "its timestamp is older than that of a connection in TIME_WAIT with the same ports: NAT mixing hosts"},
	{"TCP_TOO_OLD_ACK", "it acknowledges what lies too far back: a very late duplicate, or a forged segment"},
	{"TCP_ZEROWINDOW", "the receiver's window is closed: the application does not read"},
	{"TC_CHAIN_NOTFOUND", "tc was to go on in a chain of rules that is not there: tc chain show dev DEV ingress"},
	{"TC_COOKIE_ERROR", "tc was to go on where the hardware stopped, and that rule has changed or gone meanwhile"},
	{"TC_EGRESS", "a tc filter or BPF program on egress dropped it: tc filter show dev DEV egress, bpftool net"},
	{"TC_INGRESS", "a tc filter or BPF program on ingress dropped it: tc filter show dev DEV ingress, bpftool net"},
	{"TC_RECLASSIFY_LOOP",
	 "rules of tc sent it round more than 16 times: goto chain and reclassify: tc filter show dev DEV"},
	{"TUNNEL_TXINFO", "the VXLAN device is external and nobody said where its packet is to go: no tunnel key"},
	{"UDP_CSUM", "the UDP checksum is wrong: damaged on the way, or offloading across a rewrite"},
	{"UNHANDLED_PROTO", "nobody here takes its EtherType: a VLAN, bridge or module that is not set up"},
	{"UNICAST_IN_L2_MULTICAST", "a unicast IP packet in a broadcast or multicast frame"},
	{"UNIX_DISCONNECT",
	 "it waited in a Unix datagram socket that was connected to another peer, or whose peer closed"},
	{"UNIX_SKIP_OOB", "an out-of-band byte of a Unix stream socket that its reader skipped"},
	{"VXLAN_ENTRY_EXISTS",
	 "its source MAC address has a static entry, or one with a nexthop, for another host: bridge fdb show dev DEV"},
	{"VXLAN_INVALID_HDR",
	 "its VXLAN header has bits that DEV is not set up for (gbp, gpe, remcsum), or it is no VXLAN at all"},
	{"VXLAN_VNI_NOT_FOUND", "no VXLAN device here has its VNI: ip -d link show type vxlan"},
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
