/* SPDX-License-Identifier: GPL-2.0-only */
/* A node built in memory: the host (inode 100) and pods whose eth0 all have the same ifindex. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/endpoint.h"

#define N_NS_MAX 6

struct node {
	struct net_snapshot s;
	struct netns ns[N_NS_MAX];
	struct net_tables tables[N_NS_MAX];
	const char *pods[N_NS_MAX];
	int32_t nsid[N_NS_MAX][N_NS_MAX]; /* [asking][of]; -1: none */
	int nsid_error;			  /* -errno for every question, 0: answer */
	unsigned n_asked;
};

static size_t index_of(const struct node *n, const struct netns *ns)
{
	return (size_t)(ns - n->ns);
}

static int fake_nsid(void *ctx, const struct netns *asking, const struct netns *of, int32_t *ret_nsid)
{
	struct node *n = ctx;
	int32_t id = n->nsid[index_of(n, asking)][index_of(n, of)];

	n->n_asked++;
	if (n->nsid_error)
		return n->nsid_error;
	if (id < 0)
		return -ENOENT;
	*ret_nsid = id;
	return 0;
}

static int fake_pod(void *ctx, const struct netns *ns, const struct net_ip *ip, char **ret_pod)
{
	struct node *n = ctx;
	const char *name = n->pods[index_of(n, ns)];

	(void)ip;
	*ret_pod = name ? strdup(name) : NULL;
	return 0;
}

static const struct net_ops fake_ops = {.nsid = fake_nsid, .pod = fake_pod};

static void add_link(struct node *n, size_t i, uint32_t ifindex, const char *name, const char *kind, uint32_t iflink,
		     int32_t nsid)
{
	struct net_link link = {.ifindex = ifindex, .has_iflink = iflink, .iflink = iflink};

	snprintf(link.ifname, sizeof(link.ifname), "%s", name);
	snprintf(link.kind, sizeof(link.kind), "%s", kind);
	link.has_link_netnsid = nsid != -2;
	link.link_netnsid = nsid;
	cr_assert_eq(net_tables_add_link(&n->tables[i], &link), 0);
	net_tables_sort(&n->tables[i]);
}

static void add_addr(struct node *n, size_t i, uint32_t ifindex, const char *text, uint8_t scope)
{
	struct net_addr addr = {.ifindex = ifindex, .scope = scope, .prefix_bits = 32};

	cr_assert(net_ip_parse(text, &addr.ip));
	cr_assert_eq(net_tables_add_addr(&n->tables[i], &addr), 0);
}

/* The host, and two pods: eth0 is ifindex 2 in both, and so is one host side. */
static void node_init(struct node *n)
{
	*n = (struct node){0};
	memset(n->nsid, 0xff, sizeof(n->nsid));
	for (size_t i = 0; i < N_NS_MAX; i++)
		n->ns[i] = (struct netns){.inode = 100 + (uint32_t)i, .own = i == 0};
	n->ns[1].name = "pod1";
	n->s = (struct net_snapshot){
		.list = {.v = n->ns, .n = 3, .own = 0}, .tables = n->tables, .ops = &fake_ops, .ctx = n};
	for (size_t i = 0; i < 3; i++) {
		add_link(n, i, 1, "lo", "", 0, -2);
		add_addr(n, i, 1, "127.0.0.1", RT_SCOPE_HOST);
	}
	add_link(n, 0, 2, "lxc1", "veth", 2, 0);
	add_link(n, 0, 3, "lxc2", "veth", 2, 1);
	add_link(n, 1, 2, "eth0", "veth", 2, 0);
	add_link(n, 2, 2, "eth0", "veth", 3, 0);
	n->nsid[0][1] = 0;
	n->nsid[0][2] = 1;
	n->nsid[1][0] = 0;
	n->nsid[2][0] = 0;
	add_addr(n, 1, 2, "10.0.0.133", RT_SCOPE_UNIVERSE);
	add_addr(n, 2, 2, "10.0.0.67", RT_SCOPE_UNIVERSE);
}

static void node_free(struct node *n)
{
	for (size_t i = 0; i < N_NS_MAX; i++)
		net_tables_free(&n->tables[i]);
}

