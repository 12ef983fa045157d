/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "filter/event_match.h"

static struct event tcp_v4(void)
{
	return (struct event){
		.func = "tcp_v4_rcv.isra.0",
		.has_netns = true,
		.netns = 4026531840,
		.netns_name = "pod1",
		.has_dev = true,
		.ifname = "eth0",
		.mark = 0x1234,
		.tuple = {.family = 4,
			  .src = {10, 0, 0, 67},
			  .dst = {10, 0, 0, 133},
			  .has_l4 = true,
			  .l4 = IPPROTO_TCP,
			  .has_ports = true,
			  .sport = 4000,
			  .dport = 80},
	};
}

static struct match_prefixes prefix(const char *s)
{
	struct match_prefixes p = {0};

	cr_assert_eq(match_prefixes_add(&p, s, NULL), 0);
	return p;
}

static struct match_ports port(uint16_t v)
{
	return (struct match_ports){.n = 1, .v = {v}};
}

static bool matches(struct event_match m, const struct event *ev)
{
	return event_matches(&m, ev);
}

Test(event_match, nothing_asked)
{
	struct event none = {0}, ev = tcp_v4();

	cr_expect(matches((struct event_match){0}, &ev));
	cr_expect(matches((struct event_match){0}, &none));
}

Test(event_match, addresses)
{
	struct event ev = tcp_v4(), none = {0};

	cr_expect(matches((struct event_match){.src = prefix("10.0.0.67")}, &ev));
	cr_expect(!matches((struct event_match){.src = prefix("10.0.0.133")}, &ev));
	cr_expect(matches((struct event_match){.dst = prefix("10.0.0.128/25")}, &ev));
	cr_expect(!matches((struct event_match){.dst = prefix("10.0.0.0/25")}, &ev));
	cr_expect(matches((struct event_match){.any = prefix("10.0.0.133")}, &ev));
	cr_expect(matches((struct event_match){.any = prefix("10.0.0.67")}, &ev));
	cr_expect(!matches((struct event_match){.any = prefix("10.0.0.68")}, &ev));
	cr_expect(matches((struct event_match){.any = prefix("0.0.0.0/0")}, &ev));
	cr_expect(!matches((struct event_match){.any = prefix("::/0")}, &ev));
	cr_expect(!matches((struct event_match){.any = prefix("0.0.0.0/0")}, &none));
	cr_expect(!matches((struct event_match){.src = prefix("10.0.0.67"), .dst = prefix("10.0.0.67")}, &ev));
	ev.tuple.family = 6;
	memcpy(ev.tuple.src, (uint8_t[16]){0xfd, [15] = 1}, 16);
	cr_expect(matches((struct event_match){.src = prefix("fd00::1")}, &ev));
	cr_expect(matches((struct event_match){.src = prefix("fd00::/65")}, &ev));
	cr_expect(!matches((struct event_match){.src = prefix("fd00::2")}, &ev));
}

Test(event_match, ports_and_protocol)
{
	struct event ev = tcp_v4();

	cr_expect(matches(
		(struct event_match){.l4 = IPPROTO_TCP, .sport = port(4000), .dport = port(80), .port = port(80)},
		&ev));
	cr_expect(matches((struct event_match){.port = port(4000)}, &ev));
	cr_expect(!matches((struct event_match){.port = port(81)}, &ev));
	cr_expect(!matches((struct event_match){.sport = port(80)}, &ev));
	cr_expect(!matches((struct event_match){.dport = port(4000)}, &ev));
	cr_expect(!matches((struct event_match){.l4 = IPPROTO_UDP}, &ev));
	ev.tuple.has_ports = false;
	cr_expect(!matches((struct event_match){.port = port(80)}, &ev));
	ev.tuple.has_l4 = false;
	cr_expect(!matches((struct event_match){.l4 = IPPROTO_TCP}, &ev));
}

static bool func_matches(const char *regex, const struct event *ev)
{
	_cleanup_(event_match_free) struct event_match m = {0};

	cr_assert_eq(event_match_func(&m, regex, NULL), 0);
	return event_matches(&m, ev);
}

