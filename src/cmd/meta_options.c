/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/meta_options.h"

#include "filter/event_match.h"

int opt_match_netns(void *dst, const char *value, struct reason *reason)
{
	return event_match_netns(dst, value, reason);
}

int opt_match_ifname(void *dst, const char *value, struct reason *reason)
{
	return event_match_ifname(dst, value, reason);
}

int opt_match_mark(void *dst, const char *value, struct reason *reason)
{
	return event_match_mark(dst, value, reason);
}

int opt_match_pid(void *dst, const char *value, struct reason *reason)
{
	return event_match_pid(dst, value, reason);
}

int opt_match_comm(void *dst, const char *value, struct reason *reason)
{
	return event_match_comm(dst, value, reason);
}

int opt_match_func(void *dst, const char *value, struct reason *reason)
{
	return event_match_func(dst, value, reason);
}

int opt_match_func_not(void *dst, const char *value, struct reason *reason)
{
	return event_match_func_not(dst, value, reason);
}
