/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "event/event.h"

Test(event_drop, what_was_used_is_no_loss)
{
	struct event ev = {.source = ST_SRC_KFREE, .has_reason = true, .drop_reason_name = "SKB_CONSUMED"};

	cr_expect_not(event_is_loss(&ev));
	ev.drop_reason_name = "NOT_SPECIFIED";
	cr_expect(event_is_loss(&ev));
	ev.copy_delivered = true;
	cr_expect_not(event_is_loss(&ev));
	ev.copy_delivered = false;
	ev.drop_symbol = "skb_release_data.isra.0";
	cr_expect_not(event_is_loss(&ev), "a part of what was freed");
	ev.drop_reason_name = "TCP_CSUM";
	cr_expect(event_is_loss(&ev), "the whole was dropped");
	ev.drop_reason_name = NULL; /* not known by name */
	cr_expect(event_is_loss(&ev));
	ev.has_reason = false; /* before 5.17 */
	cr_expect_not(event_is_loss(&ev));
	ev.drop_symbol = "skb_release_data_of_others";
	cr_expect(event_is_loss(&ev));
	ev = (struct event){.has_location = true};
	cr_expect_not(event_is_loss(&ev));
}

/* The original of a packet of which a socket took a clone. */
Test(event_drop, a_drop_is_no_loss_when_a_copy_was_delivered)
{
	struct event ev = {.source = ST_SRC_KFREE, .has_location = true, .copy_delivered = true};

	cr_expect(event_is_drop(&ev));
	cr_expect_not(event_is_loss(&ev));
}

Test(event_drop, what_was_used_is_no_drop)
{
	static const char *const used[] = {"SKB_CONSUMED", "CONSUMED", "NOT_DROPPED_YET"};
	struct event ev = {.source = ST_SRC_KFREE, .has_location = true, .has_reason = true};

	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		ev.drop_reason_name = used[i];
		cr_expect_not(event_is_drop(&ev), "%s", used[i]);
	}
	ev.has_reason = false; /* then the name says nothing */
	cr_expect(event_is_drop(&ev));
}

/* ip route get: the kernel looks routes up with an skb, which it frees as dropped. */
Test(event_drop, a_question_for_a_route_is_no_drop)
{
	struct event ev = {.source = ST_SRC_KFREE, .has_location = true, .drop_symbol = "inet_rtm_getroute"};

	cr_expect_not(event_is_drop(&ev));
	ev.drop_symbol = "inet6_rtm_getroute.isra.0";
	cr_expect_not(event_is_drop(&ev));
	ev.drop_symbol = "inet_rtm_newroute";
	cr_expect(event_is_drop(&ev));
}
