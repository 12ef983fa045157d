/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequences of events as one sees them, reduced to what identity depends on. A table row is one event and the packet
 * number it must get. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "path/packet_number.h"
#include "path/relation.h"

#define S1    0xffff888000001000
#define S2    0xffff888000002000
#define S3    0xffff888000003000
#define H1    0xffff888000101000
#define H2    0xffff888000102000
#define H3    0xffff888000103000
#define KFREE "(kfree_skb tracepoint)"

struct step {
	const char *func;
	uint64_t skb, head;
	struct tuple tuple;
	uint64_t pkt;
	uint64_t made_in; /* address of a function in which it is unfinished */
	uint32_t origin;  /* as the kernel's part knows it; 0: not followed */
};

/* Hosts, by the last byte of their address. */
#define A 67
#define B 133
#define C 1
/* clang-format off */
#define BARE(proto, s, d) {.family = 4, .src = {10, 0, 0, s}, .dst = {10, 0, 0, d}, .has_l4 = true, .l4 = proto}
#define PORTS(proto, s, d, sp, dp)                                                                                     \
	{.family = 4, .src = {10, 0, 0, s}, .dst = {10, 0, 0, d}, .has_l4 = true, .l4 = proto,                         \
	 .has_ports = true, .sport = sp, .dport = dp}
#define ECHO(type, s, d, id, seq)                                                                                      \
	{.family = 4, .src = {10, 0, 0, s}, .dst = {10, 0, 0, d}, .has_l4 = true, .l4 = IPPROTO_ICMP,                  \
	 .has_icmp = true, .icmp_type = type, .has_icmp_id = true, .icmp_id = id, .icmp_seq = seq}
/* clang-format on */
#define REQUEST(seq) ECHO(8, A, B, 77, seq)
#define REPLY(seq)   ECHO(0, B, A, 77, seq)
#define SEGMENT	     PORTS(IPPROTO_TCP, A, B, 40000, 80)
#define NONE                                                                                                           \
	{                                                                                                              \
		0                                                                                                      \
	}

static void run(struct packet_numbers *id, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		bool kfree = strcmp(s->func, KFREE) == 0;
		struct event ev = {
			.func = kfree ? "kfree_skb" : s->func,
			.source = kfree ? ST_SRC_KFREE : ST_SRC_KPROBE,
			.skb = s->skb,
			.head = s->head,
			.origin = s->origin,
			.tuple = s->tuple,
			.addr = s->made_in,
			.proto = s->made_in ? 0 : 0x0800,
		};
		uint64_t pkt = packet_number_assign(id, &ev);

		cr_expect_eq(pkt, s->pkt, "step %zu, %s: packet %llu instead of %llu", i, s->func,
			     (unsigned long long)pkt, (unsigned long long)s->pkt);
	}
}

#define RUN(...)                                                                                                       \
	do {                                                                                                           \
		static const struct step steps[] = {__VA_ARGS__};                                                      \
		_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;                                       \
		cr_assert_eq(packet_number_new(64, &id), 0);                                                           \
		run(id, steps, ARRAY_SIZE(steps));                                                                     \
		cr_expect_eq(packet_number_evicted(id), 0);                                                            \
	} while (0)

Test(ident, ping_reply_and_reuse_of_both_addresses)
{
	RUN({"ip_send_skb", S1, H1, REQUEST(1), 1}, {"veth_xmit", S1, H1, REQUEST(1), 1},
	    {"icmp_rcv", S1, H1, REQUEST(1), 1}, {"ip_push_pending_frames", S2, H2, REPLY(1), 2},
	    {"enqueue_to_backlog", S2, H2, REPLY(1), 2}, {"consume_skb", S1, H1, REQUEST(1), 1},
	    {"__kfree_skb", S1, H1, REQUEST(1), 1}, {"skb_release_head_state", S1, H1, REQUEST(1), 1},
	    {"sock_wfree", S1, H1, REQUEST(1), 1}, {"__sock_wfree", S1, H1, REQUEST(1), 1},
	    {"skb_release_data", S1, H1, REQUEST(1), 1}, {"kfree_skbmem", S1, H1, REQUEST(1), 1},
	    {"ping_rcv", S2, H2, REPLY(1), 2}, {"kfree_skb_reason", S2, H2, REPLY(1), 2}, {KFREE, S2, H2, REPLY(1), 2},
	    {"skb_release_head_state", S2, H2, REPLY(1), 2}, {"skb_release_data", S2, H2, REPLY(1), 2},
	    {"kfree_skbmem", S2, H2, REPLY(1), 2}, {"ip_send_skb", S2, H1, REQUEST(2), 3},
	    {"veth_xmit", S2, H1, REQUEST(2), 3}, {"ip_push_pending_frames", S1, H2, REPLY(2), 4});
}

