/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dump of filters names a parent, which decides which filters it returns (net/sched/cls_api.c, tc_dump_tfilter()). On
 * a clsact qdisc, parent ffff:fff2 is ingress, ffff:fff3 is egress, and ffff: returns nothing. The ingress qdisc
 * returns its filters for each of the three parents. So ffff: is dumped first; if it returns filters, the qdisc is an
 * ingress qdisc and the other two are not dumped (net/sched/sch_ingress.c, ingress_tcf_block() and clsact_tcf_block()).
 * RTM_GETQDISC would tell the kind of qdisc, but for one device it sends a notification to all listeners. A dump of all
 * qdiscs does not, so tc_load_all() asks for it, and then dumps the filters of each qdisc that may have some. A filter
 * of another kind than bpf may have a BPF program as its action: the actions of a namespace are in one list.
 */
#include "net/tc.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_bpf.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/read.h"
#include "net/rtnl.h"

#define DUMP_TRIES_MAX 10

/* Ids start at 1 (kernel/bpf/syscall.c, bpf_prog_alloc_id()). */
static int program_id(const struct nlattr *a, uint32_t *ret)
{
	return nl_u32(a, ret) == 0 && *ret ? 0 : -EBADMSG;
}

static bool is_bpf(const struct nlattr *kind)
{
	char have[8] = "";

	if (kind)
		nl_string(kind, have, sizeof(have));
	return strcmp(have, "bpf") == 0;
}

static int parse_filter(struct rd *rd, enum net_attach attach, uint32_t ifindex, struct net_programs *programs)
{
	const struct nlattr *tca[TCA_OPTIONS + 1], *tb[TCA_BPF_ID + 1];
	struct net_program p = {.attach = attach, .ifindex = ifindex};
	int r;

	if (!rd_bytes(rd, sizeof(struct tcmsg)))
		return -EBADMSG;
	r = nl_attrs(rd->p, rd->left, tca, TCA_OPTIONS);
	if (r < 0)
		return r;
	/* The first message of each chain is about the chain itself and has no options. */
	if (!tca[TCA_OPTIONS])
		return 0;
	if (!is_bpf(tca[TCA_KIND])) {
		programs->others |= 1u << attach;
		return 0;
	}
	r = nl_nested(tca[TCA_OPTIONS], tb, TCA_BPF_ID);
	if (r < 0)
		return r;
	if (!tb[TCA_BPF_ID]) { /* a classic BPF program has no id */
		programs->others |= 1u << attach;
		return 0;
	}
	r = program_id(tb[TCA_BPF_ID], &p.id);
	if (r < 0)
		return r;
	if (tb[TCA_BPF_NAME])
		nl_string(tb[TCA_BPF_NAME], p.name, sizeof(p.name));
	return net_programs_add(programs, &p);
}

/* IFLA_XDP_PROG_ID is not read: it repeats one of these three, and is absent when several programs are attached. */
static int parse_xdp(struct rd *rd, struct net_programs *programs)
{
	static const unsigned modes[] = {IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID};
	const struct nlattr *ifla[IFLA_XDP + 1], *tb[IFLA_XDP_HW_PROG_ID + 1];
	struct ifinfomsg ifi;
	int r;

	if (!rd_copy(rd, &ifi, sizeof(ifi)))
		return -EBADMSG;
	r = nl_attrs(rd->p, rd->left, ifla, IFLA_XDP);
	if (r < 0 || !ifla[IFLA_XDP])
		return r;
	r = nl_nested(ifla[IFLA_XDP], tb, IFLA_XDP_HW_PROG_ID);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(modes); i++) {
		struct net_program p = {.attach = NET_ATTACH_XDP, .ifindex = (uint32_t)ifi.ifi_index};

		if (!tb[modes[i]])
			continue;
		r = program_id(tb[modes[i]], &p.id);
		if (r >= 0)
			r = net_programs_add(programs, &p);
	}
	return r;
}

static int parse_action(const struct nlattr *action, struct net_programs *programs)
{
	const struct nlattr *tca[TCA_ACT_OPTIONS + 1], *tb[TCA_ACT_BPF_ID + 1];
	struct net_program p = {.attach = NET_ATTACH_ACTION};
	int r = nl_nested(action, tca, TCA_ACT_OPTIONS);

	if (r < 0 || !is_bpf(tca[TCA_ACT_KIND]) || !tca[TCA_ACT_OPTIONS])
		return r;
	r = nl_nested(tca[TCA_ACT_OPTIONS], tb, TCA_ACT_BPF_ID);
	if (r < 0 || !tb[TCA_ACT_BPF_ID]) /* a classic BPF program has no id */
		return r;
	r = program_id(tb[TCA_ACT_BPF_ID], &p.id);
	return r < 0 ? r : net_programs_add(programs, &p);
}

