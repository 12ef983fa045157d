/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "base/cleanup.h"
#include "net/rtnl_parse.h"

#define SEQ 7u

/* A datagram under construction. Exact-size copies go to the parser, so that ASan sees reads past the end. */
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

static void begin_link(struct msg *m, int ifindex, const char *name)
{
	struct ifinfomsg ifi = {.ifi_index = ifindex, .ifi_flags = IFF_UP};

	begin(m, RTM_NEWLINK, SEQ, &ifi, sizeof(ifi));
	if (name)
		attr(m, IFLA_IFNAME, name, strlen(name) + 1);
}

static void finish_dump(struct msg *m, int32_t status)
{
	begin(m, NLMSG_DONE, SEQ, &status, sizeof(status));
	end(m);
}

static int parse(const struct msg *m, size_t size, struct net_tables *t, struct nl_answer *ret)
{
	_cleanup_free_ uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, m->b, size);
	return rtnl_parse_tables(exact, size, SEQ, t, ret);
}

static void build_veth(struct msg *m)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct rtnl_link_stats64 stats = {.rx_packets = 1, .tx_packets = 2, .rx_bytes = 3, .tx_bytes = 4};

	begin_link(m, 2, "eth0");
	attr(m, IFLA_ADDRESS, mac, sizeof(mac));
	attr_u32(m, IFLA_MTU, 1500);
	attr_u32(m, IFLA_LINK, 20);
	attr_u32(m, IFLA_LINK_NETNSID, 0);
	attr_u32(m, IFLA_MASTER, 9);
	attr(m, IFLA_STATS64, &stats, sizeof(stats));
	nest_begin(m, IFLA_LINKINFO);
	attr(m, IFLA_INFO_KIND, "veth", 4); /* the kernel sends no NUL here */
	nest_end(m);
	end(m);
}

Test(net_parse, link)
{
	_cleanup_(net_tables_free) struct net_tables t = {0};
	struct nl_answer answer;
	struct msg m = {0};
	const struct net_link *l;

	build_veth(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), 0);
	cr_assert(!answer.done && !answer.interrupted);
	cr_assert_eq(t.n_links, 1);
	l = net_tables_find(&t, 2);
	cr_assert(l);
	cr_assert_null(net_tables_find(&t, 20));
	cr_assert_str_eq(l->ifname, "eth0");
	cr_assert_str_eq(l->kind, "veth");
	cr_assert(l->up && l->has_mac && l->has_stats);
	cr_assert(l->has_iflink && l->iflink == 20);
	cr_assert(l->has_link_netnsid && l->link_netnsid == 0);
	cr_assert(l->has_master && l->master == 9);
	cr_assert_eq(l->mtu, 1500);
	cr_assert_eq(l->mac[5], 1);
	cr_assert_eq(l->stats.rx_packets, 1);
	cr_assert_eq(l->stats.tx_packets, 2);
	cr_assert_eq(l->stats.rx_bytes, 3);
	cr_assert_eq(l->stats.tx_bytes, 4);
}

Test(net_parse, absent_is_not_zero)
{
	_cleanup_(net_tables_free) struct net_tables t = {0};
	struct nl_answer answer;
	struct msg m = {0};

	begin_link(&m, 1, "lo");
	end(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), 0);
	cr_assert(!t.links[0].has_iflink && !t.links[0].has_link_netnsid && !t.links[0].has_master);
	cr_assert(!t.links[0].has_mac && !t.links[0].has_stats);
	cr_assert_str_eq(t.links[0].kind, "");
}

Test(net_parse, every_truncation_is_refused)
{
	struct msg m = {0};

	build_veth(&m);
	for (size_t size = 1; size < m.len; size++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;

		cr_assert_eq(parse(&m, size, &t, &answer), -EBADMSG, "%zu bytes", size);
		cr_assert_eq(t.n_links, 0);
	}
}

/* Cut short with a length that says so: what is left is a shorter message, or a malformed attribute. */
Test(net_parse, every_shorter_message)
{
	struct msg m = {0};
	size_t refused = 0;

	build_veth(&m);
	for (size_t size = 16; size < m.len; size++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;

		((struct nlmsghdr *)m.b)->nlmsg_len = (uint32_t)size;
		refused += parse(&m, size, &t, &answer) == -EBADMSG;
	}
	cr_assert_gt(refused, m.len / 2);
}

