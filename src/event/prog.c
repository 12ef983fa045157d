/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the verdicts of BPF programs, and of the helpers that they call. */
#include <assert.h>

#include "base/cleanup.h"
#include "event/event.h"

const char *event_call_name(enum st_call call)
{
	static const char *const names[] = {
		[ST_CALL_REDIRECT] = "bpf_redirect",
		[ST_CALL_REDIRECT_PEER] = "bpf_redirect_peer",
		[ST_CALL_REDIRECT_NEIGH] = "bpf_redirect_neigh",
		[ST_CALL_CLONE_REDIRECT] = "bpf_clone_redirect",
		[ST_CALL_XDP_REDIRECT] = "bpf_xdp_redirect",
	};
	static_assert(ARRAY_SIZE(names) == ST_CALL_MAX, "every helper has a name");

	return (unsigned)call < ST_CALL_MAX ? names[call] : NULL;
}

/* include/uapi/linux/pkt_cls.h, and enum xdp_action of include/uapi/linux/bpf.h. tcx and netkit use tc's numbers. */
const char *event_verdict_name(const struct event_prog *prog)
{
	static const char *const tc[] = {"TC_ACT_OK",	  "TC_ACT_RECLASSIFY", "TC_ACT_SHOT",
					 "TC_ACT_PIPE",	  "TC_ACT_STOLEN",     "TC_ACT_QUEUED",
					 "TC_ACT_REPEAT", "TC_ACT_REDIRECT",   "TC_ACT_TRAP"};
	static const char *const xdp[] = {"XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"};
	uint32_t verdict = (uint32_t)prog->value;

	if (!prog->has_value || prog->func)
		return NULL;
	if (prog->xdp)
		return verdict < ARRAY_SIZE(xdp) ? xdp[verdict] : NULL;
	if (verdict == UINT32_MAX)
		return "TC_ACT_UNSPEC";
	return verdict < ARRAY_SIZE(tc) ? tc[verdict] : NULL;
}