/* A dump of actions answers with messages of the request's own type (net/sched/act_api.c, tc_dump_action()). */
static int parse_actions(struct rd *payload, struct net_programs *programs)
{
	const struct nlattr *root[TCA_ROOT_TAB + 1], *actions[TCA_ACT_MAX_PRIO + 1];
	int r;

	if (!rd_bytes(payload, sizeof(struct tcamsg)))
		return -EBADMSG;
	r = nl_attrs(payload->p, payload->left, root, TCA_ROOT_TAB);
	if (r < 0 || !root[TCA_ROOT_TAB])
		return r;
	r = nl_nested(root[TCA_ROOT_TAB], actions, TCA_ACT_MAX_PRIO);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(actions); i++)
		if (actions[i])
			r = parse_action(actions[i], programs);
	return r;
}

/* Where the programs of an answer are attached, and the list that they are appended to. */
struct destination {
	enum net_attach attach;
	uint32_t ifindex; /* of the request for filters: filters of a block that devices share do not tell a device */
	struct net_programs *programs;
};

static int parse_message(void *ctx, uint16_t type, struct rd *payload)
{
	const struct destination *d = ctx;

	if (type == RTM_NEWTFILTER)
		return parse_filter(payload, d->attach, d->ifindex, d->programs);
	if (type == RTM_GETACTION)
		return parse_actions(payload, d->programs);
	return type == RTM_NEWLINK ? parse_xdp(payload, d->programs) : 0;
}

int tc_parse(const void *data, size_t size, uint32_t seq, enum net_attach attach, struct net_programs *programs,
	     struct nl_answer *ret)
{
	struct destination d = {attach, 0, programs};

	return nl_parse(data, size, seq, parse_message, &d, ret);
}

#define REQUEST_BYTES 64 /* a header and one fixed structure */

static int load_xdp(struct rtnl *rtnl, uint32_t ifindex, struct net_programs *programs)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct destination d = {NET_ATTACH_XDP, ifindex, programs};
	struct ifinfomsg *ifi;
	bool interrupted;

	h->nlmsg_type = RTM_GETLINK;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));
	ifi->ifi_index = (int)ifindex;
	return rtnl_ask(rtnl, h, parse_message, &d, &interrupted);
}

/* A dump, again if the kernel's tables changed during it. n: how many elements the list that fn appends to has; those
 * of a dump that is repeated, which own no memory, are dropped. */
static int dump(struct rtnl *rtnl, struct nlmsghdr *h, nl_message_fn fn, void *ctx, size_t *n)
{
	size_t before = *n;

	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	for (int i = 0; i < DUMP_TRIES_MAX; i++) {
		bool interrupted = false;
		int r = rtnl_ask(rtnl, h, fn, ctx, &interrupted);

		if (r < 0 || !interrupted)
			return r;
		*n = before;
	}
	return -EAGAIN;
}

static int load_filters(struct rtnl *rtnl, uint32_t ifindex, uint32_t parent, enum net_attach attach,
			struct net_programs *programs)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct destination d = {attach, ifindex, programs};
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(h, sizeof(*tcm));

	h->nlmsg_type = RTM_GETTFILTER;
	tcm->tcm_ifindex = (int)ifindex;
	tcm->tcm_parent = parent;
	return dump(rtnl, h, parse_message, &d, &programs->n);
}

static int load_all_filters(struct rtnl *rtnl, uint32_t ifindex, struct net_programs *programs)
{
	const uint32_t qdisc = TC_H_MAJ(TC_H_CLSACT);
	size_t n = programs->n;
	int r = load_filters(rtnl, ifindex, qdisc, NET_ATTACH_INGRESS, programs);

	if (r < 0 || programs->n > n || programs->others & 1u << NET_ATTACH_INGRESS)
		return r;
	r = load_filters(rtnl, ifindex, TC_H_MAKE(qdisc, TC_H_MIN_INGRESS), NET_ATTACH_CLSACT_INGRESS, programs);
	if (r >= 0)
		r = load_filters(rtnl, ifindex, TC_H_MAKE(qdisc, TC_H_MIN_EGRESS), NET_ATTACH_CLSACT_EGRESS, programs);
	return r;
}

int tc_load(const struct netns *ns, uint32_t ifindex, struct net_programs *programs)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	int r;

	if (ifindex == 0 || ifindex > INT32_MAX)
		return -ENODEV;
	r = rtnl_open(ns, &rtnl);
	if (r >= 0)
		r = load_xdp(rtnl, ifindex, programs);
	return r < 0 ? r : load_all_filters(rtnl, ifindex, programs);
}

