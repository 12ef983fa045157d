/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_trace.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/wide.h"
#include "filter/expr.h"
#include "render/ledger.h"
#include "render/text.h"

#define RING_BYTES  (32u << 20)
#define LINES_BYTES (8u << 20) /* about 60 000 lines; later ones are counted, not kept */

struct check_trace {
	struct wide *wide;
	struct text_format text;
	struct out lines;
	uint64_t cut; /* events that were not kept */
};

static int on_event(void *ctx, struct event *ev)
{
	struct check_trace *t = ctx;

	if (t->lines.buf.len > LINES_BYTES)
		t->cut++;
	else
		text_event(&t->text, ev, &t->lines);
	return 0;
}

static int compile(const struct net_ip *src, const struct net_ip *dst, struct expr *ret, struct reason *reason)
{
	char a[NET_IP_TEXT_MAX], b[NET_IP_TEXT_MAX], text[2 * NET_IP_TEXT_MAX + 32];

	net_ip_text(src, a);
	net_ip_text(dst, b);
	snprintf(text, sizeof(text), "host %s and host %s", a, b);
	return expr_compile(text, ret, reason);
}

int check_trace_open(const struct net_ip *src, const struct net_ip *dst, struct check_trace **ret,
		     struct reason *reason)
{
	_cleanup_(check_trace_freep) struct check_trace *t = calloc(1, sizeof(*t));
	_cleanup_expr_ struct expr expr = {0};
	struct wide_opts opts = {
		.ring_bytes = RING_BYTES,
		.pcap = &expr,
		.on_event = on_event,
		.ctx = t,
	};
	int r;

	if (!t)
		return -ENOMEM;
	columns_default(true, &t->text.columns);
	t->text.timestamp.mode = TIMESTAMP_RELATIVE;
	r = compile(src, dst, &expr, reason);
	if (r >= 0)
		r = wide_open(&opts, &t->wide, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

int check_trace_poll(struct check_trace *t)
{
	return wide_poll(t->wide, 0);
}

int check_trace_finish(struct check_trace *t, struct out *out)
{
	struct ledger ledger;
	int r = wide_finish(t->wide, &ledger);

	if (r < 0)
		return r;
	text_header(&t->text, out);
	out_append(out, &t->lines);
	if (t->cut) {
		out_u64(out, t->cut);
		out_str(out, " later events are not shown\n");
	}
	ledger_text(&ledger, out);
	return 0;
}

void check_trace_free(struct check_trace *t)
{
	if (!t)
		return;
	wide_free(t->wide);
	out_free(&t->lines);
	free(t);
}