static int find(struct node *n, const char *what, struct endpoint *ret, struct reason *reason)
{
	*reason = (struct reason){0};
	return endpoint_resolve(&n->s, what, 0, ret, reason);
}

Test(net_endpoint, equal_ifindexes)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint a = {0}, b = {0};
	struct reason reason;

	node_init(&n);
	cr_assert_eq(find(&n, "10.0.0.133", &a, &reason), 0);
	cr_assert_eq(a.netns, 101);
	cr_assert_str_eq(a.netns_name, "pod1");
	cr_assert_eq(a.ifindex, 2);
	cr_assert_eq(a.peer, NET_PEER_FOUND);
	cr_assert_eq(a.host_netns, 100);
	cr_assert_eq(a.host_ifindex, 2);
	cr_assert_str_eq(a.host_ifname, "lxc1");
	cr_assert_null(a.host_netns_name);
	cr_assert_eq(endpoint_no_peer(&a, &reason), 0);

	cr_assert_eq(find(&n, "10.0.0.67", &b, &reason), 0);
	cr_assert_eq(b.netns, 102);
	cr_assert_eq(b.ifindex, 2);
	cr_assert_str_eq(b.host_ifname, "lxc2");
	cr_assert_eq(b.host_ifindex, 3);
	cr_assert_eq(n.n_asked, 2, "the kernel is asked once per endpoint");
}

/* From the host's end both pods' eth0 look right by ifindex; pod1 even points back. Only the id tells. */
Test(net_endpoint, ifindex_alone_does_not_match)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct reason reason;

	node_init(&n);
	n.tables[2].links[1].iflink = 2; /* pod2's eth0 points at 2 as pod1's does */
	n.nsid[0][1] = 5;
	n.nsid[0][2] = 0; /* what lxc1 (2) calls 0 is pod2 */
	add_addr(&n, 0, 2, "10.0.0.1", RT_SCOPE_UNIVERSE);
	cr_assert_eq(find(&n, "10.0.0.1", &e, &reason), 0);
	cr_assert_eq(e.peer, NET_PEER_FOUND);
	cr_assert_eq(e.host_netns, 102);
}

Test(net_endpoint, peer_must_point_back)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct reason reason;

	node_init(&n);
	n.tables[0].links[1].iflink = 9; /* lxc1, renumbered meanwhile */
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), 0);
	cr_assert_eq(e.peer, NET_PEER_HIDDEN);
	cr_assert_eq(e.host_netns, 0);
	cr_assert_eq(endpoint_no_peer(&e, &reason), -ENOLINK);
	cr_assert(strstr(reason.text, "eth0 of 10.0.0.133 (kind veth)"), "%s", reason.text);
}

Test(net_endpoint, peer_of_another_kind)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0}, f = {0};
	struct reason reason;

	node_init(&n);
	snprintf(n.tables[0].links[1].kind, NET_KIND_LEN, "netkit");
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), 0);
	cr_assert_eq(e.peer, NET_PEER_HIDDEN);
	snprintf(n.tables[1].links[1].kind, NET_KIND_LEN, "netkit");
	cr_assert_eq(find(&n, "10.0.0.133", &f, &reason), 0);
	cr_assert_eq(f.peer, NET_PEER_FOUND);
	cr_assert_str_eq(f.kind, "netkit");
}

