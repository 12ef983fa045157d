/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/ci.h"

#include "render/escape.h"
#include "render/xml.h"

static void put_reason(const struct ci_case *c, size_t i, struct out *o)
{
	out_str(o, c->code(c->ctx, i));
	out_str(o, ": ");
	out_escaped(o, c->text(c->ctx, i));
	out_char(o, '\n');
}

static void xml_reasons(const struct ci_case *c, struct out *o)
{
	for (size_t i = 0; i < c->n_reasons; i++) {
		_cleanup_out_ struct out text = {0};

		put_reason(c, i, &text);
		out_xml_of(o, &text);
	}
}

static void seconds(uint64_t ns, struct out *o)
{
	out_u64(o, ns / 1000000000);
	out_char(o, '.');
	out_u64_digits(o, ns / 1000000 % 1000, 3);
}

static void junit_outcome(const struct ci_case *c, struct out *o)
{
	const char *element = c->verdict == VERDICT_FAIL ? "failure" : "error";

	if (c->verdict == VERDICT_PASS)
		return;
	out_str(o, "    <");
	out_str(o, element);
	out_str(o, " type=\"");
	out_str(o, c->n_reasons ? c->code(c->ctx, 0) : "none");
	out_str(o, "\" message=\"");
	out_str(o, verdict_name(c->verdict));
	out_str(o, "\">");
	xml_reasons(c, o);
	out_str(o, "</");
	out_str(o, element);
	out_str(o, ">\n");
}

void ci_junit(const struct ci_case *c, struct out *o)
{
	out_str(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"skbtrail\" tests=\"1\" failures=\"");
	out_u64(o, c->verdict == VERDICT_FAIL);
	out_str(o, "\" errors=\"");
	out_u64(o, c->verdict == VERDICT_INCONCLUSIVE);
	out_str(o, "\" time=\"");
	seconds(c->duration_ns, o);
	out_str(o, "\">\n  <testcase classname=\"skbtrail.check\" name=\"");
	out_xml_of(o, c->name);
	out_str(o, "\" time=\"");
	seconds(c->duration_ns, o);
	out_str(o, "\">\n");
	junit_outcome(c, o);
	out_str(o, "  </testcase>\n</testsuite>\n");
}

void ci_tap(const struct ci_case *c, struct out *o)
{
	out_str(o, "TAP version 13\n1..1\n");
	out_str(o, c->verdict == VERDICT_PASS ? "ok 1 - " : "not ok 1 - ");
	out_mem(o, c->name->buf.data, c->name->buf.len);
	out_char(o, ' ');
	out_str(o, verdict_name(c->verdict));
	out_char(o, '\n');
	for (size_t i = 0; i < c->n_reasons; i++) {
		out_str(o, "# ");
		put_reason(c, i, o);
	}
}
