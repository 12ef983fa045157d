/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "rules/engine.h"
#include "rules/match.h"
#include "rules/rules_parse.h"

static struct rules *parse(const char *text)
{
	struct rules *rules = NULL;
	struct rules_error error;
	int r = rules_parse(text, strlen(text), &rules, &error);

	cr_assert_eq(r, 0, "%u:%u: %s in:\n%s", error.line, error.column, error.reason.text, text);
	return rules;
}

/* A line below `packet A <-> B`, unless it brings a scope of its own. */
static const char *const good[] = {
	"expect ip_rcv",
	"expect ip_rcv|ipv6_rcv",
	"expect * on iface eth0",
	"expect * on netns pod1 iface eth0",
	"expect * on pod web-*",
	"expect * on iface index:4294967295 netns inode:4026531840 pod default/*",
	"expect * on netns host",
	"expect * on iface within", /* a keyword is a name where a name is expected */
	"expect on on iface on within 1ms",
	"expect ip_rcv reverse",
	"expect ip_rcv on iface eth0 forward drop NETFILTER_DROP as here within 5ms",
	"expect ip_rcv within 250us",
	"expect ip_rcv within 250us else inconclusive",
	"count else >= 2 else inconclusive",
	"expect ip_rcv within 4294967295s",
	"forbid * drop *",
	"forbid *",
	"forbid * # on what",
	"forbid *   \t \r",
	"forbid \xc3\xa9*",
	"count ip_rcv == 1",
	"count ip_rcv != 0",
	"count ip_rcv on $place < 4294967295",
	"count ip_rcv on iface lxc* netns $place forward <= 2",
	"count ip_rcv > 2",
	"count == >= 2",
	"expect veth_xmit as out\nforbid * on $out\nexpect ip_rcv on netns $out within 5ms of $out",
};

Test(rules_parse, good)
{
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		char text[512];

		snprintf(text, sizeof(text), "let place = iface eth0 netns pod1\npacket any <-> any\n%s", good[i]);
		rules = parse(text);
		cr_expect_eq(rules->n_scopes, 1, "%s", good[i]);
		cr_expect_geq(rules->n_rules, 1, "%s", good[i]);
	}
}

static const struct {
	const char *scope, *name;
	bool per_packet, has_addrs, both_directions;
	uint8_t src_family, dst_bits, l4;
	uint16_t port;
} scopes[] = {
	{"packet", NULL, true},
	{"flow", NULL, false},
	{"packet request", "request", true},
	{"packet icmp", NULL, true, .l4 = IPPROTO_ICMP},
	{"packet web tcp port 80", "web", true, .l4 = IPPROTO_TCP, .port = 80},
	{"packet port 80 tcp", NULL, true, .l4 = IPPROTO_TCP, .port = 80},
	{"packet proto 47", NULL, true, .l4 = 47},
	{"flow 10.0.0.133 -> 10.0.0.67 icmp", NULL, false, true, false, 4, 32, IPPROTO_ICMP},
	{"flow back_1 10.0.0.0/8 <-> 10.0.0.64/26", "back_1", false, true, true, 4, 26},
	{"packet fd00::1 -> any udp port 53", NULL, true, true, false, 6, 0, IPPROTO_UDP, 53},
	{"packet any -> fd00::/64 icmp6", NULL, true, true, false, 0, 64, IPPROTO_ICMPV6},
};

Test(rules_parse, scopes)
{
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		const struct scope *s;
		char text[256];

		snprintf(text, sizeof(text), "  %s # about\n\n\texpect ip_rcv # there\n", scopes[i].scope);
		rules = parse(text);
		s = &rules->scopes[0];
		cr_expect_str_eq(s->text, scopes[i].scope);
		cr_expect_eq(s->line, 1);
		cr_expect_eq(!s->name, !scopes[i].name, "%s", scopes[i].scope);
		cr_expect(!s->name || strcmp(s->name, scopes[i].name) == 0, "%s", scopes[i].scope);
		cr_expect_eq(s->per_packet, scopes[i].per_packet, "%s", scopes[i].scope);
		cr_expect_eq(s->match.has_addrs, scopes[i].has_addrs, "%s", scopes[i].scope);
		cr_expect_eq(s->match.both_directions, scopes[i].both_directions, "%s", scopes[i].scope);
		cr_expect_eq(s->match.src.family, scopes[i].src_family, "%s", scopes[i].scope);
		cr_expect_eq(s->match.dst.bits, scopes[i].dst_bits, "%s", scopes[i].scope);
		cr_expect_eq(s->match.l4, scopes[i].l4, "%s", scopes[i].scope);
		cr_expect_eq(s->match.port, scopes[i].port, "%s", scopes[i].scope);
		cr_expect_eq(rules->n_rules, 1);
		cr_expect_eq(rules->rules[0].line, 3);
		cr_expect_str_eq(rules->rules[0].text, "expect ip_rcv");
	}
}

