/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/xfrm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <string.h>

#include "base/array.h"
#include "event/tuple.h"
#include "render/out/out.h"

int xfrm_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	const struct nlattr *tb[XFRMA_IF_ID + 1];
	struct ipsec_policy_list *l = ctx;
	struct xfrm_userpolicy_info info;
	struct ipsec_policy p = {0};
	int r;

	if (type != XFRM_MSG_NEWPOLICY)
		return 0;
	if (!rd_copy(payload, &info, sizeof(info)))
		return -EBADMSG;
	r = nl_attrs(payload->p, payload->left, tb, XFRMA_IF_ID);
	if (r < 0)
		return r;
	p.family = (uint8_t)info.sel.family;
	p.dir = info.dir;
	p.blocks = info.action == XFRM_POLICY_BLOCK;
	p.priority = info.priority;
	p.templates = tb[XFRMA_TMPL] ? mnl_attr_get_payload_len(tb[XFRMA_TMPL]) / sizeof(struct xfrm_user_tmpl) : 0;
	p.unknown = tb[XFRMA_MARK] || tb[XFRMA_IF_ID] || info.sel.ifindex || info.sel.prefixlen_s > 128 ||
		    info.sel.prefixlen_d > 128;
	memcpy(p.src, &info.sel.saddr, sizeof(p.src));
	memcpy(p.dst, &info.sel.daddr, sizeof(p.dst));
	p.src_bits = info.sel.prefixlen_s;
	p.dst_bits = info.sel.prefixlen_d;
	p.proto = info.sel.proto;
	p.sport = ntohs(info.sel.sport);
	p.sport_mask = ntohs(info.sel.sport_mask);
	p.dport = ntohs(info.sel.dport);
	p.dport_mask = ntohs(info.sel.dport_mask);
	if (ARRAY_GROW(l->v, l->n) < 0)
		return -ENOMEM;
	l->v[l->n++] = p;
	return 0;
}

static bool covers(const uint8_t *net, uint8_t bits, const uint8_t *addr)
{
	for (size_t i = 0; i < bits; i++)
		if ((net[i / 8] ^ addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

enum truth xfrm_matches(const struct ipsec_policy *p, const struct tuple *t)
{
	enum truth r = truth_of(p->family == (t->family == 6 ? AF_INET6 : AF_INET));

	if (p->unknown)
		r = truth_and(r, TRUTH_UNKNOWN);
	if (r == TRUTH_NO)
		return r;
	r = truth_and(r, truth_of(covers(p->src, p->src_bits, t->src) && covers(p->dst, p->dst_bits, t->dst)));
	if (p->proto)
		r = truth_and(r, t->has_l4 ? truth_of(p->proto == t->l4) : TRUTH_UNKNOWN);
	if (p->sport_mask)
		r = truth_and(r, t->has_ports ? truth_of(((t->sport ^ p->sport) & p->sport_mask) == 0) : TRUTH_UNKNOWN);
	if (p->dport_mask)
		r = truth_and(r, t->has_ports ? truth_of(((t->dport ^ p->dport) & p->dport_mask) == 0) : TRUTH_UNKNOWN);
	return r;
}

static void addr_text(const char *what, uint8_t family, const uint8_t *addr, uint8_t bits, struct out *o)
{
	char text[ADDR_TEXT_SIZE];

	out_str(o, what);
	out_mem(o, text, addr_format(family == AF_INET6 ? 6 : 4, addr, text));
	out_char(o, '/');
	out_u64(o, bits);
}

void xfrm_policy_text(const struct ipsec_policy *p, struct out *o)
{
	static const char *const dirs[] = {
		[XFRM_POLICY_IN] = "in", [XFRM_POLICY_OUT] = "out", [XFRM_POLICY_FWD] = "fwd"};
	char l4[L4_TEXT_SIZE];

	out_str(o, "dir ");
	out_str(o, p->dir <= XFRM_POLICY_FWD ? dirs[p->dir] : "?");
	out_str(o, p->blocks ? " action block:" : ":");
	addr_text(" src ", p->family, p->src, p->src_bits, o);
	addr_text(" dst ", p->family, p->dst, p->dst_bits, o);
	if (p->proto) {
		out_str(o, " proto ");
		out_mem(o, l4, l4_format(p->proto, l4));
	}
	if (p->sport_mask) {
		out_str(o, " sport ");
		out_u64(o, p->sport);
	}
	if (p->dport_mask) {
		out_str(o, " dport ");
		out_u64(o, p->dport);
	}
	if (p->templates)
		out_str(o, p->templates == 1 ? ", which asks for IPsec" : ", which asks for IPsec, several times");
}
