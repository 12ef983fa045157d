/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/check/ci.h"

#include "render/event/event_json.h"
#include "render/out/escape.h"
#include "render/out/json.h"
#include "render/out/xml.h"

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

static void xml_str(const char *s, struct out *o)
{
	_cleanup_out_ struct out text = {0};

	out_escaped(&text, s);
	out_xml_of(o, &text);
}

static void junit_properties(const struct ci_property *p, size_t n, struct out *o)
{
	if (!n)
		return;
	out_str(o, "  <properties>\n");
	for (size_t i = 0; i < n; i++) {
		out_str(o, "    <property name=\"");
		xml_str(p[i].name, o);
		out_str(o, "\" value=\"");
		xml_str(p[i].value, o);
		out_str(o, "\"/>\n");
	}
	out_str(o, "  </properties>\n");
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
	if (c->n_reasons)
		xml_str(c->text(c->ctx, 0), o);
	else
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
	out_str(o, "\">\n");
	junit_properties(c->properties, c->n_properties, o);
	out_str(o, "  <testcase classname=\"skbtrail.check\" name=\"");
	out_xml_of(o, c->name);
	out_str(o, "\" time=\"");
	seconds(c->duration_ns, o);
	out_str(o, "\">\n");
	junit_outcome(c, o);
	if (c->text_output) {
		out_str(o, "    <system-out>");
		out_xml_of(o, c->text_output);
		out_str(o, "</system-out>\n");
	}
	out_str(o, "  </testcase>\n</testsuite>\n");
}

/* A test's description. TAP 14, which TAP 13's readers follow: a bare # may begin a directive, SKIP or TODO, that makes
 * a failure a pass. */
static void tap_description(const struct out *text, struct out *o)
{
	for (size_t i = 0; i < text->buf.len; i++) {
		if (text->buf.data[i] == '#' || text->buf.data[i] == '\\')
			out_char(o, '\\');
		out_char(o, text->buf.data[i]);
	}
}

void ci_tap(const struct ci_case *c, struct out *o)
{
	out_str(o, "TAP version 13\n1..1\n");
	out_str(o, c->verdict == VERDICT_PASS ? "ok 1 - " : "not ok 1 - ");
	tap_description(c->name, o);
	out_char(o, ' ');
	out_str(o, verdict_name(c->verdict));
	out_char(o, '\n');
	for (size_t i = 0; i < c->n_reasons; i++) {
		out_str(o, "# ");
		put_reason(c, i, o);
	}
}

static const char *refused_code(const void *ctx _unused_, size_t i _unused_)
{
	return "refused";
}

static const char *refused_text(const void *ctx, size_t i _unused_)
{
	return ctx;
}

void ci_junit_refused(const char *what, const char *why, const struct ci_property *properties, size_t n, struct out *o)
{
	_cleanup_out_ struct out name = {0};
	struct ci_case c = {.name = &name,
			    .verdict = VERDICT_INCONCLUSIVE, /* an error, as there */
			    .n_reasons = 1,
			    .code = refused_code,
			    .text = refused_text,
			    .ctx = why,
			    .properties = properties,
			    .n_properties = n};

	out_str(&name, what);
	ci_junit(&c, o);
}

void ci_tap_refused(const char *what, const char *why, struct out *o)
{
	_cleanup_out_ struct out text = {0};

	out_str(o, "TAP version 13\n1..1\nnot ok 1 - ");
	out_str(o, what);
	out_str(o, " not judged\nBail out! ");
	out_escaped(&text, why);
	tap_description(&text, o);
	out_char(o, '\n');
}

void ci_json_refused(const char *what, const char *why, struct out *o)
{
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "check");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_str(&j, "check", what);
	json_field_null(&j, "verdict");
	json_field_array(&j, "reasons");
	json_object(&j);
	json_field_str(&j, "code", "refused");
	json_field_str(&j, "text", why);
	json_object_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}
