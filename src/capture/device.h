/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of a capture's sightings are on the device of the capture's point: see capture.h. */
#pragma once

#include "capture/packet.h"
#include "check/check.h"

struct sighting {
	struct witness witness;
	uint32_t device; /* ifindex, or the pcapng file's interface; comparable within one capture */
	enum direction direction;
};

struct sightings {
	struct sighting *v; /* owned */
	size_t n, cap;
	int link_type; /* DLT_* */
};

enum place { PLACE_HERE, PLACE_ELSEWHERE, PLACE_AMBIGUOUS };

/* What is known of the point's device once the whole capture has been read. */
struct device_rule {
	enum point at;
	enum { RULE_ALL, RULE_DIRECTION, RULE_DEVICE, RULE_NONE } kind;
	uint32_t device; /* valid with RULE_DEVICE */
};

struct device_rule device_rule_find(const struct sightings *s, enum point at);
enum place device_place(const struct device_rule *rule, const struct sighting *s);
