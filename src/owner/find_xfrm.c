/* SPDX-License-Identifier: GPL-2.0-only */
/* net/xfrm/xfrm_policy.c, __xfrm_policy_check(), __xfrm_route_forward(). Of the policies that match, the one with the
 * lowest number decides. */
#include <linux/xfrm.h>

#include "base/symbol.h"
#include "owner/list.h"

static bool is_asked(const struct ipsec_policy *p, bool forward)
{
	return forward ? p->dir == XFRM_POLICY_FWD || p->dir == XFRM_POLICY_OUT : p->dir == XFRM_POLICY_IN;
}

static const struct ipsec_policy *first(const struct ipsec_policy_list *l, const struct tuple *t, bool forward,
					bool *ret_known)
{
	const struct ipsec_policy *best = NULL;

	*ret_known = true;
	for (size_t i = 0; i < l->n; i++) {
		const struct ipsec_policy *p = &l->v[i];
		enum truth match = is_asked(p, forward) ? xfrm_matches(p, t) : TRUTH_NO;

		*ret_known &= match != TRUTH_UNKNOWN;
		if (match == TRUTH_YES && (!best || p->priority < best->priority))
			best = p;
	}
	return best;
}

void owner_find_xfrm(const struct owner_facts *f, const struct node_state *s, struct owner_list *l)
{
	bool known, forward = symbol_is(f->hook_func, "ip_forward") || symbol_is(f->hook_func, "ip6_forward");
	_cleanup_out_ struct out o = {0}, text = {0};
	const struct ipsec_policy *p;
	struct owner *w;

	if (!f->ev->tuple.family || !s->has_policies)
		return;
	p = first(&s->policies, &f->ev->tuple, forward, &known);
	if (!p || !known || (!p->blocks && !p->templates))
		return;
	xfrm_policy_text(p, &text);
	out_str(&o, "xfrm policy ");
	out_append(&o, &text);
	out_char(&text, '\0');
	w = owner_add(l, OWNER_XFRM, &o);
	owner_text(l, w, "policy", text.failed ? "" : text.buf.data);
	owner_text(l, w, "action", p->blocks ? "block" : "allow");
	owner_number(l, w, "priority", p->priority);
}
