/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of check same-node and check path for CI systems. */
#include "render/check/check.h"
#include "render/check/ci.h"
#include "render/check/rules.h"
#include "render/out/escape.h"

static const char *check_code(const void *ctx, size_t i)
{
	return reason_code_name(((const struct check_result *)ctx)->reasons[i].code);
}

static const char *check_reason_text(const void *ctx, size_t i)
{
	return ((const struct check_result *)ctx)->reasons[i].text;
}

static void junit(struct ci_case *c, const struct out *text, const struct ci_property *properties, size_t n,
		  struct out *o)
{
	c->text_output = text;
	c->properties = properties;
	c->n_properties = n;
	ci_junit(c, o);
}

static struct ci_case check_case(const struct check_view *v, struct out *name)
{
	check_title(v, name);
	return (struct ci_case){
		.name = name,
		.verdict = v->result->verdict,
		.duration_ns = v->result->ledger.duration_ns,
		.n_reasons = v->result->n_reasons,
		.code = check_code,
		.text = check_reason_text,
		.ctx = v->result,
	};
}

void check_junit(const struct check_view *v, const struct ci_property *properties, size_t n, struct out *o)
{
	_cleanup_out_ struct out name = {0}, text = {0};
	struct check_view plain = *v;
	struct ci_case c = check_case(v, &name);

	plain.color = false;
	check_text(&plain, &text);
	junit(&c, &text, properties, n, o);
}

void check_tap(const struct check_view *v, struct out *o)
{
	_cleanup_out_ struct out name = {0};
	struct ci_case c = check_case(v, &name);

	ci_tap(&c, o);
}

static const char *rules_code(const void *ctx, size_t i)
{
	return rules_reason_code_name(((const struct rules_result *)ctx)->reasons[i].code);
}

static const char *rules_reason_text(const void *ctx, size_t i)
{
	return ((const struct rules_result *)ctx)->reasons[i].text;
}

static struct ci_case rules_case(const struct rules_view *v, struct out *name)
{
	out_str(name, "path ");
	out_escaped(name, v->file);
	return (struct ci_case){
		.name = name,
		.verdict = v->result->verdict,
		.duration_ns = v->result->ledger.duration_ns,
		.n_reasons = v->result->n_reasons,
		.code = rules_code,
		.text = rules_reason_text,
		.ctx = v->result,
	};
}

void rules_junit(const struct rules_view *v, const struct ci_property *properties, size_t n, struct out *o)
{
	_cleanup_out_ struct out name = {0}, text = {0};
	struct ci_case c = rules_case(v, &name);
	struct rules_view plain = *v;

	plain.color = false;
	rules_text(&plain, &text);
	junit(&c, &text, properties, n, o);
}

void rules_tap(const struct rules_view *v, struct out *o)
{
	_cleanup_out_ struct out name = {0};
	struct ci_case c = rules_case(v, &name);

	ci_tap(&c, o);
}
