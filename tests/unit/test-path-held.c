/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>

#include "path/delivery.h"
#include "path/held.h"

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

static void add(struct held *h, uint64_t pkt, uint64_t skb, const char *func)
{
	struct event ev = {.pkt = pkt, .skb = skb, .func = func, .ts_ns = now_ns++};

	if (strcmp(func, "DROP") == 0) {
		ev.source = ST_SRC_KFREE;
		ev.has_location = true;
	}
	cr_assert_eq(held_add(h, &ev), 0);
}

static struct held *new_held(struct held_opts opts, struct told *told)
{
	struct held *h;

	opts.on_packet = tell;
	opts.ctx = told;
	cr_assert_eq(held_new(&opts, &h), 0);
	return h;
}

Test(held, only_what_dies_is_told_with_its_path)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.drops_only = true}, &told);
	struct held_counters c;

	add(h, 1, 0xa, "ip_rcv");
	add(h, 2, 0xb, "ip_rcv");
	add(h, 1, 0xa, "udp_rcv");
	add(h, 2, 0xb, "consume_skb");
	add(h, 2, 0xb, "kfree_skbmem");
	add(h, 1, 0xa, "DROP");
	add(h, 1, 0xa, "kfree_skbmem");
	cr_assert_eq(held_flush(h), 0);
	cr_expect_str_eq(told.text, "1:ip_rcv,udp_rcv,DROP ");
	held_counters(h, &c);
	cr_expect(c.packets == 1 && c.forgotten == 0 && c.early == 0);
}

Test(held, the_end_of_a_chain_is_not_a_packet_that_lives)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.drops_only = true}, &told);
	struct event chain = {.pkt = 1, .skb = 0xa, .func = "nft_do_chain", .source = ST_SRC_NETFILTER};

	add(h, 1, 0xa, "ip_output");
	add(h, 1, 0xa, "DROP");
	cr_assert_eq(held_add(h, &chain), 0);
	chain.source = ST_SRC_IPTABLES;
	cr_assert_eq(held_add(h, &chain), 0);
	chain.source = ST_SRC_IP6TABLES;
	cr_assert_eq(held_add(h, &chain), 0);
	add(h, 1, 0xa, "DROP");
	cr_expect_str_eq(told.text, "1:ip_output,DROP 1:DROP ");
}

Test(held, a_copy_that_ends_well_is_not_the_packet_s_end)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.drops_only = true}, &told);

	add(h, 1, 0xa, "ip_rcv");
	add(h, 1, 0xc, "packet_rcv"); /* a capture's clone */
	add(h, 1, 0xc, "kfree_skbmem");
	add(h, 1, 0xa, "DROP");
	cr_expect_str_eq(told.text, "1:ip_rcv,packet_rcv,kfree_skbmem,DROP ");
}

Test(held, what_was_used_is_no_loss)
{
	struct event ev = {.source = ST_SRC_KFREE, .has_reason = true, .drop_reason_name = "SKB_CONSUMED"};

	cr_expect_not(event_is_loss(&ev));
	ev.drop_reason_name = "NOT_SPECIFIED";
	cr_expect(event_is_loss(&ev));
	ev.copy_delivered = true;
	cr_expect_not(event_is_loss(&ev));
	ev.copy_delivered = false;
	ev.drop_symbol = "skb_release_data.isra.0";
	cr_expect_not(event_is_loss(&ev), "a part of what was freed");
	ev.drop_reason_name = "TCP_CSUM";
	cr_expect(event_is_loss(&ev), "the whole was dropped");
	ev.drop_reason_name = NULL; /* not known by name */
	cr_expect(event_is_loss(&ev));
	ev.has_reason = false; /* before 5.17 */
	cr_expect_not(event_is_loss(&ev));
	ev.drop_symbol = "skb_release_data_of_others";
	cr_expect(event_is_loss(&ev));
	ev = (struct event){.has_location = true};
	cr_expect_not(event_is_loss(&ev));
}

Test(held, a_block_per_packet_when_it_is_idle)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.idle_ns = 100}, &told);

	now_ns = 1000;
	add(h, 2, 0xb, "b1");
	add(h, 1, 0xa, "a1");
	add(h, 2, 0xb, "b2"); /* at 1002 */
	cr_assert_eq(held_expire(h, 1102), 0);
	cr_expect_str_eq(told.text, "1:a1 ");
	cr_assert_eq(held_expire(h, 1103), 0);
	cr_expect_str_eq(told.text, "1:a1 2:b1,b2 ");
}

Test(held, sorted_at_the_end)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.all_at_once = true}, &told);
	struct event early = {.pkt = 2, .func = "first", .ts_ns = 1};

	now_ns = 1000;
	add(h, 3, 0xc, "c");
	add(h, 2, 0xb, "b");
	add(h, 1, 0xa, "a");
	cr_assert_eq(held_add(h, &early), 0);
	cr_expect_str_eq(told.text, "");
	cr_assert_eq(held_flush(h), 0);
	cr_expect_str_eq(told.text, "1:a 2:first,b 3:c ");
}

Test(held, memory_is_bounded_and_that_is_counted)
{
	struct held_counters c;

	for (int drops = 0; drops < 2; drops++) {
		struct told told = {0};
		_cleanup_(held_freep) struct held *h =
			new_held((struct held_opts){.drops_only = drops, .max_bytes = 20000}, &told);

		for (uint64_t pkt = 1; pkt <= 100; pkt++)
			add(h, pkt, pkt, "f");
		held_counters(h, &c);
		cr_expect_gt(drops ? c.forgotten : c.early, 50);
		cr_expect_eq(drops ? c.early : c.forgotten, 0);
		cr_expect_eq(told.len > 0, !drops);
	}
}

Test(held, a_packet_s_oldest_events_go_first)
{
	struct told told = {0};
	_cleanup_(held_freep) struct held *h = new_held((struct held_opts){.drops_only = true}, &told);
	struct held_counters c;

	for (unsigned i = 0; i < HELD_EVENTS_MAX + 2; i++)
		add(h, 1, 0xa, "");
	add(h, 1, 0xa, "DROP");
	cr_expect(strstr(told.text, "DROP(+3) "));
	held_counters(h, &c);
	cr_expect_eq(c.lost_events, 3);
}

static bool note(struct deliveries *d, uint64_t pkt, uint64_t skb, const char *func)
{
	struct event ev = {.pkt = pkt, .skb = skb, .func = func};

	if (!func)
		ev.source = ST_SRC_KFREE;
	return deliveries_note(d, &ev);
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
