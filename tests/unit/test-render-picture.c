/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets as a picture and as a page, against tests/golden/picture.*; and what no recording can make them contain. */
#include "test-path-build.h"

#include "golden.h"
#include "render/out/escape.h"
#include "render/path/page.h"
#include "render/path/svg.h"

/* Markup, quotes, a bidi override, a control byte and invalid UTF-8, wherever a recording has text. */
#define HOSTILE "<b>&\"'\xe2\x80\xae\x01\xff"

static const struct record_info info = {.release = "6.12.1",
					.machine = "x86_64",
					.tool = "skbtrail",
					.command = "skbtrail record -w f --filter-ip 10.0.0.67"};
static const struct record_info hostile_info = {.release = HOSTILE,
						.machine = HOSTILE,
						.tool = HOSTILE,
						.command = "--filter-func </dd><script>alert(1)</script>"};
static const struct lost_events ledger = {.events = 120,
					  .provable = true,
					  .selected = 9,
					  .attached = 9,
					  .backend = "kprobe.multi",
					  .duration_ns = 2000000000};

static const struct visit odd[] = {
	{1, 2, 0, "e\"<i>&'\x1b", "ip_output exotic<hook>"},
	{3, 20, 0,
	 "\xe2\x80\xae"
	 "0hte",
	 "veth_xmit ip_rcv"},
	{3, 20, 1, "lxc1", "packet_rcv consume_skb"},
	{2, 2, 0, "eth0", "!<REASON>@tcp_v4_rcv"},
};

struct both {
	struct svg svg;
	struct page page;
};

static int on_packet(void *ctx, const struct packet *p)
{
	struct both *b = ctx;

	svg_packet(&b->svg, p);
	page_packet(&b->page, p);
	return 0;
}

static void add(struct build *b, uint64_t pkt, struct tuple tuple, const struct visit *visits, size_t n)
{
	struct event base = PING(pkt, tuple);

	build_packet(b, visits, n, &base);
}

#define ADD(number, t, visits) add(&b, number, (struct tuple)t, visits, ARRAY_SIZE(visits))

static struct both drawn(bool hostile)
{
	struct both r = {0};
	struct packets_opts opts = {.on_packet = on_packet, .ctx = &r};
	struct build b = {.ts_ns = START_NS, .wait_at = "__netif_receive_skb", .wait_ns = 1234567};

	cr_assert_eq(packets_new(&opts, &b.packets), 0);
	if (hostile) {
		struct event base = PING(1, REQUEST(1));

		strcpy(base.comm, HOSTILE);
		build_packet(&b, odd, ARRAY_SIZE(odd), &base);
	} else {
		ADD(1, REQUEST(1), ping_peer_6_12);
		ADD(2, REPLY(1), reply_peer_6_12);
		ADD(3, REQUEST(2), ping_nfdrop_6_12);
		ADD(4, REQUEST(3), ping_stack_6_12);
		ADD(5, TCP(133, 67, 41482, 8080, 0x18), tcp_data_6_12);
	}
	cr_assert_eq(packets_flush(b.packets), 0);
	packets_free(b.packets);
	return r;
}

static void drawn_free(struct both *b)
{
	svg_free(&b->svg);
	page_free(&b->page);
}

Test(render_picture, svg)
{
	struct both b = drawn(false);
	_cleanup_out_ struct out o = {0};

	svg_finish(&b.svg, &info, &ledger, &o);
	golden("picture.svg", &o);
	drawn_free(&b);
}

Test(render_picture, html)
{
	struct both b = drawn(false);
	_cleanup_out_ struct out o = {0};

	page_finish(&b.page, &info, &ledger, &o);
	golden("picture.html", &o);
	drawn_free(&b);
}

static bool is_void(const char *name, size_t len)
{
	return (len == 4 && memcmp(name, "meta", 4) == 0) || (len == 8 && memcmp(name, "!doctype", 8) == 0);
}

/* Every tag is closed, in its order, and what lies in quotes holds no quote. Names must be those we write ourselves. */
static void cr_well_formed(const struct out *o)
{
	static const char *const known[] = {"!doctype", "html", "head", "meta", "title", "style", "body",    "a",
					    "main",	"h1",	"h2",	"dl",	"dt",	 "dd",	  "table",   "thead",
					    "tbody",	"tr",	"th",	"td",	"p",	 "div",	  "article", "details",
					    "summary",	"svg",	"desc", "g",	"rect",	 "path",  "text"};
	struct {
		const char *name;
		size_t len;
	} open[64];
	size_t depth = 0, i = 0;
	const char *s = o->buf.data;

	while (i < o->buf.len) {
		const char *lt = memchr(s + i, '<', o->buf.len - i), *gt, *name;
		bool closing, found = false;
		size_t len;

		if (!lt)
			break;
		gt = memchr(lt, '>', o->buf.len - (size_t)(lt - s));
		cr_assert_not_null(gt);
		closing = lt[1] == '/';
		name = lt + 1 + closing;
		len = strcspn(name, " />");
		for (size_t k = 0; k < ARRAY_SIZE(known); k++)
			found |= strlen(known[k]) == len && memcmp(known[k], name, len) == 0;
		cr_assert(found, "unknown tag %.*s", (int)len, name);
		if (closing) {
			cr_assert_gt(depth, 0u);
			depth--;
			cr_assert(open[depth].len == len && memcmp(open[depth].name, name, len) == 0, "</%.*s>",
				  (int)len, name);
		} else if (gt[-1] != '/' && !is_void(name, len)) {
			cr_assert_lt(depth, ARRAY_SIZE(open));
			open[depth].name = name;
			open[depth++].len = len;
		}
		i = (size_t)(gt - s) + 1;
	}
	cr_assert_eq(depth, 0u);
}

