/* SPDX-License-Identifier: GPL-2.0-only */
/* Queueing disciplines, programs, neighbours, sockets. */
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/socket.h>

#include "event/tuple.h"
#include "owner/list.h"
#include "render/out/escape.h"

static const struct owner_qdisc *find_queue(const struct node_state *s, const struct owner_qdisc *q)
{
	for (size_t i = 0; s && i < s->qdiscs.n; i++) {
		const struct owner_qdisc *b = &s->qdiscs.v[i];

		if (b->ifindex == q->ifindex && b->handle == q->handle && b->parent == q->parent &&
		    strcmp(b->kind, q->kind) == 0)
			return b;
	}
	return NULL;
}

/* Whether it dropped since the trace began; without a look at that time, whether it ever dropped. */
static bool has_dropped(const struct node_state *s, const struct owner_qdisc *q)
{
	const struct owner_qdisc *before = find_queue(s->before, q);

	return q->has_stats && q->drops > (before && before->has_stats ? before->drops : 0);
}

/* A qdisc counts what the ones below it drop, so of those the lowest is meant. */
static bool has_dropping_child(const struct node_state *s, const struct owner_qdisc *q)
{
	for (size_t i = 0; i < s->qdiscs.n; i++) {
		const struct owner_qdisc *c = &s->qdiscs.v[i];

		if (c != q && c->ifindex == q->ifindex && q->handle && TC_H_MAJ(c->parent) == TC_H_MAJ(q->handle) &&
		    has_dropped(s, c))
			return true;
	}
	return false;
}

static void handle_text(uint32_t handle, struct out *o)
{
	out_hex(o, TC_H_MAJ(handle) >> 16);
	out_char(o, ':');
	if (TC_H_MIN(handle))
		out_hex(o, TC_H_MIN(handle));
}

static void add_queue(const struct event *ev, const struct owner_qdisc *q, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0};
	struct owner *w;

	out_str(&o, "qdisc ");
	out_escaped_word(&o, q->kind);
	out_char(&o, ' ');
	handle_text(q->handle, &o);
	out_str(&o, " of ");
	out_escaped_word(&o, ev->ifname);
	if (q->has_limit) {
		out_str(&o, ", limit ");
		out_u64(&o, q->limit);
		out_str(&o, q->limit_in_bytes ? " bytes" : " packets");
	}
	if (q->loss_permille) {
		out_str(&o, ", loss ");
		out_u64(&o, q->loss_permille / 10);
		out_char(&o, '.');
		out_u64(&o, q->loss_permille % 10);
		out_str(&o, " %");
	}
	w = owner_add(l, OWNER_QDISC, &o);
	owner_text(l, w, "qdisc", q->kind);
	owner_text(l, w, "device", ev->ifname);
	owner_number(l, w, "handle", q->handle);
	if (q->has_limit)
		owner_number(l, w, q->limit_in_bytes ? "limit_bytes" : "limit_packets", q->limit);
	owner_number(l, w, "drops", q->drops);
}

static bool add_down(const struct event *ev, const struct node_state *s, struct owner_list *l)
{
	const struct net_link *link = s->has_links ? net_tables_find(&s->links, ev->ifindex) : NULL;
	_cleanup_out_ struct out o = {0};
	struct owner *w;

	if (!link || (link->up && !link->no_carrier))
		return false;
	out_str(&o, "device ");
	out_escaped_word(&o, link->ifname);
	out_str(&o, link->up ? " has no carrier" : " is down");
	w = owner_add(l, OWNER_DEVICE, &o);
	owner_text(l, w, "device", link->ifname);
	owner_text(l, w, "state", link->up ? "no_carrier" : "down");
	return true;
}

void owner_find_qdisc(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	if (!f->ev->has_dev || add_down(f->ev, s, l))
		return;
	for (size_t i = 0; s->has_qdiscs && i < s->qdiscs.n; i++) {
		const struct owner_qdisc *q = &s->qdiscs.v[i];

		if (q->ifindex == f->ev->ifindex && has_dropped(s, q) && !has_dropping_child(s, q))
			add_queue(f->ev, q, l);
	}
}

