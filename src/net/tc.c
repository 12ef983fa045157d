/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which parent a dump names decides what it shows (net/sched/cls_api.c, tc_dump_tfilter()). On a clsact qdisc ffff:fff2
 * is ingress, ffff:fff3 egress, and ffff: shows nothing. The old ingress qdisc shows its filters for whatever is named:
 * so ffff: is asked first, and what it shows is not asked for again as ingress and egress (net/sched/sch_ingress.c,
 * ingress_tcf_block() and clsact_tcf_block()). Asking for the qdisc itself would send a notification to everybody.
 */
#include "net/tc.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/read.h"
#include "net/visit.h"

#define RECV_BYTES     32768 /* what the kernel fills at most, see rtnl.c */
#define DUMP_TRIES_MAX 10
#define ERRNO_MAX      4095 /* linux/err.h, MAX_ERRNO */

struct asker {
	struct mnl_socket *sock; /* owned */
	uint32_t seq;
	char buf[RECV_BYTES] __attribute__((aligned(8)));
};

static void asker_free(struct asker *a)
{
	if (!a)
		return;
	if (a->sock)
		mnl_socket_close(a->sock);
	free(a);
}
DEFINE_CLEANUP(struct asker *, asker_free)

/* Fills tb[0..max]; unlike libmnl's iterators, takes nothing malformed for the end. */
static int attributes(const void *data, size_t size, const struct nlattr **tb, unsigned max)
{
	struct rd rd = rd_init(data, size);

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (rd.left > 0) {
		const struct nlattr *a = (const void *)rd.p;
		size_t step;

		if (rd.left < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > rd.left)
			return -EBADMSG;
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
		step = MNL_ALIGN(a->nla_len); /* the last one's padding may be missing */
		rd_bytes(&rd, step < rd.left ? step : rd.left);
	}
	return 0;
}

static int nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max)
{
	return attributes(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), tb, max);
}

static void copy_string(const struct nlattr *a, char *dst, size_t dst_size)
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (len >= dst_size)
		len = dst_size - 1;
	memcpy(dst, mnl_attr_get_payload(a), len);
	dst[len] = '\0';
}

static int program_id(const struct nlattr *a, uint32_t *ret)
{
	if (mnl_attr_get_payload_len(a) != sizeof(*ret))
		return -EBADMSG;
	*ret = mnl_attr_get_u32(a);
	return *ret ? 0 : -EBADMSG; /* ids start at 1 (kernel/bpf/syscall.c, bpf_prog_alloc_id()) */
}

static bool is_bpf(const struct nlattr *kind)
{
	char have[8] = "";

	if (kind)
		copy_string(kind, have, sizeof(have));
	return strcmp(have, "bpf") == 0;
}

static int parse_filter(struct rd *rd, enum net_attach attach, struct net_programs *programs)
{
	const struct nlattr *tca[TCA_OPTIONS + 1], *tb[TCA_BPF_ID + 1];
	struct net_program p = {.attach = attach};
	int r;

	if (!rd_bytes(rd, sizeof(struct tcmsg)))
		return -EBADMSG;
	r = attributes(rd->p, rd->left, tca, TCA_OPTIONS);
	if (r < 0)
		return r;
	/* each chain of filters begins with a message for the chain itself, without options */
	if (!is_bpf(tca[TCA_KIND]) || !tca[TCA_OPTIONS])
		return 0;
	r = nested(tca[TCA_OPTIONS], tb, TCA_BPF_ID);
	if (r < 0 || !tb[TCA_BPF_ID]) /* a classic program has none */
		return r;
	r = program_id(tb[TCA_BPF_ID], &p.id);
	if (r < 0)
		return r;
	if (tb[TCA_BPF_NAME])
		copy_string(tb[TCA_BPF_NAME], p.name, sizeof(p.name));
	return net_programs_add(programs, &p);
}

/* IFLA_XDP_PROG_ID repeats the only one of the three, and is not there when several are attached. */
static int parse_xdp(struct rd *rd, struct net_programs *programs)
{
	static const unsigned modes[] = {IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID};
	const struct nlattr *ifla[IFLA_XDP + 1], *tb[IFLA_XDP_HW_PROG_ID + 1];
	int r;

	if (!rd_bytes(rd, sizeof(struct ifinfomsg)))
		return -EBADMSG;
	r = attributes(rd->p, rd->left, ifla, IFLA_XDP);
	if (r < 0 || !ifla[IFLA_XDP])
		return r;
	r = nested(ifla[IFLA_XDP], tb, IFLA_XDP_HW_PROG_ID);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(modes); i++) {
		struct net_program p = {.attach = NET_ATTACH_XDP};

		if (!tb[modes[i]])
			continue;
		r = program_id(tb[modes[i]], &p.id);
		if (r >= 0)
			r = net_programs_add(programs, &p);
	}
	return r;
}

/* An error and the end of a dump both begin with the kernel's errno, 0 for success. */
static int parse_status(struct rd *rd)
{
	int32_t err;

	if (!rd_copy(rd, &err, sizeof(err)) || err > 0 || err < -ERRNO_MAX)
		return -EBADMSG;
	return err;
}

