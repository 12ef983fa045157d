/* SPDX-License-Identifier: GPL-2.0-only */
/* net/ipv4/netfilter/ip_tables.c, ipt_do_table(), and its twin for IPv6. */
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "owner/ipt_entry.h"
#include "owner/xt.h"

#define DEPTH_MAX 64
#define RULES_MAX 100000

struct ipt_walk {
	const struct legacy_table *table;
	const struct nft_packet *packet;
	uint32_t hook;
	struct ipt_verdict *v;
	unsigned rules;
};

static enum truth addr_matches(const struct ipt_walk *w, bool dst, const struct legacy_rule *r)
{
	const uint8_t *want = dst ? r->dst : r->src, *mask = dst ? r->dst_mask : r->src_mask;
	size_t len = w->table->v6 ? 16 : 4, offset = w->table->v6 ? (dst ? 24 : 8) : (dst ? 16 : 12);
	uint8_t addr[16];
	bool same = true;

	if (!header_read(&w->packet->headers.network, offset, len, addr))
		return TRUTH_UNKNOWN;
	for (size_t i = 0; i < len; i++)
		same &= (addr[i] & mask[i]) == want[i];
	return truth_of(same);
}

static enum truth device_matches(bool known, const char *name, const char *want, const uint8_t *mask)
{
	bool any = true, same = true;

	for (size_t i = 0; i < 16; i++) {
		any &= !mask[i];
		same &= ((uint8_t)name[i] & mask[i]) == ((uint8_t)want[i] & mask[i]);
	}
	return any ? TRUTH_YES : known ? truth_of(same) : TRUTH_UNKNOWN;
}

static enum truth invert(enum truth t, bool inverted)
{
	return inverted ? truth_not(t) : t;
}

/* IP6T_INV_* has the values of IPT_INV_*. */
static enum truth rule_matches(const struct ipt_walk *w, const struct legacy_rule *r)
{
	const struct nft_packet *p = w->packet;
	enum truth t = invert(addr_matches(w, false, r), r->invflags & IPT_INV_SRCIP);
	struct legacy_match m;

	t = truth_and(t, invert(addr_matches(w, true, r), r->invflags & IPT_INV_DSTIP));
	t = truth_and(
		t, invert(device_matches(p->has_iif, p->iifname, r->iif, r->iif_mask), r->invflags & IPT_INV_VIA_IN));
	t = truth_and(
		t, invert(device_matches(p->has_oif, p->oifname, r->oif, r->oif_mask), r->invflags & IPT_INV_VIA_OUT));
	if (r->proto)
		t = truth_and(t, p->has_l4 ? invert(truth_of(r->proto == p->l4), r->invflags & XT_INV_PROTO)
					   : TRUTH_UNKNOWN);
	if (!w->table->v6 && r->flags & IPT_F_FRAG)
		t = truth_and(t, TRUTH_UNKNOWN);
	for (uint32_t at = r->matches; ipt_read_match(w->table, at, r->target, &m); at = m.next)
		t = truth_and(t, xt_match(m.name, m.revision, m.info, m.size, &p->headers));
	return t;
}

static void add(struct ipt_walk *w, uint32_t offset)
{
	if (w->v->n == IPT_CANDIDATES_MAX) {
		w->v->more = true;
		return;
	}
	w->v->v[w->v->n++] = (struct ipt_candidate){
		.table = w->table, .offset = offset, .policy = offset == w->table->underflow[w->hook]};
}

enum course { COURSE_ON, COURSE_ENDED, COURSE_RETURNED };

static enum course walk_chain(struct ipt_walk *w, uint32_t offset, unsigned depth);

static enum course obey(struct ipt_walk *w, const struct legacy_rule *r, uint32_t offset, unsigned depth)
{
	enum course c;

	if (r->target_name[0]) {
		switch (xt_target(r->target_name)) {
		case XT_CONTINUES:
			return COURSE_ON;
		case XT_ACCEPTS:
			w->v->passed = true;
			return COURSE_ENDED;
		case XT_DROPS:
			add(w, offset);
			return COURSE_ENDED;
		case XT_UNKNOWN:
			add(w, offset);
			return COURSE_ON; /* or it ends; both are kept open */
		}
	}
	if (r->verdict >= 0) {
		c = (uint32_t)r->verdict == r->next ? COURSE_ON : walk_chain(w, (uint32_t)r->verdict, depth + 1);
		if (c == COURSE_RETURNED)
			c = r->flags & IPT_F_GOTO ? COURSE_RETURNED : COURSE_ON;
		return c;
	}
	if (r->verdict == XT_RETURN)
		return COURSE_RETURNED;
	if (-r->verdict - 1 == NF_DROP)
		add(w, offset);
	else
		w->v->passed = true;
	return COURSE_ENDED;
}

static enum course walk_chain(struct ipt_walk *w, uint32_t offset, unsigned depth)
{
	struct legacy_rule r;

	for (uint32_t at = offset; depth < DEPTH_MAX && ipt_read_rule(w->table, at, &r); at = r.next) {
		enum truth t = rule_matches(w, &r);
		enum course c;

		if (++w->rules > RULES_MAX) {
			w->v->more = true;
			return COURSE_ENDED;
		}
		if (t == TRUTH_NO)
			continue;
		c = obey(w, &r, at, depth);
		if (t == TRUTH_YES && c != COURSE_ON)
			return c;
	}
	return COURSE_RETURNED;
}

void ipt_evaluate(const struct legacy_table *t, uint32_t hook, const struct nft_packet *p, struct ipt_verdict *v)
{
	struct ipt_walk w = {.table = t, .packet = p, .hook = hook, .v = v};

	if (hook >= IPT_HOOKS || !(t->valid_hooks >> hook & 1)) {
		v->passed = true;
		return;
	}
	if (walk_chain(&w, t->hook_entry[hook], 0) == COURSE_RETURNED) /* RETURN in the base chain: the policy */
		(void)walk_chain(&w, t->underflow[hook], 0);
}
