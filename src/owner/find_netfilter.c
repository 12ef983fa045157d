/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rule that dropped. Where the trace saw which chain ended with a drop, its rules alone are asked; else those of
 * all base chains of the hook, in the order of their priorities. If rules are left of which one only counted a packet
 * since the trace began, and each of the others has a counter that stood still, it was that one.
 */
#include <linux/netfilter.h>
#include <string.h>

#include "base/symbol.h"
#include "owner/hook.h"
#include "owner/list.h"
#include "render/out/escape.h"

/* The hook that follows a function: net/ipv4 and net/ipv6, where they call NF_HOOK(). */
static bool hook_after(const char *func, uint32_t *ret)
{
	static const struct {
		const char *func;
		uint32_t hook;
	} table[] = {
		{"ip_rcv", NF_INET_PRE_ROUTING},	{"ip_rcv_core", NF_INET_PRE_ROUTING},
		{"ipv6_rcv", NF_INET_PRE_ROUTING},	{"ip6_rcv_core", NF_INET_PRE_ROUTING},
		{"ip_local_deliver", NF_INET_LOCAL_IN}, {"ip6_input", NF_INET_LOCAL_IN},
		{"ip_forward", NF_INET_FORWARD},	{"ip6_forward", NF_INET_FORWARD},
		{"__ip_local_out", NF_INET_LOCAL_OUT},	{"ip_local_out", NF_INET_LOCAL_OUT},
		{"__ip6_local_out", NF_INET_LOCAL_OUT}, {"ip6_local_out", NF_INET_LOCAL_OUT},
		{"ip6_xmit", NF_INET_LOCAL_OUT},	{"ip_output", NF_INET_POST_ROUTING},
		{"ip6_output", NF_INET_POST_ROUTING},	{"ip_mc_output", NF_INET_POST_ROUTING},
	};

	for (size_t i = 0; func && i < ARRAY_SIZE(table); i++) {
		if (!symbol_is(func, table[i].func))
			continue;
		*ret = table[i].hook;
		return true;
	}
	return false;
}

bool owner_is_hook_func(const char *func)
{
	uint32_t hook;

	return hook_after(func, &hook);
}

static uint8_t nfproto_of(const struct event *ev)
{
	return ev->tuple.family == 4 ? NFPROTO_IPV4 : ev->tuple.family == 6 ? NFPROTO_IPV6 : 0;
}

/* Since 6.4 nft_do_chain() itself frees the packet, so that the drop is seen before the end of the chain. */
static bool in_nft(const struct owner_facts *f)
{
	return f->ev->drop_symbol && symbol_is(f->ev->drop_symbol, "nft_do_chain");
}

static bool hook_of(const struct owner_facts *f, struct drop_hook *ret)
{
	*ret = (struct drop_hook){.pf = nfproto_of(f->ev), .chain = f->chain};
	ret->has_number = hook_after(f->hook_func, &ret->number);
	if (!f->chain)
		return (!f->sees_chains || in_nft(f)) && ret->has_number;
	if (f->chain->pf) {
		ret->pf = f->chain->pf;
		ret->number = f->chain->hook;
		ret->has_number = true;
	}
	return true;
}

static void set_devices(const struct owner_facts *f, const struct drop_hook *h, struct nft_packet *p)
{
	const struct event *ev = f->ev;
	bool ip = h->has_number && (h->pf == NFPROTO_IPV4 || h->pf == NFPROTO_IPV6);
	bool in = ip && h->number <= NF_INET_FORWARD;

	if (in && ev->has_dev) {
		p->has_iif = true;
		p->iif = ev->ifindex;
		memcpy(p->iifname, ev->ifname, sizeof(p->iifname));
		p->has_oif = h->number != NF_INET_FORWARD; /* there is none */
	}
	if (ip && h->number >= NF_INET_FORWARD && event_has_part(ev, ST_PART_ROUTE)) {
		p->has_oif = true;
		p->oif = ev->parts->route.ifindex;
		memcpy(p->oifname, ev->parts->route.ifname, sizeof(p->oifname));
		p->oifname[sizeof(p->oifname) - 1] = '\0';
	}
	if (ip && h->number == NF_INET_LOCAL_OUT)
		p->has_iif = true;
}

