/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A question to nf_tables would load that module; so it is asked only if it is there. Settings are those of the
 * namespace that the thread is in (fs/proc/proc_net.c does not matter here: /proc/sys/net, net/sysctl_net.c).
 */
#include "live/node_read.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "live/node_iptables.h"
#include "net/rtnl.h"

#define REQUEST_BYTES  512
#define DUMP_TRIES_MAX 5

/* Dumps into state, which is emptied by clear() before each try. */
static int dump(struct rtnl *rtnl, struct nlmsghdr *h, nl_message_fn fn, void *state, void (*clear)(void *state))
{
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	for (int i = 0; i < DUMP_TRIES_MAX; i++) {
		bool interrupted = false;
		int r = rtnl_ask(rtnl, h, fn, state, &interrupted);

		if (r >= 0 && !interrupted)
			return 0;
		clear(state);
		if (r < 0)
			return r;
	}
	return -EAGAIN;
}

static struct nlmsghdr *nft_request(char buf[static REQUEST_BYTES], uint16_t type, uint8_t family)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	return h;
}

static void keep(void *state _unused_)
{
}

static int read_elements(struct rtnl *rtnl, struct nft_ruleset *r, struct nft_set *set)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = nft_request(buf, NFT_MSG_GETSETELEM, set->family);
	int e;

	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, set->name);
	e = dump(rtnl, h, nft_parse_message, r, keep);
	set->complete = e >= 0;
	return e == -ENOMEM ? e : 0;
}

/* The dumps are several requests: the generation tells whether the rules changed in between. */
static int read_nft_once(struct rtnl *rtnl, struct nft_ruleset *ret)
{
	static const uint16_t types[] = {NFT_MSG_GETCHAIN, NFT_MSG_GETTABLE, NFT_MSG_GETRULE, NFT_MSG_GETSET};
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(types); i++)
		r = dump(rtnl, nft_request(buf, types[i], 0), nft_parse_message, ret, keep);
	for (size_t i = 0; r >= 0 && i < ret->n_sets; i++)
		r = read_elements(rtnl, ret, &ret->sets[i]);
	return r;
}

static void read_nft(const struct netns *ns, struct node_state *s)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;

	if (access("/sys/module/nf_tables", F_OK) < 0) {
		s->has_nft = true; /* there are none */
		return;
	}
	s->has_nft = rtnl_open_protocol(ns, NETLINK_NETFILTER, &rtnl) >= 0 && read_nft_once(rtnl, &s->nft) >= 0;
	if (!s->has_nft)
		nft_ruleset_free(&s->nft);
}

static void clear_fib(void *fib)
{
	fib_free(fib);
}

static void read_fib(struct rtnl *rtnl, struct node_state *s)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(families); i++) {
		struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
		struct rtmsg *m;

		h->nlmsg_type = RTM_GETRULE;
		m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
		m->rtm_family = families[i];
		r = dump(rtnl, h, fib_parse_message, &s->fib, clear_fib);
		if (r < 0)
			break;
		h = mnl_nlmsg_put_header(buf);
		h->nlmsg_type = RTM_GETROUTE;
		m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
		m->rtm_family = families[i];
		r = dump(rtnl, h, fib_parse_message, &s->fib, keep);
	}
	s->has_fib = r >= 0;
	if (r < 0)
		fib_free(&s->fib);
}

static void clear_queues(void *queues)
{
	((struct qdisc_list *)queues)->n = 0;
}

static void read_qdiscs(struct rtnl *rtnl, struct node_state *s)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = RTM_GETQDISC;
	mnl_nlmsg_put_extra_header(h, sizeof(struct tcmsg));
	s->has_qdiscs = dump(rtnl, h, qdisc_parse_message, &s->qdiscs, clear_queues) >= 0;
}

static int read_filters_of(struct rtnl *rtnl, uint32_t ifindex, uint32_t parent, struct node_state *s)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	h->nlmsg_type = RTM_GETTFILTER;
	tcm = mnl_nlmsg_put_extra_header(h, sizeof(*tcm));
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = parent;
	return dump(rtnl, h, filter_parse_message, &s->filters, keep);
}

/* See net/tc.c for the parents. */
static void read_filters(struct rtnl *rtnl, struct node_state *s)
{
	int r = s->has_qdiscs ? 0 : -ENODATA;

	for (size_t i = 0; r >= 0 && i < s->qdiscs.n; i++) {
		const struct owner_qdisc *q = &s->qdiscs.v[i];

		if (strcmp(q->kind, "clsact") == 0) {
			r = read_filters_of(rtnl, q->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), s);
			if (r >= 0)
				r = read_filters_of(rtnl, q->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), s);
		} else if (strcmp(q->kind, "ingress") == 0) {
			r = read_filters_of(rtnl, q->ifindex, TC_H_MAJ(TC_H_INGRESS), s);
		}
	}
	s->has_filters = r >= 0;
}

static void clear_neighbours(void *list)
{
	((struct neighbour_list *)list)->n = 0;
}

