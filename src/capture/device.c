/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/device.h"

#include <pcap/dlt.h>

/* Whether the packet comes from the point's own pod, rather than goes to it. */
static bool is_own(const struct capture_record *record, enum point at)
{
	return record->event.reverse == (at == POINT_DST_HOST);
}

/* Whether it goes in the direction that it must have on the point's device: packets from the pod come in there,
 * packets to it go out. */
static bool fits(const struct capture_record *record, enum point at)
{
	return record->direction == (is_own(record, at) ? LINK_DIRECTION_IN : LINK_DIRECTION_OUT);
}

/* The one device of the records that fit and are own, or not own; false if there is none, or several. *ret_n: how
 * many records. */
static bool find_device(const struct capture_records *records, enum point at, bool own, size_t *ret_n, uint32_t *ret)
{
	*ret_n = 0;
	for (size_t i = 0; i < records->n; i++) {
		if (is_own(&records->v[i], at) != own || !fits(&records->v[i], at))
			continue;
		if ((*ret_n)++ && records->v[i].device != *ret)
			return false;
		*ret = records->v[i].device;
	}
	return *ret_n;
}

static bool same_device(const struct capture_records *records)
{
	for (size_t i = 1; i < records->n; i++) {
		if (records->v[i].device != records->v[0].device)
			return false;
	}
	return true;
}

struct device_rule device_rule_find(const struct capture_records *records, enum point at)
{
	struct device_rule rule = {.at = at, .kind = DEVICE_RULE_NONE};
	size_t n;

	if (at == POINT_SRC_POD || at == POINT_DST_POD)
		rule.kind = DEVICE_RULE_ALL;
	else if (records->link_type == DLT_LINUX_SLL)
		rule.kind = DEVICE_RULE_DIRECTION;
	else if (records->link_type != DLT_LINUX_SLL2)
		rule.kind = same_device(records) ? DEVICE_RULE_ALL : DEVICE_RULE_NONE;
	else if (find_device(records, at, true, &n, &rule.device) ||
		 (!n && find_device(records, at, false, &n, &rule.device)))
		rule.kind = DEVICE_RULE_DEVICE;
	return rule;
}

enum device_match device_rule_match(const struct device_rule *rule, const struct capture_record *record)
{
	switch (rule->kind) {
	case DEVICE_RULE_ALL:
		return DEVICE_MATCH_YES;
	case DEVICE_RULE_DIRECTION:
		return fits(record, rule->at) ? DEVICE_MATCH_YES : DEVICE_MATCH_UNKNOWN;
	case DEVICE_RULE_DEVICE:
		return record->device == rule->device ? DEVICE_MATCH_YES : DEVICE_MATCH_NO;
	case DEVICE_RULE_NONE:
		break;
	}
	return DEVICE_MATCH_UNKNOWN;
}
