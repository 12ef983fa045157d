/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as evidence: the ways of ways.h as a wide trace shows them, one thing changed at a time; and the
 * recordings that ship, which must give the verdicts of their topologies. */
#include <arpa/inet.h>

#include "base/buf.h"
#include "check/recorded.h"
#include "record/reader.h"
#include "ways.h"

static const struct st_flow icmp = {.family = 4,
				    .src_be = {0x0a000085},
				    .dst_be = {0x0a000043},
				    .l4 = IPPROTO_ICMP}; /* bytes are set by tape_init() */

/* A recording in the making. */
struct tape {
	struct world world; /* for its devices and the result */
	struct st_flow flow;
	struct recorded *recorded;
	uint64_t ts_ns, pkt;
	const char *without; /* a function that is not armed */
};

static void tape_init(struct tape *t)
{
	*t = (struct tape){.flow = icmp, .ts_ns = 5000000000};
	t->flow.src_be[0] = inet_addr("10.0.0.133");
	t->flow.dst_be[0] = inet_addr("10.0.0.67");
	world_init(&t->world);
	cr_assert_eq(recorded_new(&t->flow, &t->recorded), 0);
}

static void tape_clear(struct tape *t)
{
	recorded_free(t->recorded);
	world_clear(&t->world);
}

#define _cleanup_tape_ _cleanup_(tape_clear)

/* One event of the packet in a function on the leg's step. */
static void put(struct tape *t, const char *func, enum leg leg, unsigned step)
{
	const struct iface *i = &t->world.flow.setup.points[leg_point(leg, step)];
	struct event ev = {
		.pkt = t->pkt,
		.ts_ns = t->ts_ns += 1000,
		.func = func,
		.skb = 0xffff888000000000 + t->pkt * 256,
		.has_netns = true,
		.netns = i->netns,
		.netns_name = step == 0 || step == 3 ? "pod" : NULL,
		.has_dev = true,
		.ifindex = i->ifindex,
		.tuple = {.family = 4, .has_l4 = true, .l4 = t->flow.l4},
	};

	if (t->without && strcmp(func, t->without) == 0)
		return;
	strcpy(ev.ifname, i->ifname);
	memcpy(ev.tuple.src, leg == LEG_REQUEST ? t->flow.src_be : t->flow.dst_be, 4);
	memcpy(ev.tuple.dst, leg == LEG_REQUEST ? t->flow.dst_be : t->flow.src_be, 4);
	if (t->flow.l4 == IPPROTO_ICMP) {
		ev.tuple.has_icmp = ev.tuple.has_icmp_id = true;
		ev.tuple.icmp_type = leg == LEG_REQUEST ? 8 : 0;
		ev.tuple.icmp_id = PING_ID;
		ev.tuple.icmp_seq = t->pkt / 2;
	} else {
		ev.tuple.has_ports = true;
		ev.tuple.sport = leg == LEG_REQUEST ? 4444 : 80;
		ev.tuple.dport = leg == LEG_REQUEST ? 80 : 4444;
	}
	t->world.run.ledger.events++;
	cr_assert_eq(recorded_add(t->recorded, &ev), 0);
}

/* What a probe at every function's entry records where the evidence programs record a step. */
static void put_step(struct tape *t, const struct way_step *s, enum leg leg)
{
	static const char *const funcs[ST_HOOK_MAX] = {
		[ST_HOOK_XMIT] = "dev_hard_start_xmit",
		[ST_HOOK_REDIRECT] = "skb_do_redirect",
		[ST_HOOK_IP_RCV] = "ip_rcv",
		[ST_HOOK_FORWARD] = "ip_forward",
		[ST_HOOK_BRIDGE] = "__br_forward",
		[ST_HOOK_NETKIT] = "netkit_xmit",
		[ST_HOOK_NETFILTER] = "nf_hook_slow",
	};

	if (s->hook == ST_HOOK_PEER)
		return;
	if (s->hook == ST_HOOK_RECEIVE) {
		put(t, "enqueue_to_backlog", leg, s->on);
		put(t, "__netif_receive_skb_core.constprop.0", leg, s->on);
		return;
	}
	put(t, funcs[s->hook], leg, s->on);
	if (s->hook == ST_HOOK_XMIT && s->on == 0)
		put(t, "skb_scrub_packet", leg, s->on); /* says nothing */
}