/* No death seen: only the ICMP type and sequence number tell. */
Test(ident, ping_without_deaths)
{
	RUN({"veth_xmit", S1, H1, REQUEST(1), 1}, {"veth_xmit", S1, H1, REPLY(1), 2},
	    {"veth_xmit", S1, H1, REQUEST(2), 3}, {"icmp_rcv", S1, H1, REQUEST(2), 3},
	    {"veth_xmit", S2, H1, REPLY(2), 4}, {"veth_xmit", S1, H2, REQUEST(3), 5});
}

/* The same connection, so the tuple cannot tell: only deaths do. */
Test(ident, tcp_segments_at_one_address)
{
	RUN({"__ip_local_out", S1, H1, SEGMENT, 1}, {"__kfree_skb", S1, H1, SEGMENT, 1},
	    {"skb_release_head_state", S1, H1, SEGMENT, 1}, {"tcp_wfree", S1, H1, SEGMENT, 1},
	    {"skb_release_data", S1, H1, SEGMENT, 1}, {"__ip_local_out", S1, H1, SEGMENT, 2},
	    {"kfree_skbmem", S1, H1, SEGMENT, 2}, {"kfree_skbmem", S1, H1, SEGMENT, 3});
}

/* A second beginning of a death cannot be the first one's. */
Test(ident, only_deaths_seen)
{
	RUN({"__kfree_skb", S1, H1, SEGMENT, 1}, {"__kfree_skb", S1, H1, SEGMENT, 2}, {KFREE, S1, H1, SEGMENT, 3},
	    {"__kfree_skb", S1, H1, SEGMENT, 3}, {KFREE, S1, H1, SEGMENT, 4}, {"ip_rcv", S1, H1, SEGMENT, 5});
}

/* What was read from the packet before says nothing about the one after it. */
Test(ident, the_next_one_starts_afresh)
{
	RUN({"ip_rcv", S1, H1, REQUEST(1), 1}, {"kfree_skbmem", S1, H1, REQUEST(1), 1}, {"ip_rcv", S1, H1, NONE, 2},
	    {"ip_rcv", S1, H1, REQUEST(2), 2});
}

/* udp_send_skb() comes before the ports are written: what is there is anything. */
Test(ident, a_header_that_is_still_to_be_written)
{
#define JUNK	 PORTS(IPPROTO_UDP, A, B, 0, 0)
#define DATAGRAM PORTS(IPPROTO_UDP, A, B, 40000, 53)
#define OTHERS	 PORTS(IPPROTO_UDP, A, C, 40000, 53)
	RUN({"udp_send_skb", S1, H1, JUNK, 1, 0x100}, {"udp4_hwcsum", S1, H1, DATAGRAM, 1, 0x200},
	    {"ip_output", S1, H1, DATAGRAM, 1}, {"udp_send_skb", S1, H1, JUNK, 2, 0x100},
	    {"ip_output", S1, H1, DATAGRAM, 2});
	/* in one function twice: another one, also where nothing else is looked at */
	RUN({"udp_send_skb", S1, H1, JUNK, 1, 0x100}, {"udp_send_skb", S1, H1, DATAGRAM, 2, 0x100});
	RUN({"ip_send_skb", S1, H1, REQUEST(1), 1, 0x100}, {"__ip_local_out", S1, H1, REQUEST(1), 1, 0x200},
	    {"ip_send_skb", S1, H1, REQUEST(2), 2, 0x100}, {"__ip_local_out", S1, H1, REQUEST(2), 2, 0x200});
	/* with other addresses, or on another head */
	RUN({"udp_send_skb", S1, H1, JUNK, 1, 0x100}, {"udp4_hwcsum", S1, H1, OTHERS, 2, 0x200});
	RUN({"udp_send_skb", S1, H1, JUNK, 1, 0x100}, {"udp4_hwcsum", S1, H2, DATAGRAM, 2, 0x200});
	/* once it is finished its ports are what they are */
	RUN({"ip_output", S1, H1, JUNK, 1}, {"ip_finish_output", S1, H1, DATAGRAM, 2});
}

