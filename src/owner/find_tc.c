/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters of tc on the way in and out. Their matches are not evaluated: if several may have dropped, their counters
 * of drops tell, where only one of them moved. */
#include <linux/pkt_sched.h>
#include <string.h>

#include "base/symbol.h"
#include "owner/list.h"
#include "render/out/escape.h"

static bool is_egress(const struct tc_filter *t)
{
	return TC_H_MIN(t->parent) == TC_H_MIN_EGRESS;
}

/* Where the packet was dropped; false: unknown. */
static bool direction(const struct owner_facts *f, bool *ret_egress)
{
	const char *reason = f->ev->drop_reason_name, *symbol = f->ev->drop_symbol;

	if (reason && (strcmp(reason, "TC_EGRESS") == 0 || strcmp(reason, "TC_INGRESS") == 0)) {
		*ret_egress = reason[3] == 'E';
		return true;
	}
	*ret_egress = symbol_is(symbol, "__dev_queue_xmit");
	return *ret_egress || symbol_is(symbol, "__netif_receive_skb_core");
}

static bool has_moved(const struct node_state *s, const struct tc_filter *t)
{
	const struct node_state *b = s->before;

	for (size_t i = 0; b && i < b->filters.n; i++) {
		const struct tc_filter *o = &b->filters.v[i];

		if (o->ifindex == t->ifindex && o->parent == t->parent && o->handle == t->handle &&
		    o->priority == t->priority && strcmp(o->kind, t->kind) == 0)
			return t->drops > o->drops;
	}
	return t->drops > 0;
}

static void add_filter(const struct event *ev, const struct tc_filter *t, struct owner_list *l)
{
	const char *side = is_egress(t) ? "egress" : "ingress";
	_cleanup_out_ struct out o = {0};
	struct owner *w;

	out_str(&o, "tc filter ");
	out_escaped_word(&o, t->kind);
	out_str(&o, " pref ");
	out_u64(&o, t->priority);
	out_str(&o, " handle ");
	out_hex(&o, t->handle);
	out_str(&o, " on ");
	out_str(&o, side);
	out_str(&o, " of ");
	out_escaped_word(&o, ev->ifname);
	if (t->actions[0]) {
		out_str(&o, ", action ");
		out_escaped(&o, t->actions);
	}
	w = owner_add(l, OWNER_TC_FILTER, &o);
	owner_text(l, w, "filter", t->kind);
	owner_text(l, w, "device", ev->ifname);
	owner_text(l, w, "direction", side);
	owner_number(l, w, "priority", t->priority);
	owner_number(l, w, "handle", t->handle);
	owner_text(l, w, "actions", t->actions);
}

void owner_find_tc(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	size_t n = 0, n_moved = 0;
	bool egress, programs = false;

	if (f->prog) {
		owner_find_program(f, s, l);
		return;
	}
	if (!s->has_filters || !f->ev->has_dev || !direction(f, &egress))
		return;
	for (size_t i = 0; i < s->filters.n; i++) {
		const struct tc_filter *t = &s->filters.v[i];

		if (t->ifindex != f->ev->ifindex || is_egress(t) != egress)
			continue;
		n++;
		n_moved += has_moved(s, t);
		programs |= t->is_program; /* its counter does not tell */
	}
	for (size_t i = 0; i < s->filters.n; i++) {
		const struct tc_filter *t = &s->filters.v[i];

		if (t->ifindex == f->ev->ifindex && is_egress(t) == egress &&
		    (n == 1 || n_moved != 1 || programs || has_moved(s, t)))
			add_filter(f->ev, t, l);
	}
}

/* The device by which it was to leave; where the packet itself is still at the one that it came from, its route tells.
 */
void owner_find_mtu(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	const struct st_route *r = event_has_part(f->ev, ST_PART_ROUTE) ? &f->ev->parts->route : NULL;
	const struct net_link *link = r && s->has_links ? net_tables_find(&s->links, r->ifindex) : NULL;
	_cleanup_out_ struct out o = {0};
	struct owner *w;

	if (!link || f->ev->len_bytes <= link->mtu)
		return;
	out_str(&o, "MTU ");
	out_u64(&o, link->mtu);
	out_str(&o, " of ");
	out_escaped_word(&o, link->ifname);
	out_str(&o, ", and it has ");
	out_u64(&o, f->ev->len_bytes);
	out_str(&o, " bytes");
	w = owner_add(l, OWNER_MTU, &o);
	owner_text(l, w, "device", link->ifname);
	owner_number(l, w, "mtu", link->mtu);
}