static void put_way(struct tape *t, const struct way_step *way, enum leg leg)
{
	t->pkt++;
	for (size_t i = 0; i < WAY_MAX && way[i].hook != ST_HOOK_MAX; i++)
		put_step(t, &way[i], leg);
}

static void put_both(struct tape *t, const struct way_step *way)
{
	put_way(t, way, LEG_REQUEST);
	put_way(t, way, LEG_REPLY);
}

static struct check_result judge_tape(struct tape *t)
{
	struct check_setup setup = {.expect = t->world.flow.setup.expect, .l4 = t->flow.l4};
	struct recorded_points found;

	recorded_find_points(t->recorded, &found);
	memcpy(setup.points, found.points, sizeof(setup.points));
	flow_free(&t->world.flow);
	flow_init(&t->world.flow, &setup);
	t->world.run.from_events = true;
	t->world.run.endpoint_changed = found.several;
	cr_assert_eq(recorded_file(t->recorded, &t->world.flow), 0);
	return judge(&t->world);
}

static const struct {
	const struct way_step *way;
	enum mechanism mechanism;
} ways[] = {
	{way_peer, MECH_REDIRECT_PEER}, {way_redirect, MECH_REDIRECT}, {way_host_stack, MECH_HOST_STACK},
	{way_bridge, MECH_BRIDGE},	{way_netkit, MECH_NETKIT},
};

Test(recorded, each_way_is_known)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		t.world.flow.setup.expect = ways[i].mechanism;
		put_both(&t, ways[i].way);
		r = judge_tape(&t);
		expect_verdict(&r, VERDICT_PASS, 0);
		cr_expect_eq(r.legs[LEG_REQUEST].mechanism, ways[i].mechanism);
		cr_expect_eq(r.legs[LEG_REPLY].mechanism, ways[i].mechanism);
		for (enum point p = 0; p < POINT_MAX; p++) {
			struct world w;

			world_init(&w);
			cr_expect_eq(r.setup.points[p].netns, w.flow.setup.points[p].netns, "%s", point_name(p));
			cr_expect_eq(r.setup.points[p].ifindex, w.flow.setup.points[p].ifindex, "%s", point_name(p));
			cr_expect_str_eq(r.setup.points[p].ifname, w.flow.setup.points[p].ifname);
		}
	}
}

Test(recorded, each_other_way_fails)
{
	for (size_t i = 1; i < ARRAY_SIZE(ways); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		put_both(&t, ways[i].way);
		r = judge_tape(&t);
		expect_verdict(&r, VERDICT_FAIL, 2);
		expect_reason(&r, ways[i].mechanism == MECH_NETKIT ? REASON_NETKIT : REASON_HOST_VETH_TRAVERSED,
			      "request");
	}
}

/* What a leg of redirect_peer must not show between the redirect and IP input, and what becomes of it. */
static const struct {
	const char *func;
	unsigned on;
	enum verdict verdict;
} between[] = {
	{"dev_hard_start_xmit", 2, VERDICT_FAIL}, {"veth_xmit", 2, VERDICT_FAIL},
	{"__bpf_redirect", 1, VERDICT_FAIL}, /* redirect, by what is seen */
	{"__dev_queue_xmit", 2, VERDICT_FAIL},	  {"enqueue_to_backlog", 3, VERDICT_FAIL},
	{"__netif_rx", 3, VERDICT_FAIL},	  {"__netif_receive_skb", 3, VERDICT_FAIL},
	{"skb_scrub_packet", 3, VERDICT_PASS},
};

