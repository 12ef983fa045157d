/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "event/hook_event.h"

/* Every field differs from every other. */
static const struct st_hook_event record = {
	.ts_ns = 0x1111111111111111,
	.seq = 0x2222222222222222,
	.skb = 0x3333333333333333,
	.location = 0x4444444444444444,
	.cpu = 5,
	.netns = 6,
	.ifindex = 7,
	.orig_netns = 8,
	.orig_ifindex = 9,
	.drop_reason = 10,
	.helper_ifindex = 11,
	.helper_flags = 0x1234567812345678,
	.l4_seq = 12,
	.payload_bytes = 13,
	.frag_off = 14,
	.hook = ST_HOOK_DROP,
	.reverse = 1,
	.l4 = 6,
	.icmp_type = 128,
	.tcp_flags = 18,
	.has_reason = 1,
	.helper = ST_HELPER_REDIRECT_NEIGH,
	.has_l4 = 1,
};

Test(hook_event, decodes_every_field)
{
	struct st_hook_event raw = record;
	struct hook_event w;

	raw.sport_be = htons(40000);
	raw.dport_be = htons(443);
	raw.ip_id_be = htons(0x1234);
	memset(&w, 0xa5, sizeof(w));
	cr_assert_eq(hook_event_decode(&raw, sizeof(raw), &w), 0);
	cr_expect_eq(w.ts_ns, record.ts_ns);
	cr_expect_eq(w.cpu_seq, record.seq);
	cr_expect_eq(w.skb, record.skb);
	cr_expect_eq(w.location, record.location);
	cr_expect_eq(w.cpu, 5);
	cr_expect_eq(w.netns, 6);
	cr_expect_eq(w.ifindex, 7);
	cr_expect_eq(w.orig_netns, 8);
	cr_expect_eq(w.orig_ifindex, 9);
	cr_expect_eq(w.drop_reason, 10);
	cr_expect_eq(w.helper_ifindex, 11);
	cr_expect_eq(w.helper_flags, 0x1234567812345678);
	cr_expect_eq(w.l4_seq, 12);
	cr_expect_eq(w.payload_bytes, 13);
	cr_expect_eq(w.frag_off, 14);
	cr_expect_eq(w.sport, 40000);
	cr_expect_eq(w.dport, 443);
	cr_expect_eq(w.ip_id, 0x1234);
	cr_expect_eq(w.hook, ST_HOOK_DROP);
	cr_expect_eq(w.helper, ST_HELPER_REDIRECT_NEIGH);
	cr_expect(w.reverse);
	cr_expect(w.has_reason);
	cr_expect(w.has_l4);
	cr_expect_eq(w.l4, 6);
	cr_expect_eq(w.icmp_type, 128);
	cr_expect_eq(w.tcp_flags, 18);
}

Test(hook_event, bits_that_are_not_set_stay_so)
{
	struct st_hook_event raw = record;
	struct hook_event w;

	raw.reverse = raw.has_reason = raw.has_l4 = 0;
	cr_assert_eq(hook_event_decode(&raw, sizeof(raw), &w), 0);
	cr_expect_not(w.reverse);
	cr_expect_not(w.has_reason);
	cr_expect_not(w.has_l4);
}

/* The ring rounds records up; a shorter one holds no hook event, and is not read past its end (the sanitizers watch).
 */
Test(hook_event, of_any_other_size_is_refused_or_cut)
{
	struct {
		struct st_hook_event raw;
		char more[8];
	} longer = {.raw = record};
	struct hook_event w = {.cpu = 99};

	for (size_t size = 0; size < sizeof(record); size++) {
		_cleanup_free_ void *exact = malloc(size ? size : 1);

		cr_assert_not_null(exact);
		memcpy(exact, &record, size);
		cr_expect_eq(hook_event_decode(exact, size, &w), -EBADMSG, "%zu bytes", size);
	}
	cr_expect_eq(w.cpu, 99, "left alone");
	cr_expect_eq(hook_event_decode(&longer, sizeof(longer), &w), 0);
	cr_expect_eq(w.cpu, 5);
}

Test(hook_event, of_an_unknown_hook_or_helper_is_refused)
{
	struct hook_event w = {.cpu = 99};
	struct st_hook_event raw = record;

	raw.hook = ST_HOOK_MAX;
	cr_expect_eq(hook_event_decode(&raw, sizeof(raw), &w), -EBADMSG);
	raw.hook = 255;
	cr_expect_eq(hook_event_decode(&raw, sizeof(raw), &w), -EBADMSG);
	raw = record;
	raw.helper = ST_HELPER_REDIRECT_NEIGH + 1;
	cr_expect_eq(hook_event_decode(&raw, sizeof(raw), &w), -EBADMSG);
	cr_expect_eq(w.cpu, 99, "left alone");
	raw = record;
	raw.hook = ST_HOOK_MAX - 1;
	cr_expect_eq(hook_event_decode(&raw, sizeof(raw), &w), 0);
}
