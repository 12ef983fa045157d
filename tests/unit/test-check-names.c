/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "check/check.h"

Test(names, are_those_of_the_interface)
{
	cr_expect_str_eq(verdict_name(VERDICT_PASS), "PASS");
	cr_expect_str_eq(verdict_name(VERDICT_FAIL), "FAIL");
	cr_expect_str_eq(verdict_name(VERDICT_INCONCLUSIVE), "INCONCLUSIVE");
	cr_expect_str_eq(direction_name(DIRECTION_REQUEST), "request");
	cr_expect_str_eq(direction_name(DIRECTION_REPLY), "reply");
	cr_expect_str_eq(point_name(POINT_SRC_POD), "src-pod");
	cr_expect_str_eq(point_name(POINT_SRC_HOST), "src-host");
	cr_expect_str_eq(point_name(POINT_DST_HOST), "dst-host");
	cr_expect_str_eq(point_name(POINT_DST_POD), "dst-pod");
	cr_expect_str_eq(mechanism_name(MECH_UNKNOWN), "unknown");
	cr_expect_str_eq(helper_name(ST_HELPER_REDIRECT), "bpf_redirect");
	cr_expect_str_eq(helper_name(ST_HELPER_REDIRECT_PEER), "bpf_redirect_peer");
	cr_expect_str_eq(helper_name(ST_HELPER_REDIRECT_NEIGH), "bpf_redirect_neigh");
	cr_expect_null(helper_name(ST_HELPER_NONE));
}

Test(names, of_reasons_differ_and_are_words)
{
	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		const char *name = reason_code_name(c);

		cr_assert_not_null(name, "reason %u", c);
		cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name), "%s", name);
		for (enum reason_code other = 0; other < c; other++)
			cr_expect_str_neq(name, reason_code_name(other));
	}
}

Test(names, of_mechanisms_parse_back)
{
	enum mechanism m;

	for (enum mechanism want = MECH_UNKNOWN + 1; want < MECH_MIXED; want++) {
		m = MECH_UNKNOWN;
		cr_expect_eq(mechanism_parse(mechanism_name(want), &m), 0);
		cr_expect_eq(m, want);
	}
}

Test(names, that_are_no_mechanism_leave_it_alone)
{
	static const char *const wrong[] = {"unknown", "", "redirect_pee", "redirect-peer", "Bridge", "bridge "};
	enum mechanism m = MECH_BRIDGE;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(mechanism_parse(wrong[i], &m), -EINVAL, "'%s'", wrong[i]);
	cr_expect_eq(m, MECH_BRIDGE);
}

Test(names, a_leg_skips_the_veth_of_its_own_destination)
{
	cr_expect_eq(direction_forbidden(DIRECTION_REQUEST), POINT_DST_HOST);
	cr_expect_eq(direction_forbidden(DIRECTION_REPLY), POINT_SRC_HOST);
	for (unsigned step = 0; step < POINT_MAX; step++)
		cr_expect_eq(direction_point(DIRECTION_REQUEST, step),
			     direction_point(DIRECTION_REPLY, POINT_MAX - 1 - step));
	cr_expect_eq(direction_point(DIRECTION_REQUEST, 0), POINT_SRC_POD);
	cr_expect_eq(direction_point(DIRECTION_REPLY, 1), POINT_DST_HOST);
}
