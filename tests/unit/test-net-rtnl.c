/* SPDX-License-Identifier: GPL-2.0-only */
/* In the namespace the tests run in, which needs no privilege: its loopback interface is always ifindex 1. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/route.h"

static const struct netns own = {.own = true};

Test(net_rtnl, dump)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	_cleanup_(net_tables_free) struct net_tables t = {0};
	const struct net_link *lo;

	cr_assert_eq(rtnl_open(&own, &rtnl), 0);
	cr_assert_eq(rtnl_dump(rtnl, &t), 0);
	lo = net_tables_find(&t, 1);
	cr_assert(lo);
	cr_assert_str_eq(lo->ifname, "lo");
	cr_assert(lo->has_stats && lo->mtu > 0);
}

Test(net_rtnl, one_link)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	struct net_link lo, untouched = {.ifindex = 77};

	cr_assert_eq(rtnl_open(&own, &rtnl), 0);
	cr_assert_eq(rtnl_get_link(rtnl, 1, &lo), 0);
	cr_assert_str_eq(lo.ifname, "lo");
	cr_assert(lo.has_stats);
	cr_assert_eq(rtnl_get_link(rtnl, 0, &untouched), -ENODEV);
	cr_assert_eq(rtnl_get_link(rtnl, 0x7fffffff, &untouched), -ENODEV);
	cr_assert_eq(rtnl_get_link(rtnl, 0x80000001, &untouched), -ENODEV);
	cr_assert_eq(untouched.ifindex, 77);
	cr_assert_eq(rtnl_get_link(rtnl, 1, &lo), 0, "usable after an error");
}

Test(net_rtnl, nsid)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	int32_t id = -7;

	cr_assert_eq(rtnl_open(&own, &rtnl), 0);
	cr_assert_lt(rtnl_get_nsid(rtnl, -1, &id), 0);
	cr_assert_lt(rtnl_get_nsid(rtnl, STDIN_FILENO, &id), 0, "not a namespace");
	cr_assert_eq(id, -7);
}

Test(net_rtnl, route)
{
	_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
	struct route_question to_lo = {.dst = {4, {127, 0, 0, 1}}}, none = {.iif = 0}, gone = to_lo;
	uint8_t type = 77;

	gone.iif = 0x7fffffff;
	cr_assert_eq(rtnl_open(&own, &rtnl), 0);
	cr_expect_eq(rtnl_get_route(rtnl, &none, &type), -EAFNOSUPPORT);
	cr_expect_lt(rtnl_get_route(rtnl, &gone, &type), 0);
	cr_expect_eq(type, 77);
	cr_expect_eq(rtnl_get_route(rtnl, &to_lo, &type), 0, "usable after an error");
	cr_expect_eq(type, RTN_LOCAL);
}

Test(net_rtnl, vanished_namespace)
{
	struct netns gone = {.inode = 1, .path = (char *)"/run/netns/no-such-namespace"};
	struct rtnl *rtnl = NULL;

	cr_assert_eq(rtnl_open(&gone, &rtnl), -ENOENT);
	cr_assert_null(rtnl);
}
