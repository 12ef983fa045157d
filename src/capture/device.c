/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/device.h"

#include <pcap/dlt.h>

/* From the point's own pod, as opposed to on the way to it. */
static bool is_own(const struct sighting *s, enum point at)
{
	return s->witness.reverse == (at == POINT_DST_HOST);
}

/* The way that such a packet goes on the point's device: the pod's packets come in, packets to it go out. */
static bool fits(const struct sighting *s, enum point at)
{
	return s->direction == (is_own(s, at) ? DIRECTION_IN : DIRECTION_OUT);
}

/* The one device of those sightings that fit and are own or not, as asked; false if there is none or several. */
static bool find_device(const struct sightings *s, enum point at, bool own, size_t *ret_n, uint32_t *ret)
{
	*ret_n = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (is_own(&s->v[i], at) != own || !fits(&s->v[i], at))
			continue;
		if ((*ret_n)++ && s->v[i].device != *ret)
			return false;
		*ret = s->v[i].device;
	}
	return *ret_n;
}

static bool same_device(const struct sightings *s)
{
	for (size_t i = 1; i < s->n; i++) {
		if (s->v[i].device != s->v[0].device)
			return false;
	}
	return true;
}

struct device_rule device_rule_find(const struct sightings *s, enum point at)
{
	struct device_rule rule = {.at = at, .kind = RULE_NONE};
	size_t n;

	if (at == POINT_SRC_POD || at == POINT_DST_POD)
		rule.kind = RULE_ALL;
	else if (s->link_type == DLT_LINUX_SLL)
		rule.kind = RULE_DIRECTION;
	else if (s->link_type != DLT_LINUX_SLL2)
		rule.kind = same_device(s) ? RULE_ALL : RULE_NONE;
	else if (find_device(s, at, true, &n, &rule.device) || (!n && find_device(s, at, false, &n, &rule.device)))
		rule.kind = RULE_DEVICE;
	return rule;
}

enum place device_place(const struct device_rule *rule, const struct sighting *s)
{
	switch (rule->kind) {
	case RULE_ALL:
		return PLACE_HERE;
	case RULE_DIRECTION:
		return fits(s, rule->at) ? PLACE_HERE : PLACE_AMBIGUOUS;
	case RULE_DEVICE:
		return s->device == rule->device ? PLACE_HERE : PLACE_ELSEWHERE;
	case RULE_NONE:
		break;
	}
	return PLACE_AMBIGUOUS;
}