Test(event_match, functions)
{
	struct event ev = tcp_v4();
	struct event_match m = {0};
	struct reason reason = {0};

	cr_expect(func_matches("tcp_v4_rcv", &ev));
	cr_expect(func_matches("tcp_v4_rcv.isra.0", &ev));
	cr_expect(func_matches("ip_rcv|tcp_.*", &ev));
	cr_expect(!func_matches("tcp_v4", &ev));
	cr_expect(!func_matches("ip_rcv|v4_rcv", &ev));
	ev.func = NULL;
	cr_expect(!func_matches(".*", &ev));
	ev.source = ST_SRC_KFREE;
	cr_expect(func_matches("ip_rcv", &ev));
	cr_expect_eq(event_match_func(&m, "a)(b", &reason), -EINVAL);
	cr_expect(reason.text[0]);
}

static bool netns_matches(const char *s, const struct event *ev)
{
	struct event_match m = {0};

	cr_assert_eq(event_match_netns(&m, s, NULL), 0);
	return event_matches(&m, ev);
}

Test(event_match, places)
{
	struct event ev = tcp_v4(), none = {0};
	struct event_match m = {0};

	cr_expect(matches((struct event_match){.ifname = {1, {"eth0"}}}, &ev));
	cr_expect(!matches((struct event_match){.ifname = {1, {"eth"}}}, &ev));
	cr_expect(!matches((struct event_match){.ifname = {1, {""}}}, &none));
	cr_expect(netns_matches("pod1", &ev));
	cr_expect(netns_matches("/run/netns/pod1", &ev));
	cr_expect(netns_matches("inode:4026531840", &ev));
	cr_expect(!netns_matches("pod2", &ev));
	cr_expect(!netns_matches("inode:4026531841", &ev));
	cr_expect(!netns_matches("pod1", &none));
	cr_expect(!netns_matches("inode:0", &none));
	cr_expect_eq(event_match_netns(&m, "inode:x", NULL), -EINVAL);
	cr_expect_eq(event_match_netns(&m, "/run/netns/", NULL), -EINVAL);
}

Test(event_match, marks)
{
	static const struct {
		const char *s;
		int r;
		bool matches;
	} cases[] = {
		{"0x1234", 0, true},
		{"4660", 0, true},
		{"0x1235", 0, false},
		{"0x30/0xf0", 0, true},
		{"0x20/0xf0", 0, false},
		{"0x34/0xff", 0, true},
		{"", -EINVAL, false},
		{"/1", -EINVAL, false},
		{"1/", -EINVAL, false},
		{"1/2/3", -EINVAL, false},
		{"0x100000000", -EINVAL, false},
		{"11111111111111111111", -EINVAL, false},
	};
	struct event ev = tcp_v4();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct event_match m = {0};

		cr_expect_eq(event_match_mark(&m, cases[i].s, NULL), cases[i].r, "%s", cases[i].s);
		cr_expect(cases[i].r < 0 || event_matches(&m, &ev) == cases[i].matches, "%s", cases[i].s);
	}
}

Test(event_match, tasks)
{
	struct event_match m = {0};
	struct event ev = tcp_v4();

	ev.pid = 7;
	strcpy(ev.comm, "ping");
	cr_assert_eq(event_match_pid(&m, "7", NULL), 0);
	cr_assert_eq(event_match_comm(&m, "ping", NULL), 0);
	cr_expect(event_matches(&m, &ev));
	strcpy(ev.comm, "ping6");
	cr_expect_not(event_matches(&m, &ev));
	strcpy(ev.comm, "ping");
	ev.pid = 8;
	cr_expect_not(event_matches(&m, &ev));
	/* the idle task */
	cr_assert_eq(event_match_pid(&m, "0", NULL), 0);
	cr_expect_not(event_matches(&m, &ev));
}

