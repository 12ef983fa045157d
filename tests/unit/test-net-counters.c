/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>

#include "net/counters.h"

#define LIST(text, name)	 net_counter_find(NET_COUNTER_LIST, text, NULL, name, &v)
#define TABLE(text, group, name) net_counter_find(NET_COUNTER_TABLE, text, group, name, &v)
#define COLUMNS(text, name)	 net_counter_find(NET_COUNTER_COLUMNS, text, NULL, name, &v)

Test(net_counters, list)
{
	static const char text[] = "XfrmInError             \t0\nXfrmInNoStates          \t17\nXfrmIn\t3";
	uint64_t v = 99;

	cr_expect_eq(LIST(text, "XfrmInNoStates"), 0);
	cr_expect_eq(v, 17);
	cr_expect_eq(LIST(text, "XfrmIn"), 0);
	cr_expect_eq(v, 3);
	cr_expect_eq(LIST(text, "XfrmOut"), -ENOENT);
	cr_expect_eq(LIST("", "XfrmIn"), -ENOENT);
	cr_expect_eq(LIST("XfrmIn", "XfrmIn"), -ENOENT);
	cr_expect_eq(LIST("XfrmIn x", "XfrmIn"), -ENOENT);
	cr_expect_eq(v, 3);
}

Test(net_counters, table)
{
	static const char text[] = "Ip: Forwarding NoPorts\nIp: 2 64\nUdp: InDatagrams NoPorts InErrors\nUdp: 5 6 7\n";
	uint64_t v = 99;

	cr_expect_eq(TABLE(text, "Udp:", "NoPorts"), 0);
	cr_expect_eq(v, 6);
	cr_expect_eq(TABLE(text, "Ip:", "NoPorts"), 0);
	cr_expect_eq(v, 64);
	cr_expect_eq(TABLE(text, "Udp:", "InCsumErrors"), -ENOENT);
	cr_expect_eq(TABLE(text, "Tcp:", "NoPorts"), -ENOENT);
	cr_expect_eq(TABLE("Udp: A B\nUdp: 1", "Udp:", "B"), -ENOENT);
	cr_expect_eq(TABLE("Udp: A B", "Udp:", "B"), -ENOENT);
}

Test(net_counters, columns)
{
	static const char text[] =
		"entries  clashres found drop early_drop\n00000002  00000000 00000000 0000000a 00000001\n"
		"00000002  00000000 00000000 00000010 00000000\n";
	uint64_t v = 99;

	cr_expect_eq(COLUMNS(text, "drop"), 0);
	cr_expect_eq(v, 26);
	cr_expect_eq(COLUMNS(text, "early_drop"), 0);
	cr_expect_eq(v, 1);
	cr_expect_eq(COLUMNS(text, "insert_failed"), -ENOENT);
	cr_expect_eq(COLUMNS("a b\n1\n", "b"), -ENOENT);
	cr_expect_eq(v, 1);
}
