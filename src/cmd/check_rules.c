/* SPDX-License-Identifier: GPL-2.0-only */
/* check same-node --print-rules: the built-in check, with the endpoints found. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check/builtin.h"
#include "cmd/check_observe.h"

static const char *where(const char *pod, const char *netns_name)
{
	return pod ? pod : netns_name;
}

static const char *proto(const struct check_options *o, uint8_t family)
{
	if (o->l4 == IPPROTO_ICMP)
		return family == 4 ? "icmp" : "icmp6";
	return o->l4 == IPPROTO_TCP ? "tcp" : "udp";
}

static int write_rules(const struct check_options *o, const struct observation *obs)
{
	struct check_setup setup = {.expect = o->expect};
	_cleanup_buf_ struct buf text = {0};
	char src[NET_IP_TEXT_MAX], dst[NET_IP_TEXT_MAX], match[32];
	struct builtin_names names = {
		.src = src,
		.dst = dst,
		.proto = match,
		.where = {[POINT_SRC_POD] = where(obs->src.pod, obs->src.netns_name),
			  [POINT_SRC_HOST] = obs->src.host_netns_name ? obs->src.host_netns_name : "host",
			  [POINT_DST_HOST] = obs->dst.host_netns_name ? obs->dst.host_netns_name : "host",
			  [POINT_DST_POD] = where(obs->dst.pod, obs->dst.netns_name)},
	};
	int r;

	net_ip_text(&obs->src.ip, src);
	net_ip_text(&obs->dst.ip, dst);
	snprintf(match, sizeof(match), "%s", proto(o, obs->src.ip.family));
	if (o->port)
		snprintf(match, sizeof(match), "%s port %u", proto(o, obs->src.ip.family), o->port);
	check_set_points(obs, &setup);
	r = builtin_rules(&setup, &names, &text);
	if (r >= 0)
		fwrite(text.data, 1, text.len, stdout);
	return r;
}

int check_print_rules(struct check_options *o, struct reason *reason)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(observation_clear) struct observation obs = {0};
	int r;

	if (!o->src || !o->dst)
		return reason_set(reason, -EINVAL, "check same-node needs --src-ip and --dst-ip");
	if (check_is_offline(o))
		return reason_set(reason, -EINVAL, "--print-rules: needs the endpoints on this machine, not --%s",
				  o->read ? "read" : "pcap");
	r = check_options_finish(o, reason);
	if (r >= 0)
		r = net_snapshot_load(&snapshot, reason);
	if (r >= 0)
		r = check_find_endpoints(o, snapshot, &obs, reason);
	return r < 0 ? r : write_rules(o, &obs);
}