static const struct {
	const char *text;
	unsigned line, column;
	const char *why;
} bad[] = {
	{"", 1, 1, "no scope"},
	{"\n# nothing\n", 2, 1, "no scope"},
	{"let a = iface eth0\n", 1, 1, "no scope"},
	{"packet\n", 1, 1, "no rule follows"},
	{"packet a\n  flow b\n expect x\n", 1, 1, "no rule follows"},
	{"packet a\nexpect x\n  flow b", 3, 3, "no rule follows"},
	{"expect ip_rcv\n", 1, 1, "needs a scope above"},
	{"  forbid *", 1, 3, "forbid needs a scope"},
	{"packet\nexcept ip_rcv", 2, 1, "'except' is unknown"},
	{"packet\nexpect", 2, 7, "the line ends: expected a function"},
	{"packet\n  expect ip_rcv on", 2, 19, "expected a place"},
	{"packet\nexpect ip_rcv on eth0", 2, 18, "expected a place"},
	{"packet\nexpect ip_rcv on iface", 2, 23, "the line ends: expected an interface"},
	{"packet\nexpect ip_rcv on iface eth0 iface eth1", 2, 29, "unexpected 'iface'"},
	{"packet\nexpect ip_rcv on iface $a", 2, 24, ", not an alias"},
	{"packet\nexpect ip_rcv on iface index:x", 2, 24, "interface index"},
	{"packet\nexpect ip_rcv on iface index:", 2, 24, "interface index"},
	{"packet\nexpect ip_rcv on netns inode:4294967296", 2, 24, "inode"},
	{"packet\nexpect ip_rcv on netns inode:0x10", 2, 24, "inode"},
	{"packet\nexpect ip_rcv on $a", 2, 18, "'$a' is not bound"},
	{"packet\nexpect ip_rcv on $", 2, 18, "is not bound"},
	{"packet\nexpect $a", 2, 8, ", not an alias"},
	{"packet\nexpect a||b", 2, 8, "empty alternative"},
	{"packet\nexpect a|", 2, 8, "empty alternative"},
	{"packet\nexpect a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q", 2, 8, "more than 16 alternatives"},
	{"packet\nexpect \xc3\xa9\xc3\xa9 huh", 2, 11, "unexpected 'huh'"}, /* columns are code points */
	{"packet\n\texpect\tip_rcv\thuh", 2, 16, "unexpected 'huh'"},
	{"packet\nexpect ip_rcv forward", 2, 15, "needs a scope that goes both ways"},
	{"packet 10.0.0.1 -> any\nexpect ip_rcv reverse", 2, 15, "needs a scope that goes both ways"},
	{"packet\nexpect ip_rcv drop", 2, 19, "the line ends: expected a drop reason or *"},
	{"packet\nexpect ip_rcv else fail", 2, 20, "expected 'inconclusive' after else"},
	{"packet\nforbid ip_rcv else inconclusive", 2, 15, "unexpected 'else'"},
	{"packet\nexpect ip_rcv within", 2, 21, "the line ends: expected a time"},
	{"packet\nexpect ip_rcv within 5", 2, 22, "invalid time '5'"},
	{"packet\nexpect ip_rcv within 5 ms", 2, 22, "invalid time '5'"},
	{"packet\nexpect ip_rcv within 5.5ms", 2, 22, "invalid time"},
	{"packet\nexpect ip_rcv within -5ms", 2, 22, "invalid time"},
	{"packet\nexpect ip_rcv within 4294967296ms", 2, 22, "invalid time"},
	{"packet\nexpect ip_rcv within 5ms of", 2, 28, "the line ends: expected $ALIAS"},
	{"packet\nexpect ip_rcv within 5ms of a", 2, 29, "expected an alias, $NAME"},
	{"packet\nexpect ip_rcv as a within 5ms of $a", 2, 34, "bound by this very line"},
	{"let a = iface x\npacket\nexpect ip_rcv within 5ms of $a", 3, 29, "is not a capture"},
	{"packet\nexpect ip_rcv within 5ms as a", 2, 26, "unexpected 'as'"},
	{"packet\nforbid * as a", 2, 10, "unexpected 'as'"},
	{"packet\nforbid * within 5ms", 2, 10, "unexpected 'within'"},
	{"packet\nexpect ip_rcv as", 2, 17, "the line ends: expected a name"},
	{"packet\nexpect ip_rcv as $a", 2, 18, "invalid name '$a'"},
	{"packet\nexpect ip_rcv as 1a", 2, 18, "invalid name '1a'"},
	{"packet\nexpect ip_rcv as a\nexpect ip_rcv as a", 3, 18, "$a is already bound, in line 2"},
	{"let a = iface x\npacket\nexpect ip_rcv as a", 3, 18, "already bound, in line 1"},
	{"packet\nexpect x as a\npacket\nforbid * on $a", 4, 13, "known in its scope only"},
	{"packet\ncount ip_rcv", 2, 13, "expected ==, !=, <, <=, > or >="},
	{"packet\ncount ip_rcv = 1", 2, 14, "expected =="},
	{"packet\ncount ip_rcv ==", 2, 16, "the line ends: expected a number"},
	{"packet\ncount ip_rcv == one", 2, 17, "invalid count 'one'"},
	{"packet\ncount ip_rcv == 4294967296", 2, 17, "invalid count"},
	{"packet\ncount ip_rcv == 1 2", 2, 19, "unexpected '2'"},
	{"let", 1, 4, "the line ends: expected a name"},
	{"let a", 1, 6, "expected ="},
	{"let a=iface x", 1, 5, "invalid name 'a=iface'"},
	{"let a = ", 1, 8, "expected a place"},
	{"let a = $a", 1, 9, "is not bound"},
	{"let a = iface x y", 1, 17, "unexpected 'y'"},
	{"let a = iface x\nlet a = iface y", 2, 5, "already bound, in line 1"},
	{"let a = iface x\nlet b = netns $a", 2, 15, "$a of line 1 names no namespace"},
	{"packet\nexpect x\nlet a = iface x", 3, 1, "before the first scope"},
	{"packet 10.0.0.1", 1, 16, "expected -> or <->"},
	{"packet 10.0.0.1 10.0.0.2", 1, 17, "expected -> or <->"},
	{"packet 10.0.0.1 ->", 1, 19, "expected an address"},
	{"packet 10.0.0.256 -> any", 1, 8, "10.0.0.256"},
	{"packet -> any", 1, 8, "'->'"},
	{"packet 10.0.0.1/33 -> any", 1, 8, "33"},
	{"packet 10.0.0.1 -> fd00::1", 1, 20, "different families"},
	{"packet a b", 1, 10, "'b'"},
	{"packet any -> any gre", 1, 19, "unknown 'gre'"},
	{"packet any -> any proto", 1, 24, "a protocol's number"},
	{"packet any -> any proto 0", 1, 25, "protocol 0"},
	{"packet any -> any proto 256", 1, 25, "invalid protocol"},
	{"packet any -> any tcp udp", 1, 23, "a second protocol"},
	{"packet any -> any port 1 port 2", 1, 26, "a second port"},
	{"packet any -> any sport 1 dport 2 sport 1", 1, 35, "a second sport"},
	{"packet any -> any dport 0", 1, 25, "port 0"},
	{"packet any -> any port 0", 1, 24, "port 0"},
	{"packet any -> any port 65536", 1, 24, "invalid port"},
	{"packet\nexpect ip\x01rcv", 2, 10, "control byte 0x01"},
	{"packet\nexpect ip_rcv \x7f", 2, 15, "control byte 0x7f"},
};