Test(net_endpoint, no_host_side)
{
	static const struct {
		const char *kind;
		uint32_t iflink;
		int32_t nsid;
		enum net_peer peer;
	} cases[] = {
		{"", 0, -2, NET_PEER_NOT_A_PAIR},
		{"macvlan", 2, 0, NET_PEER_NOT_A_PAIR}, /* its IFLA_LINK is the lower device */
		{"veth", 0, -2, NET_PEER_NOT_A_PAIR},
		{"veth", 1, -2, NET_PEER_SAME_NETNS},
		{"veth", 2, -1, NET_PEER_HIDDEN},
		{"veth", 77, 0, NET_PEER_HIDDEN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(node_free) struct node n;
		_cleanup_(endpoint_clear) struct endpoint e = {0};
		struct reason reason;

		node_init(&n);
		add_link(&n, 1, 8, "dev8", cases[i].kind, cases[i].iflink, cases[i].nsid);
		add_addr(&n, 1, 8, "10.0.0.8", RT_SCOPE_UNIVERSE);
		cr_assert_eq(find(&n, "10.0.0.8", &e, &reason), 0);
		cr_assert_eq(e.peer, cases[i].peer, "case %zu", i);
		cr_assert_eq(endpoint_no_peer(&e, &reason), -ENOLINK);
		cr_assert(reason.text[0]);
	}
}

Test(net_endpoint, kernel_errors)
{
	_cleanup_(node_free) struct node n;
	struct endpoint e = {0};
	struct reason reason;

	node_init(&n);
	n.nsid_error = -EPERM;
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), -EPERM);
	cr_assert(reason.text[0]);
	n.nsid_error = -ENOENT; /* the host's namespace cannot vanish, but others can */
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), 0);
	cr_assert_eq(e.peer, NET_PEER_HIDDEN);
	endpoint_clear(&e);
}

Test(net_endpoint, ambiguous_and_missing)
{
	_cleanup_(node_free) struct node n;
	struct endpoint e = {0};
	struct reason reason;

	node_init(&n);
	add_addr(&n, 2, 2, "10.0.0.133", RT_SCOPE_UNIVERSE);
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), -ENOTUNIQ);
	cr_assert(strstr(reason.text, "say which: netns:pod1,eth0,10.0.0.133 or netns:inode:102,eth0,10.0.0.133"), "%s",
		  reason.text);
	cr_assert_eq(find(&n, "10.0.0.9", &e, &reason), -ENOENT);
	cr_assert(strstr(reason.text, "10.0.0.9"));
	cr_assert_eq(find(&n, "127.0.0.1", &e, &reason), -ENOENT);
	cr_assert(strstr(reason.text, "loopback"));
	cr_assert_eq(find(&n, "", &e, &reason), -EINVAL);
	cr_assert_eq(find(&n, "10.0.0", &e, &reason), -EINVAL);
	cr_assert_eq(find(&n, "10.0.0.133/32", &e, &reason), -EINVAL);
	cr_assert_eq(find(&n, "fd00::zz", &e, &reason), -EINVAL);
	n.s.list.n_unreadable = 2;
	cr_assert_eq(find(&n, "10.0.0.9", &e, &reason), -ENOENT);
	cr_assert(strstr(reason.text, "2 could not be"), "%s", reason.text);
	cr_assert_null(e.pod);
}

/* The same address twice on one link, with two prefix lengths, is no ambiguity. */
Test(net_endpoint, repeated_address)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	_cleanup_(endpoint_list_free) struct endpoint_list list = {0};
	struct reason reason;

	node_init(&n);
	add_addr(&n, 1, 2, "10.0.0.133", RT_SCOPE_UNIVERSE);
	cr_assert_eq(find(&n, "10.0.0.133", &e, &reason), 0);
	cr_assert_eq(endpoint_list_collect(&n.s, 0, &list, &reason), 0);
	cr_assert_eq(list.n, 2);
}

Test(net_endpoint, by_namespace)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0}, f = {0};
	struct reason reason;

	node_init(&n);
	add_addr(&n, 2, 2, "fe80::2", RT_SCOPE_LINK);
	add_addr(&n, 1, 2, "10.0.0.67", RT_SCOPE_UNIVERSE); /* also elsewhere: asked for one namespace that is fine */
	cr_assert_eq(find(&n, "netns:inode:102", &e, &reason), 0);
	cr_assert_eq(e.netns, 102);
	cr_assert_str_eq(e.host_ifname, "lxc2");

	cr_assert_eq(find(&n, "netns:inode:101", &f, &reason), -ENOTUNIQ);
	cr_assert(strstr(reason.text, "say which: netns:pod1,eth0,10.0.0.133 or netns:pod1,eth0,10.0.0.67"), "%s",
		  reason.text);
	cr_assert_eq(find(&n, "netns:inode:999", &f, &reason), -ENOENT);
	cr_assert_eq(find(&n, "netns:inode:x", &f, &reason), -EINVAL);
	cr_assert_eq(endpoint_resolve(&n.s, "netns:inode:102", 6, &f, &reason), -ENOENT);
	add_addr(&n, 2, 2, "fd00::67", RT_SCOPE_UNIVERSE);
	cr_assert_eq(endpoint_resolve(&n.s, "netns:inode:102", 6, &f, &reason), 0);
	cr_assert_eq(f.ip.family, 6);
}

