/* SPDX-License-Identifier: GPL-2.0-only */
#include "event/parts.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/read.h"
#include "base/symbol.h"

#define ROUND8(n) (((n) + 7) & ~(size_t)7)

static_assert(sizeof(struct st_part) == 8, "the bytes after a part's header are aligned");
static_assert(sizeof(struct st_ct_tuple) == 40, "layout of the kernel's struct nf_conntrack_tuple");
static_assert(sizeof(struct st_inner) == 48 && sizeof(struct st_conntrack) == 104 && sizeof(struct st_route) == 48,
	      "layout of the parts");

int event_parts_layout(uint32_t wanted, const struct parts_sizes *sizes, struct st_output *ret)
{
	const size_t bytes[ST_PART_MAX] = {
		[ST_PART_CALLER] = sizeof(uint64_t),
		[ST_PART_STACK] = ST_STACK_MAX * sizeof(uint64_t),
		[ST_PART_LINK] = sizeof(struct st_link),
		[ST_PART_CB] = ST_CB_BYTES,
		[ST_PART_TUNNEL] = sizeof(struct st_inner),
		[ST_PART_CT] = sizeof(struct st_conntrack),
		[ST_PART_ROUTE] = sizeof(struct st_route),
		[ST_PART_VALUES] = sizeof(struct st_values),
		[ST_PART_NETFILTER] = sizeof(struct st_netfilter),
		[ST_PART_MAP] = sizeof(struct st_map_access),
		[ST_PART_SKB] = sizes->skb,
		[ST_PART_SHINFO] = sizes->shinfo,
		[ST_PART_BYTES] = sizeof(struct st_bytes) + sizes->snap,
	};
	struct st_output o = {.payload_max_bytes = (uint16_t)sizes->snap};
	size_t end = sizeof(struct st_event) + ST_ADDRS_MAX;

	if (sizes->skb > ST_DUMP_MAX || sizes->shinfo > ST_DUMP_MAX || sizes->snap > ST_PAYLOAD_MAX)
		return -E2BIG;
	for (int kind = 0; kind < ST_PART_MAX; kind++) {
		if (!(wanted & PART_BIT(kind)))
			continue;
		o.at[kind] = (uint16_t)end;
		o.capacity[kind] = (uint16_t)ROUND8(bytes[kind]);
		end += sizeof(struct st_part) + o.capacity[kind];
	}
	o.record_bytes = wanted ? (uint32_t)end : 0;
	*ret = o;
	return 0;
}

static bool decode_inner(const void *data, size_t len, struct event_inner *ret)
{
	struct st_inner in;
	struct tuple *t = &ret->tuple;

	if (len != sizeof(in))
		return false;
	memcpy(&in, data, sizeof(in));
	if (in.kind > ST_TUNNEL_IPIP)
		return false;
	ret->kind = (enum st_tunnel_kind)in.kind;
	ret->has_vni = in.has_vni;
	ret->vni = in.has_vni ? in.vni : 0;
	t->family = in.valid & ST_VALID_IP4 ? 4 : in.valid & ST_VALID_IP6 ? 6 : 0;
	memcpy(t->src, in.addrs, t->family == 4 ? 4 : 16);
	memcpy(t->dst, in.addrs + (t->family == 4 ? 4 : 16), t->family == 4 ? 4 : 16);
	t->has_l4 = in.valid & ST_VALID_L4;
	t->l4 = in.l4;
	t->has_ports = in.valid & ST_VALID_PORTS;
	t->has_tcp = in.valid & ST_VALID_TCP;
	t->has_icmp = in.valid & ST_VALID_ICMP;
	t->has_icmp_id = in.valid & ST_VALID_ICMP_ID;
	t->sport = t->has_ports ? ntohs(in.sport_be) : 0;
	t->dport = t->has_ports ? ntohs(in.dport_be) : 0;
	t->tcp_flags = in.tcp_flags;
	t->icmp_type = in.icmp_type;
	t->icmp_code = in.icmp_code;
	t->icmp_id = t->has_icmp_id ? ntohs(in.sport_be) : 0;
	t->icmp_seq = t->has_icmp_id ? ntohs(in.dport_be) : 0;
	return true;
}

