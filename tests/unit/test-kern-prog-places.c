/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "event/event.h"
#include "kern/progs/prog_places.h"

#define HOST 100
#define POD  200

static struct prog_places copy_of(const struct prog_place *v, size_t n)
{
	struct prog_places p = {.n = n};

	/* as many as array_grow() takes for granted */
	p.v = calloc(16, sizeof(*v));
	cr_assert(p.v && n <= 16);
	memcpy(p.v, v, n * sizeof(*v));
	return p;
}

Test(prog_places, the_device_decides_where_a_program_is_attached_twice)
{
	static const struct prog_place v[] = {
		{5, HOST, 20, NET_ATTACH_XDP},		{7, HOST, 20, NET_ATTACH_CLSACT_INGRESS},
		{7, HOST, 21, NET_ATTACH_TCX_INGRESS},	{7, POD, 20, NET_ATTACH_TCX_EGRESS},
		{9, HOST, 20, NET_ATTACH_NETKIT_PEER},	{11, HOST, 0, NET_ATTACH_ACTION},
		{12, HOST, 20, NET_ATTACH_TCX_INGRESS}, {12, HOST, 20, NET_ATTACH_TCX_EGRESS},
	};
	_cleanup_(prog_places_free) struct prog_places p = copy_of(v, ARRAY_SIZE(v));

	cr_expect_eq(prog_places_hooks(&p, 7, HOST, 20), EVENT_HOOK_TC_INGRESS);
	cr_expect_eq(prog_places_hooks(&p, 7, HOST, 21), EVENT_HOOK_TCX_INGRESS);
	cr_expect_eq(prog_places_hooks(&p, 7, POD, 20), EVENT_HOOK_TCX_EGRESS);
	cr_expect_eq(prog_places_hooks(&p, 7, POD, 99),
		     EVENT_HOOK_TC_INGRESS | EVENT_HOOK_TCX_INGRESS | EVENT_HOOK_TCX_EGRESS);
	cr_expect_eq(prog_places_hooks(&p, 9, POD, 2), EVENT_HOOK_NETKIT);
	cr_expect_eq(prog_places_hooks(&p, 11, HOST, 20), EVENT_HOOK_TC_INGRESS | EVENT_HOOK_TC_EGRESS);
	cr_expect_eq(prog_places_hooks(&p, 12, HOST, 20), EVENT_HOOK_TCX_INGRESS | EVENT_HOOK_TCX_EGRESS);
	cr_expect_eq(prog_places_hooks(&p, 5, HOST, 20), 0);
	cr_expect_eq(prog_places_hooks(&p, 6, HOST, 20), 0);
	cr_expect_eq(prog_places_hooks(&p, 13, HOST, 20), 0);
}

Test(prog_places, what_was_attached_before_is_remembered)
{
	static const struct prog_place before[] = {{5, HOST, 20, NET_ATTACH_TCX_INGRESS},
						   {7, HOST, 20, NET_ATTACH_TCX_INGRESS}};
	static const struct prog_place now[] = {{7, HOST, 21, NET_ATTACH_CLSACT_INGRESS},
						{9, HOST, 20, NET_ATTACH_CLSACT_INGRESS}};
	_cleanup_(prog_places_free) struct prog_places p = copy_of(before, 2), newer = copy_of(now, 2);

	cr_assert_eq(prog_places_update(&p, &newer), 0);
	cr_expect_eq(newer.n, 0);
	cr_assert_eq(p.n, 3);
	cr_expect_eq(p.v[0].id, 5);
	cr_expect_eq(prog_places_hooks(&p, 5, HOST, 20), EVENT_HOOK_TCX_INGRESS);
	cr_expect_eq(prog_places_hooks(&p, 7, HOST, 20), EVENT_HOOK_TC_INGRESS, "not where it was");
}