Test(recorded, nothing_lies_between_the_redirect_and_input)
{
	for (size_t i = 0; i < ARRAY_SIZE(between); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		put_both(&t, way_peer);
		t.pkt++;
		for (size_t s = 0; s < 3; s++)
			put_step(&t, &way_peer[s], LEG_REQUEST);
		put(&t, between[i].func, LEG_REQUEST, between[i].on);
		put(&t, "ip_rcv", LEG_REQUEST, 3);
		r = judge_tape(&t);
		cr_expect_eq(r.verdict, between[i].verdict, "%s: %s", between[i].func, verdict_name(r.verdict));
		cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_REDIRECT_PEER],
			     between[i].verdict == VERDICT_PASS ? 2 : 1, "%s", between[i].func);
	}
}

/* Each function that the verdict leans on, not armed. */
Test(recorded, passes_only_with_every_function)
{
	static const char *const needed[] = {"dev_hard_start_xmit", "__netif_receive_skb_core.constprop.0",
					     "skb_do_redirect", "ip_rcv"};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		t.without = needed[i];
		put_both(&t, way_peer);
		r = judge_tape(&t);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE, "%s: %s", needed[i], verdict_name(r.verdict));
	}
}

Test(recorded, a_loss_leaves_only_fail)
{
	static const struct ledger ledgers[] = {
		{.provable = false, .unprovable_why = "the recording ends before its ledger"},
		{.provable = true, .lost_ring = 1},
		{.provable = true, .lost_kprobe = 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(ledgers); i++) {
		for (int peer = 0; peer < 2; peer++) {
			_cleanup_tape_ struct tape t;
			struct check_result r;

			tape_init(&t);
			t.world.run.ledger = ledgers[i];
			put_both(&t, peer ? way_peer : way_host_stack);
			r = judge_tape(&t);
			cr_expect_eq(r.verdict, peer ? VERDICT_INCONCLUSIVE : VERDICT_FAIL);
			expect_reason(&r, REASON_EVENTS_LOST, "");
		}
	}
}

Test(recorded, packets_that_leave_by_other_devices_are_no_flow)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	put_both(&t, way_peer);
	t.world.flow.setup.points[POINT_SRC_HOST].ifindex += 10;
	put_both(&t, way_peer);
	r = judge_tape(&t);
	cr_expect_neq(r.verdict, VERDICT_PASS);
	expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
}

/* Both legs seem to leave through one device: then the events do not tell which is to be skipped. */
Test(recorded, each_pod_has_a_host_side_of_its_own)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	t.world.flow.setup.points[POINT_DST_HOST] = t.world.flow.setup.points[POINT_SRC_HOST];
	put_both(&t, way_peer);
	r = judge_tape(&t);
	cr_expect_neq(r.verdict, VERDICT_PASS);
	expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
}

/* One leg alone shows what it crossed. */
Test(recorded, a_request_alone_tells_where_it_went)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	put_way(&t, way_host_stack, LEG_REQUEST);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	expect_reason(&r, REASON_HOST_VETH_TRAVERSED, "lxc2");
	expect_reason(&r, REASON_NO_REPLY, "");
}

/* Sent on another device of the host's that leads into no pod, it crossed no veth of the destination's. */
Test(recorded, a_request_that_leaves_the_node_crossed_no_veth)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	t.pkt++;
	for (size_t s = 0; way_host_stack[s].on != 3; s++)
		put_step(&t, &way_host_stack[s], LEG_REQUEST);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.setup.points[POINT_DST_HOST].ifindex, 0);
	expect_reason(&r, REASON_LEG_INCOMPLETE, "src-host");
}

/* A recording has nothing but the packet's number to tell two segments apart. */
Test(recorded, packets_of_a_connection_are_told_apart)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	t.flow.l4 = IPPROTO_TCP;
	t.flow.port_be = htons(80);
	recorded_free(t.recorded);
	cr_assert_eq(recorded_new(&t.flow, &t.recorded), 0);
	put_both(&t, way_peer);
	put_both(&t, way_peer);
	put_way(&t, way_host_stack, LEG_REQUEST);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	cr_expect_eq(r.legs[LEG_REQUEST].packets, 3);
	cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_REDIRECT_PEER], 2);
	cr_expect_eq(r.legs[LEG_REPLY].packets, 2);
}