static bool decode_frames(const void *data, size_t len, struct event_parts *ret)
{
	if (len % sizeof(uint64_t) || len > ST_STACK_MAX * sizeof(uint64_t))
		return false;
	ret->n_frames = (unsigned)(len / sizeof(uint64_t));
	for (unsigned i = 0; i < ret->n_frames; i++)
		memcpy(&ret->frames[i].addr, (const char *)data + i * sizeof(uint64_t), sizeof(uint64_t));
	return true;
}

/* Copies a part of fixed size; false: it has another size. */
static bool copy_part(void *dst, size_t want, const void *data, size_t len)
{
	if (len != want)
		return false;
	memcpy(dst, data, want);
	return true;
}

static bool decode_bytes(const void *data, size_t len, struct event_parts *ret)
{
	struct rd r = rd_init(data, len);
	struct st_bytes b;

	if (!rd_copy(&r, &b, sizeof(b)))
		return false;
	ret->bytes = r.p;
	ret->n_bytes = (uint16_t)r.left;
	ret->wire_bytes = b.wire_bytes;
	return true;
}

static bool decode_values(const void *data, size_t len, struct event_parts *ret)
{
	struct st_values v;

	if (!copy_part(&v, sizeof(v), data, len) || v.n > ST_VALUES_MAX)
		return false;
	ret->n_values = v.n;
	for (unsigned i = 0; i < v.n; i++)
		ret->values[i] = (struct event_value){.value = v.value[i], .has_value = v.valid >> i & 1};
	return true;
}

static bool decode_part(enum st_part_kind kind, const void *data, size_t len, struct event_parts *ret)
{
	switch (kind) {
	case ST_PART_CALLER:
		return copy_part(&ret->caller.addr, sizeof(ret->caller.addr), data, len);
	case ST_PART_STACK:
		return decode_frames(data, len, ret);
	case ST_PART_LINK:
		return copy_part(&ret->link, sizeof(ret->link), data, len) && ret->link.n_tags <= 3;
	case ST_PART_CB:
		return copy_part(ret->cb, sizeof(ret->cb), data, len);
	case ST_PART_TUNNEL:
		return decode_inner(data, len, &ret->inner);
	case ST_PART_CT:
		return copy_part(&ret->ct, sizeof(ret->ct), data, len);
	case ST_PART_ROUTE:
		if (!copy_part(&ret->route, sizeof(ret->route), data, len))
			return false;
		ret->route.ifname[sizeof(ret->route.ifname) - 1] = '\0';
		return true;
	case ST_PART_VALUES:
		return decode_values(data, len, ret);
	case ST_PART_NETFILTER:
		if (!copy_part(&ret->netfilter, sizeof(ret->netfilter), data, len))
			return false;
		ret->netfilter.table[ST_NF_NAME_LEN - 1] = ret->netfilter.chain[ST_NF_NAME_LEN - 1] = '\0';
		return true;
	case ST_PART_MAP:
		if (!copy_part(&ret->map, sizeof(ret->map), data, len) || ret->map.op >= ST_MAP_OP_MAX ||
		    ret->map.key_bytes > ST_MAP_BYTES || ret->map.value_bytes > ST_MAP_BYTES)
			return false;
		ret->map.name[sizeof(ret->map.name) - 1] = '\0';
		return true;
	case ST_PART_SKB:
		ret->skb_bytes = data;
		ret->skb_len = (uint16_t)len;
		return true;
	case ST_PART_SHINFO:
		ret->shinfo_bytes = data;
		ret->shinfo_len = (uint16_t)len;
		return true;
	case ST_PART_BYTES:
		return decode_bytes(data, len, ret);
	default:
		return false;
	}
}