/* NF_CT_STATE_BIT(), linux/netfilter/nf_conntrack_common.h */
static void set_state(const struct event *ev, struct nft_packet *p)
{
	uint32_t info;

	if (!event_has_part(ev, ST_PART_CT))
		return;
	info = ev->parts->ct.info;
	p->has_ct_state = true;
	p->ct_state = info == 7 ? 1u << 6 : 1u << (info % 3 + 1);
}

static void packet_of(const struct owner_facts *f, const struct drop_hook *h, struct nft_packet *ret)
{
	const struct event *ev = f->ev;

	*ret = (struct nft_packet){
		.nfproto = nfproto_of(ev),
		.has_l4 = ev->tuple.has_l4,
		.l4 = ev->tuple.l4,
		.proto = ev->proto,
		.has_mark = true,
		.mark = ev->mark,
		.has_len = h->pf == NFPROTO_IPV4 || h->pf == NFPROTO_IPV6,
		.len_bytes = ev->len_bytes,
	};
	headers_of(ev, &ret->headers);
	set_devices(f, h, ret);
	set_state(ev, ret);
}

static bool name_is(const char *whole, const char *cut)
{
	return strncmp(whole, cut, ST_NF_NAME_LEN - 1) == 0;
}

static bool is_asked(const struct nft_rule_chain *c, const struct drop_hook *h, const struct event *ev)
{
	bool family =
		c->family == h->pf || (c->family == NFPROTO_INET && (h->pf == NFPROTO_IPV4 || h->pf == NFPROTO_IPV6));

	if (!c->base || c->dormant || !family)
		return false;
	if (c->family == NFPROTO_NETDEV && c->dev[0] && ev->has_dev && strcmp(c->dev, ev->ifname) != 0)
		return false;
	if (h->chain)
		return name_is(c->table, h->chain->table) && name_is(c->name, h->chain->chain);
	return c->hook == h->number;
}

/* The chain of the lowest priority above `after`, or of the same priority behind it; NULL: none. */
static const struct nft_rule_chain *next_chain(const struct nft_ruleset *r, const struct drop_hook *h,
					       const struct event *ev, const struct nft_rule_chain *after)
{
	const struct nft_rule_chain *next = NULL;

	for (size_t i = 0; i < r->n_chains; i++) {
		const struct nft_rule_chain *c = &r->chains[i];
		bool behind = !after || c->priority > after->priority || (c->priority == after->priority && c > after);

		if (behind && is_asked(c, h, ev) && (!next || c->priority < next->priority))
			next = c;
	}
	return next;
}

static bool moved(const struct nft_rule *rule, const struct nft_ruleset *before)
{
	for (size_t i = 0; i < before->n_rules; i++) {
		const struct nft_rule *b = &before->rules[i];

		if (b->handle == rule->handle && b->family == rule->family && b->has_counter &&
		    strcmp(b->table, rule->table) == 0 && strcmp(b->chain, rule->chain) == 0)
			return rule->packets != b->packets;
	}
	return rule->packets != 0; /* it was added since */
}

/* Keeps the one candidate whose counter moved, if every other one has a counter that stood still. */
static void compare_counters(const struct node_state *s, struct nft_verdict *v)
{
	size_t n_moved = 0, at = 0;

	if (v->n < 2 || v->more || !s->before || !s->before->has_nft)
		return;
	for (size_t i = 0; i < v->n; i++) {
		if (!v->v[i].rule || !v->v[i].rule->has_counter)
			return;
		if (!moved(v->v[i].rule, &s->before->nft))
			continue;
		n_moved++;
		at = i;
	}
	if (n_moved != 1)
		return;
	v->v[0] = v->v[at];
	v->n = 1;
}

static void name(const char *a, struct out *o)
{
	out_char(o, ' ');
	out_escaped_word(o, a);
}