void owner_find_program(const struct owner_facts *f, const struct node_state *s _unused_, struct owner_list *l)
{
	const struct event_prog *p = f->ev->prog.id ? &f->ev->prog : f->prog;
	_cleanup_out_ struct out o = {0};
	const char *verdict;
	struct owner *w;

	if (!p)
		return;
	out_str(&o, p->xdp ? "XDP program " : "tc program ");
	out_escaped_word(&o, p->name ? p->name : "?");
	out_str(&o, " (id ");
	out_u64(&o, p->id);
	out_char(&o, ')');
	verdict = event_verdict_name(p);
	if (verdict) {
		out_str(&o, ", which returned ");
		out_str(&o, verdict);
	}
	w = owner_add(l, OWNER_BPF_PROGRAM, &o);
	owner_text(l, w, "type", p->xdp ? "xdp" : "tc");
	if (p->name)
		owner_text(l, w, "name", p->name);
	owner_number(l, w, "id", p->id);
}

/* The address that must be resolved: the route's gateway, else the destination. */
static const uint8_t *next_hop(const struct event *ev, uint8_t *ret_family)
{
	const struct st_route *r = event_has_part(ev, ST_PART_ROUTE) ? &ev->parts->route : NULL;

	*ret_family = ev->tuple.family == 6 ? AF_INET6 : AF_INET;
	if (!r || !r->gateway_family)
		return ev->tuple.dst;
	*ret_family = r->gateway_family;
	return r->gateway;
}

void owner_find_neighbour(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0};
	const struct event *ev = f->ev;
	char text[ADDR_TEXT_SIZE];
	const uint8_t *addr;
	struct owner *w;
	uint8_t family;

	if (!ev->tuple.family || !ev->has_dev || add_down(ev, s, l))
		return;
	addr = next_hop(ev, &family);
	for (size_t i = 0; s->has_neighbours && i < s->neighbours.n; i++) {
		const struct neighbour *n = &s->neighbours.v[i];

		if (n->family != family || n->ifindex != ev->ifindex ||
		    memcmp(n->addr, addr, family == AF_INET6 ? 16 : 4) != 0 ||
		    !(n->state & (NUD_FAILED | NUD_INCOMPLETE)))
			continue;
		addr_format(family == AF_INET6 ? 6 : 4, addr, text);
		out_str(&o, "neighbour ");
		out_str(&o, text);
		out_str(&o, " on ");
		out_escaped_word(&o, ev->ifname);
		out_str(&o, " does not answer");
		w = owner_add(l, OWNER_NEIGHBOUR, &o);
		owner_text(l, w, "address", text);
		owner_text(l, w, "device", ev->ifname);
		return;
	}
}

/* Whether the socket takes packets to this address. An IPv6 socket of any address may also take IPv4. */
static bool takes(const struct socket_entry *e, const struct tuple *t)
{
	static const uint8_t any[16];

	if (memcmp(e->addr, any, sizeof(any)) == 0)
		return e->family == t->family || e->family == 6;
	return e->family == t->family && memcmp(e->addr, t->dst, t->family == 6 ? 16 : 4) == 0;
}

static void add_no_socket(const struct tuple *t, const struct socket_entry *other, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0};
	char addr[ADDR_TEXT_SIZE];
	struct owner *w;

	addr_format(t->family, t->dst, addr);
	out_str(&o, "nothing listens on ");
	out_str(&o, l4_name(t->l4));
	out_str(&o, t->family == 6 ? " [" : " ");
	out_str(&o, addr);
	out_str(&o, t->family == 6 ? "]:" : ":");
	out_u64(&o, t->dport);
	w = owner_add(l, OWNER_NO_SOCKET, &o);
	owner_text(l, w, "l4", l4_name(t->l4));
	owner_text(l, w, "address", addr);
	owner_number(l, w, "port", t->dport);
	if (!other)
		return;
	addr_format(other->family, other->addr, addr);
	owner_text(l, w, "listens_on", addr);
}

/* Before 5.17 a drop in the same function may have another cause, such as a wrong checksum: then a socket is there. */
void owner_find_socket(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	const struct socket_entry *other = NULL;
	const struct tuple *t = &f->ev->tuple;

	if (!t->family || !t->has_ports || !l4_name(t->l4) || !s->has_sockets)
		return;
	for (size_t i = 0; i < s->sockets.n; i++) {
		const struct socket_entry *e = &s->sockets.v[i];

		if (e->l4 != t->l4 || e->port != t->dport)
			continue;
		if (takes(e, t))
			return;
		other = e;
	}
	add_no_socket(t, other, l);
}
