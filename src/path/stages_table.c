/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage of each kernel function, by stage and by the kernel file that has the function. The names are those of
 * 5.10 to 7.2; many are in some of these versions only, or are inlined where the compiler likes. Compared with traces
 * of pings, TCP and UDP on 5.10, 6.1, 6.12 and 7.2.
 *
 * A probe follows a function's first skb argument. So a function that makes an answer (icmp_reply, tcp_v4_send_ack) is
 * seen with the packet that it answers.
 */
#include "path/stages.h"

/* The lists of names are wrapped by hand. */
/* clang-format off */
const struct stage_row stage_table[] = {
	/* Out: sockets and the transport protocols */
	{STAGE_SOCKET, "net/ipv4/tcp_output.c, tcp.c",
	 "tcp_write_xmit __tcp_transmit_skb tcp_transmit_skb tcp_event_new_data_sent tcp_options_write "
	 "tcp_established_options tcp_syn_options tcp_synack_options tcp_init_tso_segs tcp_set_skb_tso_segs "
	 "tso_fragment tcp_fragment tcp_connect_queue_skb tcp_connect tcp_send_syn_data tcp_make_synack "
	 "tcp_skb_entail tcp_entail tcp_rbtree_insert tcp_retransmit_skb __tcp_retransmit_skb "
	 "tcp_update_skb_after_send tcp_queue_skb tcp_trim_head tcp_adjust_pcount tcp_skb_collapse_tstamp "
	 "tcp_skb_fragment_eor tcp_insert_write_queue_after tcp_tsq_write tcp_can_coalesce_send_queue_head "
	 "tcp_collapse_retrans tcp_tso_should_defer tcp_snd_wnd_test tcp_mss_split_point tcp_remove_empty_skb "
	 "tcp_tx_timestamp tcp_stamp_tx tcp_ecn_send tcp_ecn_send_synack tcp_v4_send_check __tcp_v4_send_check "
	 "tcp_v6_send_check __tcp_v6_send_check tcp_v4_send_synack tcp_v6_send_synack tcp_rate_skb_sent "
	 "bpf_skops_write_hdr_opt bpf_skops_hdr_opt_len"},
	{STAGE_SOCKET, "net/ipv4/udp.c, raw.c, ping.c, net/ipv6/udp.c, raw.c; net/packet/af_packet.c",
	 "udp_send_skb udp_v6_send_skb udp4_hwcsum udp_set_csum udp6_set_csum udp6_hwcsum raw_send_hdrinc "
	 "rawv6_send_hdrinc icmp_push_reply ping_getfrag ip_generic_getfrag raw_getfrag raw6_getfrag "
	 "icmp_glue_bits icmpv6_getfrag packet_parse_headers packet_xmit packet_direct_xmit packet_snd "
	 "tpacket_snd tpacket_fill_skb skb_copy_datagram_from_iter skb_copy_datagram_from_iter_full "
	 "zerocopy_sg_from_iter __zerocopy_sg_from_iter skb_zerocopy_iter_stream skb_splice_from_iter "
	 "skb_append_pagefrags sock_alloc_send_pskb skb_set_owner_w skb_set_owner_sk_safe"},

	/* Out: IP */
	{STAGE_IP_OUTPUT, "net/ipv4/ip_output.c, route.c",
	 "ip_send_skb ip_push_pending_frames ip_local_out __ip_local_out ip_output ip_mc_output "
	 "ip_mc_finish_output ip_finish_output __ip_finish_output ip_finish_output2 ip_finish_output_gso "
	 "ip_queue_xmit __ip_queue_xmit ip_build_and_send_pkt ip_options_build ip_copy_addrs ip_select_ttl "
	 "ip_rt_bug ip_mr_output dst_output dst_discard_out ip_copy_metadata"},
	{STAGE_IP_OUTPUT, "net/ipv6/ip6_output.c, output_core.c, inet6_connection_sock.c, mcast.c, ndisc.c",
	 "ip6_send_skb ip6_local_out __ip6_local_out ip6_output ip6_finish_output __ip6_finish_output "
	 "ip6_finish_output2 ip6_finish_output_gso_slowpath_drop ip6_xmit ip6_push_pending_frames "
	 "inet6_csk_xmit ip6_autoflowlabel ip6_dst_hoplimit ip6_mr_output ip6_pkt_discard_out "
	 "ip6_pkt_prohibit_out mld_sendpack igmpv3_sendpack igmpv3_send_report ndisc_send_skb "
	 "ip6_find_1stfragopt ipv6_push_frag_opts ipv6_push_nfrag_opts"},
	{STAGE_IP_OUTPUT, "net/core/lwtunnel.c, lwt_bpf.c",
	 "lwtunnel_output lwtunnel_xmit bpf_output bpf_xmit bpf_lwt_xmit_reroute"},
	{STAGE_FRAGMENT, "net/ipv4/ip_output.c, net/ipv6/ip6_output.c, net/sched/sch_frag.c",
	 "ip_fragment ip_do_fragment ip_fraglist_init ip_fraglist_prepare ip_frag_init ip_frag_next "
	 "ip_options_fragment ip6_fragment ip6_fraglist_init ip6_fraglist_prepare ip6_frag_init ip6_frag_next "
	 "ip6_copy_metadata br_ip6_fragment sch_frag*"},
	{STAGE_CGROUP_BPF, "kernel/bpf/cgroup.c",
	 "__cgroup_bpf_run_filter_skb"},

	/* Netfilter, and what is called from its hooks */
	{STAGE_NETFILTER, "net/netfilter/core.c, nf_*.c, nft_*.c, nf_tables_core.c; net/ipv4/netfilter, net/ipv6/netfilter",
	 "nf_* __nf_* nft_* __nft_* ipt_* ip6t_* arpt_* ebt_* xt_* iptable_* ip6table_* ip_set_* ip_vs_* "
	 "__ip_vs_* ipv4_conntrack_* ipv6_conntrack_* ipv4_confirm ipv6_defrag ipv4_synproxy_hook "
	 "ipv6_synproxy_hook synproxy_* ip_route_me_harder ip6_route_me_harder ipv4_get_l4proto "
	 "ipv6_get_l4proto l4proto_manip_pkt nfqnl_* nfulnl_* conntrack_mt* masquerade_tg* *_tg4 *_tg6 *_mt4 "
	 "*_mt6 mark_tg mark_mt connmark_tg* connmark_mt* tcpmss_* multiport_mt comment_mt addrtype_mt* "
	 "hashlimit_mt* limit_mt reject_tg reject_tg6 log_tg state_mt set_match_v* set_target_v* *_kadt "
	 "statistic_mt string_mt udp_mt tcp_mt icmp_match icmp6_match tproxy_tg* ecn_tg tos_tg dscp_tg "
	 "dscp_tg6 nflog_tg nfqueue_tg* classify_tg checksum_tg notrack_tg trace_tg sctp_new tcp_new"},
	{STAGE_NETFILTER, "security/apparmor/lsm.c, net.c; security/selinux/hooks.c: their own hooks of netfilter",
	 "apparmor_ip_postroute apparmor_ipv4_postroute apparmor_ipv6_postroute selinux_ip_* selinux_ipv4_* "
	 "selinux_ipv6_* smack_ip* smack_ipv4_output smack_ipv6_output"},

	/* IPsec and tunnels */
	{STAGE_XFRM, "net/xfrm, net/ipv4/xfrm4_*.c, esp4.c, ah4.c, ipcomp.c, net/ipv6 alike",
	 "xfrm_* __xfrm_* xfrm4_* xfrm6_* __xfrm4_* __xfrm6_* xfrmi_* esp_* esp4_* esp6_* ah_* ah6_* ipcomp_* "
	 "ipcomp6_* secpath_set xdst_queue_output"},
	{STAGE_TUNNEL, "drivers/net/vxlan, geneve.c, gtp.c, bareudp.c, wireguard; net/ipv4/ip_tunnel*.c, ipip.c, ip_gre.c, "
	 "udp_tunnel_core.c, fou_core.c; net/ipv6/ip6_tunnel.c, ip6_gre.c, sit.c, seg6*.c",
	 "vxlan_* __vxlan_* geneve_* gtp_* bareudp_* wg_* ip_tunnel_* __iptunnel_pull_header iptunnel_* "
	 "ip_md_tunnel_xmit ipip_* ipip6_* gre_* __gre_xmit ipgre_* erspan_* ip6_tnl_* ip6erspan_* ip6gre_* "
	 "ip4ip6_* ip6ip6_* sit_* tunnel4_rcv tunnel64_rcv tunnel6_rcv tunnel46_rcv tnl_update_pmtu "
	 "udp_tunnel_* udp_tunnel6_* udp_tun_rx_dst fou_* gue_* seg6_* __seg6_* input_action_* l2tp_* "
	 "skb_tunnel_check_pmtu tun_dst_unclone mpls_forward mpls_output mpls_xmit INET_ECN_decapsulate "
	 "encap_bypass_if_local decap_and_validate vti_* vti6_* bpf_lwt_push_ip_encap"},

	/* Out: from IP to the wire */
	{STAGE_NEIGHBOUR, "net/core/neighbour.c, net/ethernet/eth.c, net/ipv4/arp.c, net/ipv6/ndisc.c",
	 "neigh_resolve_output neigh_connected_output neigh_direct_output neigh_hh_output neigh_blackhole "
	 "neigh_xmit __neigh_event_send neigh_event_send_probe eth_header arp_solicit arp_error_report "
	 "arp_xmit arp_xmit_finish ndisc_solicit ndisc_error_report pneigh_enqueue blackhole_neigh_output "
	 "arp_send_dst arp_process arp_rcv parp_redo ndisc_rcv ndisc_recv_* ndisc_redirect_rcv "
	 "ndisc_router_discovery pndisc_redo neigh_probe"},
	{STAGE_QDISC, "net/core/dev.c, net/sched/sch_*.c",
	 "dev_queue_xmit __dev_queue_xmit __dev_direct_xmit dev_direct_xmit dev_queue_xmit_accel "
	 "netdev_core_pick_tx netdev_pick_tx __get_xps_queue_idx dev_pick_tx_zero dev_qdisc_enqueue "
	 "__dev_xmit_skb __qdisc_calculate_pkt_len sch_direct_xmit validate_xmit_skb validate_xmit_skb_list "
	 "validate_xmit_vlan dev_requeue_skb qdisc_bypass *_enqueue qdisc_enqueue_tail qdisc_drop "
	 "qdisc_tree_reduce_backlog codel_* fq_* tcf_dev_queue_xmit tcf_qevent_handle skb_warn_bad_offload "
	 "passthru_features_check"},
	{STAGE_GSO, "net/core/gso.c (to 6.4 in dev.c), skbuff.c; net/ipv4/{tcp,udp}_offload.c, net/ipv6 alike",
	 "__skb_gso_segment skb_mac_gso_segment skb_eth_gso_segment skb_segment skb_segment_list "
	 "inet_gso_segment ipv6_gso_segment *_gso_segment __udpv4_gso_segment_csum __udpv6_gso_segment_csum "
	 "__tcpv4_gso_segment_csum __tcpv6_gso_segment_csum udp4_ufo_fragment udp6_ufo_fragment "
	 "skb_udp_tunnel_segment tcp_gso_segment tso_build_hdr tso_build_data tso_start"},
	{STAGE_DRIVER, "net/core/dev.c and drivers",
	 "dev_hard_start_xmit xmit_one xmit_skb *_start_xmit *_xmit_frame *_ndo_start_xmit start_xmit "
	 "loopback_xmit blackhole_netdev_xmit dummy_xmit ifb_xmit tun_net_xmit tap_do_read tun_put_user "
	 "tun_do_read tun_ring_recv tun_queue_purge tun_select_queue virtnet_* xenvif_* ena_* mlx5e_* ixgbe_* "
	 "i40e_* ice_* igb_* e1000_* bnxt_* nfp_* vmxnet3_* netvsc_* gve_* skb_tx_timestamp napi_consume_skb"},
	{STAGE_STACKED, "net/8021q, drivers/net/{macvlan,macvtap,ipvlan,bonding,team,vrf,net_failover}",
	 "vlan_dev_* vlan_do_receive vlan_skb_recv vlan_insert_tag macvlan_* macvtap_* tap_handle_frame "
	 "ipvlan_* ipvtap_* bond_* __bond_* team_* vrf_* net_failover_* hsr_* nsh_* dsa_* lowpan_*"},

	/* From one device to the next */
	{STAGE_VETH, "drivers/net/veth.c",
	 "veth_xmit veth_forward_skb veth_xdp_rx veth_xdp_rcv_skb veth_convert_skb_to_xdp_buff"},
	{STAGE_NETKIT, "drivers/net/netkit.c (6.7 and newer)",
	 "netkit_xmit netkit_prep_forward netkit_forward_finish netkit_xnet netkit_run"},
	{STAGE_BACKLOG, "net/core/dev.c",
	 "netif_rx __netif_rx netif_rx_ni netif_rx_any_context netif_rx_internal enqueue_to_backlog "
	 "get_rps_cpu set_rps_cpu gro_cells_receive dev_loopback_xmit"},
	{STAGE_GRO, "net/core/gro.c (to 5.15 in dev.c), skbuff.c; net/ipv4/af_inet.c, {tcp,udp}_offload.c, net/ipv6 alike",
	 "napi_gro_receive gro_receive_skb dev_gro_receive dummy_gro_rcv skb_gro_receive skb_gro_receive_list "
	 "napi_gro_complete gro_complete gro_normal_one napi_gro_frags napi_skb_finish gro_pull_from_frag0 "
	 "skb_gro_reset_offset *_gro_receive *_gro_complete gro_list_prepare __skb_gro_checksum_complete "
	 "napi_frags_skb vxlan_gro_prepare_receive napi_skb_free_stolen_head"},
	{STAGE_RECEIVE, "net/core/dev.c",
	 "netif_receive_skb __netif_receive_skb netif_receive_skb_internal __netif_receive_skb_one_core "
	 "__netif_receive_skb_core netif_receive_skb_core __netif_receive_skb_list_ptype deliver_skb "
	 "deliver_ptype_list_skb skb_vlan_untag llc_rcv snap_rcv skb_defer_rx_timestamp net_timestamp_check"},
	{STAGE_XDP, "net/core/dev.c, filter.c; kernel/bpf/devmap.c, cpumap.c",
	 "do_xdp_generic bpf_prog_run_generic_xdp generic_xdp_tx netif_receive_generic_xdp "
	 "xdp_do_generic_redirect dev_map_generic_redirect cpu_map_generic_redirect skb_cow_data_for_xdp "
	 "skb_pp_cow_data __xdp_build_skb_from_frame xsk_generic_rcv xsk_destruct_skb"},
	{STAGE_TAP, "net/core/dev.c, net/packet/af_packet.c",
	 "dev_queue_xmit_nit packet_rcv packet_rcv_fanout packet_rcv_spkt tpacket_rcv __packet_rcv_has_room "
	 "tpacket_get_timestamp run_filter fanout_demux_rollover packet_rcv_vnet"},
	{STAGE_TC_INGRESS, "net/core/dev.c, net/sched/cls_*.c, act_*.c",
	 "sch_handle_ingress sch_handle_egress tc_run tcf_* __tcf_* *_classify mini_qdisc_bstats_cpu_update"},
	{STAGE_REDIRECT, "net/core/filter.c",
	 "skb_do_redirect __bpf_redirect __bpf_redirect_neigh __bpf_redirect_neigh_v4 __bpf_redirect_neigh_v6 "
	 "__bpf_tx_skb __bpf_redirect_no_mac __bpf_redirect_common __bpf_rx_skb bpf_out_neigh_v4 "
	 "bpf_out_neigh_v6 bpf_clone_redirect"},
	{STAGE_BRIDGE, "net/bridge, net/switchdev",
	 "br_* __br_* maybe_deliver deliver_clone nbp_switchdev_* stp_pdu_rcv"},
	{STAGE_NETFILTER, "net/bridge/br_netfilter_hooks.c",
	 "br_nf_* setup_pre_routing ip_sabotage_in br_validate_ipv4 br_validate_ipv6 nf_bridge_*"},
	{STAGE_OVS, "net/openvswitch",
	 "ovs_* __ovs_* output_userspace do_execute_actions clone_execute netdev_frame_hook"},

	/* In: IP */
	{STAGE_IP_INPUT, "net/ipv4/ip_input.c, route.c, ipmr.c, ip_options.c",
	 "ip_rcv ip_rcv_core ip_rcv_finish ip_rcv_finish_core ip_sublist_rcv ip_list_rcv ip_rcv_options "
	 "ip_call_ra_chain ip_handle_martian_source ip_options_rcv_srr __ip_options_compile ip_options_compile "
	 "ip_mr_input pim_rcv __pim_rcv ip_error __ip_do_redirect ip_do_redirect tcp_v4_early_demux "
	 "udp_v4_early_demux tcp_v6_early_demux udp_v6_early_demux"},
	{STAGE_IP_INPUT, "net/ipv6/ip6_input.c, route.c, exthdrs.c",
	 "ipv6_rcv ip6_rcv_core ip6_rcv_finish ip6_rcv_finish_core ip6_sublist_rcv ipv6_list_rcv ip6_mc_input "
	 "ip6_mr_input ipv6_parse_hopopts ip6_parse_tlv ip6_tlvopt_unknown ipv6_rthdr_rcv ipv6_destopt_rcv "
	 "rt6_do_redirect ip6_pkt_drop ip6_pkt_discard ip6_pkt_prohibit"},
	{STAGE_REASSEMBLY, "net/ipv4/ip_fragment.c, inet_fragment.c, net/ipv6/reassembly.c",
	 "ip_defrag ip_frag_queue ip_frag_reasm ip_check_defrag inet_frag_* ipv6_frag_rcv ip6_frag_queue "
	 "ip6_frag_reasm ipv4_conntrack_defrag nf_ct_frag6_*"},
	{STAGE_FORWARD, "net/ipv4/ip_forward.c, ipmr.c, net/ipv6/ip6_output.c, ip6mr.c",
	 "ip_forward ip_forward_finish ip_forward_options ip_rt_send_redirect ip_exceeds_mtu ip6_forward "
	 "ip6_forward_finish ip6_forward_proxy_check ip_mr_forward ipmr_* ip6_mr_forward ip6mr_* "
	 "ndisc_send_redirect skb_warn_lro_forwarding __skb_warn_lro_forwarding ip6_pkt_too_big"},

	/* In: to the socket */
	{STAGE_LOCAL, "net/ipv4/ip_input.c, icmp.c, igmp.c, net/ipv6/ip6_input.c, icmp.c",
	 "ip_local_deliver ip_local_deliver_finish ip_protocol_deliver_rcu ip6_input ip6_input_finish "
	 "ip6_protocol_deliver_rcu icmp_rcv icmp_echo icmp_reply icmp_discard icmp_unreach icmp_redirect "
	 "icmp_timestamp icmp_build_probe icmp_err icmp_socket_deliver icmpv6_rcv icmpv6_echo_reply "
	 "icmpv6_notify icmpv6_err igmp_rcv igmp6_event_query igmp6_event_report ping_rcv ping_lookup ping_err "
	 "raw_local_deliver raw_v4_input raw_rcv raw_rcv_skb raw_icmp_error raw6_local_deliver "
	 "ipv6_raw_deliver rawv6_rcv rawv6_rcv_skb raw6_icmp_error ipv4_pktinfo_prepare"},
	{STAGE_LOCAL, "net/ipv4/tcp_ipv4.c, tcp_input.c, tcp_minisocks.c, inet_hashtables.c, net/ipv6 alike, net/mptcp",
	 "tcp_* __tcp_* cookie_* __cookie_* inet_csk_* __inet_lookup_listener inet_lhash2_lookup "
	 "inet_lookup_reuseport __inet_lookup_established inet_lookup_run_sk_lookup inet6_lhash2_lookup "
	 "inet6_lookup inet6_lookup_listener inet6_lookup_reuseport inet6_lookup_run_sk_lookup "
	 "__inet6_lookup_established inet_sk_rx_dst_set inet6_sk_rx_dst_set mptcp_* subflow_* "
	 "ip_send_unicast_reply reuseport_* __sk_backlog_rcv __sk_receive_skb sk_backlog_rcv sctp_* dccp_*"},
	{STAGE_LOCAL, "net/ipv4/udp.c, udp_tunnel_nic.c, net/ipv6/udp.c",
	 "udp_* __udp_* __udp4_lib_* __udp6_lib_* udp4_* udp6_* udpv6_* udplite_* udplitev6_* "
	 "udp_lib_checksum_complete first_packet_length"},
	{STAGE_ICMP_ERROR, "net/ipv4/icmp.c, net/ipv6/icmp.c, ip6_icmp.c",
	 "__icmp_send icmp_send icmp_ndo_send icmp_route_lookup icmp6_send icmpv6_send icmpv6_ndo_send "
	 "icmpv6_param_prob icmpv6_param_prob_reason icmpv6_route_lookup ip6_err_gen_icmpv6_unreach"},
	{STAGE_SOCKET_QUEUE, "net/core/sock.c, skmsg.c, net/ipv4/tcp_input.c, tcp_ipv4.c, udp.c, ping.c, raw.c",
	 "sock_queue_rcv_skb sock_queue_rcv_skb_reason __sock_queue_rcv_skb sock_queue_err_skb tcp_data_queue "
	 "tcp_data_queue_ofo tcp_queue_rcv tcp_ofo_queue tcp_try_coalesce skb_try_coalesce tcp_add_backlog "
	 "tcp_try_rmem_schedule tcp_prune_queue tcp_data_ready tcp_event_data_recv tcp_measure_rcv_mss "
	 "tcp_grow_window __udp_enqueue_schedule_skb ping_queue_rcv_skb udp_rmem_schedule skb_queue_tail "
	 "skb_set_owner_r vsock_queue_rcv_skb sk_psock_* strp_* __strp_recv"},
	{STAGE_SOCKET_READ, "net/core/datagram.c, skbuff.c; net/ipv4/tcp.c, udp.c",
	 "skb_copy_datagram_iter __skb_datagram_iter skb_copy_and_csum_datagram_msg "
	 "skb_copy_and_hash_datagram_iter __skb_recv_udp skb_consume_udp __sock_recv_cmsgs "
	 "__sock_recv_timestamp __sock_recv_ts_and_drops skb_free_datagram __skb_free_datagram_locked "
	 "skb_kill_datagram __sk_queue_drop_skb __skb_try_recv_from_queue __skb_try_recv_datagram "
	 "sk_wait_data tcp_recv_skb tcp_eat_recv_skb tcp_update_recv_tstamps "
	 "ip_cmsg_recv_offset ip6_datagram_recv_* skb_splice_bits __consume_stateless_skb udp_skb_destructor "
	 "ipv6_icmp_error ip_icmp_error"},

	/* Copies and ends */
	{STAGE_COPY, "net/core/skbuff.c",
	 "skb_clone skb_copy __pskb_copy_fclone skb_copy_expand skb_morph skb_clone_sk skb_zerocopy "
	 "skb_zerocopy_clone skb_clone_fraglist __skb_tstamp_tx skb_tstamp_tx"},
	{STAGE_DROP, "net/core/skbuff.c",
	 "kfree_skb kfree_skb_reason sk_skb_reason_drop __kfree_skb_reason kfree_skb_list "
	 "kfree_skb_list_reason skb_tx_error dev_kfree_skb_any_reason dev_kfree_skb_irq_reason "
	 "__dev_kfree_skb_irq __dev_kfree_skb_any tcp_drop tcp_drop_reason"},
	{STAGE_FREE, "net/core/skbuff.c",
	 "consume_skb __kfree_skb kfree_skb_partial kfree_skbmem __napi_kfree_skb __kfree_skb_defer "
	 "napi_skb_cache_put skb_release_all skb_release_head_state skb_attempt_defer_free napi_reuse_skb"},
	/* sock_wfree and similar functions also run when a living packet leaves its socket, and skb_release_data when it
	 * gets a new head. Routes are also looked up for an ICMP answer. */
	{STAGE_WITHIN, "net/core/skbuff.c, sock.c: what frees parts, of the dying and of the living",
	 "sock_wfree __sock_wfree sock_rfree sock_efree sock_edemux sock_ofree sock_pfree sock_rmem_free "
	 "tcp_wfree unix_destruct_scm tpacket_destruct_skb skb_release_data skb_free_head skb_pp_recycle "
	 "skb_orphan_partial msg_zerocopy_* sock_zerocopy_* skb_condense skb_copy_ubufs "
	 "skb_still_in_host_queue"},

	/* Helpers */
	{STAGE_WITHIN, "net/core/skbuff.c",
	 "skb_push skb_pull skb_put skb_trim ___pskb_trim pskb_trim_rcsum_slow __pskb_pull_tail "
	 "pskb_expand_head skb_expand_head skb_realloc_headroom __pskb_trim_head pskb_put __skb_pad "
	 "skb_pull_rcsum skb_pull_data skb_put_data pskb_may_pull_reason skb_ensure_writable "
	 "skb_ensure_writable_head_tail skb_scrub_packet skb_checksum __skb_checksum skb_checksum_* "
	 "__skb_wait_for_more_packets __skb_checksum_complete __skb_checksum_complete_head skb_copy_bits skb_store_bits "
	 "skb_copy_and_csum_* skb_copy_header __copy_skb_header skb_headers_offset_update skb_partial_csum_set "
	 "skb_vlan_pop skb_vlan_push __skb_vlan_pop skb_eth_push skb_eth_pop skb_mpls_* skb_ext_* __skb_ext_* "
	 "skb_split skb_shift skb_append skb_unlink skb_queue_head skb_coalesce_rx_frag skb_add_rx_frag_netmem "
	 "skb_to_sgvec* __skb_to_sgvec skb_cow_data skb_share_check skb_clone_tx_timestamp "
	 "skb_complete_tx_timestamp __skb_unclone_keeptruesize skb_gso_* skb_crc32c* build_skb_around "
	 "__build_skb_around skb_get_tx_timestamp skb_has_tx_timestamp skb_prepare_seq_read skb_find_text "
	 "skb_panic skb_dump"},
	{STAGE_WITHIN, "net/core/dev.c, flow_dissector.c, utils.c, ptp_classifier.c; net/ethernet/eth.c",
	 "__dev_forward_skb __dev_forward_skb2 dev_forward_skb dev_forward_skb_nomtu is_skb_forwardable "
	 "__is_skb_forwardable qdisc_pkt_len_init qdisc_pkt_len_segs_init eth_type_trans netif_skb_features "
	 "skb_network_protocol skb_csum_hwoffload_help __skb_flow_* skb_flow_* __skb_get_hash* "
	 "skb_get_hash_perturb skb_get_poff __skb_get_poff inet_proto_csum_* ptp_* eth_header_parse* "
	 "vlan_get_protocol_dgram vlan_get_tci netdev_rx_csum_fault"},
	{STAGE_WITHIN, "net/core/filter.c, security/security.c and modules; net/ipv4, net/ipv6: routes and errors looked up",
	 "sk_filter_trim_cap decode_session4 decode_session6 bpf_skb_* __bpf_skb_* bpf_internal_* bpf_sk_* "
	 "__bpf_sk* bpf_lsm_* bpf_run_sk_reuseport security_* apparmor_* selinux_* smack_* __ip_options_echo "
	 "fib_* __fib_* ip_route_* ip_mkroute_input __mkroute_input ip_mc_validate_source ip6_route_* "
	 "ipv6_route_input eafnosupport_* validate_xmit_xfrm __xfrm_decode_session xfrm_decode_session fib4_* "
	 "fib6_* rt6_* ip6_pol_route* ip6_multipath_* ip_multipath_* ip_rt_* ip6_rt_* ipv4_sk_* __ipv4_sk_* "
	 "ipv4_neigh_lookup ip6_neigh_lookup ip6_dst_neigh_lookup ipv4_link_failure ip6_link_failure "
	 "dst_blackhole_* ipv6_skip_exthdr ipv6_find_hdr ipv6_find_tlv ipv6_opt_accepted ip_skb_dst_mtu "
	 "ipv4_update_pmtu ip6_update_pmtu ipv6_mc_* ip_mc_check_igmp ip_mc_validate_checksum netlbl_skbuff_* "
	 "cipso_v4_* calipso_*"},
	{0}};
/* clang-format on */