Test(net_endpoint, by_pod)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint a = {0}, b = {0}, c = {0};
	struct reason reason;

	node_init(&n);
	n.pods[0] = "the-host";
	n.pods[1] = "default/web";
	n.pods[2] = "db";
	cr_assert_eq(find(&n, "web", &a, &reason), 0);
	cr_assert_str_eq(a.pod, "default/web");
	cr_assert_eq(find(&n, "default/web", &b, &reason), 0);
	cr_assert_eq(b.netns, 101);
	cr_assert_eq(find(&n, "default", &c, &reason), -ENOENT);
	cr_assert_eq(find(&n, "the-host", &c, &reason), -ENOENT);
	n.pods[2] = "other/web";
	cr_assert_eq(find(&n, "web", &c, &reason), -ENOTUNIQ);
	cr_assert(strstr(reason.text, "(default/web)") && strstr(reason.text, "(other/web)"), "%s", reason.text);
	cr_assert_eq(find(&n, "other/web", &c, &reason), 0);
	cr_assert_eq(c.netns, 102);
}

/* Two interfaces of one pod with one address: what the refusal prints resolves each of them. */
Test(net_endpoint, one_address_on_two_interfaces)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint a = {0}, b = {0}, c = {0};
	struct reason reason;

	node_init(&n);
	add_link(&n, 0, 9, "lxc9", "veth", 5, 1);
	add_link(&n, 2, 5, "eth1", "veth", 9, 0);
	add_addr(&n, 2, 5, "10.0.0.67", RT_SCOPE_UNIVERSE);
	cr_assert_eq(find(&n, "10.0.0.67", &a, &reason), -ENOTUNIQ);
	cr_assert_str_eq(reason.text, "10.0.0.67 is configured on 2 interfaces, say which: "
				      "netns:inode:102,eth0,10.0.0.67 or netns:inode:102,eth1,10.0.0.67");
	cr_assert_eq(find(&n, "netns:inode:102", &a, &reason), -ENOTUNIQ);
	cr_assert(strstr(reason.text, "netns:inode:102,eth1,10.0.0.67"), "%s", reason.text);
	cr_assert_eq(find(&n, "netns:inode:102,eth1,10.0.0.67", &a, &reason), 0);
	cr_assert_str_eq(a.host_ifname, "lxc9");
	cr_assert_eq(find(&n, "netns:inode:102,eth0", &b, &reason), 0);
	cr_assert_str_eq(b.host_ifname, "lxc2");
	cr_assert_eq(find(&n, "netns:inode:102,10.0.0.67,eth1", &c, &reason), 0);
	cr_assert_str_eq(c.ifname, "eth1");
	cr_assert_eq(find(&n, "netns:inode:102,10.0.0.67", &c, &reason), -ENOTUNIQ);
	cr_assert_eq(find(&n, "netns:inode:102,eth7", &c, &reason), -ENOENT);
	cr_assert_str_eq(reason.text, "network namespace inode:102 has no global address on eth7");
	cr_assert_eq(find(&n, "netns:inode:102,eth0,eth1", &c, &reason), -EINVAL);
	cr_assert_eq(find(&n, "netns:inode:102,", &c, &reason), -EINVAL);
}

