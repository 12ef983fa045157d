/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "emulated.h"
#include "net/tc.h"

#define SEQ 7u

struct msg {
	uint8_t b[1024] __attribute__((aligned(8)));
	size_t len, start, nest;
};

static void put(struct msg *m, const void *data, size_t len)
{
	memcpy(m->b + m->len, data, len);
	m->len += (len + 3) & ~(size_t)3;
}

static void begin(struct msg *m, uint16_t type, uint32_t seq, const void *header, size_t len)
{
	struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_seq = seq};

	m->start = m->len;
	put(m, &h, sizeof(h));
	put(m, header, len);
}

static void end(struct msg *m)
{
	((struct nlmsghdr *)(m->b + m->start))->nlmsg_len = (uint32_t)(m->len - m->start);
}

static void attr(struct msg *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + len), .nla_type = type};

	put(m, &a, sizeof(a));
	put(m, data, len);
}

static void attr_str(struct msg *m, uint16_t type, const char *s)
{
	attr(m, type, s, strlen(s) + 1);
}

static void attr_u32(struct msg *m, uint16_t type, uint32_t v)
{
	attr(m, type, &v, sizeof(v));
}

static void nest_begin(struct msg *m, uint16_t type)
{
	m->nest = m->len;
	attr(m, type, "", 0);
}

static void nest_end(struct msg *m)
{
	((struct nlattr *)(m->b + m->nest))->nla_len = (uint16_t)(m->len - m->nest);
}

/* name NULL: the message for the chain, without options; id 0: a classic program, without an id. */
static void filter(struct msg *m, uint32_t seq, const char *kind, const char *name, uint32_t id)
{
	struct tcmsg tcm = {.tcm_ifindex = 20};

	begin(m, RTM_NEWTFILTER, seq, &tcm, sizeof(tcm));
	attr_str(m, TCA_KIND, kind);
	if (name) {
		nest_begin(m, TCA_OPTIONS);
		attr_str(m, TCA_BPF_NAME, name);
		attr_u32(m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
		if (id)
			attr_u32(m, TCA_BPF_ID, id);
		nest_end(m);
	}
	end(m);
}

static void status(struct msg *m, uint16_t type, int32_t err)
{
	begin(m, type, SEQ, &err, sizeof(err));
	end(m);
}

/* Hands over a copy of exactly that size, so that ASan sees reads past the end. */
static int parse(const struct msg *m, size_t size, struct net_programs *p, struct nl_answer *ret)
{
	_cleanup_free_ void *exact = malloc(size ? size : 1);

	cr_assert(exact);
	memcpy(exact, m->b, size);
	return tc_parse(exact, size, SEQ, NET_ATTACH_CLSACT_INGRESS, p, ret);
}

Test(net_tc, filters)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	struct nl_answer answer;
	struct msg m = {0};

	filter(&m, SEQ, "bpf", NULL, 0);
	filter(&m, SEQ, "bpf", "from_pod_peer:[12]", 12);
	filter(&m, SEQ, "flower", "x", 13);
	filter(&m, SEQ, "bpf", "classic", 0);
	filter(&m, SEQ + 1, "bpf", "another's answer", 14);
	filter(&m, SEQ, "bpf", "second", 15);
	cr_assert_eq(parse(&m, m.len, &p, &answer), 0);
	cr_assert(!answer.done && !answer.interrupted);
	cr_assert_eq(p.n, 2);
	cr_assert_eq(p.v[0].id, 12);
	cr_assert_eq(p.v[0].attach, NET_ATTACH_CLSACT_INGRESS);
	cr_assert_str_eq(p.v[0].name, "from_pod_peer:[12]");
	cr_assert_eq(p.v[1].id, 15);
	cr_assert_eq(p.others, 1u << NET_ATTACH_CLSACT_INGRESS, "flower and classic BPF");
}