Test(ident, dropping_a_reference_is_no_death)
{
	RUN({"ip_rcv", S1, H1, SEGMENT, 1}, {"consume_skb", S1, H1, SEGMENT, 1}, {"kfree_skb", S1, H1, SEGMENT, 1},
	    {"kfree_skb_reason", S1, H1, SEGMENT, 1}, {"tcp_v4_rcv", S1, H1, SEGMENT, 1});
}

/* Orphaning and getting a new head run functions that dying runs too. */
Test(ident, steps_that_the_living_take_as_well)
{
	RUN({"veth_xmit", S1, H1, SEGMENT, 1}, {"sock_wfree", S1, H1, SEGMENT, 1}, {"netif_rx", S1, H1, SEGMENT, 1},
	    {"skb_release_data", S1, H1, SEGMENT, 1}, {"tcp_v4_rcv", S1, H2, SEGMENT, 1});
}

Test(ident, clone)
{
	RUN({"dev_queue_xmit_nit", S1, H1, REQUEST(1), 1}, {"skb_clone", S1, H1, REQUEST(1), 1},
	    {"packet_rcv", S2, H1, REQUEST(1), 1}, {"consume_skb", S2, H1, REQUEST(1), 1},
	    {"__kfree_skb", S2, H1, REQUEST(1), 1}, {"kfree_skbmem", S2, H1, REQUEST(1), 1},
	    {"veth_xmit", S1, H1, REQUEST(1), 1}, {"skb_clone", S1, H1, REQUEST(1), 1},
	    {"packet_rcv", S2, H1, REQUEST(1), 1});
}

/* The original dies, the clone lives on, and is the one to vouch for the head. */
Test(ident, clone_survives_its_original)
{
	RUN({"ping_rcv", S1, H1, REPLY(1), 1}, {"sock_queue_rcv_skb", S2, H1, REPLY(1), 1},
	    {KFREE, S1, H1, REPLY(1), 1}, {"kfree_skbmem", S1, H1, REPLY(1), 1},
	    {"skb_free_datagram", S2, H1, REPLY(1), 1}, {"skb_clone", S3, H1, REPLY(1), 1},
	    {"__kfree_skb", S2, H1, REPLY(1), 1}, {"__kfree_skb", S3, H1, REPLY(1), 1}, {"ip_rcv", S2, H1, NONE, 2});
}

/* TCP keeps the original and sends clones; a retransmission is the same packet. */
Test(ident, retransmission)
{
	RUN({"tcp_event_new_data_sent", S1, H1, NONE, 1}, {"__ip_local_out", S2, H1, SEGMENT, 1},
	    {"kfree_skbmem", S2, H1, SEGMENT, 1}, {"tcp_retransmit_skb", S1, H1, NONE, 1},
	    {"__ip_local_out", S2, H1, SEGMENT, 1});
}

Test(ident, new_head)
{
	RUN({"ip_forward", S1, H1, SEGMENT, 1}, {"pskb_expand_head", S1, H1, SEGMENT, 1},
	    {"skb_release_data", S1, H1, SEGMENT, 1}, {"ip_output", S1, H2, SEGMENT, 1}, {"ip_rcv", S2, H1, SEGMENT, 2},
	    {"skb_clone", S3, H2, SEGMENT, 1});
}

