/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>

#include "path/delivery.h"
#include "path/packet_buffer.h"

/* What was handed over: "1:ip_rcv,kfree_skb(+2) " */
struct told {
	char text[16384];
	size_t len;
};

static int tell(void *ctx, const struct event *const *events, size_t n, uint64_t n_before)
{
	struct told *t = ctx;

	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
				   "%llu:", (unsigned long long)events[0]->pkt);
	for (size_t i = 0; i < n; i++)
		t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "%s%s", i ? "," : "",
					   events[i]->func);
	if (n_before)
		t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, "(+%llu)",
					   (unsigned long long)n_before);
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len, " ");
	return 0;
}

static uint64_t now_ns = 1000;

static void add(struct packet_buffer *h, uint64_t pkt, uint64_t skb, const char *func)
{
	struct event ev = {.pkt = pkt, .skb = skb, .func = func, .ts_ns = now_ns++};

	if (strcmp(func, "DROP") == 0) {
		ev.source = ST_SRC_KFREE;
		ev.has_location = true;
	}
	cr_assert_eq(packet_buffer_add(h, &ev), 0);
}

static struct packet_buffer *new_buffer(struct packet_buffer_opts opts, struct told *told)
{
	struct packet_buffer *h;

	opts.on_packet = tell;
	opts.ctx = told;
	cr_assert_eq(packet_buffer_new(&opts, &h), 0);
	return h;
}

Test(packet_buffer, only_what_dies_is_told_with_its_path)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.drops_only = true}, &told);
	struct packet_buffer_counters c;

	add(h, 1, 0xa, "ip_rcv");
	add(h, 2, 0xb, "ip_rcv");
	add(h, 1, 0xa, "udp_rcv");
	add(h, 2, 0xb, "consume_skb");
	add(h, 2, 0xb, "kfree_skbmem");
	add(h, 1, 0xa, "DROP");
	add(h, 1, 0xa, "kfree_skbmem");
	cr_assert_eq(packet_buffer_flush(h), 0);
	cr_expect_str_eq(told.text, "1:ip_rcv,udp_rcv,DROP ");
	packet_buffer_counters(h, &c);
	cr_expect(c.packets == 1 && c.forgotten == 0 && c.early == 0);
}

Test(packet_buffer, the_end_of_a_chain_is_not_a_packet_that_lives)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.drops_only = true}, &told);
	struct event chain = {.pkt = 1, .skb = 0xa, .func = "nft_do_chain", .source = ST_SRC_NETFILTER};

	add(h, 1, 0xa, "ip_output");
	add(h, 1, 0xa, "DROP");
	cr_assert_eq(packet_buffer_add(h, &chain), 0);
	chain.source = ST_SRC_IPTABLES;
	cr_assert_eq(packet_buffer_add(h, &chain), 0);
	chain.source = ST_SRC_IP6TABLES;
	cr_assert_eq(packet_buffer_add(h, &chain), 0);
	add(h, 1, 0xa, "DROP");
	cr_expect_str_eq(told.text, "1:ip_output,DROP 1:DROP ");
}

Test(packet_buffer, a_copy_that_ends_well_is_not_the_packet_s_end)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.drops_only = true}, &told);

	add(h, 1, 0xa, "ip_rcv");
	add(h, 1, 0xc, "packet_rcv"); /* a capture's clone */
	add(h, 1, 0xc, "kfree_skbmem");
	add(h, 1, 0xa, "DROP");
	cr_expect_str_eq(told.text, "1:ip_rcv,packet_rcv,kfree_skbmem,DROP ");
}

Test(packet_buffer, a_block_per_packet_when_it_is_idle)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.idle_ns = 100}, &told);

	now_ns = 1000;
	add(h, 2, 0xb, "b1");
	add(h, 1, 0xa, "a1");
	add(h, 2, 0xb, "b2"); /* at 1002 */
	cr_assert_eq(packet_buffer_expire(h, 1102), 0);
	cr_expect_str_eq(told.text, "1:a1 ");
	cr_assert_eq(packet_buffer_expire(h, 1103), 0);
	cr_expect_str_eq(told.text, "1:a1 2:b1,b2 ");
}

Test(packet_buffer, sorted_at_the_end)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.all_at_once = true}, &told);
	struct event early = {.pkt = 2, .func = "first", .ts_ns = 1};

	now_ns = 1000;
	add(h, 3, 0xc, "c");
	add(h, 2, 0xb, "b");
	add(h, 1, 0xa, "a");
	cr_assert_eq(packet_buffer_add(h, &early), 0);
	cr_expect_str_eq(told.text, "");
	cr_assert_eq(packet_buffer_flush(h), 0);
	cr_expect_str_eq(told.text, "1:a 2:first,b 3:c ");
}

Test(packet_buffer, memory_is_bounded_and_that_is_counted)
{
	struct packet_buffer_counters c;

	for (int drops = 0; drops < 2; drops++) {
		struct told told = {0};
		_cleanup_(packet_buffer_freep) struct packet_buffer *h =
			new_buffer((struct packet_buffer_opts){.drops_only = drops, .max_bytes = 20000}, &told);

		for (uint64_t pkt = 1; pkt <= 100; pkt++)
			add(h, pkt, pkt, "f");
		packet_buffer_counters(h, &c);
		cr_expect_gt(drops ? c.forgotten : c.early, 50);
		cr_expect_eq(drops ? c.early : c.forgotten, 0);
		cr_expect_eq(told.len > 0, !drops);
	}
}

