/* SPDX-License-Identifier: GPL-2.0-only */
/* A check's reports, in every form: one table of runs, each walked, judged and rendered. */
#include <criterion/criterion.h>

#include "golden.h"
#include "hook_paths.h"
#include "render/check/check.h"

/* What becomes of the world after both directions of one ping have been walked. */
typedef void (*change_fn)(struct world *w);

static void nothing(struct world *w _unused_)
{
}

/* More pings than one, devices with counters, a loss. */
static void busy(struct world *w)
{
	for (uint16_t seq = 2; seq <= 1200; seq++)
		walk_both(w, seq, hook_path_peer);
	w->run.tx[POINT_SRC_HOST] =
		(struct tx_account){.known = true, .own_packets = 3, .seen_by[ST_TX_SEEN_BY_XMIT] = 4};
	w->run.tx[POINT_DST_HOST] =
		(struct tx_account){.known = true, .own_packets = 2, .seen_by[ST_TX_SEEN_BY_XMIT] = 1};
	w->run.ledger.lost_ring = 2;
	w->run.ledger.duration_ns = 61002000000;
}

/* The last request died on the way; why and where is known by symbol. */
static void dropped(struct world *w)
{
	struct hook_event e;

	walk_part(w, DIRECTION_REQUEST, 2, hook_path_peer, 2);
	e = echo_at(w, DIRECTION_REQUEST, 2, &(struct hook_path_step){ST_HOOK_DROP, 1, 0});
	e.location = 0xffffffff81234567;
	e.has_reason = true;
	e.drop_reason = 6;
	world_add(w, &e);
}

/* The same where nothing is known but the address. */
static void dropped_unnamed(struct world *w)
{
	struct hook_event e;

	walk_part(w, DIRECTION_REPLY, 2, hook_path_peer, 1);
	e = echo_at(w, DIRECTION_REPLY, 2, &(struct hook_path_step){ST_HOOK_DROP, 0, 0});
	e.location = 0xdead;
	world_add(w, &e);
}

/* A redirect to a device that is none of the four, and a hostile name. */
static void elsewhere(struct world *w)
{
	w->evidence.directions[DIRECTION_REQUEST].helper = ST_HELPER_REDIRECT_NEIGH;
	w->evidence.directions[DIRECTION_REQUEST].helper_ifindex = 4711;
	strcpy(w->evidence.setup.points[POINT_DST_HOST].ifname, "l\033[2J\"<&>");
}

static void empty(struct world *w)
{
	struct check_setup setup = w->evidence.setup;

	evidence_table_free(&w->evidence);
	evidence_table_init(&w->evidence, &setup);
	memset(w->evidence.setup.points, 0, sizeof(w->evidence.setup.points));
	w->run.ledger = (struct lost_events){.unprovable_why = "captures do not say what they missed"};
}

static void watched(struct world *w)
{
	w->run.watched_ns = 312400000;
	w->run.ended_when_seen = true;
}

static void watched_for(struct world *w)
{
	w->run.watched_ns = 60002000000;
	walk(w, DIRECTION_REQUEST, 2, hook_path_peer);
}

static const struct run {
	const char *what;
	const struct hook_path_step *request, *reply;
	change_fn change;
	bool endpoints, symbols;
} runs[] = {
	{"redirect_peer both ways", hook_path_peer, hook_path_peer, nothing, true, true},
	{"host stack both ways", hook_path_host_stack, hook_path_host_stack, nothing, true, true},
	{"one way only", hook_path_peer, hook_path_bridge, nothing, true, true},
	{"netkit", hook_path_netkit, hook_path_netkit, nothing, true, true},
	{"busy, with loss", hook_path_peer, hook_path_peer, busy, true, true},
	{"dropped", hook_path_peer, hook_path_peer, dropped, true, true},
	{"dropped, unnamed", hook_path_peer, hook_path_peer, dropped_unnamed, true, false},
	{"to another device", hook_path_peer, hook_path_peer, elsewhere, true, true},
	{"others' packets, until both were seen", hook_path_peer, hook_path_peer, watched, true, true},
	{"others' packets, for a time", hook_path_peer, hook_path_peer, watched_for, true, true},
	{"nothing seen, nothing known", hook_path_peer, hook_path_peer, empty, false, false},
};

static const char *reason_name(void *ctx _unused_, uint32_t reason)
{
	return reason == 6 ? "NETFILTER_DROP" : NULL;
}

static const char *symbol_of(void *ctx _unused_, uint64_t addr, uint64_t *ret_offset)
{
	*ret_offset = addr & 0xfff;
	return "nf_hook_slow";
}

