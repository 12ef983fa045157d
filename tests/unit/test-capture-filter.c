/* SPDX-License-Identifier: GPL-2.0-only */
/* Filters that pcapng files tell, tried on a flow's packets. */
#include <criterion/criterion.h>

#include <errno.h>

#include "capture/capture_filter.h"
#include "captures.h"

struct tried {
	struct evidence_table table;
	struct captures captures;
};

static void tried_clear(struct tried *t)
{
	evidence_table_free(&t->table);
	captures_clear(&t->captures);
}

static void file(struct tried *t, const struct st_flow *flow, bool reverse, bool plain)
{
	struct captured_frame frame = {.plain = plain};
	struct hook_event ev = {.hook = ST_HOOK_XMIT, .reverse = reverse, .has_l4 = true, .l4 = flow->l4};

	ev.sport = reverse ? 53 : 40000;
	ev.dport = reverse ? 40000 : 53;
	cr_assert_eq(captures_file(&t->captures, &t->table, POINT_SRC_POD, &ev, &frame), 0);
}

static enum filter_effect try(const char *text, const struct st_flow *flow, int link_type, bool plain)
{
	_cleanup_(tried_clear) struct tried t = {0};
	struct capture_filter filter = {.readable = text};
	struct capture_facts f = {.filters = &filter, .n_filters = 1, .link_type = link_type};
	struct check_setup setup = {.l4 = flow->l4};

	snprintf(filter.text, sizeof(filter.text), "%s", text ? text : "(compiled)");
	captures_set_points(&setup, &t.captures);
	evidence_table_init(&t.table, &setup);
	file(&t, flow, false, true);
	file(&t, flow, true, plain);
	cr_assert_eq(capture_filter_judge(&f, flow, &t.table, &t.captures), 0);
	cr_expect_eq(f.filter, f.filter_effect == FILTER_PASSES ? NULL : &filter);
	return f.filter_effect;
}

static const struct {
	const char *text;
	uint8_t l4;
	enum filter_effect v4, v6;
} cases[] = {
	{"", IPPROTO_ICMP, FILTER_PASSES, FILTER_PASSES},
	{"icmp", IPPROTO_ICMP, FILTER_PASSES, FILTER_LEAVES_OUT},
	{"icmp or icmp6", IPPROTO_ICMP, FILTER_PASSES, FILTER_PASSES},
	{"ip6", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_PASSES},
	{"tcp", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"not arp", IPPROTO_ICMP, FILTER_PASSES, FILTER_PASSES},
	/* both directions, or one */
	{"host 10.0.0.133 or host fd00::133", IPPROTO_ICMP, FILTER_PASSES, FILTER_PASSES},
	{"icmp and src 10.0.0.133", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"dst host 10.0.0.67", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"net 10.0.0.0/24", IPPROTO_ICMP, FILTER_PASSES, FILTER_LEAVES_OUT},
	{"icmp[0] == 8 or icmp[0] == 0", IPPROTO_ICMP, FILTER_PASSES, FILTER_LEAVES_OUT},
	{"icmp[0] == 8", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"icmp6 and (ip6[40] == 128 or ip6[40] == 129)", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_PASSES},
	/* what is not known of a packet that is not there */
	{"icmp[1] == 0", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_LEAVES_OUT},
	{"less 1000", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{"ether host 02:00:00:00:00:01", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{"ip[8] == 64", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_LEAVES_OUT},
	{"ip[6:2] & 0x2000 == 0", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_LEAVES_OUT},
	{"ip[6] == 0", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_LEAVES_OUT},
	{"vlan", IPPROTO_ICMP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"inbound", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	/* a name server would be asked */
	{"host www.example.org", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{"icmp or host localhost", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{"no such filter (", IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{NULL, IPPROTO_ICMP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
	{"udp port 53", IPPROTO_UDP, FILTER_PASSES, FILTER_PASSES},
	{"udp dst port 53", IPPROTO_UDP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"portrange 50-60", IPPROTO_UDP, FILTER_PASSES, FILTER_PASSES},
	{"port 54", IPPROTO_UDP, FILTER_LEAVES_OUT, FILTER_LEAVES_OUT},
	{"udp[8] == 0", IPPROTO_UDP, FILTER_UNCERTAIN, FILTER_LEAVES_OUT},
	{"tcp port 53", IPPROTO_TCP, FILTER_PASSES, FILTER_PASSES},
	{"tcp[tcpflags] & tcp-syn != 0", IPPROTO_TCP, FILTER_UNCERTAIN, FILTER_UNCERTAIN},
};

Test(capture_filter, the_table)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (unsigned v6 = 0; v6 < 2; v6++) {
			struct st_flow flow = v6 ? flow6() : flow4();
			enum filter_effect wanted = v6 ? cases[i].v6 : cases[i].v4, effect;

			if (cases[i].l4 != IPPROTO_ICMP)
				flow.l4 = cases[i].l4;
			effect = try(cases[i].text, &flow, DLT_EN10MB, true);
			cr_expect_eq(effect, wanted, "'%s', %s: %d", cases[i].text ? cases[i].text : "(compiled)",
				     v6 ? "IPv6" : "IPv4", effect);
		}
	}
}

/* Not one answer was captured anywhere: nobody asked for any. */
Test(capture_filter, answers_are_tried_unseen)
{
	_cleanup_(tried_clear) struct tried t = {0};
	struct capture_filter filter = {.text = "icmp and src 10.0.0.133", .readable = true};
	struct capture_facts f = {.filters = &filter, .n_filters = 1, .link_type = DLT_EN10MB};
	struct check_setup setup = {.l4 = IPPROTO_ICMP};
	struct st_flow flow = flow4();

	captures_set_points(&setup, &t.captures);
	evidence_table_init(&t.table, &setup);
	file(&t, &flow, false, true);
	cr_assert_eq(capture_filter_judge(&f, &flow, &t.table, &t.captures), 0);
	cr_expect_eq(f.filter_effect, FILTER_LEAVES_OUT);
}

/* A tag, an extension header, a fragment: where the fields are is not known. So it is in cooked packets. */
Test(capture_filter, only_plain_packets_are_tried)
{
	struct st_flow flow = flow4();

	cr_expect_eq(try("icmp", &flow, DLT_EN10MB, false), FILTER_UNCERTAIN);
	cr_expect_eq(try("icmp", &flow, DLT_LINUX_SLL, true), FILTER_UNCERTAIN);
	cr_expect_eq(try("tcp", &flow, DLT_EN10MB, false), FILTER_LEAVES_OUT, "the other packet decides");
}