static int parse_message(const struct nlmsghdr *h, struct rd *rd, enum net_attach attach, struct net_programs *programs,
			 struct tc_answer *answer)
{
	answer->interrupted |= !!(h->nlmsg_flags & NLM_F_DUMP_INTR);
	switch (h->nlmsg_type) {
	case RTM_NEWTFILTER:
		return parse_filter(rd, attach, programs);
	case RTM_NEWLINK:
		return parse_xdp(rd, programs);
	case NLMSG_ERROR:
	case NLMSG_DONE:
		answer->done = true;
		return parse_status(rd);
	}
	return 0;
}

int tc_parse(const void *data, size_t size, uint32_t seq, enum net_attach attach, struct net_programs *programs,
	     struct tc_answer *ret)
{
	struct rd rd = rd_init(data, size);
	struct tc_answer answer = {0};

	while (rd.left > 0) {
		struct nlmsghdr h;
		struct rd payload;
		size_t padding;
		int r;

		if (!rd_copy(&rd, &h, sizeof(h)) || h.nlmsg_len < sizeof(h) || h.nlmsg_len - sizeof(h) > rd.left)
			return -EBADMSG;
		payload = rd_init(rd.p, h.nlmsg_len - sizeof(h));
		rd_bytes(&rd, payload.left);
		padding = MNL_ALIGN(h.nlmsg_len) - h.nlmsg_len;
		rd_bytes(&rd, padding < rd.left ? padding : rd.left);
		if (h.nlmsg_seq != seq)
			continue;
		r = parse_message(&h, &payload, attach, programs, &answer);
		if (r < 0)
			return r;
	}
	*ret = answer;
	return 0;
}

/* Sends the request and reads until its end. */
static int ask(struct asker *a, struct nlmsghdr *h, enum net_attach attach, struct net_programs *programs,
	       struct tc_answer *ret)
{
	struct tc_answer all = {0};

	h->nlmsg_seq = ++a->seq;
	if (mnl_socket_sendto(a->sock, h, h->nlmsg_len) < 0)
		return -errno;
	while (!all.done) {
		ssize_t n = mnl_socket_recvfrom(a->sock, a->buf, sizeof(a->buf));
		struct tc_answer part;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r = tc_parse(a->buf, (size_t)n, a->seq, attach, programs, &part);
		if (r < 0)
			return r;
		all.done = part.done;
		all.interrupted |= part.interrupted;
	}
	*ret = all;
	return 0;
}

#define REQUEST_BYTES 64 /* a header and one fixed structure */

static int load_xdp(struct asker *a, uint32_t ifindex, struct net_programs *programs)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct tc_answer answer = {0};
	struct ifinfomsg *ifi;

	h->nlmsg_type = RTM_GETLINK;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));
	ifi->ifi_index = (int)ifindex;
	return ask(a, h, NET_ATTACH_XDP, programs, &answer);
}

static int load_filters(struct asker *a, uint32_t ifindex, uint32_t parent, enum net_attach attach,
			struct net_programs *programs)
{
	char buf[REQUEST_BYTES] __attribute__((aligned(4)));
	size_t n = programs->n;

	for (int i = 0; i < DUMP_TRIES_MAX; i++) {
		struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
		struct tc_answer answer = {0};
		struct tcmsg *tcm;
		int r;

		h->nlmsg_type = RTM_GETTFILTER;
		h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		tcm = mnl_nlmsg_put_extra_header(h, sizeof(*tcm));
		tcm->tcm_ifindex = (int)ifindex;
		tcm->tcm_parent = parent;
		r = ask(a, h, attach, programs, &answer);
		if (r < 0 || !answer.interrupted)
			return r;
		programs->n = n; /* they own nothing */
	}
	return -EAGAIN;
}

static int load_all_filters(struct asker *a, uint32_t ifindex, struct net_programs *programs)
{
	const uint32_t qdisc = TC_H_MAJ(TC_H_CLSACT);
	size_t n = programs->n;
	int r = load_filters(a, ifindex, qdisc, NET_ATTACH_INGRESS, programs);

	if (r < 0 || programs->n > n)
		return r;
	r = load_filters(a, ifindex, TC_H_MAKE(qdisc, TC_H_MIN_INGRESS), NET_ATTACH_CLSACT_INGRESS, programs);
	if (r >= 0)
		r = load_filters(a, ifindex, TC_H_MAKE(qdisc, TC_H_MIN_EGRESS), NET_ATTACH_CLSACT_EGRESS, programs);
	return r;
}

static int open_socket(void *ctx)
{
	struct asker *a = ctx;

	a->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	return a->sock ? 0 : -errno;
}

int tc_load(const struct netns *ns, uint32_t ifindex, struct net_programs *programs)
{
	_cleanup_(asker_freep) struct asker *a = NULL;
	int r;

	if (ifindex == 0 || ifindex > INT32_MAX)
		return -ENODEV;
	a = malloc(sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->sock = NULL;
	a->seq = 0;
	r = netns_visit(ns, open_socket, a);
	if (r < 0)
		return r;
	if (mnl_socket_bind(a->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	r = load_xdp(a, ifindex, programs);
	return r < 0 ? r : load_all_filters(a, ifindex, programs);
}
