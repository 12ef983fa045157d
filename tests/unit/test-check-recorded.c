/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as evidence: the paths of hook_paths.h as a function trace shows them, one thing changed at a time; and
 * the recordings that ship, which must give the verdicts of their topologies. */
#include "base/buf.h"
#include "record/reader.h"
#include "tape.h"

Test(recorded, each_way_is_known)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		t.world.evidence.setup.expect = paths[i].mechanism;
		put_both(&t, paths[i].path);
		r = judge_tape(&t);
		expect_verdict(&r, VERDICT_PASS, 0);
		cr_expect_eq(r.directions[DIRECTION_REQUEST].mechanism, paths[i].mechanism);
		cr_expect_eq(r.directions[DIRECTION_REPLY].mechanism, paths[i].mechanism);
		for (enum point p = 0; p < POINT_MAX; p++) {
			struct world w;

			world_init(&w);
			cr_expect_eq(r.setup.points[p].netns, w.evidence.setup.points[p].netns, "%s", point_name(p));
			cr_expect_eq(r.setup.points[p].ifindex, w.evidence.setup.points[p].ifindex, "%s",
				     point_name(p));
			cr_expect_str_eq(r.setup.points[p].ifname, w.evidence.setup.points[p].ifname);
		}
	}
}

Test(recorded, each_other_way_fails)
{
	for (size_t i = 1; i < ARRAY_SIZE(paths); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		put_both(&t, paths[i].path);
		r = judge_tape(&t);
		expect_verdict(&r, VERDICT_FAIL, 2);
		expect_reason(&r, paths[i].mechanism == MECH_NETKIT ? REASON_NETKIT : REASON_HOST_VETH_TRAVERSED,
			      "request");
	}
}

/* A packet that was being received when the trace began has not left a pod. */
Test(recorded, a_packet_does_not_begin_where_it_is_received)
{
	static const char *const funcs[] = {"netif_rx", "enqueue_to_backlog", "netif_receive_skb", "__dev_forward_skb"};

	for (size_t i = 0; i < ARRAY_SIZE(funcs); i++) {
		struct recorded_points found;
		_cleanup_tape_ struct tape t;

		tape_init(&t);
		t.pkt = 1;
		put(&t, funcs[i], DIRECTION_REQUEST, 1);
		put(&t, "__netif_receive_skb", DIRECTION_REQUEST, 1);
		put(&t, "ip_rcv", DIRECTION_REQUEST, 3);
		recorded_find_points(t.recorded, &found);
		cr_expect_eq(found.points[POINT_SRC_POD].ifindex, 0, "%s", funcs[i]);
	}
}

Test(recorded, nothing_lies_between_the_redirect_and_input)
{
	for (size_t i = 0; i < ARRAY_SIZE(between); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		put_both(&t, hook_path_peer);
		t.pkt++;
		for (size_t s = 0; s < 3; s++)
			put_step(&t, &hook_path_peer[s], DIRECTION_REQUEST);
		put(&t, between[i].func, DIRECTION_REQUEST, between[i].on);
		put(&t, "ip_rcv", DIRECTION_REQUEST, 3);
		r = judge_tape(&t);
		cr_expect_eq(r.verdict, between[i].verdict, "%s: %s", between[i].func, verdict_name(r.verdict));
		cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_REDIRECT_PEER],
			     between[i].verdict == VERDICT_PASS ? 2 : 1, "%s", between[i].func);
	}
}

/* Each function that the verdict needs, not attached. */
Test(recorded, passes_only_with_every_function)
{
	static const char *const needed[] = {"dev_hard_start_xmit", "__netif_receive_skb_core.constprop.0",
					     "skb_do_redirect", "ip_rcv"};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		t.without = needed[i];
		put_both(&t, hook_path_peer);
		r = judge_tape(&t);
		cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE, "%s: %s", needed[i], verdict_name(r.verdict));
	}
}

Test(recorded, a_loss_leaves_only_fail)
{
	static const struct lost_events ledgers[] = {
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
			put_both(&t, peer ? hook_path_peer : hook_path_host_stack);
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
	put_both(&t, hook_path_peer);
	t.world.evidence.setup.points[POINT_SRC_HOST].ifindex += 10;
	put_both(&t, hook_path_peer);
	r = judge_tape(&t);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_DEVICES_CONTRADICT, "at src-host: packets went by lxc1 (ifindex ");
}

/* A user-space tap copies the frames of the pod's device to a veth of another namespace. Which of the two namespaces is
 * the pod's is not known, so what crosses the host side of that veth is no FAIL. */
