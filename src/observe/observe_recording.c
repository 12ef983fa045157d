/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence from a recording: needs no privilege and no kernel support, only the file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "observe/observe.h"

static int copy_name(const char *name, char **ret)
{
	free(*ret);
	*ret = name ? strdup(name) : NULL;
	return name && !*ret ? -ENOMEM : 0;
}

static int set_endpoint(const struct recorded_points *found, enum point pod, enum point host, struct endpoint *ret)
{
	const struct iface *p = &found->points[pod], *h = &found->points[host];
	int r = copy_name(found->netns_name[pod], &ret->netns_name);

	if (r >= 0)
		r = copy_name(found->netns_name[host], &ret->host_netns_name);
	ret->netns = p->netns;
	ret->ifindex = p->ifindex;
	memcpy(ret->ifname, p->ifname, sizeof(ret->ifname));
	if (!h->ifindex)
		return r;
	ret->peer = NET_PEER_FOUND;
	ret->host_netns = h->netns;
	ret->host_ifindex = h->ifindex;
	memcpy(ret->host_ifname, h->ifname, sizeof(ret->host_ifname));
	return r;
}

static int judge_events(const struct check_options *o, const struct st_flow *flow, struct observation *obs)
{
	struct check_setup setup = {.expect = o->expect, .l4 = flow->l4};
	struct recorded_points *found = &obs->recorded;
	int r;

	recorded_find_points(obs->recording->recorded, found);
	memcpy(setup.points, found->points, sizeof(setup.points));
	recorded_note_funcs(&obs->recording->recording.making, &setup);
	evidence_table_init(&obs->evidence, &setup);
	obs->account.from_events = true;
	obs->account.ledger = obs->recording->recording.ledger;
	obs->account.endpoint_changed = found->renamed;
	obs->flow = *flow;
	r = set_endpoint(found, POINT_SRC_POD, POINT_SRC_HOST, &obs->src);
	if (r >= 0)
		r = set_endpoint(found, POINT_DST_POD, POINT_DST_HOST, &obs->dst);
	return r < 0 ? r : recorded_file_events(obs->recording->recorded, &obs->evidence);
}

int observe_recording(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct st_flow flow;
	int r = pair_parse_flow(o, "read", &obs, &flow, reason);

	if (r < 0)
		return r;
	r = recorded_flow_load(o->read, &flow, &obs.recording, reason);
	if (r >= 0)
		r = judge_events(o, &flow, &obs);
	if (r < 0)
		return r;
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}