Test(rules_parse, bad)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rules *rules = (void *)1;
		struct rules_error error;
		int r = rules_parse(bad[i].text, strlen(bad[i].text), &rules, &error);

		cr_expect_lt(r, 0, "taken: %s", bad[i].text);
		cr_expect_eq(rules, (void *)1);
		cr_expect_eq(error.line, bad[i].line, "line %u, not %u, of: %s", error.line, bad[i].line, bad[i].text);
		cr_expect_eq(error.column, bad[i].column, "column %u, not %u, of: %s", error.column, bad[i].column,
			     bad[i].text);
		cr_expect(strstr(error.reason.text, bad[i].why), "'%s' lacks '%s', of: %s", error.reason.text,
			  bad[i].why, bad[i].text);
	}
}

static const char nul[] = "packet\nexpect ip\0_rcv";

Test(rules_parse, a_nul_byte)
{
	struct rules *rules;
	struct rules_error error;

	cr_expect_eq(rules_parse(nul, sizeof(nul) - 1, &rules, &error), -EINVAL);
	cr_expect_eq(error.line, 2);
	cr_expect_eq(error.column, 10);
}

/* head, then n times line, where %u is the number. */
static char *repeat(const char *head, const char *line, unsigned n, const char *tail)
{
	char *text = malloc(strlen(head) + n * (strlen(line) + 10) + strlen(tail) + 1), *at = text;

	at += sprintf(at, "%s", head);
	for (unsigned i = 0; i < n; i++)
		at += sprintf(at, line, i);
	sprintf(at, "%s", tail);
	return text;
}

