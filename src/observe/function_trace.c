/* SPDX-License-Identifier: GPL-2.0-only */
#include "observe/function_trace.h"

#include <errno.h>
#include <stdlib.h>

#include "filter/expr.h"
#include "live/session.h"
#include "render/event/event_text.h"
#include "render/event/lost_events.h"

#define RING_BYTES  (32u << 20)
#define LINES_BYTES (8u << 20) /* about 60,000 lines; later ones are counted but not kept */

struct function_trace {
	struct session *session;
	struct text_format text;
	struct out lines;
	uint64_t cut; /* events that were not kept */
};

static int on_event(void *ctx, struct event *ev)
{
	struct function_trace *t = ctx;

	if (t->lines.buf.len > LINES_BYTES)
		t->cut++;
	else
		event_text(&t->text, ev, &t->lines);
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

int function_trace_open(const struct net_ip *src, const struct net_ip *dst, struct function_trace **ret,
			struct reason *reason)
{
	_cleanup_(function_trace_freep) struct function_trace *t = calloc(1, sizeof(*t));
	_cleanup_expr_ struct expr expr = {0};
	struct session_opts opts = {
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
		r = session_open(&opts, &t->session, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

int function_trace_poll(struct function_trace *t)
{
	return session_poll(t->session, 0);
}

int function_trace_finish(struct function_trace *t, struct out *out)
{
	struct lost_events ledger;
	int r = session_finish(t->session, &ledger);

	if (r < 0)
		return r;
	event_text_header(&t->text, out);
	out_append(out, &t->lines);
	if (t->cut) {
		out_u64(out, t->cut);
		out_str(out, " later events are not shown\n");
	}
	lost_events_text(&ledger, out);
	return 0;
}

void function_trace_free(struct function_trace *t)
{
	if (!t)
		return;
	session_free(t->session);
	out_free(&t->lines);
	free(t);
}