/* IPsec gives the packet another head just while its ports cannot be read. */
#define ESP	BARE(IPPROTO_ESP, A, B)
#define GARBAGE ECHO(0, A, B, 17664, 129)
Test(ident, new_head_within_another_header)
{
	RUN({"xfrm_output", S1, H1, SEGMENT, 1}, {"pskb_expand_head", S1, H1, SEGMENT, 1},
	    {"skb_release_data", S1, H1, SEGMENT, 1}, {"esp_output_tail", S1, H2, ESP, 1},
	    {"ip_output", S1, H2, ESP, 1}, {"__pskb_pull_tail", S1, H2, ESP, 1},
	    {"pskb_expand_head.isra.0", S1, H2, ESP, 1}, {"skb_free_head", S1, H2, ESP, 1},
	    {"xfrm_rcv_cb", S1, H3, ESP, 1}, {"tcp_v4_rcv", S1, H3, SEGMENT, 1});
	/* only the next event may have another head */
	RUN({"pskb_expand_head", S1, H1, SEGMENT, 1}, {"ip_output", S1, H1, SEGMENT, 1},
	    {"ip_rcv", S1, H2, BARE(IPPROTO_ESP, A, C), 2});
	RUN({"ip_rcv", S1, H1, SEGMENT, 1}, {"skb_free_head", S1, H1, SEGMENT, 1},
	    {"ip_rcv", S1, H2, BARE(IPPROTO_ESP, A, C), 2});
	/* nor does the packet go on in what comes after its death */
	RUN({"pskb_expand_head", S1, H1, SEGMENT, 1}, {"kfree_skbmem", S1, H1, SEGMENT, 1}, {"ip_rcv", S1, H2, ESP, 2});
}

Test(ident, garbage_while_ipsec_writes_its_header)
{
	RUN({"xfrm_outer_mode_output", S1, H1, REQUEST(1), 1}, {"xfrm_replay_overflow", S1, H1, GARBAGE, 1},
	    {"esp_output", S1, H1, GARBAGE, 1}, {"esp_output_head", S1, H1, ESP, 1}, {"ip_rcv", S1, H1, REQUEST(1), 1},
	    {"ip_rcv", S1, H1, GARBAGE, 2});
}

