/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "filter/never_matches.h"

Test(never_matches, what_excludes_each_other)
{
	static const struct event_match never[] = {
		{.src = {1, {{.family = 4}}}, .dst = {1, {{.family = 6}}}},
		{.any = {1, {{.family = 6}}}, .dst = {1, {{.family = 4}}}},
		{.l4 = IPPROTO_ICMP, .any = {1, {{.family = 6}}}},
		{.l4 = IPPROTO_ICMPV6, .src = {1, {{.family = 4}}}},
		{.l4 = IPPROTO_ICMP, .port = {1, {80}}},
		{.l4 = IPPROTO_GRE, .sport = {1, {80}}},
		{.port = {1, {1}}, .sport = {1, {2}}, .dport = {1, {3}}},
	};
	static const struct event_match can[] = {
		{.l4 = 0},
		{.src = {1, {{.family = 4}}}, .dst = {1, {{.family = 4}}}, .any = {1, {{.family = 4}}}},
		{.l4 = IPPROTO_ICMPV6, .any = {1, {{.family = 6}}}},
		{.l4 = IPPROTO_ICMP},
		{.l4 = IPPROTO_SCTP, .port = {1, {80}}},
		{.port = {1, {1}}, .sport = {1, {1}}, .dport = {1, {3}}},
		{.port = {1, {1}}, .sport = {1, {2}}},
		{.any = {2, {{.family = 4}, {.family = 6}}}, .dst = {1, {{.family = 6}}}},
		{.l4 = IPPROTO_ICMP, .src = {2, {{.family = 6}, {.family = 4}}}},
		{.port = {2, {1, 2}}, .sport = {1, {2}}, .dport = {1, {3}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		cr_expect_not_null(event_match_never(&never[i]), "%zu", i);
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		cr_expect_null(event_match_never(&can[i]), "%zu: %s", i, event_match_never(&can[i]));
}
