/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/step.h"

void step_of_event(const struct event *ev, const char *pod, struct step *ret)
{
	*ret = (struct step){
		.ts_ns = ev->ts_ns,
		.pkt = ev->pkt,
		.func = ev->func,
		.drop_reason = ev->drop_reason_name,
		.netns_name = ev->netns_name,
		.pod = pod,
		.ifname = ev->ifname,
		.tuple = &ev->tuple,
		.netns = ev->netns,
		.ifindex = ev->ifindex,
		.has_netns = ev->has_netns,
		.has_dev = ev->has_dev && ev->has_netns,
		.dropped = event_is_drop(ev) || ev->lost,
		.lost = event_is_loss(ev),
	};
}