/* The kernel's part knows which packet an skb is, whatever the addresses and tuples say. */
#define KNOWN(n) 0, n
Test(ident, followed)
{
	/* exchanges of skb and head at once, as for XDP */
	RUN({"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(7)}, {"kfree_skbmem", S1, H1, SEGMENT, 1, KNOWN(7)},
	    {"ip_rcv", S2, H2, SEGMENT, 1, KNOWN(7)}, {"ip_rcv", S2, H3, NONE, 1, KNOWN(7)},
	    {"ip_rcv", S2, H3, REPLY(1), 1, KNOWN(7)});
	/* the same addresses and tuple, and another packet */
	RUN({"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(7)}, {"veth_xmit", S1, H1, SEGMENT, 2, KNOWN(8)},
	    {"veth_xmit", S2, H1, SEGMENT, 3, KNOWN(9)}, {"ip_rcv", S1, H1, SEGMENT, 2, KNOWN(8)});
	/* another skb of the packet at the address of one that died */
	RUN({"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(7)}, {"kfree_skbmem", S1, H1, SEGMENT, 1, KNOWN(7)},
	    {"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(7)}, {"kfree_skbmem", S1, H1, SEGMENT, 1, KNOWN(7)},
	    {"veth_xmit", S1, H1, SEGMENT, 2, KNOWN(8)});
	/* on two CPUs */
	RUN({"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(1)}, {"veth_xmit", S2, H2, SEGMENT, 2, KNOWN((1 << 19) + 1)},
	    {"veth_xmit", S2, H2, SEGMENT, 2, KNOWN((1 << 19) + 1)}, {"veth_xmit", S1, H1, NONE, 1, KNOWN(1)},
	    {"veth_xmit", S3, H3, NONE, 3, KNOWN(65537)}, {"veth_xmit", S1, H1, SEGMENT, 1, KNOWN(1)});
	/* seen before it was followed */
	RUN({"ip_rcv", S1, H1, REQUEST(1), 1}, {"ip_forward", S1, H1, REQUEST(1), 1, KNOWN(7)},
	    {"ip_output", S2, H2, REQUEST(1), 1, KNOWN(7)}, {"ip_output", S2, H2, REQUEST(1), 1});
}

static void copy(struct packet_numbers *id, uint64_t from, uint64_t head, struct tuple tuple, uint64_t to)
{
	struct event ev = {.source = ST_SRC_COPY, .skb = from, .head = head, .copy = to, .tuple = tuple};

	packet_number_copy(id, &ev);
}

/* A record of the kernel's part tells that a copy is made. */
Test(ident, copies_are_told)
{
	static const struct step before[] = {{"ip_rcv", S1, H1, SEGMENT, 1}, {"ip_rcv", S3, H3, SEGMENT, 2}};
	static const struct step copied[] = {{"veth_xdp_rcv_skb", S2, H2, NONE, 1},
					     {"consume_skb", S1, H1, SEGMENT, 1},
					     {"kfree_skbmem", S1, H1, SEGMENT, 1},
					     {"ip_rcv", S2, H2, SEGMENT, 1}};
	static const struct step again[] = {{"ip_rcv", S1, H1, SEGMENT, 1}, {"ip_rcv", S2, H2, SEGMENT, 1}};
	static const struct step reassembled[] = {{"ip_local_deliver", S3, H2, SEGMENT, 1},
						  {"ip_local_deliver", S2, H2, REPLY(1), 3}};
	static const struct tuple segment = SEGMENT, reply = REPLY(1);
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;

	cr_assert_eq(packet_number_new(64, &id), 0);
	run(id, before, ARRAY_SIZE(before));
	copy(id, S1, H1, segment, S2);
	run(id, copied, ARRAY_SIZE(copied));
	copy(id, S2, H2, segment, S1); /* an address that died takes the copy */
	run(id, again, ARRAY_SIZE(again));
	copy(id, S2, H2, segment, S3); /* and so does one that lives, as in reassembly: the first's number goes on */
	run(id, reassembled, 1);
	copy(id, S2, H2, reply, S2); /* no copy */
	copy(id, S2, H2, reply, 0);
	run(id, reassembled + 1, 1);
}

/* An ARP request has no tuple: at another head nothing says that it is the same one. */
Test(ident, no_tuple)
{
	RUN({"arp_xmit", S1, H1, NONE, 1}, {"br_flood", S1, H1, NONE, 1}, {"br_forward", S2, H1, NONE, 1},
	    {"arp_xmit", S1, H2, NONE, 2}, {"ip_rcv", S3, 0, NONE, 3}, {"ip_rcv", S3, H3, NONE, 3},
	    {"ip_rcv", S3, H3, REQUEST(1), 3}, {"ip_rcv", 0, H3, REQUEST(1), 0});
}

/* Early in its life a packet shows less of itself, and that must not cost what was known. */
Test(ident, tuple_known_in_parts)
{
	RUN({"ip_rcv", S1, H1, NONE, 1}, {"ip_rcv_core", S1, H1, BARE(IPPROTO_TCP, A, B), 1},
	    {"tcp_v4_rcv", S1, H1, SEGMENT, 1}, {"skb_pull", S1, H1, BARE(IPPROTO_TCP, A, B), 1},
	    {"skb_push", S1, H1, NONE, 1}, {"ip_rcv", S1, H1, PORTS(IPPROTO_TCP, A, B, 40001, 81), 2});
}

Test(ident, nat_is_the_same_packet)
{
	RUN({"nf_nat_inet_fn", S1, H1, SEGMENT, 1},
	    {"ip_forward", S1, H1, PORTS(IPPROTO_TCP, A, C, 40000, 8080), 1}, /* destination */
	    {"ip_output", S1, H1, PORTS(IPPROTO_TCP, C, C, 61000, 8080), 1},  /* source */
	    {"ip_rcv", S1, H1, PORTS(IPPROTO_TCP, A, B, 1, 2), 2});
}

Test(ident, masqueraded_echo_is_the_same_packet)
{
	RUN({"nf_nat_inet_fn", S1, H1, REQUEST(1), 1}, {"ip_output", S1, H1, ECHO(8, C, B, 9, 1), 1},
	    {"ip_output", S1, H1, ECHO(8, C, B, 10, 1), 1}, {"ip_output", S1, H1, ECHO(8, C, B, 10, 2), 2});
}

Test(ident, tunnels_are_the_same_packet)
{
	RUN({"vxlan_xmit", S1, H1, SEGMENT, 1}, {"ip_local_out", S1, H1, PORTS(IPPROTO_UDP, B, C, 50000, 8472), 1},
	    {"netif_rx", S1, H1, SEGMENT, 1}, {"ipip_tunnel_xmit", S1, H1, BARE(IPPROTO_IPIP, C, A), 1},
	    {"netif_rx", S1, H1, REQUEST(1), 1}, {"ip_rcv", S1, H1, BARE(IPPROTO_UDP, A, B), 2},
	    {"vxlan_xmit", S2, H2, PORTS(IPPROTO_UDP, A, B, 5353, 53), 3},
	    {"ip_local_out", S2, H2, PORTS(IPPROTO_UDP, B, C, 50000, 4789), 3},
	    {"ip_rcv", S2, H2, PORTS(IPPROTO_UDP, A, B, 5353, 53), 3},
	    {"ip_rcv", S2, H2, PORTS(IPPROTO_UDP, B, C, 5354, 54), 4});
}

/* The connection is to itself: what is swapped is equal, but for the ports. */
Test(ident, loopback)
{
	RUN({"ip_rcv", S1, H1, ECHO(8, A, A, 77, 1), 1}, {"icmp_rcv", S1, H1, ECHO(8, A, A, 77, 1), 1},
	    {"ip_rcv", S1, H1, ECHO(0, A, A, 77, 1), 2}, {"ip_rcv", S2, H2, PORTS(IPPROTO_UDP, A, A, 5, 6), 3},
	    {"ip_rcv", S2, H2, PORTS(IPPROTO_UDP, A, A, 6, 5), 4});
}

/* The head went to another packet: everything still bound to it is stale. */
Test(ident, stale_clones_go)
{
	RUN({"ip_rcv", S1, H1, REQUEST(1), 1}, {"ip_rcv", S2, H1, REQUEST(1), 1}, {"ip_rcv", S3, H1, REQUEST(2), 2},
	    {"ip_rcv", S1, H1, REQUEST(2), 2}, {"ip_rcv", S2, H1, NONE, 2});
}

Test(ident, suffixes_do_not_hide_a_death)
{
	RUN({"ip_rcv", S1, H1, SEGMENT, 1}, {"kfree_skbmem.part.0", S1, H1, SEGMENT, 1}, {"ip_rcv", S1, H1, SEGMENT, 2},
	    {"kfree_skbmem_not", S1, H1, SEGMENT, 2}, {"ip_rcv", S1, H1, SEGMENT, 2},
	    {"kfree_skb_partial.isra.0", S1, H1, SEGMENT, 2}, {"ip_rcv", S1, H1, SEGMENT, 3});
}

Test(ident, event_without_a_symbol)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	struct event ev = {.skb = S1, .head = H1};

	cr_assert_eq(packet_number_new(1, &id), 0);
	cr_expect_eq(packet_number_assign(id, &ev), 1);
	cr_expect_eq(packet_number_assign(id, &ev), 1);
}

Test(ident, the_idle_are_forgotten_and_counted)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	static const struct step steps[] = {
		{"ip_rcv", S1, H1, REQUEST(1), 1},   {"ip_rcv", S2, H2, REQUEST(2), 2},
		{"icmp_rcv", S1, H1, REQUEST(1), 1}, /* S2 is now the one idle longest */
		{"ip_rcv", S3, H3, REQUEST(3), 3},   {"icmp_rcv", S1, H1, REQUEST(1), 1},
		{"icmp_rcv", S3, H3, REQUEST(3), 3}, {"icmp_rcv", S2, H2, REQUEST(2), 4}, /* forgotten; S1 goes */
	};

	cr_assert_eq(packet_number_new(2, &id), 0);
	run(id, steps, ARRAY_SIZE(steps));
	cr_expect_eq(packet_number_evicted(id), 2);
	cr_expect_eq(packet_number_packets(id), 4);
}

Test(ident, the_dead_make_room_uncounted)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	struct event idle = {.func = "ip_rcv", .skb = S1, .head = H1};

	cr_assert_eq(packet_number_new(2, &id), 0);
	cr_expect_eq(packet_number_assign(id, &idle), 1);
	for (uint64_t i = 2; i <= 1000; i++) {
		struct event ev = {.func = "ip_rcv", .skb = i << 8, .head = i << 12};

		cr_expect_eq(packet_number_assign(id, &ev), i);
		ev.func = i % 2 ? "kfree_skbmem" : "__kfree_skb";
		cr_expect_eq(packet_number_assign(id, &ev), i);
	}
	cr_expect_eq(packet_number_assign(id, &idle), 1, "the living stay, however long they were idle");
	cr_expect_eq(packet_number_evicted(id), 0);
}

static long resident_kb(void)
{
	_cleanup_close_ int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128] = "";
	long pages = 0;

	cr_assert_gt(read(fd, text, sizeof(text) - 1), 0);
	cr_assert_eq(sscanf(text, "%*d %ld", &pages), 1);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Of many skbs the last step of all is not seen, and here each sits at an address of its own. */
Test(ident, the_dead_take_the_room_of_the_long_dead)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	long before;

	cr_assert_eq(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	cr_assert_eq(packet_number_new(IDENT_SKBS_DEFAULT, &id), 0);
	before = resident_kb();
	for (uint64_t i = 1; i < 2 * IDENT_SKBS_DEFAULT; i++) {
		struct event ev = {.func = "ip_rcv", .skb = i << 8, .head = i << 12, .ts_ns = i * 100000};

		cr_assert_eq(packet_number_assign(id, &ev), i);
		ev.func = "__kfree_skb";
		cr_assert_eq(packet_number_assign(id, &ev), i);
		ev.func = "skb_release_data";
		cr_assert_eq(packet_number_assign(id, &ev), i, "a later step is the same packet's");
	}
	before = resident_kb() - before;
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed, also what the test's own assertions freed */
	cr_expect_lt(before, 1024, "all rows take 2.4 MB, these %ld kB", before);
#endif
	cr_expect_eq(packet_number_evicted(id), 0);
}

/* While a CPU stands still the others go on. */
Test(ident, a_late_step_comes_after_many_deaths)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	struct event slow = {.func = "skb_release_head_state", .skb = S1, .head = H1};

	cr_assert_eq(packet_number_new(IDENT_SKBS_DEFAULT, &id), 0);
	cr_expect_eq(packet_number_assign(id, &slow), 1);
	for (uint64_t i = 2; i < 5000; i++) {
		struct event ev = {.func = "__kfree_skb", .skb = i << 8, .head = i << 12, .ts_ns = i * 10000};

		cr_expect_eq(packet_number_assign(id, &ev), i);
	}
	slow.func = "skb_release_data";
	slow.ts_ns = 50000000;
	cr_expect_eq(packet_number_assign(id, &slow), 1, "50 ms later");
}

/* Any order of events on few addresses: nothing leaks, every number is one that was given. */
Test(ident, random_walk)
{
	static const char *const funcs[] = {"ip_rcv",	       "kfree_skbmem", "skb_release_data", "__kfree_skb",
					    "skb_release_all", "sock_wfree",   "veth_xmit",	   "skb_free_head"};
	static const struct tuple tuples[] = {NONE, REQUEST(1), REPLY(1), REQUEST(2), SEGMENT};
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	uint32_t r = 1;

	cr_assert_eq(packet_number_new(5, &id), 0);
	for (int i = 0; i < 200000; i++) {
		struct event ev = {0};
		uint64_t pkt;

		r = r * 1664525u + 1013904223u;
		ev.func = funcs[r >> 8 & 7];
		ev.skb = (r >> 11 & 7) + 1;
		ev.head = r >> 14 & 7;
		ev.tuple = tuples[(r >> 20) % ARRAY_SIZE(tuples)];
		pkt = packet_number_assign(id, &ev);
		cr_assert(pkt >= 1 && pkt <= packet_number_packets(id));
	}
}

/* nf_tables' own drop frees the packet before the chain's end is told. */
Test(ident, a_chain_that_ends_after_the_packet_s_death)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	struct event ev = {.skb = 0xa, .head = 0xb, .func = "ip_output"};
	uint64_t pkt;

	cr_assert_eq(packet_number_new(8, &id), 0);
	pkt = packet_number_assign(id, &ev);
	ev.source = ST_SRC_KFREE;
	ev.func = "kfree_skb";
	cr_expect_eq(packet_number_assign(id, &ev), pkt);
	ev.source = ST_SRC_NETFILTER;
	ev.func = "nft_do_chain";
	cr_expect_eq(packet_number_assign(id, &ev), pkt);
	cr_expect_eq(packet_number_packets(id), 1);
	ev.skb = 0xc;
	cr_expect_eq(packet_number_assign(id, &ev), 0, "a packet that was not met");
}