Test(event_match, names_the_kernel_cannot_have)
{
	static const char *const ifnames[] = {"", "a-name-of-16-byt", "a/b", "a b", "a:b", ".", ".."};
	struct event_match m = {0};
	struct reason why = {0};

	for (size_t i = 0; i < ARRAY_SIZE(ifnames); i++)
		cr_expect_eq(event_match_ifname(&m, ifnames[i], &why), -EINVAL, "%s", ifnames[i]);
	cr_expect_eq(m.ifname.n, 0);
	cr_expect_eq(event_match_ifname(&m, "a-name-of-15-by", &why), 0);
	cr_expect_eq(event_match_comm(&m, "", &why), -EINVAL);
	cr_expect_eq(event_match_comm(&m, "a-name-of-16-byt", &why), -EINVAL);
	cr_expect_eq(event_match_pid(&m, "-1", &why), -EINVAL);
	cr_expect_eq(event_match_pid(&m, "self", &why), -EINVAL);
	cr_expect_not(m.has_pid);
	cr_expect_eq(event_match_func_not(&m, "(", &why), -EINVAL);
	cr_expect_null(m.func_not);
}

Test(event_match, functions_left_out)
{
	struct event_match m = {0};
	struct event ev = tcp_v4(), drop = {.source = ST_SRC_KFREE, .func = "kfree_skb"};

	cr_assert_eq(event_match_func_not(&m, "ip_.*|tcp_v4_rcv", NULL), 0);
	cr_expect_not(event_matches(&m, &ev));
	ev.func = "tcp_v4_rcvd";
	cr_expect(event_matches(&m, &ev));
	cr_assert_eq(event_match_func(&m, "ip_rcv|udp_rcv", NULL), 0);
	ev.func = "ip_rcv";
	cr_expect_not(event_matches(&m, &ev), "left out, though asked for");
	ev.func = "udp_rcv";
	cr_expect(event_matches(&m, &ev));
	cr_assert_eq(event_match_func_not(&m, "kfree.*", NULL), 0);
	cr_expect(event_matches(&m, &drop));
	event_match_free(&m);
}

/* Whether the headers tell yet. */
Test(event_match, a_tuple_may_not_tell)
{
	struct event ev = tcp_v4();
	struct tuple t = ev.tuple, none = {0}, without_l4 = t, fragment = t;
	struct event_match to = {.dst = prefix("10.0.0.133")}, from = {.src = prefix("10.0.0.133")};
	struct event_match right_port = {.port = port(80)}, other_port = {.port = port(81)}, udp = {.l4 = IPPROTO_UDP};
	struct event_match elsewhere = {.src = prefix("10.0.0.133"), .port = port(81)};

	without_l4.has_l4 = without_l4.has_ports = false;
	fragment.has_ports = false;
	cr_expect_eq(event_match_tuple(&(struct event_match){0}, &none, true), TUPLE_YES);
	cr_expect_eq(event_match_tuple(&to, &t, true), TUPLE_YES);
	cr_expect_eq(event_match_tuple(&to, &none, true), TUPLE_UNKNOWN);
	cr_expect_eq(event_match_tuple(&from, &t, false), TUPLE_NO);
	cr_expect_eq(event_match_tuple(&right_port, &t, true), TUPLE_YES);
	cr_expect_eq(event_match_tuple(&right_port, &fragment, true), TUPLE_UNKNOWN);
	cr_expect_eq(event_match_tuple(&other_port, &t, true), TUPLE_NO);
	cr_expect_eq(event_match_tuple(&other_port, &t, false), TUPLE_UNKNOWN);
	cr_expect_eq(event_match_tuple(&elsewhere, &fragment, true), TUPLE_NO);
	cr_expect_eq(event_match_tuple(&udp, &t, true), TUPLE_NO);
	cr_expect_eq(event_match_tuple(&udp, &without_l4, true), TUPLE_UNKNOWN);
}

