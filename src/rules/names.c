/* SPDX-License-Identifier: GPL-2.0-only */
#include <assert.h>
#include <stdio.h>

#include "rules/engine.h"

static const char *const reasons[] = {
	[PATH_FORBIDDEN_STEP] = "forbidden-step",
	[PATH_STEP_MISSING] = "step-missing",
	[PATH_STEP_LATE] = "step-late",
	[PATH_COUNT_MISMATCH] = "count-mismatch",
	[PATH_NO_TRAFFIC] = "no-traffic",
	[PATH_NOT_JUDGED] = "not-judged",
	[PATH_PROBE_NOT_ARMED] = "probe-not-armed",
	[PATH_EVENTS_LOST] = "events-lost",
	[PATH_TOO_MANY_PACKETS] = "too-many-packets",
	[PATH_INTERRUPTED] = "interrupted",
};
static_assert(ARRAY_SIZE(reasons) == PATH_REASON_MAX, "a reason without a name");

const char *path_reason_name(enum path_reason code)
{
	return reasons[code];
}

const char *rule_state_name(enum rule_state state)
{
	return state == RULE_SATISFIED ? "satisfied" : state == RULE_VIOLATED ? "violated" : "not judged";
}

void sighting_text(const struct sighting *s, char ret[static SIGHTING_TEXT_SIZE])
{
	const char *func = s->func ? s->func : "an unknown function", *reason = s->drop_reason;
	char drop[80] = "", dev[48] = " without a device", where[48] = "";

	if (s->dropped)
		snprintf(drop, sizeof(drop), " (dropped%s%s)", reason ? ": " : "", reason ? reason : "");
	if (s->has_dev)
		snprintf(dev, sizeof(dev), " on %s (ifindex %u)", s->ifname, s->ifindex);
	if (s->has_netns && s->netns_name[0])
		snprintf(where, sizeof(where), " in %s", s->netns_name);
	else if (s->in_host)
		snprintf(where, sizeof(where), " in host");
	else if (s->has_netns)
		snprintf(where, sizeof(where), " in netns inode:%u", s->netns);
	snprintf(ret, SIGHTING_TEXT_SIZE, "%.64s%s%s%s", func, dev, where, drop);
}