static void read_neighbours(struct rtnl *rtnl, struct node_state *s)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = RTM_GETNEIGH;
	mnl_nlmsg_put_extra_header(h, sizeof(struct ndmsg));
	s->has_neighbours = dump(rtnl, h, neighbour_parse_message, &s->neighbours, clear_neighbours) >= 0;
}

static bool read_number(const char *path, uint64_t *ret)
{
	_cleanup_buf_ struct buf b = {0};

	if (buf_read_file(path, &b) < 0)
		return false;
	b.data[strcspn(b.data, "\n")] = '\0';
	return parse_u64(b.data, UINT32_MAX, ret) >= 0;
}

static void read_sysctls(const char *device, struct sysctl_value ret[static SYSCTL_MAX])
{
	for (enum node_sysctl i = 0; i < SYSCTL_MAX; i++) {
		char path[128];
		uint64_t v = 0;

		snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", node_sysctl_family(i), device,
			 node_sysctl_name(i));
		ret[i].known = read_number(path, &v);
		ret[i].value = (int)v;
	}
}

static void clear_policies(void *list)
{
	((struct ipsec_policy_list *)list)->n = 0;
}

/* A question would load the module, as for nf_tables; without it there may still be policies, by PF_KEY. */
static void read_policies(const struct netns *ns, struct node_state *s)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;

	h->nlmsg_type = XFRM_MSG_GETPOLICY;
	mnl_nlmsg_put_extra_header(h, sizeof(struct xfrm_userpolicy_id));
	s->has_policies = access("/sys/module/xfrm_user", F_OK) == 0 &&
			  rtnl_open_protocol(ns, NETLINK_XFRM, &rtnl) >= 0 &&
			  dump(rtnl, h, xfrm_parse_message, &s->policies, clear_policies) >= 0;
}

static void read_sockets(struct node_state *s)
{
	static const struct {
		const char *name;
		uint8_t family, l4;
	} files[] = {
		{"tcp", 4, IPPROTO_TCP}, {"udp", 4, IPPROTO_UDP}, {"tcp6", 6, IPPROTO_TCP}, {"udp6", 6, IPPROTO_UDP}};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(files); i++) {
		_cleanup_buf_ struct buf b = {0};
		char path[64];

		snprintf(path, sizeof(path), "/proc/thread-self/net/%s", files[i].name);
		r = buf_read_file(path, &b);
		if (r >= 0)
			r = sockets_parse(b.data, files[i].family, files[i].l4, &s->sockets);
		else if (r == -ENOENT && files[i].family == 6)
			r = 0; /* without IPv6 */
	}
	s->has_sockets = r >= 0;
}

struct visit {
	const char *device; /* NULL: none */
	unsigned parts;
	struct node_state *state;
};

static int read_files(void *ctx)
{
	struct visit *v = ctx;
	struct node_state *s = v->state;

	if (v->parts & NODE_SYSCTLS)
		read_sysctls("all", s->all);
	if (v->device)
		read_sysctls(v->device, s->dev);
	if (v->parts & NODE_SOCKETS)
		read_sockets(s);
	if (v->parts & NODE_IPTABLES) {
		s->has_iptables = node_read_iptables(&s->iptables) >= 0;
		if (!s->has_iptables)
			ipt_tables_free(&s->iptables);
	}
	if (v->parts & NODE_CONNTRACK)
		s->has_conntrack = read_number("/proc/sys/net/netfilter/nf_conntrack_count", &s->conntrack_count) &&
				   read_number("/proc/sys/net/netfilter/nf_conntrack_max", &s->conntrack_max);
	return 0;
}

int node_read_device(const struct netns *ns, const char *device, struct node_state *ret)
{
	struct visit v = {.device = device, .state = ret};

	memset(ret->dev, 0, sizeof(ret->dev));
	return netns_visit(ns, read_files, &v);
}

int node_read(const struct netns *ns, unsigned parts, const char *device, struct node_state *ret)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	struct visit v = {.device = device, .parts = parts, .state = ret};
	int r = rtnl_open(ns, &rtnl);

	if (r < 0)
		return r;
	if (parts & NODE_NFT)
		read_nft(ns, ret);
	if (parts & NODE_POLICIES)
		read_policies(ns, ret);
	if (parts & NODE_FIB)
		read_fib(rtnl, ret);
	if (parts & NODE_LINKS)
		ret->has_links = rtnl_dump(rtnl, &ret->links) >= 0;
	if (parts & NODE_QDISCS)
		read_qdiscs(rtnl, ret);
	if (parts & NODE_FILTERS)
		read_filters(rtnl, ret);
	if (parts & NODE_NEIGHBOURS)
		read_neighbours(rtnl, ret);
	return device || parts & (NODE_SYSCTLS | NODE_CONNTRACK | NODE_IPTABLES | NODE_SOCKETS)
		       ? netns_visit(ns, read_files, &v)
		       : 0;
}