int event_parts_decode(const void *data, size_t size, struct event_parts *ret)
{
	struct rd r = rd_init(data, size);
	struct event_parts parts = {0};
	struct st_event rec;

	if (!rd_copy(&r, &rec, sizeof(rec)))
		return -EBADMSG;
	if (!rec.has_parts)
		r.left = 0;
	else if (!rd_bytes(&r, ST_ADDRS_MAX))
		return -EBADMSG;
	while (r.left) {
		struct st_part head;
		const void *room;

		if (!rd_copy(&r, &head, sizeof(head)))
			return -EBADMSG;
		room = rd_bytes(&r, head.capacity_bytes);
		if (!room || head.len_bytes > head.capacity_bytes || head.kind >= ST_PART_MAX)
			return -EBADMSG;
		if (!head.len_bytes)
			continue;
		if (!decode_part((enum st_part_kind)head.kind, room, head.len_bytes, &parts))
			return -EBADMSG;
		if (head.kind != ST_PART_BYTES)
			parts.has |= PART_BIT(head.kind);
	}
	*ret = parts;
	return 0;
}

const char *event_tunnel_name(enum st_tunnel_kind kind)
{
	static const char *const names[] = {"", [ST_TUNNEL_VXLAN] = "vxlan", [ST_TUNNEL_GENEVE] = "geneve",
					    [ST_TUNNEL_GRE] = "gre", [ST_TUNNEL_IPIP] = "ipip"};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : "";
}

static size_t text_bytes(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

size_t event_copy_bytes(const struct event *ev)
{
	size_t bytes = sizeof(*ev);

	if (ev->netns_name)
		bytes += text_bytes(ev->netns_name);
	if (ev->parts)
		bytes += ROUND8(sizeof(*ev->parts)) + text_bytes(ev->parts->skb_text) +
			 text_bytes(ev->parts->shinfo_text);
	if (ev->bytes)
		bytes += ev->n_bytes;
	for (unsigned i = 0; ev->parts && i < ev->parts->n_values; i++)
		bytes += text_bytes(ev->parts->values[i].text);
	return ROUND8(bytes);
}

static const char *copy_text(char **at, const char *s)
{
	size_t bytes = text_bytes(s);
	char *p = *at;

	if (!bytes)
		return NULL;
	memcpy(p, s, bytes);
	*at += bytes;
	return p;
}

/* The names of functions live as long as the trace, but the name of a namespace only until the list is read again. */
struct event *event_copy(const struct event *ev)
{
	struct event *copy = malloc(event_copy_bytes(ev));
	char *at;

	if (!copy)
		return NULL;
	at = (char *)(copy + 1);
	*copy = *ev;
	if (ev->parts) {
		copy->parts = (struct event_parts *)at;
		*copy->parts = *ev->parts;
		copy->parts->skb_bytes = copy->parts->shinfo_bytes = NULL;
		copy->parts->skb_len = copy->parts->shinfo_len = 0;
		copy->parts->bytes = NULL;
		at += ROUND8(sizeof(*ev->parts));
		copy->parts->skb_text = copy_text(&at, ev->parts->skb_text);
		copy->parts->shinfo_text = copy_text(&at, ev->parts->shinfo_text);
		for (unsigned i = 0; i < ev->parts->n_values; i++)
			copy->parts->values[i].text = copy_text(&at, ev->parts->values[i].text);
	}
	copy->netns_name = copy_text(&at, ev->netns_name);
	if (ev->bytes) {
		memcpy(at, ev->bytes, ev->n_bytes);
		copy->bytes = (const uint8_t *)at;
	}
	return copy;
}

unsigned event_first_tag(const struct event *ev)
{
	const struct st_link *l = &ev->parts->link;

	return l->accel && l->n_tags > 1 && l->tag_tci[0] == l->tag_tci[1] &&
	       l->tag_proto_be[0] == l->tag_proto_be[1] && symbol_is(ev->func, "skb_pull_rcsum");
}