Test(net_tc, long_names_are_cut)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	char name[NET_PROGRAM_NAME_LEN + 10] = "";
	struct nl_answer answer;
	struct msg m = {0};

	memset(name, 'x', sizeof(name) - 1);
	filter(&m, SEQ, "bpf", name, 1);
	cr_assert_eq(parse(&m, m.len, &p, &answer), 0);
	cr_assert_eq(strlen(p.v[0].name), NET_PROGRAM_NAME_LEN - 1);
	cr_assert_eq(p.others, 0);
}

Test(net_tc, xdp_in_every_mode)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	struct ifinfomsg ifi = {.ifi_index = 20};
	struct nl_answer answer;
	uint8_t mode = XDP_ATTACHED_MULTI;
	struct msg m = {0};

	begin(&m, RTM_NEWLINK, SEQ, &ifi, sizeof(ifi));
	attr_str(&m, IFLA_IFNAME, "lxc1");
	nest_begin(&m, IFLA_XDP);
	attr(&m, IFLA_XDP_ATTACHED, &mode, sizeof(mode));
	attr_u32(&m, IFLA_XDP_DRV_PROG_ID, 3);
	attr_u32(&m, IFLA_XDP_SKB_PROG_ID, 4);
	nest_end(&m);
	end(&m);
	status(&m, NLMSG_ERROR, 0);
	cr_assert_eq(parse(&m, m.len, &p, &answer), 0);
	cr_assert(answer.done);
	cr_assert_eq(p.n, 2);
	cr_assert_eq(p.v[0].id, 3);
	cr_assert_eq(p.v[1].id, 4);
	cr_assert_eq(p.v[1].attach, NET_ATTACH_XDP);
}

static void action(struct msg *m, uint16_t order, const char *kind, uint32_t id)
{
	struct msg inner = {0};

	attr_str(&inner, TCA_ACT_KIND, kind);
	nest_begin(&inner, TCA_ACT_OPTIONS);
	if (id)
		attr_u32(&inner, TCA_ACT_BPF_ID, id);
	nest_end(&inner);
	attr(m, order, inner.b, inner.len);
}

Test(net_tc, actions)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	struct tcamsg tca = {0};
	struct nl_answer answer;
	struct msg m = {0};

	begin(&m, RTM_GETACTION, SEQ, &tca, sizeof(tca));
	nest_begin(&m, TCA_ROOT_TAB);
	action(&m, 1, "bpf", 12);
	action(&m, 2, "gact", 13);
	action(&m, 3, "bpf", 0);
	action(&m, TCA_ACT_MAX_PRIO, "bpf", 14);
	nest_end(&m);
	end(&m);
	cr_assert_eq(parse(&m, m.len, &p, &answer), 0);
	cr_assert_eq(p.n, 2);
	cr_assert_eq(p.v[0].id, 12);
	cr_assert_eq(p.v[0].attach, NET_ATTACH_ACTION);
	cr_assert_eq(p.v[1].id, 14);
}

Test(net_tc, ends)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	struct nl_answer answer;
	struct msg done = {0}, error = {0}, interrupted = {0}, positive = {0};

	status(&done, NLMSG_DONE, 0);
	((struct nlmsghdr *)done.b)->nlmsg_flags = NLM_F_MULTI;
	cr_assert_eq(parse(&done, done.len, &p, &answer), 0);
	cr_assert(answer.done && !answer.interrupted);
	status(&interrupted, NLMSG_DONE, 0);
	((struct nlmsghdr *)interrupted.b)->nlmsg_flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
	cr_assert_eq(parse(&interrupted, interrupted.len, &p, &answer), 0);
	cr_assert(answer.interrupted);
	status(&error, NLMSG_ERROR, -ENODEV);
	cr_assert_eq(parse(&error, error.len, &p, &answer), -ENODEV);
	status(&positive, NLMSG_ERROR, 5);
	cr_assert_eq(parse(&positive, positive.len, &p, &answer), -EBADMSG);
}

