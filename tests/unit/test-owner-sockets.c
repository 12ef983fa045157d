/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "owner/sockets.h"

#define HEADING "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"

Test(owner_sockets, of_tcp_only_the_listeners)
{
	const char *text = HEADING "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000\n"
				   "   1: 0100007F:0051 0100007F:1234 01 00000000:00000000 00:00000000\n";
	struct socket_list l = {0};

	cr_assert_eq(sockets_parse(text, 4, IPPROTO_TCP, &l), 0);
	cr_assert_eq(l.n, 1u);
	cr_assert_eq(l.v[0].port, 80u);
	cr_assert_eq(memcmp(l.v[0].addr, (uint8_t[]){127, 0, 0, 1}, 4), 0);
	free(l.v);
}

Test(owner_sockets, ipv6)
{
	const char *text =
		HEADING "  10: 000080FE00000000000000000100000A:0035 00000000000000000000000000000000:0000 07 0:0\n";
	struct socket_list l = {0};

	cr_assert_eq(sockets_parse(text, 6, IPPROTO_UDP, &l), 0);
	cr_assert_eq(l.n, 1u);
	cr_assert_eq(l.v[0].port, 53u);
	cr_assert_eq(memcmp(l.v[0].addr, (uint8_t[]){0xfe, 0x80, 0, 0}, 4), 0);
	free(l.v);
}

Test(owner_sockets, what_is_not_understood_is_an_error)
{
	struct socket_list l = {0};

	cr_assert_eq(sockets_parse(HEADING, 4, IPPROTO_UDP, &l), 0);
	cr_assert_eq(sockets_parse("", 4, IPPROTO_UDP, &l), 0);
	cr_assert_eq(sockets_parse(HEADING "   0: 0100007F\n", 4, IPPROTO_UDP, &l), -EBADMSG);
	cr_assert_eq(sockets_parse(HEADING "   0: 0100007F:0050 00000000:0000 0A\n", 6, IPPROTO_UDP, &l), -EBADMSG);
	cr_assert_eq(l.n, 0u);
}
