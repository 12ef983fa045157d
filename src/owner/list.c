/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/list.h"

#include <assert.h>
#include <string.h>

static const char *const kind_names[] = {
	[OWNER_NFT_RULE] = "nft_rule",
	[OWNER_NFT_POLICY] = "nft_policy",
	[OWNER_IPTABLES_RULE] = "iptables_rule",
	[OWNER_IPTABLES_POLICY] = "iptables_policy",
	[OWNER_CONNTRACK_TABLE] = "conntrack_table",
	[OWNER_IP_RULE] = "ip_rule",
	[OWNER_ROUTE] = "route",
	[OWNER_NO_ROUTE] = "no_route",
	[OWNER_SYSCTL] = "sysctl",
	[OWNER_QDISC] = "qdisc",
	[OWNER_TC_FILTER] = "tc_filter",
	[OWNER_BPF_PROGRAM] = "bpf_program",
	[OWNER_NEIGHBOUR] = "neighbour",
	[OWNER_NO_SOCKET] = "no_socket",
	[OWNER_SOCKET_BUFFER] = "socket_buffer",
	[OWNER_XFRM] = "xfrm",
	[OWNER_DEVICE] = "device",
	[OWNER_MTU] = "mtu",
	[OWNER_TTL] = "ttl",
	[OWNER_BRIDGE] = "bridge",
};
static_assert(ARRAY_SIZE(kind_names) == OWNER_KIND_MAX, "every kind has its name");

const char *owner_kind_name(enum owner_kind kind)
{
	return kind_names[kind];
}

static char *copy(struct owner_list *l, const char *text, size_t len)
{
	char *s = strndup(text, len);

	l->failed |= !s;
	return s;
}

struct owner *owner_add(struct owner_list *l, enum owner_kind kind, struct out *o)
{
	struct owner *w = NULL;

	l->failed |= o->failed;
	if (l->n == OWNERS_MAX) {
		l->more = true;
	} else if (!o->failed) {
		w = &l->v[l->n];
		*w = (struct owner){.kind = kind, .text = copy(l, o->buf.len ? o->buf.data : "", o->buf.len)};
		if (w->text)
			l->n++;
		else
			w = NULL;
	}
	out_clear(o);
	return w;
}

static struct owner_field *next_field(struct owner *w, const char *name)
{
	struct owner_field *f;

	if (!w || w->n_fields == OWNER_FIELDS_MAX)
		return NULL;
	f = &w->fields[w->n_fields++];
	*f = (struct owner_field){.name = name};
	return f;
}

void owner_text(struct owner_list *l, struct owner *w, const char *name, const char *text)
{
	struct owner_field *f = next_field(w, name);

	if (f)
		f->text = copy(l, text, strlen(text));
}

void owner_number(struct owner_list *l _unused_, struct owner *w, const char *name, uint64_t number)
{
	struct owner_field *f = next_field(w, name);

	if (f)
		f->number = number;
}

void owner_list_clear(struct owner_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		for (unsigned k = 0; k < l->v[i].n_fields; k++)
			free(l->v[i].fields[k].text);
		free(l->v[i].text);
	}
	*l = (struct owner_list){0};
}

void owner_list_text(const struct owner_list *l, struct out *o)
{
	if (l->n > 1 || l->more)
		out_str(o, "one of: ");
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			out_str(o, " | ");
		out_str(o, l->v[i].text);
	}
	if (l->more)
		out_str(o, " | ...");
}