/* Cut anywhere but between two messages it is no answer; never a program out of nothing. */
Test(net_tc, every_cut_is_noticed)
{
	struct nl_answer answer;
	struct msg m = {0};
	size_t first;

	filter(&m, SEQ, "bpf", "a", 12);
	first = m.len;
	filter(&m, SEQ, "bpf", "b", 13);
	for (size_t size = 0; size <= m.len; size++) {
		_cleanup_(net_programs_free) struct net_programs p = {0};
		int wanted = size == 0 || size == first || size == m.len ? 0 : -EBADMSG;

		cr_assert_eq(parse(&m, size, &p, &answer), wanted, "%zu bytes", size);
		cr_assert_eq(p.n, (size >= first) + (size == m.len), "%zu bytes: %zu programs", size, p.n);
	}
}

/* Lengths inside a message that is whole. */
Test(net_tc, attributes_that_lie)
{
	static const uint16_t lies[] = {0, 3, 200, UINT16_MAX};
	size_t kind = sizeof(struct nlmsghdr) + sizeof(struct tcmsg);
	size_t options = kind + sizeof(struct nlattr) + 4, id;
	struct nl_answer answer;
	struct msg m = {0};

	filter(&m, SEQ, "bpf", "a", 12);
	id = m.len - sizeof(struct nlattr) - sizeof(uint32_t);
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(lies); k++) {
			_cleanup_(net_programs_free) struct net_programs p = {0};
			struct msg bad = m;

			((struct nlattr *)(bad.b + (size_t[]){kind, options, id}[i]))->nla_len = lies[k];
			cr_assert_eq(parse(&bad, bad.len, &p, &answer), -EBADMSG, "attribute %zu, length %u", i,
				     lies[k]);
			cr_assert_eq(p.n, 0);
		}
	}
}

Test(net_tc, an_id_of_zero_is_a_fault)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	struct nl_answer answer;
	struct msg m = {0};

	filter(&m, SEQ, "bpf", "a", 12);
	memset(m.b + m.len - sizeof(uint32_t), 0, sizeof(uint32_t));
	cr_assert_eq(parse(&m, m.len, &p, &answer), -EBADMSG);
}

Test(net_tc, programs_are_sorted_and_those_of_one_place_keep_their_order)
{
	static const struct net_program in[] = {
		{NET_ATTACH_CLSACT_EGRESS, 1, ""},
		{NET_ATTACH_CLSACT_INGRESS, 5, ""},
		{NET_ATTACH_CLSACT_INGRESS, 2, ""},
		{NET_ATTACH_TCX_INGRESS, 9, ""},
		{NET_ATTACH_XDP, 4, ""},
	};
	static const uint32_t out[] = {4, 9, 5, 2, 1};
	_cleanup_(net_programs_free) struct net_programs p = {0};

	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		cr_assert_eq(net_programs_add(&p, &in[i]), 0);
	net_programs_sort(&p);
	for (size_t i = 0; i < ARRAY_SIZE(out); i++)
		cr_assert_eq(p.v[i].id, out[i]);
	cr_assert_str_eq(net_attach_name(p.v[1].attach), "tcx/ingress");
	cr_assert(net_attach_from_pod(NET_ATTACH_NETKIT_PEER) && !net_attach_from_pod(NET_ATTACH_NETKIT_PRIMARY));
}

/* Of the kernel this runs on; the loopback interface has none, and no other device has that index. */
Test(net_tc, live_loopback_has_no_programs)
{
	_cleanup_(net_programs_free) struct net_programs p = {0};
	const struct netns own = {.own = true};
	_cleanup_free_ uint32_t *ifindexes = NULL;
	size_t n = 0;

	if (is_emulated())
		cr_skip_test("rtnetlink is not whole under user-mode emulation");
	cr_assert_eq(tc_load(&own, 1, &p), 0);
	cr_assert_eq(p.n, 0);
	cr_assert_eq(tc_load(&own, 0, &p), -ENODEV);
	cr_assert_eq(tc_load(&own, INT32_MAX, &p), -ENODEV);
	cr_assert_eq(tc_load_all(&own, &p, &ifindexes, &n), 0);
	cr_assert(n > 0);
	cr_assert_eq(ifindexes[0], 1);
}
