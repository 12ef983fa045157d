/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/engine.h"

const char *path_reason_advice(enum path_reason code)
{
	switch (code) {
	case PATH_FORBIDDEN_STEP:
		return "A packet took a step that a rule forbids; the text names the rule's line and the first such "
		       "step. 'skbtrail --filter-ip ADDR --path' shows the packet's whole way. INCONCLUSIVE only where "
		       "the rule speaks of an alias and events may have been lost.";
	case PATH_STEP_MISSING:
		return "An expected step was not seen, or not after the one before it; the text names the packet's "
		       "last step. 'skbtrail --filter-ip ADDR --path' shows its whole way. INCONCLUSIVE where the "
		       "step may have been lost, or its function was not armed.";
	case PATH_STEP_LATE:
		return "An expected step came later than its rule's 'within' allows. 'skbtrail --filter-ip ADDR "
		       "--path' shows where the time went. INCONCLUSIVE where an earlier step may have been lost.";
	case PATH_NOT_JUDGED:
		return "No packet of a scope was seen from beginning to end, or a step does not say what a rule asks "
		       "about: its namespace or its drop's reason is unknown. Send the packets when --ready-file "
		       "appears and wait for their end; ask for the interface instead of the namespace.";
	case PATH_TOO_MANY_PACKETS:
		return "More packets were under way at a time than are remembered, so some may have broken a rule "
		       "unseen. Filter more narrowly, or send fewer.";
	case PATH_COUNT_MISMATCH:
	case PATH_NO_TRAFFIC:
	case PATH_PROBE_NOT_ARMED:
	case PATH_EVENTS_LOST:
	case PATH_INTERRUPTED:
	case PATH_REASON_MAX:
		break;
	}
	return NULL;
}

bool path_reason_fails(enum path_reason code)
{
	return code == PATH_FORBIDDEN_STEP || code == PATH_STEP_MISSING || code == PATH_STEP_LATE ||
	       code == PATH_COUNT_MISMATCH;
}
