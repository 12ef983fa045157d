/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths as people, scripts and a narrow terminal see them, against tests/golden/path-*. */
#include "test-path-build.h"

#include "golden.h"
#include "render/path/diagram.h"
#include "render/path/diff.h"
#include "render/path/path_text.h"
#include "render/path/summary.h"

struct rendering {
	struct out *o;
	struct path_format format;
	enum { TEXT, WIDE, JSON, SUMMARY } form;
	struct trace_summary *summary;
};

static int on_packet(void *ctx, const struct packet *p)
{
	struct rendering *r = ctx;

	switch (r->form) {
	case TEXT:
		path_text(&r->format, p, r->o);
		return 0;
	case WIDE:
		path_diagram(&r->format, p, r->o);
		return 0;
	case JSON:
		path_json(p, r->o);
		return 0;
	default:
		return trace_summary_add(r->summary, p);
	}
}

static void add(struct build *b, uint64_t pkt, struct tuple tuple, const struct visit *visits, size_t n)
{
	struct event base = PING(pkt, tuple);

	build_packet(b, visits, n, &base);
}

#define ADD(number, t, visits) add(&b, number, (struct tuple)t, visits, ARRAY_SIZE(visits))
#define NONE                                                                                                           \
	{                                                                                                              \
		0                                                                                                      \
	}

/* What nobody can vouch for, and no traced packet has. */
static const struct visit odd[] = {
	{1, 2, 0, "e\x1b[2Jth", "ip_output exotic_hook"},
	{3, 20, 0, "lxc1", "veth_xmit ip_rcv"},
	{3, 20, 1, "lxc1", "packet_rcv consume_skb"},
	{2, 2, 0, "eth0", "!@tcp_v4_rcv"},
};

static void render(struct rendering r, const char *name)
{
	_cleanup_(trace_summary_freep) struct trace_summary *summary = NULL;
	_cleanup_out_ struct out o = {0};
	struct packets_opts opts = {.on_packet = on_packet, .ctx = &r};
	struct build b = {.ts_ns = START_NS, .wait_at = "__netif_receive_skb", .wait_ns = 1234567};

	cr_assert_eq(trace_summary_new(&summary), 0);
	r.o = &o;
	r.summary = summary;
	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	ADD(1, REQUEST(1), ping_peer_6_12);
	ADD(2, REPLY(1), reply_peer_6_12);
	ADD(3, REQUEST(2), ping_nfdrop_6_12);
	ADD(4, UDP(133, 67, 50518, 5354), udp_closed_6_12);
	ADD(5, TCP(133, 67, 41482, 8080, 0x18), tcp_data_6_12);
	ADD(6, REQUEST(3), ping_netkit_6_12);
	ADD(7, NONE, odd);
	cr_assert_eq(packets_flush(b.packets), 0);
	if (r.form == SUMMARY)
		summary_text(&r.format, summary, &o);
	golden(name, &o);
	packets_free(b.packets);
}

Test(render_path, text)
{
	render((struct rendering){.form = TEXT, .format = {.utf8 = true}}, "path.txt");
}

Test(render_path, ascii)
{
	render((struct rendering){.form = TEXT}, "path-ascii.txt");
}

Test(render_path, color)
{
	render((struct rendering){.form = TEXT, .format = {.utf8 = true, .color = true}}, "path-color.txt");
}

Test(render_path, wide)
{
	render((struct rendering){.form = WIDE, .format = {.utf8 = true, .width = 140}}, "path-wide.txt");
}

Test(render_path, wide_in_a_narrow_terminal)
{
	render((struct rendering){.form = WIDE, .format = {.width = 40}}, "path-narrow.txt");
}

Test(render_path, json)
{
	render((struct rendering){.form = JSON}, "path.jsonl");
}

Test(render_path, summary)
{
	render((struct rendering){.form = SUMMARY, .format = {.utf8 = true}}, "path-summary.txt");
}

/* A request through redirect_peer as --filter-trace-tc shows it, by tcx of 6.12 and by clsact of 5.10, and what else
 * programs do: XDP, a function with a result, a program that nobody can name the place of, and one in the middle of
 * many functions. */
