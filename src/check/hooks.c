/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/hooks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* For IPv4 and IPv6. A redirect to the peer is seen twice: on the device where skb_do_redirect is entered, and when it
 * returns, on the device where it left the packet. */
static const char *const funcs[ST_HOOK_MAX][2] = {
	[ST_HOOK_XMIT] = {"net_dev_start_xmit", "net_dev_start_xmit"},
	[ST_HOOK_RECEIVE] = {"netif_receive_skb", "netif_receive_skb"},
	[ST_HOOK_REDIRECT] = {"skb_do_redirect", "skb_do_redirect"},
	[ST_HOOK_PEER] = {"skb_do_redirect", "skb_do_redirect"},
	[ST_HOOK_IP_RCV] = {"ip_rcv", "ipv6_rcv"},
	[ST_HOOK_FORWARD] = {"ip_forward", "ip6_forward"},
	[ST_HOOK_BRIDGE] = {"__br_forward", "__br_forward"},
	[ST_HOOK_NETKIT] = {"netkit_xmit", "netkit_xmit"},
	[ST_HOOK_VETH] = {"veth_xmit", "veth_xmit"},
	[ST_HOOK_NETFILTER] = {"nf_hook_slow", "nf_hook_slow"},
};

const char *hooks_func(enum st_hook hook, unsigned family)
{
	return funcs[hook][family == 6];
}

static bool is_hook(const char *name, size_t len, unsigned family)
{
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++) {
		const char *func = hooks_func(h, family);

		if (func && strlen(func) == len && memcmp(func, name, len) == 0)
			return true;
	}
	return false;
}

static bool rule_fits(const struct rule *r, unsigned family)
{
	const struct device_pattern *p = &r->step.device;

	/* hook events have no names, and a device that was renamed or added later cannot be looked up */
	if (p->iface_kind == IFACE_NAME || p->netns_kind == NETNS_NAME || p->pod || r->step.drop)
		return false;
	for (size_t i = 0; i < glob_alternatives(r->step.func); i++) {
		size_t len;
		const char *name = glob_alternative(r->step.func, i, &len);

		if (!is_hook(name, len, family))
			return false;
	}
	return true;
}

static bool is_host(const struct prefix *p)
{
	return p->family && p->bits == (p->family == 4 ? 32 : 128);
}

static bool scope_flow(const struct scope *s, struct st_flow *ret)
{
	const struct packet_match *m = &s->match;
	size_t bytes = m->src.family == 4 ? 4 : 16;

	if (!m->has_addrs || !is_host(&m->src) || !is_host(&m->dst) || m->src.family != m->dst.family)
		return false;
	if (m->l4 != IPPROTO_ICMP && m->l4 != IPPROTO_ICMPV6 && m->l4 != IPPROTO_TCP && m->l4 != IPPROTO_UDP)
		return false;
	*ret = (struct st_flow){.family = m->src.family, .l4 = m->l4, .watch_all = 1};
	memcpy(ret->src_be, m->src.addr_be, bytes);
	memcpy(ret->dst_be, m->dst.addr_be, bytes);
	return true;
}

static bool same_pair(const struct st_flow *a, const struct st_flow *b)
{
	size_t bytes = sizeof(a->src_be);

	if (a->family != b->family || a->l4 != b->l4)
		return false;
	if (memcmp(a->src_be, b->src_be, bytes) == 0 && memcmp(a->dst_be, b->dst_be, bytes) == 0)
		return true;
	return memcmp(a->src_be, b->dst_be, bytes) == 0 && memcmp(a->dst_be, b->src_be, bytes) == 0;
}

/* Ports are not part of the flow: the engine compares them. */
bool hooks_can_judge(const struct rules *rules, struct st_flow *ret)
{
	struct st_flow first = {0}, flow;

	for (size_t i = 0; i < rules->n_scopes; i++) {
		if (!scope_flow(&rules->scopes[i], &flow))
			return false;
		if (i == 0)
			first = flow;
		else if (!same_pair(&first, &flow))
			return false;
	}
	for (size_t i = 0; i < rules->n_rules; i++) {
		if (!rule_fits(&rules->rules[i], first.family))
			return false;
	}
	if (!rules->n_scopes)
		return false;
	*ret = first;
	return true;
}

static const struct rule *first_expect(const struct rules *rules, const struct scope *s)
{
	for (size_t i = s->first_rule; i < s->first_rule + s->n_rules; i++) {
		if (rules->rules[i].kind == RULE_EXPECT)
			return &rules->rules[i];
	}
	return NULL;
}

void hooks_set_points(const struct rules *rules, const struct st_flow *flow, struct check_setup *setup)
{
	for (size_t i = 0; i < rules->n_scopes; i++) {
		const struct rule *r = first_expect(rules, &rules->scopes[i]);
		const struct device_pattern *at = r ? &r->step.device : NULL;
		struct st_flow of_scope;
		enum point p;

		if (!r || strcmp(r->step.func, hooks_func(ST_HOOK_XMIT, flow->family)) != 0 ||
		    at->iface_kind != IFACE_INDEX || at->netns_kind != NETNS_INODE ||
		    !scope_flow(&rules->scopes[i], &of_scope))
			continue;
		p = memcmp(of_scope.src_be, flow->src_be, sizeof(flow->src_be)) == 0 ? POINT_SRC_POD : POINT_DST_POD;
		setup->points[p] = (struct iface){.netns = at->netns, .ifindex = at->ifindex};
	}
}

static void tuple_of(const struct st_flow *flow, const struct hook_event *ev, struct tuple *ret)
{
	bool echo = ev->l4 == IPPROTO_ICMP || ev->l4 == IPPROTO_ICMPV6;

	*ret = (struct tuple){.family = flow->family, .has_l4 = true, .l4 = ev->l4};
	memcpy(ret->src, ev->reverse ? flow->dst_be : flow->src_be, sizeof(ret->src));
	memcpy(ret->dst, ev->reverse ? flow->src_be : flow->dst_be, sizeof(ret->dst));
	if (!ev->has_l4)
		return;
	ret->has_icmp = ret->has_icmp_id = echo;
	ret->has_ports = !echo;
	ret->has_tcp = ev->l4 == IPPROTO_TCP;
	ret->tcp_flags = ev->tcp_flags;
	ret->icmp_type = ev->icmp_type;
	ret->icmp_id = ret->sport = ev->sport;
	ret->icmp_seq = ret->dport = ev->dport;
	if (echo)
		ret->sport = ret->dport = 0;
}

bool hooks_step(const struct st_flow *flow, const struct hook_event *ev, uint64_t pkt, struct tuple *ret_tuple,
		struct step *ret)
{
	const char *func = hooks_func(ev->hook, flow->family);

	if (!func)
		return false;
	tuple_of(flow, ev, ret_tuple);
	*ret = (struct step){
		.ts_ns = ev->ts_ns,
		.pkt = pkt,
		.func = func,
		.tuple = ret_tuple,
		.netns = ev->netns,
		.ifindex = ev->ifindex,
		.has_netns = ev->netns,
		.has_dev = ev->ifindex,
	};
	return true;
}
