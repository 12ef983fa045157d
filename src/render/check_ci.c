/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of check same-node and check path for CI systems. */
#include "render/check.h"
#include "render/ci.h"
#include "render/escape.h"
#include "render/rules.h"

/* "same-node 10.0.0.133 -> 10.0.0.67 (icmp)" */
static void name(const struct check_view *v, struct out *o)
{
	char ip[NET_IP_TEXT_MAX];

	out_str(o, v->what);
	if (v->src && v->dst) {
		net_ip_text(&v->src->ip, ip);
		out_char(o, ' ');
		out_str(o, ip);
		out_str(o, " -> ");
		net_ip_text(&v->dst->ip, ip);
		out_str(o, ip);
	}
	out_str(o, " (");
	out_str(o, v->proto);
	out_char(o, ')');
}

static const char *check_code(const void *ctx, size_t i)
{
	return reason_code_name(((const struct check_result *)ctx)->reasons[i].code);
}

static const char *check_reason_text(const void *ctx, size_t i)
{
	return ((const struct check_result *)ctx)->reasons[i].text;
}

static void check_ci(const struct check_view *v, void (*put)(const struct ci_case *c, struct out *o), struct out *o)
{
	_cleanup_out_ struct out text = {0};
	struct ci_case c = {
		.name = &text,
		.verdict = v->result->verdict,
		.duration_ns = v->result->ledger.duration_ns,
		.n_reasons = v->result->n_reasons,
		.code = check_code,
		.text = check_reason_text,
		.ctx = v->result,
	};

	name(v, &text);
	put(&c, o);
}

void check_junit(const struct check_view *v, struct out *o)
{
	check_ci(v, ci_junit, o);
}

void check_tap(const struct check_view *v, struct out *o)
{
	check_ci(v, ci_tap, o);
}

static const char *rules_code(const void *ctx, size_t i)
{
	return path_reason_name(((const struct rules_result *)ctx)->reasons[i].code);
}

static const char *rules_reason_text(const void *ctx, size_t i)
{
	return ((const struct rules_result *)ctx)->reasons[i].text;
}

static void rules_ci(const struct rules_view *v, void (*put)(const struct ci_case *c, struct out *o), struct out *o)
{
	_cleanup_out_ struct out text = {0};
	struct ci_case c = {
		.name = &text,
		.verdict = v->result->verdict,
		.duration_ns = v->result->ledger.duration_ns,
		.n_reasons = v->result->n_reasons,
		.code = rules_code,
		.text = rules_reason_text,
		.ctx = v->result,
	};

	out_str(&text, "path ");
	out_escaped(&text, v->file);
	put(&c, o);
}

void rules_junit(const struct rules_view *v, struct out *o)
{
	rules_ci(v, ci_junit, o);
}

void rules_tap(const struct rules_view *v, struct out *o)
{
	rules_ci(v, ci_tap, o);
}
