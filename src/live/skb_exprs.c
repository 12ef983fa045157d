/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/skb_exprs.h"

#include <errno.h>
#include <string.h>

#include "btf/types.h"
#include "kern/trace.h"
#include "render/out/escape.h"

static int refused(struct skb_exprs *e, const char *option, const char *text, int err, struct reason *reason)
{
	if (err != -EINVAL && err != -E2BIG)
		return err;
	e->bad = text;
	return reason_set(reason, err, "--%s=%.120s: %s", option, text, e->error.text);
}

static int compile_tunnel(const char *option, const char *text, enum cbpf_link link, struct ebpf_prog *ret,
			  struct reason *reason)
{
	struct reason why = {0};
	int r = text ? expr_compile_one(text, link, ret, &why) : 0;

	return r < 0 ? reason_set(reason, r, "--%s=%.120s: %s", option, text, why.text[0] ? why.text : strerror(-r))
		     : 0;
}

int skb_exprs_compile(const struct trace_options *o, struct skb_exprs *ret, struct reason *reason)
{
	_cleanup_(btf_types_freep) struct btf_types *types = NULL;
	size_t bad;
	int r = compile_tunnel("filter-tunnel-pcap-l2", o->tunnel_l2, CBPF_ETHERNET, &ret->tunnel_l2, reason);

	if (r >= 0)
		r = compile_tunnel("filter-tunnel-pcap-l3", o->tunnel_l3, CBPF_RAW_IP, &ret->tunnel_l3, reason);
	if (r < 0)
		return r;
	if (!o->skb_expr && !o->skb_metadata.n)
		return 0;
	r = btf_types_load(o->kernel_btf, &types, reason);
	if (r < 0)
		return r;
	if (o->skb_expr)
		r = skb_filter_compile(o->skb_expr, btf_types_skb(types), TRACE_EXPR_INSNS, &ret->match, &ret->error);
	if (r < 0)
		return refused(ret, "filter-skb-expr", o->skb_expr, r, reason);
	if (!o->skb_metadata.n)
		return 0;
	r = skb_values_compile(o->skb_metadata.texts, o->skb_metadata.n, btf_types_skb(types), TRACE_EXPR_INSNS,
			       &ret->values, ret->kinds, &bad, &ret->error);
	if (r < 0)
		return refused(ret, "output-skb-metadata", o->skb_metadata.texts[bad], r, reason);
	ret->n = o->skb_metadata.n;
	memcpy(ret->texts, o->skb_metadata.texts, sizeof(ret->texts));
	return 0;
}

void skb_exprs_name(const struct skb_exprs *e, struct event_parts *parts)
{
	for (unsigned i = 0; parts && i < parts->n_values && i < e->n; i++) {
		parts->values[i].text = e->texts[i];
		parts->values[i].is_signed = e->kinds[i].is_signed;
		parts->values[i].is_pointer = e->kinds[i].is_pointer;
	}
}

/* Escapes make a text longer, so the caret is as far to the right as the escaped text before the error is long. */
void skb_exprs_caret(const struct skb_exprs *e, FILE *f)
{
	_cleanup_out_ struct out text = {0}, before = {0};
	_cleanup_free_ char *head = e->bad ? strndup(e->bad, e->error.column) : NULL;

	if (!head)
		return;
	out_escaped(&before, head);
	out_str(&text, "  ");
	out_escaped(&text, e->bad);
	out_str(&text, "\n  ");
	for (size_t i = 0; i < before.buf.len; i++)
		out_char(&text, ' ');
	out_str(&text, "^\n");
	out_flush_file(&text, f);
}

void skb_exprs_clear(struct skb_exprs *e)
{
	ebpf_free(&e->tunnel_l2);
	ebpf_free(&e->tunnel_l3);
	ebpf_free(&e->match);
	ebpf_free(&e->values);
}
