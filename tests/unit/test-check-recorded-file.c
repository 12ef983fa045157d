/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording gives is what the evidence programs record, one by one. */
#include "tape.h"

/* Every function of a kernel, of which some are nested, on each path. */
struct nesting {
	enum st_hook hook;
	const char *funcs[5];
};

static const struct nesting nestings[] = {
	{ST_HOOK_XMIT, {"__dev_queue_xmit", "dev_hard_start_xmit", "veth_xmit"}},
	{ST_HOOK_RECEIVE,
	 {"enqueue_to_backlog", "__netif_receive_skb", "__netif_receive_skb_one_core", "__netif_receive_skb_core"}},
	{ST_HOOK_RECEIVE,
	 {"netif_receive_skb", "netif_receive_skb_internal", "enqueue_to_backlog", "__netif_receive_skb",
	  "__netif_receive_skb_core.constprop.0"}},
};

struct seen_hooks {
	struct hook_event v[HOOK_PATH_MAX + 1];
	size_t n;
};

static int see(void *ctx, const struct hook_event *ev)
{
	struct seen_hooks *seen = ctx;

	cr_assert_lt(seen->n, ARRAY_SIZE(seen->v), "more hook events than the evidence programs record");
	seen->v[seen->n++] = *ev;
	return 0;
}

static void put_nested(struct tape *t, const struct hook_path_step *s, const struct nesting *n)
{
	if (n->hook != s->hook) {
		put_step(t, s, DIRECTION_REQUEST);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(n->funcs) && n->funcs[i]; i++)
		put(t, n->funcs[i], DIRECTION_REQUEST, s->on);
}

/* A recording gives what the evidence programs record, one by one. */
Test(recorded_file, the_hook_events_are_those_of_a_live_check)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths) * ARRAY_SIZE(nestings); i++) {
		const struct hook_path_step *path = paths[i / ARRAY_SIZE(nestings)].path;
		struct seen_hooks seen = {.n = 0};
		_cleanup_tape_ struct tape t;
		size_t n = 0;

		tape_init(&t);
		t.pkt = 1;
		for (; path[n].hook != ST_HOOK_MAX; n++)
			put_nested(&t, &path[n], &nestings[i % ARRAY_SIZE(nestings)]);
		cr_assert_eq(recorded_replay(t.recorded, see, &seen), 0);
		cr_assert_eq(seen.n, n, "path %zu: %zu hook events, not %zu", i, seen.n, n);
		for (size_t s = 0; s < n; s++) {
			struct hook_event want = echo_at(&t.world, DIRECTION_REQUEST, 0, &path[s]);

			cr_expect_eq(seen.v[s].hook, want.hook, "path %zu, event %zu", i, s);
			cr_expect_eq(seen.v[s].netns, want.netns, "path %zu, event %zu", i, s);
			cr_expect_eq(seen.v[s].ifindex, want.ifindex, "path %zu, event %zu", i, s);
			cr_expect_eq(seen.v[s].orig_netns, want.orig_netns, "path %zu, event %zu", i, s);
			cr_expect_eq(seen.v[s].orig_ifindex, want.orig_ifindex, "path %zu, event %zu", i, s);
		}
	}
}

/* Two transmissions are two, and so is one that only the driver's function shows. */
Test(recorded_file, a_pass_ends_where_its_functions_begin_anew)
{
	static const char *const funcs[] = {"dev_hard_start_xmit", "veth_xmit", "dev_hard_start_xmit", "veth_xmit",
					    "veth_xmit"};
	struct seen_hooks seen = {.n = 0};
	_cleanup_tape_ struct tape t;

	tape_init(&t);
	t.pkt = 1;
	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++)
		put(&t, funcs[i], DIRECTION_REQUEST, 0);
	cr_assert_eq(recorded_replay(t.recorded, see, &seen), 0);
	cr_assert_eq(seen.n, 3);
	cr_expect_eq(seen.v[0].hook, ST_HOOK_XMIT);
	cr_expect_eq(seen.v[1].hook, ST_HOOK_XMIT);
	cr_expect_eq(seen.v[2].hook, ST_HOOK_XMIT);
}

/* A copy has the packet's number, and is another skb; an skb does not change the CPU within one softirq. */
Test(recorded_file, only_the_skb_that_was_redirected_shows_a_redirect_to_the_peer)
{
	for (unsigned copy = 0; copy < 2; copy++) {
		struct seen_hooks seen = {.n = 0};
		_cleanup_tape_ struct tape t;

		tape_init(&t);
		t.pkt = 1;
		for (size_t s = 0; s < 3; s++)
			put_step(&t, &hook_path_peer[s], DIRECTION_REQUEST);
		t.skb_offset = copy ? 8 : 0;
		t.cpu = copy ? 0 : 1;
		put(&t, "ip_rcv", DIRECTION_REQUEST, 3);
		cr_assert_eq(recorded_replay(t.recorded, see, &seen), 0);
		cr_assert_eq(seen.n, 4);
		cr_expect_eq(seen.v[3].hook, ST_HOOK_IP_RCV);
		cr_expect_eq(seen.v[3].orig_ifindex, 0);
	}
}

static bool shows_peer(struct tape *t)
{
	struct seen_hooks seen = {.n = 0};
	bool peer = false;

	cr_assert_eq(recorded_replay(t->recorded, see, &seen), 0);
	for (size_t i = 0; i < seen.n; i++)
		peer |= seen.v[i].hook == ST_HOOK_PEER;
	return peer;
}

/* The hook event of a redirect to the peer is only there where the order of events shows one. */
Test(recorded_file, what_shows_a_redirect_to_the_peer)
{
	for (size_t i = 0; i < ARRAY_SIZE(between); i++) {
		_cleanup_tape_ struct tape t;

		tape_init(&t);
		t.pkt = 1;
		for (size_t s = 0; s < 3; s++)
			put_step(&t, &hook_path_peer[s], DIRECTION_REQUEST);
		put(&t, between[i].func, DIRECTION_REQUEST, between[i].on);
		put(&t, "ip_rcv", DIRECTION_REQUEST, 3);
		cr_expect_eq(shows_peer(&t), between[i].verdict == VERDICT_PASS, "%s", between[i].func);
	}
	for (size_t without = 0; without < 4; without++) {
		_cleanup_tape_ struct tape t;

		tape_init(&t);
		t.pkt = 1;
		for (size_t s = 0; s < 5; s++) {
			if (s != without)
				put_step(&t, &hook_path_peer[s], DIRECTION_REQUEST);
		}
		cr_expect_eq(shows_peer(&t), without == 0 || without == 3, "without step %zu", without);
	}
}

/* A number that goes on with another packet gives that one a key of its own. */
Test(recorded_file, a_packet_that_leaves_again_is_another)
{
	struct seen_hooks seen = {.n = 0};
	_cleanup_tape_ struct tape t;

	tape_init(&t);
	t.flow.l4 = IPPROTO_UDP;
	recorded_free(t.recorded);
	cr_assert_eq(recorded_new(&t.flow, &t.recorded), 0);
	t.pkt = 1;
	put(&t, "dev_hard_start_xmit", DIRECTION_REQUEST, 0);
	put(&t, "__netif_receive_skb", DIRECTION_REQUEST, 1);
	put(&t, "dev_hard_start_xmit", DIRECTION_REQUEST, 0);
	cr_assert_eq(recorded_replay(t.recorded, see, &seen), 0);
	cr_assert_eq(seen.n, 3);
	cr_expect_eq(seen.v[0].ip_id, seen.v[1].ip_id);
	cr_expect_neq(seen.v[0].ip_id, seen.v[2].ip_id);
}
