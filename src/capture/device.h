/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of a capture's records are on the device of its point: see capture.h. */
#pragma once

#include "capture/captured_packet.h"
#include "check/check.h"

struct capture_record {
	struct hook_event event;
	struct captured_frame frame;
	uint32_t device; /* ifindex, or number of the pcapng file's interface; compare within one capture only */
	enum link_direction direction;
};

struct capture_records {
	struct capture_record *v; /* owned */
	size_t n;
	int link_type; /* DLT_* */
};

enum device_match { DEVICE_MATCH_YES, DEVICE_MATCH_NO, DEVICE_MATCH_UNKNOWN };

/* How the device of the point is recognised, once the whole capture has been read. */
struct device_rule {
	enum point at;
	enum { DEVICE_RULE_ALL, DEVICE_RULE_DIRECTION, DEVICE_RULE_DEVICE, DEVICE_RULE_NONE } kind;
	uint32_t device; /* valid with DEVICE_RULE_DEVICE */
};

struct device_rule device_rule_find(const struct capture_records *records, enum point at);
enum device_match device_rule_match(const struct device_rule *rule, const struct capture_record *record);