/* A number that goes on with another packet, as after a retransmission, lends it no evidence. */
Test(recorded, a_packet_leaves_its_pod_once)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	t.flow.l4 = IPPROTO_UDP;
	recorded_free(t.recorded);
	cr_assert_eq(recorded_new(&t.flow, &t.recorded), 0);
	put_both(&t, way_peer);
	t.pkt = 1;
	put(&t, "dev_hard_start_xmit", LEG_REQUEST, 0);
	put(&t, "__netif_receive_skb", LEG_REQUEST, 1);
	put(&t, "ip_rcv", LEG_REQUEST, 3);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.legs[LEG_REQUEST].packets, 2);
	cr_expect_eq(r.legs[LEG_REQUEST].by_mechanism[MECH_UNKNOWN], 1);
}

Test(recorded, other_packets_are_no_part_of_the_flow)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	put_both(&t, way_peer);
	t.flow.l4 = IPPROTO_UDP;
	put_both(&t, way_host_stack);
	t.flow.l4 = IPPROTO_ICMP;
	t.flow.dst_be[0] = inet_addr("10.0.0.68");
	put_both(&t, way_host_stack);
	r = judge_tape(&t);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.legs[LEG_REQUEST].packets, 1);
}

static const struct {
	const char *name;
	enum verdict verdict;
	enum mechanism request, reply;
} examples[] = {
	{"redirect-peer", VERDICT_PASS, MECH_REDIRECT_PEER, MECH_REDIRECT_PEER},
	{"redirect-peer-tcx", VERDICT_PASS, MECH_REDIRECT_PEER, MECH_REDIRECT_PEER},
	{"redirect-peer-tail", VERDICT_PASS, MECH_REDIRECT_PEER, MECH_REDIRECT_PEER},
	{"redirect", VERDICT_FAIL, MECH_REDIRECT, MECH_REDIRECT},
	{"host-stack", VERDICT_FAIL, MECH_HOST_STACK, MECH_HOST_STACK},
	{"bridge", VERDICT_FAIL, MECH_BRIDGE, MECH_BRIDGE},
	{"netkit", VERDICT_FAIL, MECH_NETKIT, MECH_NETKIT},
	{"request-only", VERDICT_FAIL, MECH_REDIRECT_PEER, MECH_HOST_STACK},
	{"reply-only", VERDICT_FAIL, MECH_HOST_STACK, MECH_REDIRECT_PEER},
	{"policy-drop", VERDICT_INCONCLUSIVE, MECH_UNKNOWN, MECH_UNKNOWN},
};

static int on_event(void *ctx, const struct event *ev)
{
	struct tape *t = ctx;

	return recorded_add(t->recorded, ev);
}

static int on_ledger(void *ctx, const struct ledger *l)
{
	struct tape *t = ctx;

	t->world.run.ledger = *l;
	return 0;
}

Test(recorded, the_examples_have_their_verdicts)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
		_cleanup_tape_ struct tape t;
		_cleanup_buf_ struct buf bytes = {0};
		struct record_sink sink = {.event = on_event, .ledger = on_ledger, .ctx = &t};
		struct check_result r;
		char path[256];

		tape_init(&t);
		snprintf(path, sizeof(path), GOLDEN_DIR "/../../examples/%s.skbt", examples[i].name);
		cr_assert_eq(buf_read_file(path, &bytes), 0, "%s", path);
		cr_assert_eq(record_reader_new(&sink, &reader), 0);
		cr_assert_eq(record_reader_feed(reader, bytes.data, bytes.len, NULL), 0);
		cr_assert_eq(record_reader_end(reader, NULL), 0);
		r = judge_tape(&t);
		cr_expect_eq(r.verdict, examples[i].verdict, "%s: %s", examples[i].name, verdict_name(r.verdict));
		cr_expect_eq(r.legs[LEG_REQUEST].mechanism, examples[i].request, "%s", examples[i].name);
		cr_expect_eq(r.legs[LEG_REPLY].mechanism, examples[i].reply, "%s", examples[i].name);
	}
}