/* Nothing that a browser would fetch, run or be misled by. */
static void cr_harmless(struct out *o)
{
	static const char *const bad[] = {"<script", "<b>",	    "<i>",   "url(", "src=",	 "@import",
					  "onload",  "javascript:", "<link", "<img", "<REASON>", "exotic<"};
	uint32_t cp = 0;

	cr_well_formed(o);
	for (size_t i = 0; i < o->buf.len;) {
		size_t n = utf8_next(o->buf.data + i, o->buf.len - i, &cp);

		cr_assert(n && (cp == '\n' || !codepoint_is_unsafe(cp)), "at %zu", i);
		i += n;
	}
	out_char(o, '\0');
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_null(strstr(o->buf.data, bad[i]), "%s", bad[i]);
	for (const char *s = o->buf.data; (s = strstr(s, "http:")); s++)
		cr_expect_eq(memcmp(s, "http://www.w3.org/2000/svg\"", 27), 0);
	cr_expect_null(strstr(o->buf.data, "https:"));
	cr_expect_not_null(strstr(o->buf.data, "&lt;i&gt;&amp;&#39;\\x1b"));
	cr_expect_not_null(strstr(o->buf.data, "\\xe2\\x80\\xae0hte"));
	cr_expect_not_null(strstr(o->buf.data, "&lt;REASON&gt;"));
}

Test(render_picture, hostile_names_stay_text)
{
	struct both b = drawn(true);
	_cleanup_out_ struct out svg = {0}, html = {0};

	svg_finish(&b.svg, &hostile_info, NULL, &svg);
	cr_harmless(&svg);
	page_finish(&b.page, &hostile_info, NULL, &html);
	cr_harmless(&html);
	cr_expect_not_null(strstr(html.buf.data, "&lt;/dd&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
	cr_expect_not_null(strstr(html.buf.data, "what was lost is not known"));
	drawn_free(&b);
}

/* A recording of a million packets makes a picture of the first ones, and says so. */
Test(render_picture, bounded)
{
	struct both b = {0};
	struct packet p = {.pkt = 1};
	_cleanup_out_ struct out svg = {0}, html = {0};
	size_t svg_len, html_len;

	for (unsigned i = 0; i < PAGE_PACKETS_MAX; i++)
		on_packet(&b, &p);
	svg_len = b.svg.body.buf.len;
	html_len = b.page.body.buf.len;
	for (unsigned i = 0; i < 7; i++)
		on_packet(&b, &p);
	cr_expect_eq(b.svg.body.buf.len, svg_len);
	cr_expect_eq(b.page.body.buf.len, html_len);
	svg_finish(&b.svg, &info, &ledger, &svg);
	page_finish(&b.page, &info, &ledger, &html);
	out_char(&svg, '\0');
	out_char(&html, '\0');
	cr_expect_not_null(strstr(svg.buf.data, "807 more packets are not drawn"));
	cr_expect_not_null(strstr(html.buf.data, "7 more packets are not shown"));
	drawn_free(&b);
}

/* More hops than fit beside each other go on below; every box lies inside of the picture, and no two overlap. */
Test(render_picture, many_hops_wrap)
{
	struct visit visits[30];
	struct both b = {0};
	struct packets_opts opts = {.on_packet = on_packet, .ctx = &b};
	struct build build = {.ts_ns = START_NS};
	struct event base = PING(1, REQUEST(1));
	_cleanup_out_ struct out o = {0};
	unsigned long x[64] = {0}, y[64] = {0}, w[64] = {0}, h[64] = {0}, height;
	size_t n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(visits); i++)
		visits[i] = (struct visit){1 + i % 3, 10 + i, 0, i % 2 ? "eth0" : "lxc_long_name_1",
					   "ip_rcv ip_forward ip_output"};
	cr_assert_eq(packets_new(&opts, &build.packets), 0);
	build_packet(&build, visits, ARRAY_SIZE(visits), &base);
	cr_assert_eq(packets_flush(build.packets), 0);
	packets_free(build.packets);
	svg_finish(&b.svg, &info, &ledger, &o);
	out_char(&o, '\0');
	cr_assert_eq(sscanf(strstr(o.buf.data, "height=\"") + 8, "%lu", &height), 1);
	for (const char *s = o.buf.data; (s = strstr(s, "<rect class=\"box")); s++, n++)
		cr_assert_eq(sscanf(strstr(s, " x="), " x=\"%lu\" y=\"%lu\" width=\"%lu\" height=\"%lu\"", &x[n], &y[n],
				    &w[n], &h[n]),
			     4);
	cr_assert_eq(n, ARRAY_SIZE(visits));
	for (size_t i = 0; i < n; i++) {
		cr_expect_leq(x[i] + w[i], 1500u);
		cr_expect_lt(y[i] + h[i], height);
		for (size_t k = 0; k < i; k++)
			cr_expect(x[i] >= x[k] + w[k] || x[k] >= x[i] + w[i] || y[i] >= y[k] + h[k] ||
				  y[k] >= y[i] + h[i]);
	}
	drawn_free(&b);
}

/* No room: the failure stays. */
Test(render_picture, no_memory)
{
	struct both b = {.svg.body.failed = true, .page.body.failed = true};
	struct packet p = {.pkt = 1};
	_cleanup_out_ struct out svg = {0}, html = {0};

	on_packet(&b, &p);
	svg_finish(&b.svg, NULL, NULL, &svg);
	page_finish(&b.page, NULL, NULL, &html);
	cr_expect(svg.failed);
	cr_expect(html.failed);
	drawn_free(&b);
}