Test(recorded, a_tap_that_copies_frames_is_no_pod)
{
	for (int first = 0; first < 2; first++) {
		_cleanup_tape_ struct tape t;
		struct check_setup *setup;
		struct check_result r;

		tape_init(&t);
		setup = &t.world.evidence.setup;
		if (!first)
			put_both(&t, hook_path_peer);
		setup->points[POINT_SRC_POD] = (struct iface){NS_POD1 + 1000, 5, "tapA"};
		setup->points[POINT_DST_HOST] = (struct iface){NS_POD1 + 2000, 6, "tapB"};
		setup->points[POINT_SRC_HOST] = setup->points[POINT_DST_HOST];
		put_path(&t, hook_path_redirect, DIRECTION_REQUEST);
		tape_reset_devices(&t);
		if (first)
			put_both(&t, hook_path_peer);
		r = judge_tape(&t);
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		expect_reason(&r, REASON_DEVICES_CONTRADICT, "src-pod: packets went by ");
	}
}

/* Of the names of a device that was renamed the last one is shown, however many packets there are. */
Test(recorded, the_newest_name_is_shown)
{
	for (unsigned after = 1; after < 50; after++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		put_both(&t, hook_path_peer);
		strcpy(t.world.evidence.setup.points[POINT_DST_HOST].ifname, "renamed");
		for (unsigned i = 0; i < after; i++)
			put_both(&t, hook_path_peer);
		r = judge_tape(&t);
		expect_reason(&r, REASON_ENDPOINT_CHANGED, "");
		cr_expect_str_eq(r.setup.points[POINT_DST_HOST].ifname, "renamed", "%u", after);
	}
}

/* Both directions seem to leave through one device: then the events do not tell which is to be skipped. */
Test(recorded, each_pod_has_a_host_side_of_its_own)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	t.world.evidence.setup.points[POINT_DST_HOST] = t.world.evidence.setup.points[POINT_SRC_HOST];
	put_both(&t, hook_path_peer);
	r = judge_tape(&t);
	expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
	expect_reason(&r, REASON_DEVICES_CONTRADICT, "src-host");
}

/* One direction alone shows what it crossed. */
Test(recorded, a_request_alone_tells_where_it_went)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	put_path(&t, hook_path_host_stack, DIRECTION_REQUEST);
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
	for (size_t s = 0; hook_path_host_stack[s].on != 3; s++)
		put_step(&t, &hook_path_host_stack[s], DIRECTION_REQUEST);
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
	put_both(&t, hook_path_peer);
	put_both(&t, hook_path_peer);
	put_path(&t, hook_path_host_stack, DIRECTION_REQUEST);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_FAIL);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 3);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_REDIRECT_PEER], 2);
	cr_expect_eq(r.directions[DIRECTION_REPLY].packets, 2);
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
	put_both(&t, hook_path_peer);
	t.pkt = 1;
	put(&t, "dev_hard_start_xmit", DIRECTION_REQUEST, 0);
	put(&t, "__netif_receive_skb", DIRECTION_REQUEST, 1);
	put(&t, "ip_rcv", DIRECTION_REQUEST, 3);
	r = judge_tape(&t);
	cr_expect_eq(r.verdict, VERDICT_INCONCLUSIVE);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 2);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].by_mechanism[MECH_UNKNOWN], 1);
}

Test(recorded, other_packets_are_no_part_of_the_flow)
{
	_cleanup_tape_ struct tape t;
	struct check_result r;

	tape_init(&t);
	put_both(&t, hook_path_peer);
	t.flow.l4 = IPPROTO_UDP;
	put_both(&t, hook_path_host_stack);
	t.flow.l4 = IPPROTO_ICMP;
	t.flow.dst_be[0] = inet_addr("10.0.0.68");
	put_both(&t, hook_path_host_stack);
	r = judge_tape(&t);
	expect_verdict(&r, VERDICT_PASS, 0);
	cr_expect_eq(r.directions[DIRECTION_REQUEST].packets, 1);
}

/* Of these it is not known whether they are of the flow: a later fragment, of any port, and what AH carries. */
Test(recorded, packets_that_cannot_be_told_to_be_of_the_flow)
{
	static const uint8_t l4[] = {IPPROTO_UDP, IPPROTO_AH, IPPROTO_TCP};

	for (size_t i = 0; i < ARRAY_SIZE(l4); i++) {
		_cleanup_tape_ struct tape t;
		struct check_result r;

		tape_init(&t);
		t.flow.l4 = IPPROTO_UDP;
		t.flow.port_be = htons(80);
		recorded_free(t.recorded);
		cr_assert_eq(recorded_new(&t.flow, &t.recorded), 0);
		put_both(&t, hook_path_peer);
		t.flow.l4 = l4[i];
		t.without_ports = true;
		put_both(&t, hook_path_host_stack);
		r = judge_tape(&t);
		if (l4[i] == IPPROTO_TCP) {
			expect_verdict(&r, VERDICT_PASS, 0);
			continue;
		}
		expect_verdict(&r, VERDICT_INCONCLUSIVE, 1);
		expect_reason(&r, REASON_NOT_FOLLOWED, "packets between the pods cannot be followed");
	}
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

static int on_ledger(void *ctx, const struct lost_events *l)
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
		cr_expect_eq(r.directions[DIRECTION_REQUEST].mechanism, examples[i].request, "%s", examples[i].name);
		cr_expect_eq(r.directions[DIRECTION_REPLY].mechanism, examples[i].reply, "%s", examples[i].name);
	}
}
