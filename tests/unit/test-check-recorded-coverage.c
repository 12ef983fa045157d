/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording could not have shown, by the options that it was made with. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/recorded_coverage.h"

static struct prefix prefix(const char *s)
{
	struct prefix p = {0};

	if (s)
		cr_assert_eq(prefix_parse(s, &p, NULL), 0, "%s", s);
	return p;
}

/* Of packets from 10.0.0.133 to 10.0.0.67 and back: whether each option hides nothing of a same-node check, and nothing
 * of rules. `track`: with --filter-track-skb beside it. */
static const struct {
	const char *name, *value;
	bool same_node, rules, rules_track;
} cases[] = {
	{"filter-ip", "10.0.0.67", true, false, true},
	{"filter-ip", "10.0.0.0/24", true, false, true},
	{"filter-ip", "0.0.0.0/0", true, false, true},
	{"filter-ip", "10.0.0.66", false, false, false},
	{"filter-ip", "10.0.0.192/26", false, false, false},
	{"filter-ip", "fd00::67", false, false, false},
	{"filter-ip", "not an address", false, false, false},
	{"filter-ip", NULL, false, false, false},
	{"filter-src-ip", "10.0.0.67", false, false, false}, /* one direction alone */
	{"filter-dst-ip", "10.0.0.67", false, false, false},
	{"filter-src-ip", "10.0.0.0/24", true, false, true},
	{"filter-dst-ip", "10.0.0.0/24", true, false, true},
	{"filter-netns", "pod2", false, false, false},
	{"filter-ifname", "eth0", false, false, false},
	{"filter-mark", "1", false, false, false},
	{"filter-pid", "1", false, false, false},
	{"filter-comm", "ping", false, false, false},
	{"filter-cgroup", "/", false, false, false},
	{"filter-pod", "default/web", false, false, false},
	{"filter-proto", "icmp", true, false, true},
	{"filter-proto", "1", true, false, true},
	{"filter-proto", "udp", false, false, false},
	{"filter-proto", "icmp6", false, false, false},
	{"filter-port", "80", false, false, false},
	{"filter-src-port", "80", false, false, false},
	{"filter-dst-port", "80", false, false, false},
	{"filter-skb-expr", "skb->len > 0", false, false, false},
	{"filter-tunnel-pcap-l3", "icmp", false, false, false},
	{"pcap-filter", "host 10.0.0.67", false, false, false},
	{"sample", "2", false, false, false},
	{"an option of a newer version", NULL, false, false, false},
	{"filter-func", "ip_rcv", true, true, true}, /* that is asked for on its own */
	{"filter-track-skb", NULL, true, true, true},
	{"filter-trace-tc", NULL, true, true, true},
	{"probe", "f:1", true, true, true},
	{"max-rate", "10", true, true, true}, /* nothing was suppressed */
	{"backend", "kprobe", true, true, true},
};

static const char *why(const struct record_option *options, size_t n, bool follow)
{
	static char buf[RECORDED_WHY_SIZE];
	struct recorded_making m = {.told = true, .coverage = {.options = options, .n_options = n, .has_funcs = true}};
	struct recorded_packets p = {
		.src = prefix("10.0.0.133"), .dst = prefix("10.0.0.67"), .l4 = 1, .both = true, .follow = follow};

	return recorded_hides(&m, &p, buf);
}

Test(recorded_coverage, options)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct record_option options[] = {{cases[i].name, cases[i].value}, {"filter-track-skb", NULL}};

		cr_expect_eq(!why(options, 1, false), cases[i].same_node, "%s=%s", cases[i].name, cases[i].value);
		cr_expect_eq(!why(options, 1, true), cases[i].rules, "%s=%s", cases[i].name, cases[i].value);
		cr_expect_eq(!why(options, 2, true), cases[i].rules_track, "%s=%s", cases[i].name, cases[i].value);
	}
}

