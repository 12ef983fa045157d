/* SPDX-License-Identifier: GPL-2.0-only */
#include <assert.h>
#include <stdio.h>

#include "rules/engine.h"

static const char *const reasons[] = {
	[RULES_FORBIDDEN_STEP] = "forbidden-step",
	[RULES_STEP_MISSING] = "step-missing",
	[RULES_STEP_LATE] = "step-late",
	[RULES_COUNT_MISMATCH] = "count-mismatch",
	[RULES_NO_TRAFFIC] = "no-traffic",
	[RULES_NOT_JUDGED] = "not-judged",
	[RULES_PROBE_NOT_ARMED] = "probe-not-armed",
	[RULES_EVENTS_LOST] = "events-lost",
	[RULES_NOT_RECORDED] = "not-recorded",
	[RULES_TOO_MANY_PACKETS] = "too-many-packets",
	[RULES_INTERRUPTED] = "interrupted",
	[RULES_COMMAND_FAILED] = "command-failed",
};
static_assert(ARRAY_SIZE(reasons) == RULES_REASON_MAX, "a reason without a name");

const char *rules_reason_code_name(enum rules_reason_code code)
{
	return reasons[code];
}

const char *rules_reason_code_advice(enum rules_reason_code code)
{
	switch (code) {
	case RULES_FORBIDDEN_STEP:
		return "A packet took a step that a rule forbids; the text names the rule's line and the first such "
		       "step. 'skbtrail --filter-ip ADDR --path' shows the packet's whole way. INCONCLUSIVE only where "
		       "the rule speaks of an alias and events may have been lost.";
	case RULES_STEP_MISSING:
		return "An expected step was not seen, or not after the one before it; the text names the packet's "
		       "last step. 'skbtrail --filter-ip ADDR --path' shows its whole way. INCONCLUSIVE where the "
		       "step may have been lost, or its function was not armed.";
	case RULES_STEP_LATE:
		return "An expected step came later than its rule's 'within' allows. 'skbtrail --filter-ip ADDR "
		       "--path' shows where the time went. INCONCLUSIVE where an earlier step may have been lost.";
	case RULES_NOT_JUDGED:
		return "No packet of a scope was seen from beginning to end, or a step does not say what a rule asks "
		       "about: its namespace or its drop's reason is unknown. Send the packets when --ready-file "
		       "appears and wait for their end; ask for the interface instead of the namespace.";
	case RULES_TOO_MANY_PACKETS:
		return "More packets were under way at a time than are remembered, so some may have broken a rule "
		       "unseen. Filter more narrowly, or send fewer.";
	case RULES_COUNT_MISMATCH:
	case RULES_NO_TRAFFIC:
	case RULES_PROBE_NOT_ARMED:
	case RULES_EVENTS_LOST:
	case RULES_NOT_RECORDED:
	case RULES_INTERRUPTED:
	case RULES_COMMAND_FAILED:
	case RULES_REASON_MAX:
		break;
	}
	return NULL;
}

bool rules_reason_code_fails(enum rules_reason_code code)
{
	return code == RULES_FORBIDDEN_STEP || code == RULES_STEP_MISSING || code == RULES_STEP_LATE ||
	       code == RULES_COUNT_MISMATCH;
}

const char *rule_state_name(enum rule_state state)
{
	return state == RULE_SATISFIED ? "satisfied" : state == RULE_VIOLATED ? "violated" : "not judged";
}

void rules_reported_step_text(const struct reported_step *s, char ret[static REPORTED_STEP_TEXT_SIZE])
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
	snprintf(ret, REPORTED_STEP_TEXT_SIZE, "%.64s%s%s%s", func, dev, where, drop);
}