Test(packet_buffer, a_packet_s_oldest_events_go_first)
{
	struct told told = {0};
	_cleanup_(packet_buffer_freep) struct packet_buffer *h =
		new_buffer((struct packet_buffer_opts){.drops_only = true}, &told);
	struct packet_buffer_counters c;

	for (unsigned i = 0; i < PACKET_BUFFER_EVENTS_MAX + 2; i++)
		add(h, 1, 0xa, "");
	add(h, 1, 0xa, "DROP");
	cr_expect(strstr(told.text, "DROP(+3) "));
	packet_buffer_counters(h, &c);
	cr_expect_eq(c.lost_events, 3);
}

/* In that namespace; func NULL: the drop of an original that nobody else wants. */
static struct event noted(struct deliveries *d, uint64_t pkt, uint64_t skb, uint32_t netns, const char *func)
{
	struct event ev = {.pkt = pkt, .skb = skb, .func = func, .netns = netns, .has_netns = true};

	if (!func) {
		ev.source = ST_SRC_KFREE;
		ev.drop_symbol = "icmp_rcv";
	}
	deliveries_note(d, &ev);
	return ev;
}

static bool note(struct deliveries *d, uint64_t pkt, uint64_t skb, const char *func)
{
	return noted(d, pkt, skb, 1, func).copy_delivered;
}

Test(delivery, another_copy_in_a_socket_makes_a_drop_harmless)
{
	_cleanup_(deliveries_freep) struct deliveries *d = NULL;

	cr_assert_eq(deliveries_new(&d), 0);
	note(d, 1, 0xa, "icmp_rcv");
	note(d, 1, 0xb, "sock_queue_rcv_skb");
	cr_expect(note(d, 1, 0xa, NULL));
	cr_expect_not(note(d, 2, 0xa, NULL), "another packet");
	cr_expect_not(note(d, 0, 0xa, NULL), "no packet");
}

Test(delivery, a_copy_that_the_socket_did_not_take_is_none)
{
	_cleanup_(deliveries_freep) struct deliveries *d = NULL;

	cr_assert_eq(deliveries_new(&d), 0);
	note(d, 1, 0xb, "__sock_queue_rcv_skb");
	cr_expect_not(note(d, 1, 0xb, NULL), "its buffer was full");
	cr_expect_not(note(d, 1, 0xa, NULL), "so nobody has it");
}

/* A bridge gives a copy to each of its ports. */
Test(delivery, what_another_namespace_received_excuses_no_drop)
{
	_cleanup_(deliveries_freep) struct deliveries *d = NULL;

	cr_assert_eq(deliveries_new(&d), 0);
	noted(d, 1, 0xa, 1, "icmp_rcv");
	noted(d, 1, 0xb, 1, "sock_queue_rcv_skb");
	noted(d, 1, 0xc, 2, "icmp_rcv");
	cr_expect_not(noted(d, 1, 0xc, 2, NULL).copy_delivered);
	cr_expect(noted(d, 1, 0xa, 1, NULL).copy_delivered);
}

/* A full buffer of one of two sockets. */
Test(delivery, what_another_socket_received_excuses_no_drop)
{
	_cleanup_(deliveries_freep) struct deliveries *d = NULL;
	struct event full = {.pkt = 1,
			     .skb = 0xb,
			     .source = ST_SRC_KFREE,
			     .netns = 1,
			     .has_netns = true,
			     .drop_symbol = "udp_queue_rcv_one_skb",
			     .has_reason = true,
			     .drop_reason_name = "SOCKET_RCVBUFF"};

	cr_assert_eq(deliveries_new(&d), 0);
	note(d, 1, 0xa, "__udp_enqueue_schedule_skb");
	note(d, 1, 0xb, "__udp_enqueue_schedule_skb");
	deliveries_note(d, &full);
	cr_expect(event_is_loss(&full));
}

/* tcp_data_queue() also frees acknowledgements, and a backlog is no receive queue. */
Test(delivery, only_a_receive_queue_takes)
{
	static const char *const others[] = {"tcp_data_queue", "tcp_add_backlog", "skb_queue_tail", "tun_net_xmit"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		_cleanup_(deliveries_freep) struct deliveries *d = NULL;

		cr_assert_eq(deliveries_new(&d), 0);
		note(d, 1, 0xb, others[i]);
		cr_expect_not(note(d, 1, 0xa, NULL), "%s", others[i]);
	}
}

Test(delivery, what_the_kernel_calls_used_may_be_lost)
{
	_cleanup_(deliveries_freep) struct deliveries *d = NULL;

	cr_assert_eq(deliveries_new(&d), 0);
	noted(d, 1, 0xa, 1, "wg_allowedips_lookup_src");
	cr_expect_not_null(noted(d, 1, 0xa, 1, "consume_skb").lost);
	cr_expect_null(noted(d, 1, 0xa, 1, "skb_release_head_state").lost, "it is lost once");
	noted(d, 2, 0xa, 1, "wg_allowedips_lookup_src");
	noted(d, 2, 0xa, 1, "napi_gro_receive");
	cr_expect_null(noted(d, 2, 0xa, 1, "consume_skb").lost, "its source is allowed");
}
