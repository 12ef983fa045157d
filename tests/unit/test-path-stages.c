/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "path/stages.h"
#include "test-path-material.h"

static enum stage find(const char *func)
{
	_cleanup_(stages_freep) struct stages *s = NULL;

	cr_assert_eq(stages_new(&s), 0, "a name stands in the table twice");
	return stages_find(s, func);
}

#define EXPECT(func, stage) cr_expect_eq(find(func), stage, "%s: %s", func, stage_key(find(func)))

Test(stages, landmarks_of_every_kernel)
{
	EXPECT("__ip_local_out", STAGE_IP_OUTPUT);
	EXPECT("ip_output", STAGE_IP_OUTPUT);
	EXPECT("ip_finish_output2", STAGE_IP_OUTPUT);
	EXPECT("ip6_output", STAGE_IP_OUTPUT);
	EXPECT("nf_hook_slow", STAGE_NETFILTER);
	EXPECT("apparmor_ipv4_postroute", STAGE_NETFILTER);
	EXPECT("__cgroup_bpf_run_filter_skb", STAGE_CGROUP_BPF);
	EXPECT("neigh_resolve_output", STAGE_NEIGHBOUR);
	EXPECT("__dev_queue_xmit", STAGE_QDISC);
	EXPECT("fq_codel_enqueue", STAGE_QDISC);
	EXPECT("dev_hard_start_xmit", STAGE_DRIVER);
	EXPECT("veth_xmit", STAGE_VETH);
	EXPECT("netkit_xmit", STAGE_NETKIT);
	EXPECT("netif_rx", STAGE_BACKLOG);
	EXPECT("__netif_rx", STAGE_BACKLOG);
	EXPECT("netif_rx_internal", STAGE_BACKLOG);
	EXPECT("enqueue_to_backlog", STAGE_BACKLOG);
	EXPECT("__netif_receive_skb", STAGE_RECEIVE);
	EXPECT("__netif_receive_skb_one_core", STAGE_RECEIVE);
	EXPECT("__netif_receive_skb_core", STAGE_RECEIVE);
	EXPECT("tcf_classify", STAGE_TC_INGRESS);
	EXPECT("tcf_classify_ingress", STAGE_TC_INGRESS);
	EXPECT("cls_bpf_classify", STAGE_TC_INGRESS);
	EXPECT("skb_do_redirect", STAGE_REDIRECT);
	EXPECT("__bpf_redirect", STAGE_REDIRECT);
	EXPECT("ip_rcv", STAGE_IP_INPUT);
	EXPECT("ip_rcv_core", STAGE_IP_INPUT);
	EXPECT("ipv6_rcv", STAGE_IP_INPUT);
	EXPECT("ip_forward", STAGE_FORWARD);
	EXPECT("ip6_forward", STAGE_FORWARD);
	EXPECT("br_handle_frame", STAGE_BRIDGE);
	EXPECT("__br_forward", STAGE_BRIDGE);
	EXPECT("br_dev_queue_push_xmit", STAGE_BRIDGE);
	EXPECT("icmp_rcv", STAGE_LOCAL);
	EXPECT("tcp_v4_rcv", STAGE_LOCAL);
	EXPECT("udp_rcv", STAGE_LOCAL);
	EXPECT("__udp_enqueue_schedule_skb", STAGE_SOCKET_QUEUE);
	EXPECT("__sock_queue_rcv_skb", STAGE_SOCKET_QUEUE);
	EXPECT("skb_copy_datagram_iter", STAGE_SOCKET_READ);
	EXPECT("kfree_skb", STAGE_DROP);
	EXPECT("kfree_skb_reason", STAGE_DROP);
	EXPECT("sk_skb_reason_drop", STAGE_DROP);
	EXPECT("kfree_skbmem", STAGE_FREE);
	EXPECT("skb_clone", STAGE_COPY);
	EXPECT("__skb_gso_segment", STAGE_GSO);
	EXPECT("dev_gro_receive", STAGE_GRO);
	EXPECT("vxlan_xmit", STAGE_TUNNEL);
	EXPECT("xfrm_output", STAGE_XFRM);
	EXPECT("tpacket_rcv", STAGE_TAP);
	EXPECT("__icmp_send", STAGE_ICMP_ERROR);
}

/* They run in more than one stage, and prove none: skb_scrub_packet also in bpf_redirect_peer. */
Test(stages, helpers)
{
	EXPECT("skb_scrub_packet", STAGE_WITHIN);
	EXPECT("eth_type_trans", STAGE_WITHIN);
	EXPECT("__dev_forward_skb", STAGE_WITHIN);
	EXPECT("skb_ensure_writable", STAGE_WITHIN);
	EXPECT("sock_wfree", STAGE_WITHIN);
	EXPECT("skb_release_data", STAGE_WITHIN);
	EXPECT("security_sock_rcv_skb", STAGE_WITHIN);
}

Test(stages, suffixes_of_the_compiler)
{
	EXPECT("__netif_receive_skb_core.constprop.0", STAGE_RECEIVE);
	EXPECT("icmp_route_lookup.constprop.0.isra.0", STAGE_ICMP_ERROR);
	EXPECT("tcp_ack.part.0", STAGE_LOCAL);
}

