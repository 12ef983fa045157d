/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/names.h"

#include <string.h>

#include "event/parts.h"

#define FUNC_SPAN_BYTES 32 /* a probe is at most this far from the start of its function */

/* The event of a program has the program's name already; only a call of a helper is named after the helper. The target
 * of a redirect is a device of the packet's namespace. */
static void name_prog_event(const struct names *n, struct event *ev)
{
	if (!ev->prog.has_target)
		return;
	ev->func = event_call_name(ev->prog.call);
	if (ev->has_netns)
		n->ifname(n->ctx, ev->netns, ev->prog.ifindex, ev->prog.ifname);
}

static void name_chain_event(struct event *ev)
{
	bool v6 = ev->source == ST_SRC_IP6TABLES;

	if (ev->source == ST_SRC_NETFILTER) {
		ev->func = "nft_do_chain";
		ev->module = "nf_tables";
	} else {
		ev->func = v6 ? "ip6t_do_table" : "ipt_do_table";
		ev->module = v6 ? "ip6_tables" : "ip_tables";
	}
}

/* Programs use a map by calling one of these helpers. */
static void name_map_event(struct event *ev)
{
	static const char *const helpers[] = {"bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem"};

	if (event_has_part(ev, ST_PART_MAP))
		ev->func = helpers[ev->parts->map.op];
}

/* The record holds the whole register, of which a type may use only some bits. */
static void set_return_type(struct event_return *r, const struct func *f)
{
	static const enum return_kind kinds[] = {
		[FUNC_RETURNS_UNKNOWN] = RETURN_UNKNOWN, [FUNC_RETURNS_VOID] = RETURN_UNKNOWN,
		[FUNC_RETURNS_POINTER] = RETURN_POINTER, [FUNC_RETURNS_BOOL] = RETURN_BOOL,
		[FUNC_RETURNS_SIGNED] = RETURN_SIGNED,	 [FUNC_RETURNS_UNSIGNED] = RETURN_UNSIGNED,
	};
	unsigned unused_bits = 64 - 8u * f->result.bytes;

	r->kind = kinds[f->result.kind];
	if (r->kind == RETURN_BOOL)
		r->value = (uint8_t)r->value != 0;
	else if (r->kind == RETURN_SIGNED)
		r->value = (uint64_t)((int64_t)(r->value << unused_bits) >> unused_bits);
	else if (r->kind == RETURN_UNSIGNED)
		r->value = r->value << unused_bits >> unused_bits;
}

static void name_func_event(const struct names *n, struct event *ev)
{
	const struct func *f = func_set_find(n->funcs, ev->addr, FUNC_SPAN_BYTES);

	ev->func = f ? f->name : NULL;
	ev->module = f ? f->module : NULL;
	if (f && ev->ret.here)
		set_return_type(&ev->ret, f);
}

static void name_func(const struct names *n, struct event *ev)
{
	if (ev->prog.id)
		name_prog_event(n, ev);
	else if (ev->source == ST_SRC_KFREE)
		ev->func = "kfree_skb";
	else if (event_ends_chain(ev))
		name_chain_event(ev);
	else if (ev->source == ST_SRC_MAP)
		name_map_event(ev);
	else
		name_func_event(n, ev);
}

static void name_frame(const struct ksyms *ks, struct event_frame *f)
{
	struct ksym sym;

	if (ksyms_find(ks, f->addr, &sym, &f->offset) < 0)
		return;
	f->symbol = sym.name;
	f->module = sym.module;
}

/* The first frames of a drop's stack are those of our own program at the tracepoint. */
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

static void name_parts(const struct names *n, const struct event *ev)
{
	struct event_parts *p = ev->parts;

	if (ev->has_location)
		cut_own_frames(p, ev->location);
	if (event_has_part(ev, ST_PART_CALLER))
		name_frame(n->ksyms, &p->caller);
	for (unsigned i = 0; i < p->n_frames; i++)
		name_frame(n->ksyms, &p->frames[i]);
	if (p->skb_bytes)
		p->skb_text = n->structure(n->ctx, DUMP_SKB, p->skb_bytes, p->skb_len);
	if (p->shinfo_bytes)
		p->shinfo_text = n->structure(n->ctx, DUMP_SHINFO, p->shinfo_bytes, p->shinfo_len);
}

void names_event(const struct names *n, struct event *ev)
{
	name_func(n, ev);
	if (ev->has_netns)
		ev->netns_name = n->netns(n->ctx, ev->netns);
	if (ev->has_location)
		n->drop_site(n->ctx, ev);
	if (ev->has_reason)
		ev->drop_reason_name = n->drop_reason(n->ctx, ev->drop_reason);
	if (ev->parts)
		name_parts(n, ev);
}