struct qdisc {
	uint32_t ifindex, handle;
};

/* What is read of a namespace. */
struct contents {
	struct net_programs *programs;
	uint32_t *ifindexes;  /* owned; of all devices */
	struct qdisc *qdiscs; /* owned; those that have a handle, without which there is no filter */
	size_t n_ifindexes, n_qdiscs;
};

static void contents_clear(struct contents *c)
{
	free(c->ifindexes);
	free(c->qdiscs);
}

static int parse_link(void *ctx, uint16_t type, struct rd *payload)
{
	struct contents *c = ctx;
	struct rd copy = *payload;
	struct ifinfomsg ifi;

	if (type != RTM_NEWLINK)
		return 0;
	if (!rd_copy(&copy, &ifi, sizeof(ifi)))
		return -EBADMSG;
	if (ARRAY_GROW(c->ifindexes, c->n_ifindexes) < 0)
		return -ENOMEM;
	c->ifindexes[c->n_ifindexes++] = (uint32_t)ifi.ifi_index;
	return parse_xdp(payload, c->programs);
}

static int parse_qdisc(void *ctx, uint16_t type, struct rd *payload)
{
	struct contents *c = ctx;
	struct tcmsg tcm;

	if (type != RTM_NEWQDISC)
		return 0;
	if (!rd_copy(payload, &tcm, sizeof(tcm)))
		return -EBADMSG;
	if (!tcm.tcm_handle)
		return 0;
	if (ARRAY_GROW(c->qdiscs, c->n_qdiscs) < 0)
		return -ENOMEM;
	c->qdiscs[c->n_qdiscs++] = (struct qdisc){(uint32_t)tcm.tcm_ifindex, tcm.tcm_handle};
	return 0;
}

static int load_links(struct rtnl *rtnl, struct contents *c)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	size_t n = c->programs->n;
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < DUMP_TRIES_MAX; i++) {
		struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
		bool interrupted = false;

		h->nlmsg_type = RTM_GETLINK;
		h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		c->programs->n = n;
		c->n_ifindexes = 0;
		r = rtnl_ask(rtnl, h, parse_link, c, &interrupted);
		if (r >= 0 && interrupted)
			r = -EAGAIN;
	}
	return r;
}

static int load_qdiscs(struct rtnl *rtnl, struct contents *c)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = RTM_GETQDISC;
	mnl_nlmsg_put_extra_header(h, sizeof(struct tcmsg));
	return dump(rtnl, h, parse_qdisc, c, &c->n_qdiscs);
}

static int load_actions(struct rtnl *rtnl, struct net_programs *programs)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct destination d = {NET_ATTACH_ACTION, 0, programs};
	struct nlattr *root, *first;

	h->nlmsg_type = RTM_GETACTION;
	mnl_nlmsg_put_extra_header(h, sizeof(struct tcamsg));
	root = mnl_attr_nest_start(h, TCA_ROOT_TAB);
	first = mnl_attr_nest_start(h, 1);
	mnl_attr_put_strz(h, TCA_ACT_KIND, "bpf");
	mnl_attr_nest_end(h, first);
	mnl_attr_nest_end(h, root);
	return dump(rtnl, h, parse_message, &d, &programs->n);
}

static int load_qdisc_filters(struct rtnl *rtnl, const struct qdisc *q, struct net_programs *programs)
{
	int r;

	programs->others = 0; /* of another device */
	r = q->handle == TC_H_MAJ(TC_H_CLSACT) ? load_all_filters(rtnl, q->ifindex, programs)
					       : load_filters(rtnl, q->ifindex, q->handle, NET_ATTACH_QDISC, programs);

	return r == -ENODEV || r == -EINVAL || r == -EOPNOTSUPP ? 0 : r; /* it is gone, or takes no filters */
}

int tc_load_all(const struct netns *ns, struct net_programs *programs, uint32_t **ret_ifindexes, size_t *ret_n)
{
	_cleanup_(contents_clear) struct contents c = {.programs = programs};
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	int r = rtnl_open(ns, &rtnl);

	if (r >= 0)
		r = load_links(rtnl, &c);
	if (r >= 0)
		r = load_qdiscs(rtnl, &c);
	for (size_t i = 0; r >= 0 && i < c.n_qdiscs; i++)
		r = load_qdisc_filters(rtnl, &c.qdiscs[i], programs);
	if (r >= 0)
		r = load_actions(rtnl, programs);
	if (r < 0)
		return r;
	*ret_ifindexes = TAKE_PTR(c.ifindexes);
	*ret_n = c.n_ifindexes;
	return 0;
}
