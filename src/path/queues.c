/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/queues.h"

#include <assert.h>

static const struct {
	const char *key, *wait;
} queues[] = {
	[QUEUE_SOCKET] = {"socket", NULL},
	[QUEUE_TAP] = {"packet_socket", NULL},
	[QUEUE_SENDER] = {"tcp_send", "waiting for its acknowledgement, or for its turn: TCP keeps it"},
	[QUEUE_OUT_OF_ORDER] = {"tcp_out_of_order", "waiting in TCP's out-of-order queue for what came before it"},
	[QUEUE_SOCKET_BACKLOG] = {"socket_backlog", "waiting in the socket's backlog: its owner has it locked"},
	[QUEUE_NEIGHBOUR] =
		{"neighbour",
		 "waiting for a neighbour: the next hop's address is asked for by ARP or neighbour discovery"},
	[QUEUE_PROXY_ARP] = {"proxy_arp", "waiting to be answered by proxy ARP or neighbour discovery"},
	[QUEUE_QDISC] = {"qdisc", "waiting in the qdisc's queue"},
	[QUEUE_NFQUEUE] = {"nfqueue", "waiting for a program's verdict (nfqueue)"},
	[QUEUE_FRAGMENTS] = {"fragments", "waiting for the other fragments of its packet"},
	[QUEUE_XFRM_STATE] = {"xfrm_state", "waiting for an IPsec state: the key daemon was asked for one"},
	[QUEUE_XFRM_CRYPTO] = {"xfrm_crypto", "waiting for asynchronous cryptography (IPsec)"},
	[QUEUE_WIREGUARD] = {"wireguard", "waiting in WireGuard, for a handshake or for a worker"},
	[QUEUE_TUN] = {"tun", "waiting in the tun or tap device's queue for its reader"},
	[QUEUE_DRIVER] = {"driver", "given to the device's driver, which frees what it has sent"},
	[QUEUE_NAPI] = {"napi", "waiting in the device's queue for its NAPI"},
	[QUEUE_GRO] = {"gro", "held by GRO, which waits for more segments"},
	[QUEUE_BACKLOG] = {"backlog", "waiting in a CPU's backlog for its softirq"},
	[QUEUE_WORKER] = {"worker", "waiting for the worker of broadcasts of its macvlan or ipvlan"},
	[QUEUE_MROUTE] = {"mroute", "waiting for a multicast route: the routing daemon was asked for one"},
	[QUEUE_LIST] = {"list", "waiting in a queue"},
};
static_assert(sizeof(queues) / sizeof(queues[0]) == QUEUE_MAX, "every queue has its text");

const char *queue_wait(enum queue queue)
{
	return queues[queue].wait;
}

bool queue_is_slow(enum queue queue)
{
	return queue == QUEUE_NEIGHBOUR || queue == QUEUE_QDISC || queue == QUEUE_NFQUEUE || queue == QUEUE_FRAGMENTS ||
	       queue == QUEUE_XFRM_STATE || queue == QUEUE_WIREGUARD || queue == QUEUE_OUT_OF_ORDER ||
	       queue == QUEUE_MROUTE;
}

const char *queue_key(enum queue queue)
{
	return queues[queue].key;
}