/* The first pod has every name, the second none; strings are literals, nothing is freed. */
static void build_endpoints(struct endpoint v[static 2])
{
	static struct endpoint_program program = {
		.attach = (char *)"tcx/ingress", .name = (char *)"cil_from_container", .id = 12};

	v[0] = (struct endpoint){.pod = (char *)"default/web",
				 .netns = NS_POD1,
				 .netns_name = (char *)"pod1",
				 .ifindex = 2,
				 .ifname = "eth0",
				 .kind = "veth",
				 .peer = NET_PEER_FOUND,
				 .host_netns = NS_HOST,
				 .host_netns_name = (char *)"node",
				 .host_ifindex = 21,
				 .host_ifname = "lxc1",
				 .programs = &program,
				 .n_programs = 1};
	v[1] = (struct endpoint){.netns = NS_POD2,
				 .ifindex = 2,
				 .ifname = "eth0",
				 .kind = "veth",
				 .peer = NET_PEER_FOUND,
				 .host_netns = NS_HOST,
				 .host_ifindex = 22,
				 .host_ifname = "lxc2"};
	net_ip_parse("10.0.0.133", &v[0].ip);
	net_ip_parse("fd00::67", &v[1].ip);
}

static void render_run(const struct run *run, void (*render)(const struct check_view *, struct out *), bool color,
		       struct out *o)
{
	_cleanup_world_ struct world w;
	struct endpoint ends[2];
	struct check_result result;
	struct check_view view = {.result = &result, .what = "same-node", .proto = "icmp", .color = color};

	build_endpoints(ends);
	world_init(&w);
	w.run.ledger.duration_ns = 8000000;
	walk(&w, DIRECTION_REQUEST, 1, run->request);
	walk(&w, DIRECTION_REPLY, 1, run->reply);
	run->change(&w);
	result = judge(&w);
	if (run->endpoints) {
		view.src = &ends[0];
		view.dst = &ends[1];
	}
	if (run->symbols) {
		view.symbol = symbol_of;
		view.drop_reason = reason_name;
	}
	render(&view, o);
}

static void render_all(void (*render)(const struct check_view *, struct out *), bool color, bool titles, struct out *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		if (titles) {
			out_str(o, i ? "\n=== " : "=== ");
			out_str(o, runs[i].what);
			out_char(o, '\n');
		}
		render_run(&runs[i], render, color, o);
	}
}

Test(render_check, text)
{
	_cleanup_out_ struct out o = {0};

	render_all(check_text, false, true, &o);
	golden("check-text.txt", &o);
}

Test(render_check, text_in_colour)
{
	_cleanup_out_ struct out o = {0};

	render_all(check_text, true, true, &o);
	golden("check-color.txt", &o);
}

Test(render_check, json)
{
	_cleanup_out_ struct out o = {0};

	render_all(check_json, false, false, &o);
	golden("check.jsonl", &o);
}

static const struct ci_property properties[] = {{"kernel", "6.12.1"}, {"command", "skbtrail check <x>"}};

static void junit(const struct check_view *v, struct out *o)
{
	check_junit(v, properties, ARRAY_SIZE(properties), o);
}

Test(render_check, junit)
{
	_cleanup_out_ struct out o = {0};

	render_all(junit, false, true, &o);
	golden("check-junit.txt", &o);
}

Test(render_check, tap)
{
	_cleanup_out_ struct out o = {0};

	render_all(check_tap, false, true, &o);
	golden("check-tap.txt", &o);
}

/* What a script reads first. */
Test(render_check, the_verdict_is_alone_on_the_first_line)
{
	_cleanup_out_ struct out o = {0};

	render_run(&runs[0], check_text, false, &o);
	cr_expect_eq(memcmp(o.buf.data, "PASS\n", 5), 0);
	out_clear(&o);
	render_run(&runs[1], check_text, false, &o);
	cr_expect_eq(memcmp(o.buf.data, "FAIL\n", 5), 0);
	out_clear(&o);
	render_run(&runs[4], check_text, false, &o);
	cr_expect_eq(memcmp(o.buf.data, "INCONCLUSIVE\n", 13), 0);
}

/* What a verdict leaves open is a line of its own, and a field that is always there. */
Test(render_check, notes)
{
	struct check_result result = {.notes = {{"left\033 out"}}, .n_notes = 1};
	struct check_view view = {.result = &result, .what = "same-node", .proto = "icmp"};
	_cleanup_out_ struct out text = {0}, json = {0};

	check_text(&view, &text);
	check_json(&view, &json);
	out_char(&text, '\0');
	out_char(&json, '\0');
	cr_expect(strstr((const char *)text.buf.data, "\nnote:     left\\x1b out\n"), "%s",
		  (const char *)text.buf.data);
	cr_expect(strstr((const char *)json.buf.data, "\"notes\":[\"left\\u001b out\"]"), "%s",
		  (const char *)json.buf.data);
}