/* What is called on behalf of a packet says what was last seen of it, whatever has become of it since. */
Test(ident, functions_without_a_packet)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	struct event skb = {.func = "tcf_classify", .skb = S1, .head = H1, .tuple = SEGMENT};
	struct event call = {.func = "bpf_redirect", .source = ST_SRC_CALL, .skb = S1, .head = H1, .tuple = SEGMENT};

	cr_assert_eq(packet_number_new(64, &id), 0);
	cr_expect_eq(packet_number_assign(id, &call), 0, "of a packet that nobody has seen");
	cr_expect_eq(packet_number_packets(id), 0);
	cr_expect_eq(packet_number_assign(id, &skb), 1);
	cr_expect_eq(packet_number_assign(id, &call), 1);
	skb.func = "kfree_skbmem";
	cr_expect_eq(packet_number_assign(id, &skb), 1);
	cr_expect_eq(packet_number_assign(id, &call), 1, "it died, and its caller still runs");
	call.head = H1 + 1;
	cr_expect_eq(packet_number_assign(id, &call), 1, "its head was exchanged");
	call.tuple = (struct tuple)REPLY(1);
	cr_expect_eq(packet_number_assign(id, &call), 0, "another packet's head and headers");
}

Test(ident, sizes)
{
	struct packet_numbers *id = NULL;

	cr_expect_eq(packet_number_new(0, &id), -EINVAL);
	cr_expect_null(id);
	packet_number_free(NULL);
	cr_assert_eq(packet_number_new(IDENT_SKBS_DEFAULT, &id), 0);
	packet_number_free(id);
}

