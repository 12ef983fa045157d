/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "event/event.h"

bool symbol_is(const char *symbol, const char *name)
{
	size_t len = strlen(name);

	return symbol && strncmp(symbol, name, len) == 0 && (symbol[len] == '\0' || symbol[len] == '.');
}

bool event_frees_part(const struct event *ev)
{
	bool has_reason =
		ev->has_reason && !(ev->drop_reason_name && strcmp(ev->drop_reason_name, "NOT_SPECIFIED") == 0);

	return ev->source == ST_SRC_KFREE && !has_reason && symbol_is(ev->drop_symbol, "skb_release_data");
}
