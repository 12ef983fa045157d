/* SPDX-License-Identifier: GPL-2.0-only */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <string.h>

#include "owner/hook.h"
#include "owner/list.h"
#include "render/out/escape.h"

/* The order in which tables are asked at a hook; those that are not named here come last. */
static int table_priority(const struct legacy_table *t)
{
	static const struct {
		const char *name;
		int priority;
	} table[] = {{"raw", NF_IP_PRI_RAW},
		     {"mangle", NF_IP_PRI_MANGLE},
		     {"nat", NF_IP_PRI_NAT_DST},
		     {"filter", NF_IP_PRI_FILTER},
		     {"security", NF_IP_PRI_SECURITY}};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(t->name, table[i].name) == 0)
			return table[i].priority;
	return NF_IP_PRI_LAST;
}

static const struct legacy_table *next_table(const struct legacy_tables *all, const struct drop_hook *h,
					     const struct legacy_table *after)
{
	const struct legacy_table *next = NULL;

	for (size_t i = 0; i < all->n; i++) {
		const struct legacy_table *t = &all->v[i];
		int priority = table_priority(t);

		if (t->v6 != (h->pf == NFPROTO_IPV6) || (h->chain && strcmp(t->name, h->chain->table) != 0) ||
		    (after && (priority < table_priority(after) || (priority == table_priority(after) && t <= after))))
			continue;
		if (!next || priority < table_priority(next))
			next = t;
	}
	return next;
}

static bool legacy_moved(const struct ipt_candidate *c, const struct legacy_tables *before)
{
	for (size_t i = 0; i < before->n; i++) {
		const struct legacy_table *t = &before->v[i];

		if (t->v6 == c->table->v6 && t->size == c->table->size && strcmp(t->name, c->table->name) == 0)
			return ipt_packets(t, c->offset) != ipt_packets(c->table, c->offset);
	}
	return true; /* the rules were changed since: it may have moved */
}

static void compare_legacy(const struct node_state *s, struct ipt_verdict *v)
{
	size_t n_moved = 0, at = 0;

	for (size_t i = 0; v->n > 1 && s->before && s->before->has_iptables && i < v->n; i++) {
		if (!legacy_moved(&v->v[i], &s->before->iptables))
			continue;
		n_moved++;
		at = i;
	}
	if (n_moved != 1 || v->more)
		return;
	v->v[0] = v->v[at];
	v->n = 1;
}

static void add_legacy(const struct ipt_candidate *c, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0}, rule = {0};
	const char *command = c->table->v6 ? "ip6tables" : "iptables";
	struct ipt_place place;
	struct owner *w;

	if (!ipt_find_place(c->table, c->offset, &place))
		return;
	if (!c->policy)
		ipt_rule_text(c->table, c->offset, &rule);
	out_char(&rule, '\0');
	out_str(&o, c->policy ? "policy DROP of " : "");
	out_str(&o, command);
	out_str(&o, c->policy ? " chain" : " rule");
	out_char(&o, ' ');
	out_escaped_word(&o, c->table->name);
	out_char(&o, ' ');
	out_escaped_word(&o, place.chain);
	if (!c->policy) {
		out_char(&o, ' ');
		out_u64(&o, place.number);
		out_str(&o, ": ");
		out_str(&o, rule.failed ? "" : rule.buf.data);
	}
	w = owner_add(l, c->policy ? OWNER_IPTABLES_POLICY : OWNER_IPTABLES_RULE, &o);
	owner_text(l, w, "command", command);
	owner_text(l, w, "table", c->table->name);
	owner_text(l, w, "chain", place.chain);
	if (c->policy)
		return;
	owner_number(l, w, "number", place.number);
	owner_text(l, w, "rule", rule.failed ? "" : rule.buf.data);
}

void owner_find_iptables(const struct node_state *s, const struct drop_hook *h, const struct nft_packet *p,
			 struct owner_list *l)
{
	struct ipt_verdict v = {0};

	for (const struct legacy_table *t = NULL; h->has_number && (t = next_table(&s->iptables, h, t));) {
		v.passed = false;
		ipt_evaluate(t, h->number, p, &v);
		if (!v.passed)
			break;
	}
	compare_legacy(s, &v);
	for (size_t i = 0; i < v.n; i++)
		add_legacy(&v.v[i], l);
	l->more |= v.more;
}