static uint64_t xdp(struct packet_numbers *id, uint64_t head, struct tuple tuple, int verdict)
{
	struct event ev = {.source = verdict < 0 ? ST_SRC_PROG_ENTRY : ST_SRC_PROG_EXIT,
			   .head = head,
			   .tuple = tuple,
			   .prog = {.id = 9, .xdp = true, .has_value = verdict >= 0, .value = (uint64_t)verdict}};

	return packet_number_assign(id, &ev);
}

/* 1: XDP_DROP, 2: XDP_PASS (include/uapi/linux/bpf.h) */
Test(ident, frames_before_their_skb)
{
	_cleanup_(packet_number_freep) struct packet_numbers *id = NULL;
	const struct tuple segment = SEGMENT;
	struct event skb = {.func = "ip_rcv", .skb = S1, .head = H1, .tuple = segment};

	cr_assert_eq(packet_number_new(64, &id), 0);
	cr_expect_eq(xdp(id, H1, segment, -1), 1);
	cr_expect_eq(xdp(id, H1, segment, 1), 1);
	cr_expect_eq(xdp(id, H1, segment, -1), 2, "the one before was dropped");
	cr_expect_eq(xdp(id, H1, segment, 2), 2);
	cr_expect_eq(packet_number_assign(id, &skb), 2, "it became an skb");
	cr_expect_eq(xdp(id, H1, segment, -1), 2, "another program, at the same packet");
	skb.func = "kfree_skbmem";
	cr_expect_eq(packet_number_assign(id, &skb), 2);
	skb.func = "ip_rcv";
	cr_expect_eq(packet_number_assign(id, &skb), 3, "nothing of the frame is left");
	cr_expect_eq(xdp(id, 0, segment, -1), 0);
}

Test(packet_number, arp_tells_packets_apart)
{
	const struct tuple asked = {.arp_op = 1, .src = {10, 0, 0, 67}, .dst = {10, 0, 0, 1}};
	const struct tuple udp = {.family = 4, .has_l4 = true, .l4 = IPPROTO_UDP, .src = {10, 0, 0, 67}};
	const struct tuple vxlan = {.family = 4, .has_l4 = true, .l4 = IPPROTO_UDP, .has_ports = true, .dport = 4789};
	const struct tuple none = {0};
	struct tuple other = asked;

	cr_expect_eq(tuple_relation(&asked, &asked), RELATION_SAME);
	other.arp_op = 2;
	cr_expect_eq(tuple_relation(&asked, &other), RELATION_OTHER);
	other = asked;
	other.dst[3] = 2;
	cr_expect_eq(tuple_relation(&asked, &other), RELATION_OTHER);
	cr_expect_eq(tuple_relation(&asked, &udp), RELATION_OTHER);
	cr_expect_eq(tuple_relation(&asked, &vxlan), RELATION_CHANGED);
	cr_expect_eq(tuple_relation(&asked, &none), RELATION_UNKNOWN);
}