/* The lists of names are wrapped by hand. */
/* clang-format off */
#define Q(queue) (enum stage)(queue)
const struct stage_row queue_table[] = {
	/* tcp_data_queue() also frees, tcp_add_backlog() only keeps what is handled later: neither is a receive queue */
	{Q(QUEUE_SOCKET), "net/core/sock.c, net/ipv4/tcp_input.c, udp.c, ping.c, net/vmw_vsock, net/core/skmsg.c",
	 "sock_queue_rcv_skb sock_queue_rcv_skb_reason __sock_queue_rcv_skb sock_queue_err_skb tcp_queue_rcv "
	 "tcp_event_data_recv __udp_enqueue_schedule_skb ping_queue_rcv_skb vsock_queue_rcv_skb sk_psock_skb_ingress*"},
	{Q(QUEUE_TAP), "net/packet/af_packet.c", "packet_rcv packet_rcv_spkt tpacket_rcv"},
	{Q(QUEUE_SENDER), "net/ipv4/tcp_output.c, tcp.c",
	 "tcp_skb_entail tcp_entail tcp_queue_skb tcp_rbtree_insert tcp_event_new_data_sent tcp_update_skb_after_send "
	 "tcp_rate_skb_sent __tcp_transmit_skb tcp_tso_should_defer tcp_connect_queue_skb"},
	{Q(QUEUE_OUT_OF_ORDER), "net/ipv4/tcp_input.c: where that is inlined, only what it calls shows; in order, tcp_queue_rcv() follows",
	 "tcp_data_queue_ofo tcp_try_rmem_schedule tcp_measure_rcv_mss"},
	{Q(QUEUE_SOCKET_BACKLOG), "include/net/sock.h, net/ipv4/tcp_ipv4.c", "tcp_add_backlog __sk_add_backlog"},
	{Q(QUEUE_NEIGHBOUR), "net/core/neighbour.c", "__neigh_event_send"},
	{Q(QUEUE_PROXY_ARP), "net/core/neighbour.c", "pneigh_enqueue"},
	{Q(QUEUE_QDISC), "net/core/dev.c, net/sched",
	 "*_enqueue dev_qdisc_enqueue qdisc_enqueue_tail dev_requeue_skb"},
	{Q(QUEUE_NFQUEUE), "net/netfilter/nf_queue.c, nfnetlink_queue.c", "nf_queue __nf_queue nfqnl_enqueue_packet"},
	{Q(QUEUE_FRAGMENTS), "net/ipv4/ip_fragment.c, inet_fragment.c, net/ipv6 alike",
	 "ip_frag_queue inet_frag_queue_insert ip6_frag_queue nf_ct_frag6_queue nf_ct_frag6_gather ip_defrag"},
	{Q(QUEUE_XFRM_STATE), "net/xfrm/xfrm_policy.c", "xdst_queue_output"},
	{Q(QUEUE_XFRM_CRYPTO), "net/ipv4/esp4.c, ah4.c, net/ipv6 alike, net/xfrm/xfrm_input.c",
	 "esp_output_tail esp6_output_tail esp_input esp6_input ah_output ah6_output ah_input ah6_input "
	 "xfrm_trans_queue xfrm_trans_queue_net"},
	{Q(QUEUE_WIREGUARD), "drivers/net/wireguard", "wg_xmit wg_packet_receive"},
	{Q(QUEUE_TUN), "drivers/net/tun.c, tap.c", "tun_net_xmit tap_handle_frame"},
	{Q(QUEUE_DRIVER), "net/core/dev.c and drivers", "dev_hard_start_xmit *_start_xmit *_xmit_frame start_xmit"},
	{Q(QUEUE_NAPI), "drivers/net/veth.c, net/core/gro_cells.c", "veth_xdp_rx veth_forward_skb gro_cells_receive"},
	{Q(QUEUE_GRO), "net/core/gro.c", "dev_gro_receive napi_gro_receive skb_gro_receive"},
	{Q(QUEUE_BACKLOG), "net/core/dev.c", "enqueue_to_backlog"},
	{Q(QUEUE_WORKER), "drivers/net/macvlan.c, ipvlan", "macvlan_broadcast_enqueue ipvlan_multicast_enqueue"},
	{Q(QUEUE_MROUTE), "net/ipv4/ipmr.c, net/ipv6/ip6mr.c", "ipmr_cache_unresolved ip6mr_cache_unresolved"},
	{Q(QUEUE_LIST), "net/core/skbuff.c", "skb_queue_tail skb_queue_head skb_append"},
	{0}};
/* clang-format on */