static const struct {
	const char *head, *line, *tail;
	unsigned max;
	const char *why;
} bounds[] = {
	{"packet\n", "expect f%u\n", "", RULES_MAX, "more than 256 rules"},
	{"", "packet s%u\nexpect x\n", "", RULES_SCOPES_MAX, "more than 64 scopes"},
	{"", "let a%u = iface x\n", "packet\nexpect x\n", RULES_ALIASES_MAX, "more than 128 aliases"},
	{"packet\n", "expect x as a%u\n", "", RULES_CAPTURES_MAX, "more than 16 captures"},
	{"packet\n#", "xxxx", "\nexpect x\n", (RULES_LINE_MAX - 1) / 4, "more than 1024 bytes"},
	{"packet\n", "#xxxxxxxxxxxxxx\n", "expect x\n", RULES_BYTES_MAX / 16 - 1, "more than 262144 bytes"},
};

Test(rules_parse, bounds)
{
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		for (unsigned over = 0; over < 2; over++) {
			_cleanup_free_ char *text =
				repeat(bounds[i].head, bounds[i].line, bounds[i].max + over, bounds[i].tail);
			struct rules *rules = NULL;
			struct rules_error error;
			int r = rules_parse(text, strlen(text), &rules, &error);

			cr_expect_eq(r, over ? -EFBIG : 0, "%s: %d, %s", bounds[i].why, r, error.reason.text);
			cr_expect(!over || strstr(error.reason.text, bounds[i].why), "%s", error.reason.text);
			rules_free(rules);
		}
	}
}

Test(rules_parse, aliases_stand_for_places)
{
	_cleanup_(rules_freep) struct rules *rules =
		parse("let src = iface eth0 netns inode:7 pod web\nlet same = $src\npacket\nexpect a on $same\n"
		      "expect b on iface lxc* netns $src as out\nforbid c on $out\ncount d on netns $out == 0\n");
	const struct rule *r = rules->rules;

	cr_expect_eq(r[0].step.device.iface_kind, IFACE_NAME);
	cr_expect_str_eq(r[0].step.device.ifname, "eth0");
	cr_expect_eq(r[0].step.device.netns_kind, NETNS_INODE);
	cr_expect_eq(r[0].step.device.netns, 7);
	cr_expect_str_eq(r[0].step.device.pod, "web");
	cr_expect_eq(r[1].step.device.netns, 7);
	cr_expect_str_eq(r[1].step.device.ifname, "lxc*");
	cr_expect_null(r[1].step.device.pod);
	cr_expect_eq(r[1].binds, 0);
	cr_expect_eq(r[2].step.device.iface_kind, IFACE_CAPTURED);
	cr_expect_eq(r[2].step.device.netns_kind, NETNS_CAPTURED);
	cr_expect_eq(r[2].step.device.capture, 0);
	cr_expect_eq(r[3].step.device.iface_kind, IFACE_ANY);
	cr_expect_eq(r[3].step.device.netns_kind, NETNS_CAPTURED);
	cr_expect_eq(rules->max_rules, 4);
	cr_expect_eq(rules->max_captures, 1);
}

static const struct {
	const char *pattern, *func;
	uint32_t which;
} globs[] = {
	{"ip_rcv", "ip_rcv", 1},
	{"ip_rcv", "ip_rcv_core", 0},
	{"ip_rcv", "ip_rcv.constprop.0", 1},
	{"ip_rcv.constprop.0", "ip_rcv.constprop.0", 1},
	{"ip_rcv.*", "ip_rcv", 0},
	{"*", "", 1},
	{"?", "", 0},
	{"*rcv", "ip_rcv.isra.0", 1},
	{"a*b*c", "aXbYbZc", 1},
	{"a*b*c", "aXbYbZ", 0},
	{"**?", "x", 1},
	{"a|b|a*", "a", 5},
	{"a|b", "c", 0},
	{"ip?rcv|veth_*", "veth_xmit", 2},
};

Test(rules_parse, globs)
{
	for (size_t i = 0; i < ARRAY_SIZE(globs); i++)
		cr_expect_eq(glob_match_func(globs[i].pattern, globs[i].func), globs[i].which, "%s on %s",
			     globs[i].pattern, globs[i].func);
}

