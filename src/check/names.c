/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/check.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static const char *const mechanisms[] = {
	[MECH_UNKNOWN] = "unknown",   [MECH_REDIRECT_PEER] = "redirect_peer",
	[MECH_REDIRECT] = "redirect", [MECH_HOST_STACK] = "host_stack",
	[MECH_BRIDGE] = "bridge",     [MECH_NETKIT] = "netkit",
	[MECH_MIXED] = "mixed",
};
static_assert(ARRAY_SIZE(mechanisms) == MECH_MAX, "a mechanism without a name");

static const char *const points[] = {
	[POINT_SRC_POD] = "src-pod",
	[POINT_SRC_HOST] = "src-host",
	[POINT_DST_HOST] = "dst-host",
	[POINT_DST_POD] = "dst-pod",
};
static_assert(ARRAY_SIZE(points) == POINT_MAX, "a point without a name");

static const char *const reason_codes[] = {
	[REASON_HOST_VETH_TRAVERSED] = "host-veth-traversed",
	[REASON_OTHER_MECHANISM] = "other-mechanism",
	[REASON_NETKIT] = "netkit-datapath",
	[REASON_NO_TRAFFIC] = "no-traffic",
	[REASON_NO_REQUEST] = "no-request",
	[REASON_NO_REPLY] = "no-reply",
	[REASON_LEG_INCOMPLETE] = "leg-incomplete",
	[REASON_LEG_DROPPED] = "leg-dropped",
	[REASON_ADDRESS_TRANSLATED] = "address-translated",
	[REASON_NO_POSITIVE_EVIDENCE] = "no-positive-evidence",
	[REASON_PROBE_NOT_ARMED] = "probe-not-armed",
	[REASON_NO_POSITIVE_CONTROL] = "no-positive-control",
	[REASON_EVENTS_LOST] = "events-lost",
	[REASON_NOT_RECORDED] = "not-recorded",
	[REASON_COUNT_MISMATCH] = "count-mismatch",
	[REASON_COUNTER_CONTRADICTION] = "counter-contradiction",
	[REASON_ENDPOINT_CHANGED] = "endpoint-changed",
	[REASON_INTERRUPTED] = "interrupted",
	[REASON_COMMAND_FAILED] = "command-failed",
	[REASON_NO_OVERLAP] = "captures-do-not-overlap",
	[REASON_CAPTURE_AMBIGUOUS] = "capture-ambiguous",
	[REASON_NOT_FOLLOWED] = "packets-not-followed",
	[REASON_DEVICES_CONTRADICT] = "devices-contradict",
	[REASON_CAPTURE_FILTERED] = "capture-filtered",
	[REASON_CAPTURES_CONTRADICT] = "captures-contradict",
};
static_assert(ARRAY_SIZE(reason_codes) == REASON_MAX, "a reason without a name");

const char *mechanism_name(enum mechanism m)
{
	return mechanisms[m];
}

const char *point_name(enum point p)
{
	return points[p];
}

const char *direction_name(enum direction dir)
{
	return dir == DIRECTION_REQUEST ? "request" : "reply";
}

const char *reason_code_name(enum reason_code c)
{
	return reason_codes[c];
}

const char *helper_name(enum st_helper h)
{
	switch (h) {
	case ST_HELPER_REDIRECT:
		return "bpf_redirect";
	case ST_HELPER_REDIRECT_PEER:
		return "bpf_redirect_peer";
	case ST_HELPER_REDIRECT_NEIGH:
		return "bpf_redirect_neigh";
	case ST_HELPER_NONE:
		break;
	}
	return NULL;
}

uint64_t tx_account_seen(const struct tx_account *tx)
{
	uint64_t xmit = tx->seen_by[ST_TX_SEEN_BY_XMIT], driver = tx->seen_by[ST_TX_SEEN_BY_DRIVER];

	return driver > xmit ? driver : xmit;
}

int point_parse(const char *name, enum point *ret)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		if (strcmp(name, points[p]) != 0)
			continue;
		*ret = p;
		return 0;
	}
	return -EINVAL;
}

int mechanism_parse(const char *name, enum mechanism *ret)
{
	for (size_t i = MECH_UNKNOWN + 1; i < MECH_MIXED; i++) {
		if (strcmp(name, mechanisms[i]) != 0)
			continue;
		*ret = i;
		return 0;
	}
	return -EINVAL;
}

enum point direction_point(enum direction dir, unsigned nth)
{
	return dir == DIRECTION_REQUEST ? nth : POINT_MAX - 1 - nth;
}

enum point direction_forbidden(enum direction dir)
{
	return direction_point(dir, 2);
}