Test(net_parse, lying_lengths)
{
	static const uint16_t lengths[] = {0, 3, 9, 400, 0xffff}; /* of the 8-byte IFLA_MTU attribute, the last one */

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;
		struct msg m = {0};

		begin_link(&m, 1, "lo");
		attr_u32(&m, IFLA_MTU, 1500);
		end(&m);
		((struct nlattr *)(m.b + m.len - 8))->nla_len = lengths[i];
		cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG, "nla_len %u", lengths[i]);
	}
	for (uint32_t len = 0; len < 16; len++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;
		struct msg m = {0};

		begin_link(&m, 1, "lo");
		((struct nlmsghdr *)m.b)->nlmsg_len = len;
		cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG, "nlmsg_len %u", len);
	}
}

Test(net_parse, wrong_sizes_and_values)
{
	static const struct {
		uint16_t type;
		size_t len;
	} bad[] = {
		{IFLA_LINK, 2}, {IFLA_LINK, 8},	  {IFLA_LINK_NETNSID, 1},
		{IFLA_MTU, 0},	{IFLA_MASTER, 3}, {IFLA_STATS64, 31},
	};
	static const uint8_t zeros[64];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;
		struct msg m = {0};

		begin_link(&m, 1, "lo");
		attr(&m, bad[i].type, zeros, bad[i].len);
		end(&m);
		cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG, "type %u, %zu bytes", bad[i].type, bad[i].len);
	}
	for (int ifindex = -1; ifindex <= 1; ifindex++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;
		struct msg m = {0};

		begin_link(&m, ifindex, ifindex == 1 ? NULL : "x"); /* 1: no name */
		end(&m);
		cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG);
	}
}

Test(net_parse, names_are_bounded)
{
	_cleanup_(net_tables_free) struct net_tables t = {0};
	struct nl_answer answer;
	struct msg m = {0};
	char kind[100];

	memset(kind, 'k', sizeof(kind));
	begin_link(&m, 1, "a-name-beyond-any-interface");
	nest_begin(&m, IFLA_LINKINFO);
	attr(&m, IFLA_INFO_KIND, kind, sizeof(kind));
	nest_end(&m);
	end(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), 0);
	cr_assert_eq(strlen(t.links[0].ifname), IF_NAMESIZE - 1);
	cr_assert_eq(strlen(t.links[0].kind), NET_KIND_LEN - 1);
}

static void begin_addr(struct msg *m, uint8_t family, uint8_t prefix, uint8_t scope, uint32_t ifindex)
{
	struct ifaddrmsg ifa = {
		.ifa_family = family, .ifa_prefixlen = prefix, .ifa_scope = scope, .ifa_index = ifindex};

	begin(m, RTM_NEWADDR, SEQ, &ifa, sizeof(ifa));
}

Test(net_parse, addresses)
{
	static const uint8_t local[4] = {10, 0, 0, 133}, other[4] = {10, 0, 0, 1};
	_cleanup_(net_tables_free) struct net_tables t = {0};
	char text[NET_IP_TEXT_MAX];
	struct nl_answer answer;
	struct net_ip v6;
	struct msg m = {0};

	cr_assert(net_ip_parse("fd00::133", &v6));
	begin_addr(&m, AF_INET, 32, RT_SCOPE_UNIVERSE, 2);
	attr(&m, IFA_ADDRESS, other, sizeof(other)); /* point-to-point: the other end */
	attr(&m, IFA_LOCAL, local, sizeof(local));
	end(&m);
	begin_addr(&m, AF_INET6, 128, RT_SCOPE_LINK, 3);
	attr(&m, IFA_ADDRESS, v6.bytes, 16);
	end(&m);
	begin_addr(&m, AF_PACKET, 0, 0, 3);
	end(&m);
	finish_dump(&m, 0);
	cr_assert_eq(parse(&m, m.len, &t, &answer), 0);
	cr_assert(answer.done);
	cr_assert_eq(t.n_addrs, 2);
	net_ip_text(&t.addrs[0].ip, text);
	cr_assert_str_eq(text, "10.0.0.133");
	cr_assert_eq(t.addrs[0].prefix_bits, 32);
	cr_assert_eq(t.addrs[0].ifindex, 2);
	cr_assert(net_ip_equal(&t.addrs[1].ip, &v6));
	cr_assert_eq(t.addrs[1].scope, RT_SCOPE_LINK);
}