static const struct visit by_tcx[] = {
	{1, 2, 0, "eth0", "__dev_queue_xmit dev_hard_start_xmit veth_xmit"},
	{3, 20, 0, "lxc1", "__netif_receive_skb_one_core <from_pod:x bpf_skb_store_bytes @from_pod:x >from_pod:x=7"},
	{3, 20, 0, "lxc1", "skb_do_redirect"},
	{2, 2, 0, "eth0", "skb_scrub_packet ip_rcv icmp_rcv"},
};
static const struct visit by_clsact[] = {
	{1, 2, 0, "eth0", "__dev_queue_xmit dev_hard_start_xmit veth_xmit"},
	{3, 20, 0, "lxc1",
	 "__netif_receive_skb_one_core tcf_classify_ingress cls_bpf_classify <from_pod:i @from_pod:i"},
	{3, 20, 0, "lxc1", ">from_pod:i=7 skb_do_redirect"},
	{2, 2, 0, "eth0", "ip_rcv icmp_rcv"},
};
static const struct visit by_others[] = {
	{3, 20, 0, "lxc1", "<filters:d >filters:d=2 __netif_receive_skb_one_core <first:x /first:x=3 >first:x=-1"},
	{3, 20, 0, "lxc1",
	 "<second:x >second:x=2 tc_run tcf_classify fl_classify tcf_action_exec <a\x1b[2J:? >a\x1b[2J:?=2"},
	{3, 20, 0, "lxc1", "!TC_INGRESS@__netif_receive_skb_core"},
};

static void render_programs(struct rendering r, const char *name)
{
	_cleanup_out_ struct out o = {0};
	struct packets_opts opts = {.on_packet = on_packet, .ctx = &r};
	struct build b = {.ts_ns = START_NS, .wait_at = "from_pod", .wait_ns = 1234567};

	r.o = &o;
	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	ADD(1, REQUEST(1), by_tcx);
	ADD(2, REQUEST(2), by_clsact);
	ADD(3, REQUEST(3), by_others);
	cr_assert_eq(packets_flush(b.packets), 0);
	golden(name, &o);
	packets_free(b.packets);
}

Test(render_path, programs)
{
	render_programs((struct rendering){.form = TEXT, .format = {.utf8 = true}}, "path-programs.txt");
}

Test(render_path, programs_json)
{
	render_programs((struct rendering){.form = JSON}, "path-programs.jsonl");
}

Test(render_path, durations)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {{0, "0 ns"},
		     {999, "999 ns"},
		     {1000, "1.00 us"},
		     {1049, "1.04 us"},
		     {10999, "10.9 us"},
		     {123456, "123 us"},
		     {999999, "999 us"},
		     {1000000, "1.00 ms"},
		     {3100000000, "3.10 s"},
		     {12345000000000, "12345 s"}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_out_ struct out o = {0};

		path_duration(cases[i].ns, false, &o);
		out_char(&o, '\0');
		cr_expect_str_eq(o.buf.data, cases[i].text);
	}
}

static void render_diff(bool json, const char *name)
{
	struct packet_list list = {0};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &list};
	struct build b = {.ts_ns = START_NS};
	struct path_format f = {0};
	struct diff_sides sides = {"before.skbt", "af\x1b[2Jter.skbt"};
	_cleanup_out_ struct out o = {0};
	static const unsigned others[] = {0, 1, 2, 3};

	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	ADD(1, REQUEST(1), ping_peer_6_12);
	ADD(2, REQUEST(1), ping_stack_6_12);
	ADD(3, REQUEST(1), ping_nfdrop_6_12);
	ADD(4, NONE, odd);
	cr_assert_eq(packets_flush(b.packets), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct packet *x = &list.items[i ? 1 : 0], *y = &list.items[others[i]];
		struct diff d = {0};

		cr_assert_eq(diff_packets(x, y, &d), 0);
		if (json)
			diff_json(x, y, &d, &o);
		else
			diff_text(&f, &sides, x, y, &d, &o);
		diff_free(&d);
	}
	if (json)
		diff_json(NULL, &list.items[2], NULL, &o);
	else
		diff_text_single(&f, sides.b, &list.items[2], &o);
	golden(name, &o);
	packet_list_clear(&list);
	packets_free(b.packets);
}

Test(render_path, diff)
{
	render_diff(false, "path-diff.txt");
}

Test(render_path, diff_json)
{
	render_diff(true, "path-diff.jsonl");
}

/* No room: nothing is written half, and the failure stays. */
Test(render_path, no_memory)
{
	struct out o = {.failed = true};
	struct packet p = {.pkt = 1};
	struct path_format f = {0};

	path_text(&f, &p, &o);
	path_diagram(&f, &p, &o);
	path_json(&p, &o);
	cr_expect(o.failed);
	cr_expect_eq(o.buf.len, 0);
	out_free(&o);
}