/* A pod's second interface may have no host side. */
Test(net_endpoint, pod_with_two_interfaces)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint a = {0}, b = {0}, c = {0};
	struct reason reason;

	node_init(&n);
	n.pods[1] = "default/web";
	add_link(&n, 1, 5, "net1", "macvlan", 7, 0);
	add_addr(&n, 1, 5, "192.168.0.5", RT_SCOPE_UNIVERSE);
	cr_assert_eq(find(&n, "web", &a, &reason), 0);
	cr_assert_str_eq(a.ifname, "eth0");
	cr_assert_eq(find(&n, "web,net1", &b, &reason), 0);
	cr_assert_eq(endpoint_no_peer(&b, &reason), -ENOLINK);
	cr_assert_str_eq(reason.text, "net1 of 192.168.0.5 (kind macvlan) is not one end of a veth or netkit pair, so "
				      "it has no host side");
	n.tables[1].links[1].iflink = 0; /* without the pair, what is left is named */
	cr_assert_eq(find(&n, "web", &c, &reason), -ENOTUNIQ);
	cr_assert_str_eq(reason.text, "pod web has several addresses, say which: netns:pod1,eth0,10.0.0.133 "
				      "(default/web) or netns:pod1,net1,192.168.0.5 (default/web)");
}

/* The namespaces tell pods of one name apart, not the addresses: these may be the same, or of different families. */
Test(net_endpoint, two_pods_of_one_name)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct reason reason;

	node_init(&n);
	n.pods[1] = n.pods[2] = "web";
	n.tables[2].addrs[1].ip = n.tables[1].addrs[1].ip;
	cr_assert_eq(find(&n, "web", &e, &reason), -ENOTUNIQ);
	cr_assert_str_eq(reason.text, "2 pods are named web, say which by NAMESPACE/NAME, an address or one of: "
				      "netns:pod1,eth0,10.0.0.133 (web) or netns:inode:102,eth0,10.0.0.133 (web)");
	cr_assert(net_ip_parse("fd00::67", &n.tables[2].addrs[1].ip));
	cr_assert_eq(endpoint_resolve(&n.s, "web", 4, &e, &reason), -ENOTUNIQ);
	n.pods[2] = "a/web";
	cr_assert_eq(find(&n, "web", &e, &reason), -ENOTUNIQ);
	cr_assert_eq(find(&n, "a/web", &e, &reason), 0);
	cr_assert_eq(e.netns, 102);
}

static int check_pair(struct node *n, const char *src, const char *dst, struct reason *reason)
{
	_cleanup_(endpoint_clear) struct endpoint a = {0}, b = {0};

	cr_assert_eq(find(n, src, &a, reason), 0);
	cr_assert_eq(find(n, dst, &b, reason), 0);
	return endpoint_check_pair(&a, &b, reason);
}

Test(net_endpoint, pairs_without_a_host_side)
{
	_cleanup_(node_free) struct node n;
	struct reason reason;

	node_init(&n);
	cr_assert_eq(check_pair(&n, "10.0.0.133", "10.0.0.67", &reason), 0);
	cr_assert_eq(check_pair(&n, "10.0.0.133", "10.0.0.133", &reason), -EINVAL);
	cr_assert(strstr(reason.text, "in the same namespace"), "%s", reason.text);

	/* the host's own address, on its side of either pod */
	add_addr(&n, 0, 2, "10.0.0.1", RT_SCOPE_UNIVERSE);
	cr_assert_eq(check_pair(&n, "10.0.0.1", "10.0.0.67", &reason), -ENOLINK);
	cr_assert_str_eq(reason.text,
			 "10.0.0.1 is an address on lxc1 in the namespace that has the other end of "
			 "10.0.0.67's eth0, so it is the host's and has no host side; give a pod's address");
	cr_assert_eq(check_pair(&n, "10.0.0.67", "10.0.0.1", &reason), -ENOLINK);
	cr_assert_eq(check_pair(&n, "10.0.0.1", "10.0.0.133", &reason), -ENOLINK);
	cr_assert_str_eq(reason.text, "eth0 of 10.0.0.133 and lxc1 of 10.0.0.1 are the two ends of one veth pair, so "
				      "there is no host side");

	/* one pair from pod to pod */
	add_link(&n, 1, 8, "p2p", "veth", 8, 3);
	add_link(&n, 2, 8, "p2p", "veth", 8, 3);
	add_addr(&n, 1, 8, "10.9.0.1", RT_SCOPE_UNIVERSE);
	add_addr(&n, 2, 8, "10.9.0.2", RT_SCOPE_UNIVERSE);
	n.nsid[1][2] = n.nsid[2][1] = 3;
	cr_assert_eq(check_pair(&n, "10.9.0.1", "10.9.0.2", &reason), -ENOLINK);
	cr_assert(strstr(reason.text, "two ends of one veth pair"), "%s", reason.text);
	cr_assert_eq(check_pair(&n, "10.9.0.1", "10.0.0.67", &reason), -ENOLINK);
	cr_assert_eq(check_pair(&n, "10.0.0.133", "10.9.0.2", &reason), -ENOLINK);
}