static void add_candidate(const struct node_state *s, const struct nft_candidate *c, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0}, rule = {0};
	const char *family = nft_family_name(c->chain->family), *hook = nft_hook_name(c->chain->family, c->chain->hook);
	const char *chain = c->rule ? c->rule->chain : c->chain->name;
	struct owner *w;

	if (c->rule)
		nft_rule_text(&s->nft, c->rule, &rule);
	out_char(&rule, '\0');
	out_str(&o, c->rule ? "nft rule " : "policy drop of nft chain ");
	out_str(&o, family);
	name(c->chain->table, &o);
	name(chain, &o);
	if (c->rule) {
		out_str(&o, " handle ");
		out_u64(&o, c->rule->handle);
		out_str(&o, ": ");
		out_str(&o, rule.failed ? "" : rule.buf.data);
	}
	w = owner_add(l, c->rule ? OWNER_NFT_RULE : OWNER_NFT_POLICY, &o);
	owner_text(l, w, "family", family);
	owner_text(l, w, "table", c->chain->table);
	owner_text(l, w, "chain", chain);
	owner_text(l, w, "hook", hook);
	if (!c->rule)
		return;
	owner_number(l, w, "handle", c->rule->handle);
	owner_text(l, w, "rule", rule.failed ? "" : rule.buf.data);
}

/* The chain of this hook that the packet is known to have passed, so that it was a later one; NULL: none is known. */
static const struct nft_rule_chain *last_passed(const struct owner_facts *f, const struct node_state *s,
						const struct drop_hook *h)
{
	const struct st_netfilter *p = f->passed;

	for (size_t i = 0; p && !f->chain && p->hook == h->number && i < s->nft.n_chains; i++) {
		const struct nft_rule_chain *c = &s->nft.chains[i];

		if (is_asked(c, h, f->ev) && name_is(c->table, p->table) && name_is(c->name, p->chain))
			return c;
	}
	return NULL;
}

static void find_nft(const struct owner_facts *f, const struct node_state *s, const struct drop_hook *h,
		     const struct nft_packet *p, struct owner_list *l)
{
	struct nft_verdict v = {0};

	for (const struct nft_rule_chain *c = last_passed(f, s, h); (c = next_chain(&s->nft, h, f->ev, c));) {
		v.passed = false;
		nft_evaluate(&s->nft, c, p, &v);
		if (!v.passed)
			break;
	}
	compare_counters(s, &v);
	for (size_t i = 0; i < v.n; i++)
		add_candidate(s, &v.v[i], l);
	/* nobody saw that it was a rule of nftables at all */
	l->more |= !f->chain && !in_nft(f) && v.n == 1 && !v.v[0].sure;
	l->more |= v.more;
}

/* The table cannot take another connection. Only a new one is dropped for that, before it has an entry. */
static bool find_conntrack(const struct owner_facts *f, bool there, const struct node_state *s, struct owner_list *l)
{
	_cleanup_out_ struct out o = {0};
	struct owner *w;

	if (f->chain || !there || event_has_part(f->ev, ST_PART_CT) || !s->has_conntrack ||
	    s->conntrack_count < s->conntrack_max)
		return false;
	out_str(&o, "conntrack table full: ");
	out_u64(&o, s->conntrack_count);
	out_str(&o, " of nf_conntrack_max ");
	out_u64(&o, s->conntrack_max);
	w = owner_add(l, OWNER_CONNTRACK_TABLE, &o);
	owner_number(l, w, "count", s->conntrack_count);
	owner_number(l, w, "max", s->conntrack_max);
	return true;
}

void owner_find_netfilter(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	struct nft_packet p;
	struct drop_hook h;

	if (find_conntrack(f, f->in_conntrack, s, l) || !hook_of(f, &h))
		return;
	packet_of(f, &h, &p);
	/* without an event of the chain either kind may have dropped it: then nothing is said unless both are known */
	if (!f->chain && !in_nft(f) && !(s->has_nft && s->has_iptables))
		return;
	if (!f->chain || !f->iptables)
		find_nft(f, s, &h, &p, l);
	if (f->chain ? f->iptables : !in_nft(f))
		owner_find_iptables(s, &h, &p, l);
	/* before 5.11 the functions of modules are not seen, so conntrack's neither */
	if (!l->n && !f->sees_chains)
		(void)find_conntrack(f, h.number == NF_INET_PRE_ROUTING || h.number == NF_INET_LOCAL_OUT, s, l);
}
