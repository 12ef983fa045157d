/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets as traced on 5.10, 6.1, 6.12 and 7.2, reduced to places and functions. A row is what one skb did at one
 * place;
 * "!REASON@SYMBOL" is the kfree_skb tracepoint. Namespaces: 1 pod1, 2 pod2, 3 the host's, 0 unknown. */
#pragma once

struct visit {
	unsigned netns, ifindex, copy;
	const char *ifname; /* NULL: no device */
	const char *funcs;  /* parted by blanks */
};
/* clang-format off */

static const struct visit ping_peer_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tc_run tcf_classify cls_bpf_classify skb_ensure_writable "
	 "skb_do_redirect"},
	{2, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core sock_wfree ip_route_input_noref ip_route_input_slow "
	 "fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu raw_local_deliver "
	 "icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit reply_peer_6_12[] = {
	{2, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{2, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 22, 0, "lxc2",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tc_run tcf_classify cls_bpf_classify skb_ensure_writable "
	 "skb_do_redirect"},
	{1, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core sock_wfree ip_route_input_noref ip_route_input_slow "
	 "fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu raw_local_deliver "
	 "skb_clone"},
	{1, 12, 1, "eth0",
	 "raw_rcv skb_push ipv4_pktinfo_prepare sock_queue_rcv_skb_reason sk_filter_trim_cap security_sock_rcv_skb "
	 "apparmor_socket_sock_rcv_skb bpf_lsm_socket_sock_rcv_skb __sock_queue_rcv_skb"},
	{1, 12, 0, "eth0",
	 "icmp_rcv __skb_checksum_complete __skb_checksum ping_rcv skb_push ping_lookup sk_skb_reason_drop "
	 "!NO_SOCKET@icmp_rcv skb_release_head_state skb_release_data kfree_skbmem"},
	{1, 0, 1, NULL,
	 "skb_copy_datagram_iter __skb_datagram_iter __sock_recv_cmsgs __sock_recv_timestamp skb_free_datagram "
	 "consume_skb skb_release_head_state sock_rfree skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit udp_closed_6_12[] = {
	{1, 0, 0, NULL,
	 "udp4_hwcsum ip_send_skb __ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "skb_csum_hwoffload_help validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp "
	 "__dev_forward_skb __dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tc_run tcf_classify cls_bpf_classify skb_ensure_writable "
	 "skb_do_redirect"},
	{2, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core sock_wfree udp_v4_early_demux ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu "
	 "raw_local_deliver udp_rcv __udp4_lib_rcv __icmp_send __ip_options_echo icmp_route_lookup.constprop.0 "
	 "security_skb_classify_flow bpf_lsm_xfrm_decode_session ip_route_output_key_hash "
	 "ip_route_output_key_hash_rcu fib_select_path __xfrm_decode_session __skb_flow_dissect "
	 "__skb_flow_get_ports security_xfrm_decode_session bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "sk_skb_reason_drop !NO_SOCKET@__udp4_lib_rcv skb_release_head_state skb_release_data skb_free_head "
	 "kfree_skbmem"},
};

static const struct visit tcp_data_6_12[] = {
	{1, 0, 0, NULL,
	 "ip_local_out __ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "skb_csum_hwoffload_help validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp "
	 "__dev_forward_skb __dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tc_run tcf_classify cls_bpf_classify skb_ensure_writable "
	 "skb_do_redirect"},
	{2, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core tcp_wfree tcp_v4_early_demux ip_local_deliver ip_local_deliver_finish "
	 "ip_protocol_deliver_rcu raw_local_deliver tcp_v4_rcv tcp_inbound_hash sk_filter_trim_cap "
	 "security_sock_rcv_skb apparmor_socket_sock_rcv_skb bpf_lsm_socket_sock_rcv_skb tcp_v4_fill_cb"},
	{0, 0, 0, NULL,
	 "tcp_v4_do_rcv tcp_rcv_established tcp_ack tcp_urg tcp_data_queue tcp_try_rmem_schedule tcp_queue_rcv"},
	{2, 0, 0, NULL,
	 "tcp_event_data_recv tcp_measure_rcv_mss skb_copy_datagram_iter __skb_datagram_iter sock_rfree"},
	{0, 0, 0, NULL,
	 "skb_attempt_defer_free skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_stack_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core sock_wfree ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_forward ip_forward_finish ip_output"},
	{3, 22, 0, "lxc2",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{2, 12, 0, "eth0",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core ip_route_input_noref ip_route_input_slow "
	 "fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu raw_local_deliver "
	 "icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_nfdrop_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core sock_wfree ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_forward nf_hook_slow sk_skb_reason_drop "
	 "!NETFILTER_DROP@nf_hook_slow skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_bridge_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 br_handle_frame br_handle_frame_finish br_allowed_ingress "
	 "nbp_switchdev_frame_mark br_forward br_allowed_egress nbp_switchdev_allowed_egress __br_forward "
	 "nbp_switchdev_frame_mark_tx_fwd_offload br_handle_vlan"},
	{3, 22, 0, "lxc2",
	 "br_forward_finish br_dev_queue_push_xmit skb_push is_skb_forwardable "
	 "br_switchdev_frame_set_offload_fwd_mark __dev_queue_xmit netdev_core_pick_tx validate_xmit_skb "
	 "netif_skb_features passthru_features_check skb_network_protocol validate_xmit_xfrm dev_hard_start_xmit "
	 "veth_xmit skb_clone_tx_timestamp __dev_forward_skb __dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{2, 12, 0, "eth0",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core sock_wfree ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu "
	 "raw_local_deliver icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_netkit_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit netkit_xmit skb_scrub_packet"},
	{3, 20, 0, "lxc1",
	 "skb_do_redirect __bpf_redirect"},
	{3, 22, 0, "lxc2",
	 "__dev_queue_xmit netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check "
	 "skb_network_protocol validate_xmit_xfrm dev_hard_start_xmit netkit_xmit skb_scrub_packet"},
	{2, 12, 0, "eth0",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core sock_wfree ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu "
	 "raw_local_deliver icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_redirect_6_12[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tc_run tcf_classify cls_bpf_classify skb_ensure_writable "
	 "skb_do_redirect __bpf_redirect"},
	{3, 22, 0, "lxc2",
	 "__dev_queue_xmit tc_run netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check "
	 "skb_network_protocol validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp "
	 "__dev_forward_skb __dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{2, 12, 0, "eth0",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 ip_rcv ip_rcv_core sock_wfree ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu "
	 "raw_local_deliver icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_peer_5_10[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ipv4_postroute ip_finish_output __ip_finish_output ip_finish_output2 dev_queue_xmit "
	 "__dev_queue_xmit netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check "
	 "skb_network_protocol validate_xmit_xfrm dev_hard_start_xmit veth_xmit __dev_forward_skb skb_scrub_packet "
	 "eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core tcf_classify_ingress cls_bpf_classify skb_ensure_writable skb_do_redirect "
	 "is_skb_forwardable"},
	{2, 12, 0, "eth0",
	 "ip_rcv ip_rcv_core sock_wfree ip_route_input_noref ip_route_input_rcu ip_route_input_slow "
	 "fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu raw_local_deliver "
	 "icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo __ip_options_echo fib_compute_spec_dst "
	 "security_skb_classify_flow skb_copy_and_csum_bits consume_skb skb_release_head_state skb_release_data "
	 "kfree_skbmem"},
};

static const struct visit ping_peer_6_1[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 __dev_queue_xmit "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 tcf_classify cls_bpf_classify skb_ensure_writable skb_do_redirect"},
	{2, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core sock_wfree ip_route_input_noref ip_route_input_slow "
	 "fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu raw_local_deliver "
	 "icmp_rcv __skb_checksum_complete __skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

static const struct visit ping_peer_7_2[] = {
	{1, 0, 0, NULL,
	 "__ip_local_out ip_output"},
	{1, 12, 0, "eth0",
	 "nf_hook_slow apparmor_ip_postroute ip_finish_output __ip_finish_output ip_finish_output2 "
	 "neigh_resolve_output __neigh_event_send eth_header skb_push __dev_queue_xmit qdisc_pkt_len_segs_init "
	 "netdev_core_pick_tx validate_xmit_skb netif_skb_features passthru_features_check skb_network_protocol "
	 "validate_xmit_xfrm dev_hard_start_xmit veth_xmit skb_clone_tx_timestamp __dev_forward_skb "
	 "__dev_forward_skb2 skb_scrub_packet eth_type_trans"},
	{3, 20, 0, "lxc1",
	 "__netif_rx netif_rx_internal enqueue_to_backlog __netif_receive_skb __netif_receive_skb_one_core "
	 "__netif_receive_skb_core.constprop.0 qdisc_pkt_len_segs_init tc_run tcf_classify cls_bpf_classify "
	 "skb_ensure_writable skb_do_redirect"},
	{2, 12, 0, "eth0",
	 "skb_scrub_packet ip_rcv ip_rcv_core sock_wfree ip_rcv_finish_core ip_route_input_noref "
	 "ip_route_input_slow fib_validate_source ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu "
	 "raw_local_deliver icmp_rcv __skb_checksum_complete skb_checksum icmp_echo icmp_reply __ip_options_echo "
	 "fib_compute_spec_dst security_skb_classify_flow bpf_lsm_xfrm_decode_session skb_copy_and_csum_bits "
	 "consume_skb skb_release_head_state skb_release_data skb_free_head kfree_skbmem"},
};

/* clang-format on */