/* Given several times, a filter lets pass what any of its values does; different filters must all hold. */
Test(event_match, any_of_several_values)
{
	struct event ev = tcp_v4(), v6 = ev;
	struct event_match m = {0};
	struct reason reason = {0};

	v6.tuple.family = 6;
	cr_assert_eq(match_prefixes_add(&m.src, "10.9.9.9", NULL), 0);
	cr_expect_not(matches(m, &ev));
	cr_assert_eq(match_prefixes_add(&m.src, "fd00::/64", NULL), 0);
	cr_assert_eq(match_prefixes_add(&m.src, "10.0.0.67", NULL), 0);
	cr_expect(matches(m, &ev));
	cr_expect_not(matches(m, &v6));
	cr_assert_eq(match_ports_add(&m.port, "81", NULL), 0);
	cr_expect_not(matches(m, &ev));
	cr_assert_eq(match_ports_add(&m.port, "80", NULL), 0);
	cr_expect(matches(m, &ev));
	cr_assert_eq(event_match_ifname(&m, "lxc1", NULL), 0);
	cr_expect_not(matches(m, &ev));
	cr_assert_eq(event_match_ifname(&m, "eth0", NULL), 0);
	cr_expect(matches(m, &ev));
	cr_assert_eq(match_prefixes_add(&m.dst, "10.9.9.9", NULL), 0);
	cr_expect_not(matches(m, &ev));

	m = (struct event_match){0};
	for (unsigned i = 0; i < ST_FILTER_VALUES; i++)
		cr_assert_eq(match_ports_add(&m.dport, i + 1 < ST_FILTER_VALUES ? "1" : "80", NULL), 0);
	cr_expect(matches(m, &ev));
	cr_expect_eq(match_ports_add(&m.dport, "80", &reason), -EINVAL);
	cr_expect_str_eq(reason.text, "can be given 8 times at most");
	cr_expect_eq(match_ports_add(&m.sport, "0", NULL), -EINVAL);
	cr_expect_eq(match_ports_add(&m.sport, "65536", NULL), -EINVAL);
	cr_expect_eq(m.sport.n, 0);
	cr_expect_eq(match_prefixes_add(&m.any, "10.0.0", NULL), -EINVAL);
	cr_expect_eq(m.any.n, 0);
}

/* What the trace programs compare an IPv4 packet with, against the filters themselves: all that can be asked of two
 * addresses in one small network, with prefixes of every kind and of both families. */
Test(event_match, pairs_of_addresses_say_what_the_filters_say)
{
	static const char *const prefixes[] = {NULL,	      "10.0.0.1",  "10.0.0.2", "10.0.0.0/30",
					       "10.0.0.2/31", "0.0.0.0/0", "fd00::1"};
	const size_t n = sizeof(prefixes) / sizeof(prefixes[0]);
	unsigned passed = 0, refused = 0;

	for (size_t i = 0; i < n * n * n; i++) {
		const char *src = prefixes[i % n], *dst = prefixes[i / n % n], *any = prefixes[i / n / n];
		struct event_match m = {0};
		struct st_pair pairs[2];

		if (src)
			m.src = prefix(src);
		if (dst)
			m.dst = prefix(dst);
		if (any)
			m.any = prefix(any);
		event_match_pairs(&m, pairs);
		for (unsigned from = 0; from < 5; from++) {
			for (unsigned to = 0; to < 5; to++) {
				struct tuple t = {
					.family = 4, .src = {10, 0, 0, (uint8_t)from}, .dst = {10, 0, 0, (uint8_t)to}};
				bool wanted = event_match_tuple(&m, &t, true) == TUPLE_YES, has = false;
				uint64_t both_be;

				memcpy(&both_be, t.src, 4);
				memcpy((char *)&both_be + 4, t.dst, 4);
				for (unsigned p = 0; p < 2; p++)
					has |= (both_be & pairs[p].mask_be) == pairs[p].addrs_be;
				cr_expect_eq(has, wanted,
					     "source %s, destination %s, either %s: 10.0.0.%u to 10.0.0.%u",
					     src ? src : "any", dst ? dst : "any", any ? any : "any", from, to);
				*(wanted ? &passed : &refused) += 1;
			}
		}
	}
	cr_expect_gt(passed, 100);
	cr_expect_gt(refused, 100);
}
