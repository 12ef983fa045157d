/* SPDX-License-Identifier: GPL-2.0-only */
#include "test-path-build.h"

#include <time.h>

#include "path/packet_diff.h"

/* The hunks must turn a into b, cover what differs, and keep the order. */
static void check(const char *a, const char *b, size_t n, size_t m, const uint32_t *x, const uint32_t *y,
		  const struct diff *d)
{
	size_t i = 0, j = 0, same = 0;

	for (size_t h = 0; h <= d->n_hunks; h++) {
		size_t to_i = h < d->n_hunks ? d->hunks[h].a : n, to_j = h < d->n_hunks ? d->hunks[h].b : m;

		cr_assert(to_i >= i && to_i - i == to_j - j, "%s %s: hunk %zu", a, b, h);
		for (; i < to_i; i++, j++, same++)
			cr_assert_eq(x[i], y[j], "%s %s: step %zu", a, b, i);
		if (h < d->n_hunks) {
			cr_assert(d->hunks[h].a_count + d->hunks[h].b_count > 0);
			i += d->hunks[h].a_count;
			j += d->hunks[h].b_count;
		}
	}
	cr_assert(i == n && j == m, "%s %s", a, b);
	cr_assert_eq(same, d->same);
}

/* Letters as keys; the number of letters that are not matched, both sides together. */
static size_t distance(const char *a, const char *b)
{
	uint32_t x[64], y[64];
	size_t n = strlen(a), m = strlen(b), r = 0;
	struct diff d = {0};

	for (size_t i = 0; i < n; i++)
		x[i] = (unsigned char)a[i];
	for (size_t i = 0; i < m; i++)
		y[i] = (unsigned char)b[i];
	cr_assert_eq(diff_keys(x, n, y, m, &d), 0);
	check(a, b, n, m, x, y, &d);
	for (size_t h = 0; h < d.n_hunks; h++)
		r += d.hunks[h].a_count + d.hunks[h].b_count;
	diff_free(&d);
	return r;
}

Test(diff, shortest)
{
	cr_expect_eq(distance("", ""), 0);
	cr_expect_eq(distance("a", ""), 1);
	cr_expect_eq(distance("", "abc"), 3);
	cr_expect_eq(distance("abc", "abc"), 0);
	cr_expect_eq(distance("abc", "xyz"), 6);
	cr_expect_eq(distance("abc", "abxc"), 1);
	cr_expect_eq(distance("abxc", "abc"), 1);
	cr_expect_eq(distance("abcabba", "cbabac"), 5); /* the paper's example */
	cr_expect_eq(distance("abcdef", "acdxf"), 3);
}

static size_t lcs_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), t[33][33] = {0};

	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++)
			t[i][j] = a[i - 1] == b[j - 1]	      ? t[i - 1][j - 1] + 1
				  : t[i - 1][j] > t[i][j - 1] ? t[i - 1][j]
							      : t[i][j - 1];
	return n + m - 2 * t[n][m];
}

/* Compared with the quadratic algorithm. */
Test(diff, shortest_of_random_words)
{
	uint32_t r = 1;

	for (int round = 0; round < 20000; round++) {
		char a[33] = {0}, b[33] = {0};
		unsigned n, m;

		r = r * 1664525u + 1013904223u;
		n = r >> 8 & 31, m = r >> 16 & 31;
		for (unsigned i = 0; i < n + m; i++) {
			r = r * 1664525u + 1013904223u;
			(i < n ? a : b)[i < n ? i : i - n] = (char)('a' + (r >> 20) % (1 + round % 4));
		}
		cr_assert_eq(distance(a, b), lcs_distance(a, b), "%s %s", a, b);
	}
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* 100 000 steps a side: one in `every` differs, or all do. The limit is ten times what it takes when optimised. */
static void timed(unsigned every, size_t least_same)
{
	enum { N = 100000 };
	uint32_t *a = calloc(N, sizeof(*a)), *b = calloc(N + 1000, sizeof(*b)), r = 1;
	struct diff d = {0};
	double start;
	size_t m = 0;

	for (size_t i = 0; i < N; i++) {
		r = r * 1664525u + 1013904223u;
		a[i] = r >> 24;
		if (every && i % every == 0)
			b[m++] = 1000 + (uint32_t)i;
		if (!every)
			b[m++] = 1000 + (uint32_t)i;
		else if (i % every != 1 && m < N + 999)
			b[m++] = a[i];
	}
	start = seconds();
	cr_assert_eq(diff_keys(a, N, b, m, &d), 0);
	cr_expect_lt(seconds() - start, 10);
	check("timed", "timed", N, m, a, b, &d);
	cr_expect_geq(d.same, least_same);
	diff_free(&d);
	free(a);
	free(b);
}

Test(diff, fast_when_much_is_the_same)
{
	timed(1000, 99900);
}

Test(diff, fast_when_much_differs)
{
	timed(7, 60000);
}

Test(diff, fast_when_nothing_is_the_same)
{
	timed(0, 0);
}

static void lists(const struct visit *visits, size_t n, const struct event *base, struct packet_list *ret)
{
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = ret};
	struct build b = {.ts_ns = START_NS + 77 * base->pkt};

	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	build_packet(&b, visits, n, base);
	cr_assert_eq(packets_flush(b.packets), 0);
	packets_free(b.packets);
	/* functions lie in b: give them a life of their own */
	for (size_t p = 0; p < ret->n; p++) {
		for (size_t i = 0; i < ret->items[p].n_steps; i++)
			ret->items[p].steps[i].func = strdup(ret->items[p].steps[i].func);
		for (unsigned i = 0; i < ret->items[p].n_drops; i++)
			ret->items[p].drops[i].reason_name = strdup(ret->items[p].drops[i].reason_name);
	}
}

