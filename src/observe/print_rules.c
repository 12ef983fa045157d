/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "check/same_node_rules.h"
#include "observe/observe.h"

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

/* Whether the module is loaded, and its functions can be traced. */
static bool has_module_btf(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	return access(path, R_OK) == 0;
}

static int write_rules(const struct check_options *o, const struct observation *obs, struct buf *ret)
{
	struct check_setup setup = {.expect = o->expect};
	char src[NET_IP_TEXT_MAX], dst[NET_IP_TEXT_MAX];
	struct same_node_rules_names names = {
		.src = src,
		.dst = dst,
		.proto = proto(o, obs->src.ip.family),
		.port = o->port,
		.has = {[SEQ_VETH] = has_module_btf("veth"), [SEQ_BRIDGE] = has_module_btf("bridge")},
		.where = {[POINT_SRC_POD] = where(obs->src.pod, obs->src.netns_name),
			  [POINT_SRC_HOST] = obs->src.host_netns_name ? obs->src.host_netns_name : "host",
			  [POINT_DST_HOST] = obs->dst.host_netns_name ? obs->dst.host_netns_name : "host",
			  [POINT_DST_POD] = where(obs->dst.pod, obs->dst.netns_name)},
	};

	net_ip_text(&obs->src.ip, src);
	net_ip_text(&obs->dst.ip, dst);
	pair_set_points(obs, &setup);
	return same_node_rules(&setup, &names, ret);
}

int print_rules_text(struct check_options *o, struct buf *ret, struct reason *reason)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(observation_clear) struct observation obs = {0};
	int r;

	if (!o->src || !o->dst)
		return reason_set(reason, -EINVAL, "check same-node needs --src-ip and --dst-ip");
	if (check_options_are_offline(o))
		return reason_set(reason, -EINVAL, "--print-rules: needs the endpoints on this machine, not --%s",
				  o->read ? "read" : "pcap");
	r = check_options_finish(o, reason);
	if (r >= 0)
		r = net_snapshot_load(&snapshot, reason);
	if (r >= 0)
		r = pair_find_endpoints(o, snapshot, &obs, reason);
	return r < 0 ? r : write_rules(o, &obs, ret);
}