/* Two nodes that are namespaces of one machine. */
Test(net_endpoint, host_sides_in_two_namespaces)
{
	_cleanup_(node_free) struct node n;
	struct reason reason;

	node_init(&n);
	n.s.list.n = 5;
	add_link(&n, 3, 4, "lxc4", "veth", 2, 7);
	add_link(&n, 4, 2, "eth0", "veth", 4, 7);
	add_addr(&n, 4, 2, "10.0.0.4", RT_SCOPE_UNIVERSE);
	n.nsid[3][4] = n.nsid[4][3] = 7;
	cr_assert_eq(check_pair(&n, "10.0.0.133", "10.0.0.4", &reason), -EINVAL);
	cr_assert_str_eq(reason.text,
			 "the host sides of 10.0.0.133 (lxc1) and 10.0.0.4 (lxc4) are in different network "
			 "namespaces, so they are not on one node");
}

Test(net_endpoint, unchanged)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct reason reason;
	struct net_link *eth0, *lxc1;

	node_init(&n);
	cr_assert_eq(find(&n, "netns:inode:101", &e, &reason), 0);
	eth0 = &n.tables[1].links[1];
	lxc1 = &n.tables[0].links[1];
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 1);
	/* what is added beside it, here and elsewhere, changes nothing */
	add_addr(&n, 1, 2, "10.0.0.9", RT_SCOPE_UNIVERSE);
	add_addr(&n, 2, 2, "10.0.0.133", RT_SCOPE_UNIVERSE);
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 1);
	snprintf(eth0->ifname, IF_NAMESIZE, "eth9");
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "renamed in the pod");
	snprintf(eth0->ifname, IF_NAMESIZE, "eth0");
	snprintf(lxc1->ifname, IF_NAMESIZE, "lxc9");
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "renamed on the host");
	snprintf(lxc1->ifname, IF_NAMESIZE, "lxc1");
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 1);
	lxc1->ifindex = 4;
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "another host side");
	lxc1->ifindex = 2;
	n.tables[1].addrs[1].ifindex = 1;
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "the address moved");
	n.tables[1].addrs[1].ifindex = 2;
	eth0->ifindex = 3;
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "deleted, or moved");
	eth0->ifindex = 2;
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 1);
	n.s.list.n = 1;
	cr_assert_eq(endpoint_is_unchanged(&n.s, &e), 0, "the namespace is gone");
}

Test(net_endpoint, list)
{
	_cleanup_(node_free) struct node n;
	_cleanup_(endpoint_list_free) struct endpoint_list few = {0}, all = {0};
	struct reason reason;

	node_init(&n);
	add_addr(&n, 0, 2, "10.0.0.1", RT_SCOPE_UNIVERSE);
	add_addr(&n, 1, 2, "fe80::1", RT_SCOPE_LINK);
	add_addr(&n, 2, 2, "169.254.1.1", RT_SCOPE_UNIVERSE);
	add_link(&n, 2, 5, "dummy0", "dummy", 0, -2);
	add_addr(&n, 2, 5, "10.0.0.5", RT_SCOPE_UNIVERSE);
	cr_assert_eq(endpoint_list_collect(&n.s, 0, &few, &reason), 0);
	cr_assert_eq(few.n, 2);
	cr_assert_eq(few.v[0].ip.bytes[3], 67);
	cr_assert_eq(few.v[1].ip.bytes[3], 133);
	cr_assert_eq(endpoint_list_collect(&n.s, ENDPOINT_HOST | ENDPOINT_LINK_LOCAL, &all, &reason), 0);
	cr_assert_eq(all.n, 5);
	cr_assert_eq(all.v[0].netns, 100);
	cr_assert_eq(all.v[4].ip.family, 6);
}