static void lists_free(struct packet_list *list)
{
	for (size_t p = 0; p < list->n; p++) {
		for (size_t i = 0; i < list->items[p].n_steps; i++)
			free((char *)list->items[p].steps[i].func);
		for (unsigned i = 0; i < list->items[p].n_drops; i++)
			free((char *)list->items[p].drops[i].reason_name);
	}
	packet_list_clear(list);
}

/* Packet numbers, times, CPUs, sequence numbers and addresses differ: the path does not. */
Test(diff, the_same_way)
{
	struct event one = PING(1, REQUEST(1)), two = PING(9, REPLY(4));
	struct packet_list a = {0}, b = {0};
	struct diff d = {0};

	lists(ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &one, &a);
	lists(ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &two, &b);
	cr_assert_eq(diff_packets(&a.items[0], &b.items[0], &d), 0);
	cr_expect_eq(d.n_hunks, 0);
	cr_expect_eq(d.same, a.items[0].n_steps);
	diff_free(&d);
	lists_free(&a);
	lists_free(&b);
}

Test(diff, redirect_peer_and_host_stack_part_at_tc_ingress)
{
	struct event one = PING(1, REQUEST(1));
	struct packet_list a = {0}, b = {0};
	const struct packet *p, *q;
	struct diff d = {0};

	lists(ping_peer_6_12, ARRAY_SIZE(ping_peer_6_12), &one, &a);
	lists(ping_stack_6_12, ARRAY_SIZE(ping_stack_6_12), &one, &b);
	p = &a.items[0], q = &b.items[0];
	cr_assert_eq(diff_packets(p, q, &d), 0);
	cr_assert_gt(d.n_hunks, 0);
	cr_expect_str_eq(p->steps[d.hunks[0].a].func, "tc_run");
	cr_expect_eq(p->steps[d.hunks[0].a].stage, STAGE_TC_INGRESS);
	cr_expect_str_eq(q->steps[d.hunks[0].b].func, "ip_rcv");
	diff_free(&d);
	lists_free(&a);
	lists_free(&b);
}

static void expect_first(const char *funcs, const char *others, size_t step)
{
	struct visit x = {1, 2, 0, "eth0", funcs}, y = {1, 3, 0, "veth7", others};
	struct event base = PING(1, REQUEST(1));
	struct packet_list a = {0}, b = {0};
	struct diff d = {0};

	lists(&x, 1, &base, &a);
	lists(&y, 1, &base, &b);
	cr_assert_eq(diff_packets(&a.items[0], &b.items[0], &d), 0);
	if (step == SIZE_MAX)
		cr_expect_eq(d.n_hunks, 0, "%s %s", funcs, others);
	else
		cr_expect(d.n_hunks > 0 && d.hunks[0].a == step, "%s %s", funcs, others);
	diff_free(&d);
	lists_free(&a);
	lists_free(&b);
}

Test(diff, what_counts)
{
	expect_first("ip_rcv ip_rcv_core", "ip_rcv ip_rcv_core", SIZE_MAX);
	expect_first("ip_rcv tcp_ack.isra.0", "ip_rcv tcp_ack.constprop.1", SIZE_MAX);
	expect_first("ip_rcv tcp_ack", "ip_rcv tcp_acked", 1);
	expect_first("ip_rcv !NO_SOCKET@x", "ip_rcv !NO_SOCKET@y", SIZE_MAX);
	expect_first("ip_rcv !NO_SOCKET@x", "ip_rcv !TCP_CSUM@x", 1);
	expect_first("ip_rcv kfree_skb", "ip_rcv !TCP_CSUM@x", 1);
}

