/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "filter/never_matches.h"

Test(never_matches, what_excludes_each_other)
{
	static const struct event_match never[] = {
		{.src = {.family = 4}, .dst = {.family = 6}},
		{.any = {.family = 6}, .dst = {.family = 4}},
		{.l4 = IPPROTO_ICMP, .any = {.family = 6}},
		{.l4 = IPPROTO_ICMPV6, .src = {.family = 4}},
		{.l4 = IPPROTO_ICMP, .port = 80},
		{.l4 = IPPROTO_GRE, .sport = 80},
		{.port = 1, .sport = 2, .dport = 3},
	};
	static const struct event_match can[] = {
		{.l4 = 0},
		{.src = {.family = 4}, .dst = {.family = 4}, .any = {.family = 4}},
		{.l4 = IPPROTO_ICMPV6, .any = {.family = 6}},
		{.l4 = IPPROTO_ICMP},
		{.l4 = IPPROTO_SCTP, .port = 80},
		{.port = 1, .sport = 1, .dport = 3},
		{.port = 1, .sport = 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		cr_expect_not_null(event_match_never(&never[i]), "%zu", i);
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		cr_expect_null(event_match_never(&can[i]), "%zu: %s", i, event_match_never(&can[i]));
}