Test(net_parse, bad_addresses)
{
	static const struct {
		uint8_t family, prefix;
		size_t len;
	} bad[] = {{AF_INET, 32, 16}, {AF_INET, 33, 4}, {AF_INET6, 64, 4}, {AF_INET6, 129, 16}, {AF_INET, 8, 0}};
	static const uint8_t zeros[16];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(net_tables_free) struct net_tables t = {0};
		struct nl_answer answer;
		struct msg m = {0};

		begin_addr(&m, bad[i].family, bad[i].prefix, 0, 1);
		attr(&m, IFA_ADDRESS, zeros, bad[i].len);
		end(&m);
		cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG, "case %zu", i);
	}
}

Test(net_parse, status_and_foreign_messages)
{
	_cleanup_(net_tables_free) struct net_tables t = {0};
	struct ifinfomsg ifi = {.ifi_index = 5};
	int32_t err = -ENODEV, nonsense = 5;
	struct nl_answer answer;
	struct msg m = {0};

	begin(&m, RTM_NEWLINK, SEQ + 1, &ifi, sizeof(ifi)); /* of another request: not even looked into */
	end(&m);
	begin(&m, RTM_NEWNEIGH, SEQ, "", 0);
	((struct nlmsghdr *)(m.b + m.start))->nlmsg_flags = NLM_F_DUMP_INTR;
	end(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), 0);
	cr_assert(answer.interrupted && !answer.done);
	cr_assert_eq(t.n_links, 0);

	m = (struct msg){0};
	finish_dump(&m, -EPERM);
	cr_assert_eq(parse(&m, m.len, &t, &answer), -EPERM);

	m = (struct msg){0};
	begin(&m, NLMSG_ERROR, SEQ, &err, sizeof(err));
	end(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), -ENODEV);

	m = (struct msg){0};
	begin(&m, NLMSG_ERROR, SEQ, &nonsense, sizeof(nonsense));
	end(&m);
	cr_assert_eq(parse(&m, m.len, &t, &answer), -EBADMSG);
}

static int parse_nsid(const struct msg *m, size_t size, int32_t *ret)
{
	_cleanup_free_ uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, m->b, size);
	return rtnl_parse_nsid(exact, size, SEQ, ret);
}

Test(net_parse, nsid)
{
	struct rtgenmsg gen = {0};
	int32_t err = -EPERM, id = -7;
	struct msg m = {0};

	begin(&m, RTM_NEWNSID, SEQ, &gen, sizeof(gen));
	attr_u32(&m, NETNSA_NSID, 3);
	end(&m);
	for (size_t size = 0; size < m.len; size++)
		cr_assert_eq(parse_nsid(&m, size, &id), -EBADMSG);
	cr_assert_eq(id, -7);
	cr_assert_eq(parse_nsid(&m, m.len, &id), 0);
	cr_assert_eq(id, 3);

	m = (struct msg){0};
	begin(&m, RTM_NEWNSID, SEQ, &gen, sizeof(gen));
	attr_u32(&m, NETNSA_NSID, (uint32_t)NETNSA_NSID_NOT_ASSIGNED);
	end(&m);
	cr_assert_eq(parse_nsid(&m, m.len, &id), -ENOENT);

	m = (struct msg){0};
	begin(&m, NLMSG_ERROR, SEQ, &err, sizeof(err));
	end(&m);
	cr_assert_eq(parse_nsid(&m, m.len, &id), -EPERM);
	cr_assert_eq(id, 3);
}

Test(net_parse, ips)
{
	static const char *const bad[] = {"", "10.0.0", "10.0.0.256", "10.0.0.1/32", "fd00::g", " 10.0.0.1", "::1%lo"};
	static const char *const link_local[] = {"169.254.1.1", "fe80::1", "febf::1"};
	struct net_ip a, b;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert(!net_ip_parse(bad[i], &a), "%s", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(link_local); i++) {
		cr_assert(net_ip_parse(link_local[i], &a));
		cr_assert(net_ip_is_link_local(&a), "%s", link_local[i]);
	}
	cr_assert(net_ip_parse("10.0.0.1", &a) && net_ip_parse("a00:1::", &b));
	cr_assert(!net_ip_equal(&a, &b), "equal first bytes, other family");
	cr_assert(!net_ip_is_link_local(&a));
	cr_assert(net_ip_parse("fec0::1", &a) && !net_ip_is_link_local(&a));
}