/* roff's escapes that the examples use. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		if (strncmp(from, "\\(aq", 4) == 0) {
			*to++ = '\'';
			from += 4;
		} else {
			from += *from == '\\';
			*to++ = *from++;
		}
	}
	*to = '\0';
}

Test(rules_parse, the_manuals_examples)
{
	_cleanup_buf_ struct buf page = {0};
	unsigned n = 0;

	cr_assert_eq(buf_read_file(MAN_DIR "/skbtrail-rules.5", &page), 0);
	for (char *at = page.data, *end; (at = strstr(at, "\n.EX\n")); at = end + 1, n++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;

		end = strstr(at, "\n.EE\n");
		cr_assert_not_null(end);
		*end = '\0';
		unescape(at += 5);
		rules = parse(at);
	}
	cr_expect_gt(n, 2);
}

/* Ports are those of the side that they are named for, in both directions. */
Test(rules_parse, ports_of_each_side)
{
	static const struct {
		const char *scope;
		bool fits[4]; /* the tuples below */
	} cases[] = {
		{"packet 10.0.0.133 -> 10.0.0.67 tcp port 80", {true, true, false, false}},
		{"packet 10.0.0.133 -> 10.0.0.67 tcp dport 80", {true, false, false, false}},
		{"packet 10.0.0.133 -> 10.0.0.67 tcp sport 80", {false, true, false, false}},
		{"packet 10.0.0.133 -> 10.0.0.67 tcp sport 80 dport 4000", {false, true, false, false}},
		{"flow 10.0.0.133 <-> 10.0.0.67 tcp dport 80", {true, false, true, false}},
		{"flow any <-> any tcp dport 80", {true, true, true, true}},
		{"packet dport 80", {true, false, false, true}},
		{"packet udp dport 80", {false, false, false, false}},
	};
	static const struct tuple tuples[] = {
#define TUPLE(s, sp, d, dp)                                                                                            \
	{.family = 4,                                                                                                  \
	 .src = {10, 0, 0, s},                                                                                         \
	 .dst = {10, 0, 0, d},                                                                                         \
	 .has_l4 = true,                                                                                               \
	 .has_ports = true,                                                                                            \
	 .l4 = IPPROTO_TCP,                                                                                            \
	 .sport = sp,                                                                                                  \
	 .dport = dp}
		TUPLE(133, 4000, 67, 80),
		TUPLE(133, 80, 67, 4000),
		TUPLE(67, 80, 133, 4000),
		TUPLE(67, 4000, 133, 80),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		char text[256];

		snprintf(text, sizeof(text), "%s\nexpect ip_rcv", cases[i].scope);
		rules = parse(text);
		for (size_t k = 0; k < ARRAY_SIZE(tuples); k++) {
			bool reverse;

			cr_expect_eq(match_packet(&rules->scopes[0].match, &tuples[k], &reverse), cases[i].fits[k],
				     "%s, tuple %zu", cases[i].scope, k);
		}
	}
}

Test(rules_parse, a_later_fragment_may_be_of_a_scope_with_ports)
{
	static const struct tuple fragment = {
		.family = 4, .src = {10, 0, 0, 133}, .dst = {10, 0, 0, 67}, .has_l4 = true, .l4 = IPPROTO_UDP};
	static const struct {
		const char *scope;
		bool by_rules, by_filter;
	} cases[] = {
		{"packet 10.0.0.133 -> 10.0.0.67 udp dport 53", true, true},
		{"packet port 53", true, true},
		{"packet 10.0.0.67 -> 10.0.0.133 udp dport 53", false, false},
		{"packet 10.0.0.133 -> 10.0.0.67 tcp dport 53", false, false},
		{"packet 10.0.0.133 -> 10.0.0.67 udp", false, true}, /* a filter beside the rules asks for the port */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(rules_freep) struct rules *rules = NULL;
		struct tuple shown = fragment;
		char text[256];

		snprintf(text, sizeof(text), "%s\nexpect ip_rcv", cases[i].scope);
		rules = parse(text);
		cr_expect_eq(rules_ask_for_ports_of(rules, &fragment, false), cases[i].by_rules, "%s", cases[i].scope);
		cr_expect_eq(rules_ask_for_ports_of(rules, &fragment, true), cases[i].by_filter, "%s", cases[i].scope);
		shown.has_ports = true;
		cr_expect_not(rules_ask_for_ports_of(rules, &shown, true), "%s", cases[i].scope);
	}
}
