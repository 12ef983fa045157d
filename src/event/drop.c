/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "base/symbol.h"
#include "event/event.h"

bool event_frees_part(const struct event *ev)
{
	bool has_reason =
		ev->has_reason && !(ev->drop_reason_name && strcmp(ev->drop_reason_name, "NOT_SPECIFIED") == 0);

	return ev->source == ST_SRC_KFREE && !has_reason && symbol_is(ev->drop_symbol, "skb_release_data");
}

bool drop_reason_is_none(const char *name)
{
	return strcmp(name, "SKB_CONSUMED") == 0 || strcmp(name, "CONSUMED") == 0 ||
	       strcmp(name, "SKB_NOT_DROPPED_YET") == 0 || strcmp(name, "NOT_DROPPED_YET") == 0;
}

bool event_ends_question(const struct event *ev)
{
	return ev->source == ST_SRC_KFREE &&
	       (symbol_is(ev->drop_symbol, "inet_rtm_getroute") || symbol_is(ev->drop_symbol, "inet6_rtm_getroute"));
}

bool event_is_drop(const struct event *ev)
{
	if (ev->source != ST_SRC_KFREE || event_frees_part(ev) || event_ends_question(ev))
		return false;
	return !(ev->has_reason && ev->drop_reason_name && drop_reason_is_none(ev->drop_reason_name));
}

bool event_is_loss(const struct event *ev)
{
	return ev->lost || (event_is_drop(ev) && !ev->copy_delivered && !ev->harmless);
}
