/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

#include "owner/xfrm.h"
#include "render/out/out.h"

static struct tuple packet(void)
{
	struct tuple t = {.family = 4, .has_l4 = true, .l4 = 17, .has_ports = true, .sport = 1000, .dport = 53};

	memcpy(t.src, (uint8_t[]){10, 0, 0, 1}, 4);
	memcpy(t.dst, (uint8_t[]){10, 0, 0, 2}, 4);
	return t;
}

static struct ipsec_policy policy(void)
{
	struct ipsec_policy p = {.family = AF_INET,
				 .dir = XFRM_POLICY_IN,
				 .blocks = true,
				 .src_bits = 25,
				 .dst_bits = 32,
				 .proto = 17,
				 .dport = 53,
				 .dport_mask = 0xffff};

	memcpy(p.src, (uint8_t[]){10, 0, 0, 0}, 4);
	memcpy(p.dst, (uint8_t[]){10, 0, 0, 2}, 4);
	return p;
}

Test(owner_xfrm, a_policy_matches_by_all_that_it_asks_for)
{
	struct ipsec_policy p = policy();
	struct tuple t = packet();

	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_YES);
	t.dport = 54;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_NO);
	t = packet();
	t.src[3] = 128;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_NO);
	t = packet();
	t.family = 6;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_NO);
}

Test(owner_xfrm, what_is_not_known_leaves_it_open)
{
	struct ipsec_policy p = policy();
	struct tuple t = packet();

	t.has_ports = false;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_UNKNOWN);
	t = packet();
	p.unknown = true;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_UNKNOWN);
	t.dst[3] = 9;
	cr_assert_eq(xfrm_matches(&p, &t), TRUTH_NO);
}

Test(owner_xfrm, text)
{
	_cleanup_out_ struct out o = {0};
	struct ipsec_policy p = policy();

	xfrm_policy_text(&p, &o);
	out_char(&o, '\0');
	cr_assert_str_eq(o.buf.data, "dir in action block: src 10.0.0.0/25 dst 10.0.0.2/32 proto udp dport 53");
}
