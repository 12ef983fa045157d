/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>

#include "event/parts.h"
#include "render/event/event_text.h"
#include "render/event/fields_parts.h"

/* The names of the columns, joined, to compare with. */
static void expect(const struct columns *c, const char *want)
{
	_cleanup_out_ struct out o = {0};

	for (unsigned i = 0; i < c->count; i++) {
		out_str(&o, i ? " " : "");
		out_str(&o, fields[c->ids[i]].column);
	}
	out_char(&o, '\0');
	cr_expect_str_eq(o.buf.data, want);
}

Test(columns, the_default_columns)
{
	struct columns c;

	columns_default(false, &c);
	expect(&c, "SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC");
	columns_default(true, &c);
	expect(&c, "SKB CPU PROCESS TIMESTAMP NETNS IFACE LEN TUPLE FUNC");
}

Test(columns, a_list_chooses_and_orders)
{
	struct columns c;

	cr_assert_eq(columns_parse("func,Skb,MARK", &c, NULL), 0);
	expect(&c, "FUNC SKB MARK");
	cr_assert_eq(columns_parse("pid", &c, NULL), 0);
	expect(&c, "PID");
}

Test(columns, every_column_can_be_chosen)
{
	for (enum field_id id = 0; id < FIELD_MAX; id++) {
		struct columns c;

		if (!fields[id].column)
			continue;
		cr_assert_eq(columns_parse(fields[id].column, &c, NULL), 0);
		cr_expect_eq(c.ids[0], id);
		cr_expect_not_null(fields[id].help);
	}
}

Test(columns, mistakes_are_named)
{
	static const struct {
		const char *list, *why;
	} cases[] = {
		{"", "empty"},
		{"func,", "empty"},
		{",func", "empty"},
		{"func,,skb", "empty"},
		{"skb,colour", "'colour'"},
		{"netns_name", "'netns_name'"},
		{"func skb", "'func skb'"},
		{"fun", "'fun'"},
		{"func,pid,FUNC", "FUNC is given twice"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct columns c = {.count = 77};
		struct reason reason = {0};

		cr_expect_eq(columns_parse(cases[i].list, &c, &reason), -EINVAL, "%s", cases[i].list);
		cr_expect_not_null(strstr(reason.text, cases[i].why), "%s: %s", cases[i].list, reason.text);
		cr_expect_eq(c.count, 77, "left alone");
	}
}

/* FUNC begins where a terminal of that width still shows it. */
Test(columns, fit_the_terminal)
{
	static const struct {
		unsigned width;
		bool timestamp;
		const char *shown;
		unsigned func_at;
	} cases[] = {
		{0, false, "SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC", 117},
		{139, false, "SKB CPU PROCESS NETNS IFACE LEN TUPLE FUNC", 117},
		{138, false, "CPU PROCESS NETNS IFACE LEN TUPLE FUNC", 98},
		{139, true, "CPU PROCESS TIMESTAMP NETNS IFACE LEN TUPLE FUNC", 113},
		{119, false, "PROCESS NETNS IFACE LEN TUPLE FUNC", 94},
		{115, false, "PROCESS NETNS IFACE TUPLE FUNC", 88},
		{100, false, "NETNS IFACE TUPLE FUNC", 69},
		{80, false, "NETNS IFACE TUPLE FUNC", 57},
		{20, false, "NETNS IFACE TUPLE FUNC", 57},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_out_ struct out line = {0};
		struct text_format f = {.timestamp.mode = cases[i].timestamp ? TIMESTAMP_RELATIVE : TIMESTAMP_NONE};
		char *func;

		columns_default(cases[i].timestamp, &f.columns);
		columns_fit(&f.columns, cases[i].width, f.timestamp.mode);
		expect(&f.columns, cases[i].shown);
		event_text_header(&f, &line);
		out_char(&line, '\0');
		func = strstr(line.buf.data, "FUNC");
		cr_assert_not_null(func);
		cr_expect_eq(func - line.buf.data, cases[i].func_at, "%u: %ti", cases[i].width, func - line.buf.data);
	}
}

/* The names of the JSON fields and their order, which scripts rely on. */
Test(columns, json_fields_are_in_the_documented_order)
{
	static const char *const want[] = {
		"seq",	      "ts_ns",		"cpu",	     "pkt",    "skb",	   "func",	  "module",  "netns",
		"netns_name", "ifindex",	"ifname",    "mark",   "proto",	   "mtu",	  "len",     "pid",
		"comm",	      "tuple",		"drop",	     "caller", "stack",	   "mac",	  "vlan",    "tunnel",
		"conntrack",  "route",		"netfilter", "cb",     "skb_dump", "shared_info", "program", "call",
		"metadata",   "without_packet", "return",    "map"};
	size_t n = 0;

	for (int id = 0; id < FIELD_MAX; id++) {
		if (!fields[id].key)
			continue;
		cr_assert_lt(n, ARRAY_SIZE(want));
		cr_expect_str_eq(fields[id].key, want[n++]);
	}
	cr_expect_eq(n, ARRAY_SIZE(want));
}

Test(columns, timestamp_modes)
{
	static const char *const names[] = {"none", "current", "relative", "absolute"};
	enum timestamp_mode mode = TIMESTAMP_NONE;
	struct reason reason = {0};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cr_expect_eq(timestamp_mode_parse(names[i], &mode, NULL), 0);
		cr_expect_eq(mode, i);
	}
	cr_expect_eq(timestamp_mode_parse("Relative", &mode, &reason), -EINVAL);
	cr_expect_not_null(strstr(reason.text, "'Relative'"));
	cr_expect_eq(mode, TIMESTAMP_ABSOLUTE, "left alone");
}

/* A packet that a rule notrack excluded has no entry and no tuples. */
Test(columns, untracked)
{
	struct event_parts parts = {.has = PART_BIT(ST_PART_CT), .ct = {.info = 7}};
	struct event ev = {.parts = &parts};
	_cleanup_out_ struct out text = {0}, json = {0};
	struct json j = json_init(&json);

	fields_ct_text(&text, &ev);
	out_char(&text, '\0');
	cr_expect_str_eq(text.buf.data, "untracked");
	fields_ct_json(&j, &ev);
	out_char(&json, '\0');
	cr_expect_str_eq(json.buf.data,
			 "{\"state\":\"untracked\",\"status\":[],\"orig\":null,\"reply\":null,\"mark\":0,"
			 "\"zone\":0}");
}
