/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/event_expr.h"

#include "cli/options.h"
#include "render/pcapng/frame.h"

bool event_expr_matches(const struct cbpf_prog *p, const struct event *ev)
{
	uint8_t made[FRAME_MADE_MAX];
	uint32_t wire_bytes;
	size_t len;

	if (ev->bytes)
		return cbpf_matches(p, ev->bytes, ev->n_bytes, ev->wire_bytes);
	len = frame_make(ev, made, &wire_bytes);
	return len > FRAME_HEAD_BYTES && cbpf_matches(p, made + FRAME_HEAD_BYTES, (uint32_t)(len - FRAME_HEAD_BYTES),
						      wire_bytes - FRAME_HEAD_BYTES);
}

int opt_expression(void *dst, const char *value, struct reason *reason)
{
	struct cbpf_prog *p = dst, fresh;
	int r = opt_not_empty(value, reason);

	if (r >= 0)
		r = cbpf_compile(value, CBPF_RAW_IP, &fresh, reason);
	if (r < 0)
		return r;
	cbpf_free(p);
	*p = fresh;
	return 0;
}
