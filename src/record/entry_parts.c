/* SPDX-License-Identifier: GPL-2.0-only */
/* The encoding of an event's parts (event/parts.h): a mask, then each part that is set in it, from the lowest bit. */
#include "event/parts.h"
#include "record/entry.h"

static void frame_io(struct io *io, struct event_frame *f)
{
	io_fixed64(io, &f->addr);
	io_string(io, &f->symbol);
	io_string(io, &f->module);
	IO_UINT(io, f->offset);
}

static void stack_io(struct io *io, struct event_parts *p)
{
	IO_UINT(io, p->n_frames);
	if (p->n_frames > ST_STACK_MAX)
		io_fail(io, -EBADMSG);
	for (unsigned i = 0; !io->err && i < p->n_frames; i++)
		frame_io(io, &p->frames[i]);
}

static void link_io(struct io *io, struct st_link *l)
{
	io_bytes(io, l->mac_dst, sizeof(l->mac_dst));
	io_bytes(io, l->mac_src, sizeof(l->mac_src));
	io_bytes(io, &l->type_be, sizeof(l->type_be));
	IO_UINT(io, l->has_mac);
	IO_UINT(io, l->accel);
	IO_UINT(io, l->n_tags);
	if (l->n_tags > 3)
		io_fail(io, -EBADMSG);
	for (unsigned i = 0; !io->err && i < l->n_tags; i++) {
		IO_UINT(io, l->tag_tci[i]);
		io_bytes(io, &l->tag_proto_be[i], sizeof(l->tag_proto_be[i]));
	}
}

static void inner_io(struct io *io, struct event_inner *in)
{
	unsigned kind = in->kind;

	IO_UINT(io, kind);
	if (kind > ST_TUNNEL_IPIP)
		io_fail(io, -EBADMSG);
	in->kind = (enum st_tunnel_kind)kind;
	IO_UINT(io, in->has_vni);
	IO_UINT(io, in->vni);
	entry_tuple_io(io, &in->tuple);
}

static void ct_tuple_io(struct io *io, struct st_ct_tuple *t)
{
	io_bytes(io, t->src, sizeof(t->src));
	io_bytes(io, &t->sport_be, sizeof(t->sport_be));
	IO_UINT(io, t->l3num);
	io_bytes(io, t->dst, sizeof(t->dst));
	io_bytes(io, &t->dport_be, sizeof(t->dport_be));
	IO_UINT(io, t->protonum);
	IO_UINT(io, t->dir);
}

static void ct_io(struct io *io, struct st_conntrack *ct)
{
	ct_tuple_io(io, &ct->orig);
	ct_tuple_io(io, &ct->reply);
	IO_UINT(io, ct->status);
	IO_UINT(io, ct->mark);
	IO_UINT(io, ct->info);
	IO_UINT(io, ct->zone);
}

static void route_io(struct io *io, struct st_route *r)
{
	int64_t error = r->error;

	io_bytes(io, r->gateway, sizeof(r->gateway));
	IO_UINT(io, r->netns);
	IO_UINT(io, r->ifindex);
	io_chars(io, r->ifname, sizeof(r->ifname));
	IO_UINT(io, r->family);
	IO_UINT(io, r->type);
	io_i64(io, &error);
	r->error = (int16_t)error;
	IO_UINT(io, r->gateway_family);
}

static void values_io(struct io *io, struct event_parts *p)
{
	IO_UINT(io, p->n_values);
	if (p->n_values > ST_VALUES_MAX) {
		p->n_values = 0;
		io_fail(io, -EBADMSG);
	}
	for (unsigned i = 0; i < p->n_values; i++) {
		struct event_value *v = &p->values[i];
		unsigned is = v->has_value | v->is_signed << 1 | v->is_pointer << 2;

		io_view(io, &v->text);
		IO_UINT(io, is);
		IO_UINT(io, v->value);
		v->has_value = is & 1;
		v->is_signed = is >> 1 & 1;
		v->is_pointer = is >> 2 & 1;
	}
}

static void netfilter_io(struct io *io, struct st_netfilter *nf)
{
	IO_UINT(io, nf->verdict);
	IO_UINT(io, nf->hook);
	IO_UINT(io, nf->pf);
	io_chars(io, nf->table, sizeof(nf->table));
	io_chars(io, nf->chain, sizeof(nf->chain));
}

static void map_io(struct io *io, struct st_map_access *a)
{
	IO_UINT(io, a->id);
	IO_UINT(io, a->op);
	IO_UINT(io, a->found);
	IO_UINT(io, a->key_size);
	IO_UINT(io, a->value_size);
	IO_UINT(io, a->key_bytes);
	IO_UINT(io, a->value_bytes);
	if (a->op >= ST_MAP_OP_MAX || a->key_bytes > ST_MAP_BYTES || a->value_bytes > ST_MAP_BYTES) {
		io_fail(io, -EBADMSG);
		return;
	}
	io_bytes(io, a->key, a->key_bytes);
	io_bytes(io, a->value, a->value_bytes);
	io_chars(io, a->name, sizeof(a->name));
}

void entry_parts_io(struct io *io, struct event *ev)
{
	struct event_parts *p = ev->parts;
	uint32_t known = PART_BIT(ST_PART_MAX) - 1;

	if (!io->to)
		*p = (struct event_parts){0};
	IO_UINT(io, p->has);
	if (p->has & PART_BIT(ST_PART_CALLER))
		frame_io(io, &p->caller);
	if (p->has & PART_BIT(ST_PART_STACK))
		stack_io(io, p);
	if (p->has & PART_BIT(ST_PART_LINK))
		link_io(io, &p->link);
	if (p->has & PART_BIT(ST_PART_CB))
		io_bytes(io, p->cb, sizeof(p->cb));
	if (p->has & PART_BIT(ST_PART_TUNNEL))
		inner_io(io, &p->inner);
	if (p->has & PART_BIT(ST_PART_CT))
		ct_io(io, &p->ct);
	if (p->has & PART_BIT(ST_PART_ROUTE))
		route_io(io, &p->route);
	if (p->has & PART_BIT(ST_PART_SKB))
		io_view(io, &p->skb_text);
	if (p->has & PART_BIT(ST_PART_SHINFO))
		io_view(io, &p->shinfo_text);
	if (p->has & PART_BIT(ST_PART_VALUES))
		values_io(io, p);
	if (p->has & PART_BIT(ST_PART_NETFILTER))
		netfilter_io(io, &p->netfilter);
	if (p->has & PART_BIT(ST_PART_MAP))
		map_io(io, &p->map);
	p->has &= known; /* parts of a newer minor version follow, and are not read */
}