static void expect_kinds(const struct visit *x, size_t n, const struct visit *y, size_t m, const char *kinds)
{
	struct event base = PING(1, REQUEST(1));
	struct packet_list a = {0}, b = {0};
	struct diff d = {0};

	lists(x, n, &base, &a);
	lists(y, m, &base, &b);
	cr_assert_eq(diff_packets(&a.items[0], &b.items[0], &d), 0);
	cr_expect_eq(d.n_hunks, strlen(kinds), "%s", kinds);
	for (size_t i = 0; i < d.n_hunks && i < strlen(kinds); i++)
		cr_expect_eq(diff_kind_name(d.hunks[i].kind)[0], kinds[i], "%s %zu", kinds, i);
	cr_expect_eq(diff_is_same(&d), !strpbrk(kinds, "ws"), "%s", kinds);
	diff_free(&d);
	lists_free(&a);
	lists_free(&b);
}

/* w, s, n: way, steps, neighbour. */
Test(diff, kinds)
{
	static const struct visit
		known = {1, 2, 0, "eth0", "ip_finish_output2 __dev_queue_xmit"},
		asked = {1, 2, 0, "eth0",
			 "ip_finish_output2 neigh_resolve_output eth_header skb_push __dev_queue_xmit"},
		other = {1, 2, 0, "eth0", "ip_finish_output2 pskb_expand_head __dev_queue_xmit"},
		both = {1, 2, 0, "eth0", "ip_output ip_finish_output2 neigh_resolve_output __dev_queue_xmit"};
	static const struct visit veth[] = {{1, 2, 0, "eth0", "__dev_queue_xmit veth_xmit"},
					    {2, 3, 0, "lxc", "ip_rcv"}},
				  elsewhere[] = {{1, 2, 0, "eth0", "__dev_queue_xmit veth_xmit"},
						 {1, 3, 0, "lxc", "ip_rcv"}};

	expect_kinds(&known, 1, &known, 1, "");
	expect_kinds(&known, 1, &asked, 1, "n");
	expect_kinds(&known, 1, &other, 1, "s");
	expect_kinds(&known, 1, &both, 1, "sn");
	expect_kinds(veth, 2, veth, 1, "w");
	expect_kinds(veth, 2, elsewhere, 2, "w"); /* another namespace */
}

Test(diff, the_same_functions_elsewhere)
{
	static const struct visit here[] = {{1, 2, 0, "eth0", "ip_output"}, {2, 2, 0, "eth0", "ip_rcv"}};
	static const struct visit there[] = {{1, 2, 0, "eth0", "ip_output ip_rcv"}};
	struct event base = PING(1, REQUEST(1));
	struct packet_list a = {0}, b = {0};
	struct diff d = {0};

	lists(here, 2, &base, &a);
	lists(there, 1, &base, &b);
	cr_assert_eq(diff_packets(&a.items[0], &b.items[0], &d), 0);
	cr_expect_eq(d.n_hunks, 1);
	diff_free(&d);
	lists_free(&a);
	lists_free(&b);
}

static void add(struct packet_list *list, uint64_t pkt, uint64_t flow, bool reverse, uint8_t l4)
{
	struct packet p = {.pkt = pkt, .flow = flow, .reverse = reverse, .tuple = {.has_l4 = true, .l4 = l4}};

	cr_assert_eq(packet_list_add(list, &p), 0);
}

Test(diff, pairs)
{
	struct packet_list a = {0}, b = {.max = 5};
	struct diff_pair *pairs = NULL;
	size_t n = 0;

	add(&a, 1, 1, false, IPPROTO_ICMP);
	add(&a, 2, 1, true, IPPROTO_ICMP);
	add(&a, 3, 1, false, IPPROTO_ICMP);
	add(&a, 4, 7, false, IPPROTO_TCP);
	add(&b, 10, 3, false, IPPROTO_TCP);
	add(&b, 11, 4, false, IPPROTO_ICMP);
	add(&b, 12, 4, true, IPPROTO_ICMP);
	add(&b, 13, 3, true, IPPROTO_TCP);
	add(&b, 14, 9, true, IPPROTO_UDP);
	add(&b, 15, 9, true, IPPROTO_UDP);
	cr_expect_eq(b.n, 5);
	cr_expect_eq(b.lost, 1);
	cr_assert_eq(diff_pairs(&a, &b, &pairs, &n), 0);
	cr_assert_eq(n, 6);
	cr_expect(pairs[0].a == 0 && pairs[0].b == 1);
	cr_expect(pairs[1].a == 1 && pairs[1].b == 2);
	cr_expect(pairs[2].a == 2 && pairs[2].b == SIZE_MAX);
	cr_expect(pairs[3].a == 3 && pairs[3].b == 0);
	cr_expect(pairs[4].a == SIZE_MAX && pairs[4].b == 3);
	cr_expect(pairs[5].a == SIZE_MAX && pairs[5].b == 4);
	cr_expect_eq(packet_list_find(&b, 12), &b.items[2]);
	cr_expect_null(packet_list_find(&b, 1));
	free(pairs);
	packet_list_clear(&a);
	packet_list_clear(&b);
}