Test(stages, what_is_not_in_the_table)
{
	EXPECT("my_module_xmit_thing", STAGE_NONE);
	EXPECT("ip_rc", STAGE_NONE);
	EXPECT("x_ip_rcv", STAGE_NONE);
	EXPECT("", STAGE_NONE);
	EXPECT(".isra.0", STAGE_NONE);
	cr_expect_eq(find(NULL), STAGE_NONE);
}

/* The exact name before a pattern, the longer pattern before the shorter. */
Test(stages, patterns)
{
	static const struct stage_row table[] = {{STAGE_LOCAL, "a", "tcp_* *_receive"},
						 {STAGE_SOCKET, "b", "tcp_write tcp_out_*"},
						 {STAGE_GRO, "c", "*_gro_receive"},
						 {0}};
	_cleanup_(stages_freep) struct stages *s = NULL;

	cr_assert_eq(stages_new_from(table, &s), 0);
	cr_expect_eq(stages_find(s, "tcp_write"), STAGE_SOCKET);
	cr_expect_eq(stages_find(s, "tcp_written"), STAGE_LOCAL);
	cr_expect_eq(stages_find(s, "tcp_"), STAGE_LOCAL);
	cr_expect_eq(stages_find(s, "tcp"), STAGE_NONE);
	cr_expect_eq(stages_find(s, "tcp_out_of"), STAGE_SOCKET);
	cr_expect_eq(stages_find(s, "tcp4_gro_receive"), STAGE_GRO);
	cr_expect_eq(stages_find(s, "tcp_gro_receive"), STAGE_GRO);
	cr_expect_eq(stages_find(s, "udp_receive"), STAGE_LOCAL);
	cr_expect_eq(stages_find(s, "_receive"), STAGE_LOCAL);
}

Test(stages, a_name_stands_once)
{
	static const struct stage_row twice[] = {{STAGE_LOCAL, "a", "x y"}, {STAGE_GRO, "b", "z y"}, {0}};
	static const struct stage_row patterns[] = {{STAGE_LOCAL, "a", "x*"}, {STAGE_GRO, "b", "*x x"}, {0}};
	static const struct stage_row empty[] = {{0}};
	_cleanup_(stages_freep) struct stages *s = NULL, *e = NULL;
	struct stages *none = NULL;

	cr_expect_eq(stages_new_from(twice, &none), -EEXIST);
	cr_expect_null(none);
	cr_expect_eq(stages_new_from(patterns, &s), 0);
	cr_expect_eq(stages_new_from(empty, &e), 0);
	cr_expect_eq(stages_find(e, "x"), STAGE_NONE);
}

/* A * in the middle would never match, two blanks would be an empty name. */
Test(stages, form_of_the_table)
{
	_cleanup_(stages_freep) struct stages *s = NULL;

	cr_assert_eq(stages_new(&s), 0);
	for (const struct stage_row *row = stage_table; row->funcs; row++) {
		cr_expect(row->source && row->source[0], "%.40s: no source", row->funcs);
		cr_expect_neq(row->stage, STAGE_NONE);
		for (const char *p = row->funcs; *p;) {
			size_t length = strcspn(p, " ");
			const char *star = memchr(p, '*', length);
			char name[64];

			cr_assert(length > 0 && length < sizeof(name), "%.40s", p);
			cr_expect(!star || star == p || star == p + length - 1, "%.40s", p);
			memcpy(name, p, length);
			name[length] = '\0';
			if (!star)
				cr_expect_eq(stages_find(s, name), row->stage, "%s", name);
			p += length;
			cr_expect(p[0] == '\0' || (p[1] != ' ' && p[1] != '\0'), "blanks after %s", name);
			p += p[0] == ' ';
		}
	}
}

static void expect_known(const struct stages *s, const struct visit *visits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (const char *p = visits[i].funcs; *p;) {
			size_t length = strcspn(p, " ");
			char name[64];

			cr_assert_lt(length, sizeof(name));
			memcpy(name, p, length);
			name[length] = '\0';
			if (name[0] != '!')
				cr_expect_neq(stages_find(s, name), STAGE_NONE, "%s", name);
			p += length + (p[length] == ' ');
		}
	}
}

/* Every function of the traces of four kernels has a stage. */
Test(stages, real_traces_are_covered)
{
	_cleanup_(stages_freep) struct stages *s = NULL;

	cr_assert_eq(stages_new(&s), 0);
#define KNOWN(visits) expect_known(s, visits, ARRAY_SIZE(visits))
	KNOWN(ping_peer_6_12);
	KNOWN(reply_peer_6_12);
	KNOWN(udp_closed_6_12);
	KNOWN(tcp_data_6_12);
	KNOWN(ping_stack_6_12);
	KNOWN(ping_nfdrop_6_12);
	KNOWN(ping_bridge_6_12);
	KNOWN(ping_netkit_6_12);
	KNOWN(ping_redirect_6_12);
	KNOWN(ping_peer_5_10);
	KNOWN(ping_peer_6_1);
	KNOWN(ping_peer_7_2);
}

/* Keys are what scripts rely on: one word each, none twice. */
Test(stages, names)
{
	for (unsigned a = 0; a < STAGE_MAX; a++) {
		cr_expect_null(strchr(stage_key(a), ' '));
		cr_expect_eq(stage_name(a)[0] == '\0', a == STAGE_NONE || a == STAGE_WITHIN);
		for (unsigned b = 0; b < a; b++)
			cr_expect_str_neq(stage_key(a), stage_key(b));
	}
}