Test(recorded_coverage, one_of_several_is_enough)
{
	static const struct record_option options[] = {
		{"filter-ip", "10.0.0.67"}, {"filter-track-skb", NULL}, {"filter-ifname", "eth0"}};

	cr_expect_str_eq(why(options, 3, false), "made with --filter-ifname=eth0");
}

Test(recorded_coverage, a_scope_of_any_address_passes_no_filter)
{
	static const struct record_option options[] = {{"filter-ip", "0.0.0.0/0"}, {"filter-track-skb", NULL}};
	struct recorded_making m = {.told = true, .coverage = {.options = options, .n_options = 2}};
	struct recorded_packets any = {.follow = true}, one_way = {.src = prefix("10.0.0.133"), .follow = true};
	char buf[RECORDED_WHY_SIZE];

	cr_expect_not_null(recorded_hides(&m, &any, buf));
	cr_expect_null(recorded_hides(&m, &one_way, buf));
}

/* IPv6 has its protocol behind headers that may not be readable, and a check of any protocol is about others, too. */
Test(recorded_coverage, protocols)
{
	static const struct record_option option = {"filter-proto", "tcp"};
	struct recorded_making m = {.told = true, .coverage = {.options = &option, .n_options = 1}};
	struct recorded_packets v4 = {.src = prefix("10.0.0.133"), .dst = prefix("10.0.0.67"), .l4 = 6}, any = v4;
	struct recorded_packets v6 = {.src = prefix("fd00::133"), .dst = prefix("fd00::67"), .l4 = 6};
	char buf[RECORDED_WHY_SIZE];

	any.l4 = 0;
	cr_expect_null(recorded_hides(&m, &v4, buf));
	cr_expect_not_null(recorded_hides(&m, &v6, buf));
	cr_expect_not_null(recorded_hides(&m, &any, buf));
}

Test(recorded_coverage, what_the_recording_says_of_itself)
{
	struct recorded_packets p = {.src = prefix("10.0.0.133"), .dst = prefix("10.0.0.67")};
	char buf[RECORDED_WHY_SIZE];

	cr_expect_null(recorded_hides(&(struct recorded_making){.told = true}, &p, buf));
	cr_expect_not_null(recorded_hides(&(struct recorded_making){.told = false}, &p, buf));
	cr_expect_str_eq(recorded_hides(&(struct recorded_making){.told = true, .limited = 3}, &p, buf),
			 "--max-rate suppressed 3 events");
	cr_expect_str_eq(recorded_hides(&(struct recorded_making){.told = true, .unreadable = 2}, &p, buf),
			 "at 2 events the headers of packets could not be read");
	cr_expect_not_null(recorded_hides(&(struct recorded_making){.told = true, .skipped = 1}, &p, buf));
}

Test(recorded_coverage, functions)
{
	static const char *const choosing[] = {"filter-func", "filter-func-not", "kmods", "kernel-btf"};
	struct recorded_making m = {.told = true, .coverage.has_funcs = true};
	char buf[RECORDED_WHY_SIZE];

	cr_expect_null(recorded_leaves_out(&m, buf));
	m.coverage.n_options = 1;
	for (size_t i = 0; i < ARRAY_SIZE(choosing); i++) {
		m.coverage.options = &(struct record_option){choosing[i], "x"};
		cr_expect_not_null(recorded_leaves_out(&m, buf), "%s", choosing[i]);
	}
	m.coverage = (struct record_coverage){0};
	cr_expect_not_null(recorded_leaves_out(&m, buf));
}

Test(recorded_coverage, hooks)
{
	static const char *const attached[] = {"__netif_receive_skb_core.constprop.0", "netkit_xmit", "icmp_rcv",
					       "enqueue_to_backlog"};
	struct recorded_making m = {.told = true,
				    .coverage = {.has_funcs = true, .attached = attached, .n_attached = 4}};
	struct check_setup setup = {0};

	recorded_note_funcs(&m, &setup);
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++)
		cr_expect_eq(setup.attached[h], h == ST_HOOK_RECEIVE || h == ST_HOOK_NETKIT || h == ST_HOOK_XMIT,
			     "hook %d", h);
}
