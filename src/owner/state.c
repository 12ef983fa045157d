/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/state.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

static const struct {
	const char *family, *name;
} sysctls[] = {
	[SYSCTL_FORWARDING] = {"ipv4", "forwarding"},	  [SYSCTL_RP_FILTER] = {"ipv4", "rp_filter"},
	[SYSCTL_ACCEPT_LOCAL] = {"ipv4", "accept_local"}, [SYSCTL_ROUTE_LOCALNET] = {"ipv4", "route_localnet"},
	[SYSCTL_FORWARDING6] = {"ipv6", "forwarding"},
};
static_assert(ARRAY_SIZE(sysctls) == SYSCTL_MAX, "every setting has its name");

const char *node_sysctl_name(enum node_sysctl s)
{
	return sysctls[s].name;
}

const char *node_sysctl_family(enum node_sysctl s)
{
	return sysctls[s].family;
}

const char *node_ifname(const struct node_state *s, uint32_t ifindex)
{
	const struct net_link *l = s->has_links ? net_tables_find(&s->links, ifindex) : NULL;

	return l ? l->ifname : "another device";
}

int neighbour_parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	const struct nlattr *tb[NDA_DST + 1];
	struct neighbour_list *l = ctx;
	struct neighbour n = {0};
	struct ndmsg m;
	size_t len;
	int r;

	if (type != RTM_NEWNEIGH)
		return 0;
	if (!rd_copy(payload, &m, sizeof(m)))
		return -EBADMSG;
	r = nl_attrs(payload->p, payload->left, tb, NDA_DST);
	if (r < 0)
		return r;
	len = tb[NDA_DST] ? mnl_attr_get_payload_len(tb[NDA_DST]) : 0;
	if (len == 0 || len > sizeof(n.addr))
		return 0;
	memcpy(n.addr, mnl_attr_get_payload(tb[NDA_DST]), len);
	n.family = m.ndm_family;
	n.ifindex = (uint32_t)m.ndm_ifindex;
	n.state = m.ndm_state;
	if (ARRAY_GROW(l->v, l->n) < 0)
		return -ENOMEM;
	l->v[l->n++] = n;
	return 0;
}

void node_state_clear(struct node_state *s)
{
	nft_ruleset_free(&s->nft);
	ipt_tables_free(&s->iptables);
	fib_free(&s->fib);
	net_tables_free(&s->links);
	free(s->sockets.v);
	free(s->policies.v);
	free(s->qdiscs.v);
	free(s->filters.v);
	free(s->neighbours.v);
	*s = (struct node_state){0};
}
