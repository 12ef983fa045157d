/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/name_parts.h"

#include <string.h>

static void name_frame(const struct ksyms *ks, struct event_frame *f)
{
	struct ksym sym;

	if (ksyms_find(ks, f->addr, &sym, &f->offset) < 0)
		return;
	f->symbol = sym.name;
	f->module = sym.module;
}

/* A tracepoint's program stands on the stack itself, below what called the tracepoint. */
static void cut_own_frames(struct event_parts *parts, uint64_t location)
{
	unsigned from = 0;

	while (from < parts->n_frames && parts->frames[from].addr != location)
		from++;
	if (from == 0 || from == parts->n_frames)
		return;
	parts->n_frames -= from;
	memmove(parts->frames, parts->frames + from, parts->n_frames * sizeof(parts->frames[0]));
}

void name_parts(const struct ksyms *ks, struct dumper *dumper, const struct event *ev)
{
	struct event_parts *p = ev->parts;

	if (!p)
		return;
	if (ev->has_location)
		cut_own_frames(p, ev->location);
	if (p->has & PART_BIT(ST_PART_CALLER))
		name_frame(ks, &p->caller);
	for (unsigned i = 0; i < p->n_frames; i++)
		name_frame(ks, &p->frames[i]);
	if (p->skb_bytes && dumper)
		(void)dumper_text(dumper, DUMP_SKB, p->skb_bytes, p->skb_len, &p->skb_text);
	if (p->shinfo_bytes && dumper)
		(void)dumper_text(dumper, DUMP_SHINFO, p->shinfo_bytes, p->shinfo_len, &p->shinfo_text);
}
