/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/ipt_entry.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static struct rd at(const struct legacy_table *t, uint32_t offset)
{
	return offset <= t->size ? rd_init((const char *)t->data + offset, t->size - offset) : rd_init(NULL, 0);
}

static bool read_v4(struct rd *rd, struct legacy_rule *r, uint16_t *target_offset, uint16_t *next_offset)
{
	struct ipt_entry e;

	if (!rd_copy(rd, &e, sizeof(e)))
		return false;
	memcpy(r->src, &e.ip.src, 4);
	memcpy(r->dst, &e.ip.dst, 4);
	memcpy(r->src_mask, &e.ip.smsk, 4);
	memcpy(r->dst_mask, &e.ip.dmsk, 4);
	memcpy(r->iif, e.ip.iniface, sizeof(r->iif));
	memcpy(r->oif, e.ip.outiface, sizeof(r->oif));
	memcpy(r->iif_mask, e.ip.iniface_mask, sizeof(r->iif_mask));
	memcpy(r->oif_mask, e.ip.outiface_mask, sizeof(r->oif_mask));
	r->proto = e.ip.proto;
	r->flags = e.ip.flags;
	r->invflags = e.ip.invflags;
	r->packets = e.counters.pcnt;
	*target_offset = e.target_offset;
	*next_offset = e.next_offset;
	return true;
}

static bool read_v6(struct rd *rd, struct legacy_rule *r, uint16_t *target_offset, uint16_t *next_offset)
{
	struct ip6t_entry e;

	if (!rd_copy(rd, &e, sizeof(e)))
		return false;
	memcpy(r->src, &e.ipv6.src, 16);
	memcpy(r->dst, &e.ipv6.dst, 16);
	memcpy(r->src_mask, &e.ipv6.smsk, 16);
	memcpy(r->dst_mask, &e.ipv6.dmsk, 16);
	memcpy(r->iif, e.ipv6.iniface, sizeof(r->iif));
	memcpy(r->oif, e.ipv6.outiface, sizeof(r->oif));
	memcpy(r->iif_mask, e.ipv6.iniface_mask, sizeof(r->iif_mask));
	memcpy(r->oif_mask, e.ipv6.outiface_mask, sizeof(r->oif_mask));
	r->proto = e.ipv6.proto;
	r->flags = e.ipv6.flags;
	r->invflags = e.ipv6.invflags;
	r->packets = e.counters.pcnt;
	*target_offset = e.target_offset;
	*next_offset = e.next_offset;
	return true;
}

static bool read_target(const struct legacy_table *t, struct legacy_rule *r)
{
	struct rd rd = at(t, r->target);
	struct xt_entry_target target;

	if (!rd_copy(&rd, &target, sizeof(target)))
		return false;
	memcpy(r->target_name, target.u.user.name, sizeof(target.u.user.name));
	r->target_name[sizeof(r->target_name) - 1] = '\0';
	if (!r->target_name[0])
		return rd_copy(&rd, &r->verdict, sizeof(r->verdict));
	if (strcmp(r->target_name, XT_ERROR_TARGET) == 0) {
		if (!rd_copy(&rd, r->error_name, XT_FUNCTION_MAXNAMELEN))
			return false;
		r->error_name[sizeof(r->error_name) - 1] = '\0';
	}
	return true;
}

bool ipt_read_rule(const struct legacy_table *t, uint32_t offset, struct legacy_rule *ret)
{
	uint16_t target_offset, next_offset;
	struct rd rd = at(t, offset);

	*ret = (struct legacy_rule){0};
	if (t->v6 ? !read_v6(&rd, ret, &target_offset, &next_offset) : !read_v4(&rd, ret, &target_offset, &next_offset))
		return false;
	ret->matches = offset + (t->v6 ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry));
	ret->target = offset + target_offset;
	ret->next = offset + next_offset;
	if (ret->target < ret->matches || ret->next <= ret->target || ret->next > t->size)
		return false;
	return read_target(t, ret);
}

bool ipt_read_match(const struct legacy_table *t, uint32_t offset, uint32_t end, struct legacy_match *ret)
{
	struct rd rd = at(t, offset);
	struct xt_entry_match m;

	if (offset >= end || !rd_copy(&rd, &m, sizeof(m)) || m.u.match_size < sizeof(m) ||
	    m.u.match_size > end - offset)
		return false;
	memcpy(ret->name, m.u.user.name, sizeof(m.u.user.name));
	ret->name[sizeof(ret->name) - 1] = '\0';
	ret->revision = m.u.user.revision;
	ret->info = rd.p;
	ret->size = m.u.match_size - sizeof(m);
	ret->next = offset + m.u.match_size;
	return true;
}

void ipt_tables_free(struct legacy_tables *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].data);
	free(t->v);
	*t = (struct legacy_tables){0};
}
