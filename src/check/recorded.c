/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/recorded.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "check/add_reason.h"
#include "check/recorded_private.h"

/* 0: source to destination, 1: the reverse, -1: another flow. */
static int direction_of_tuple(const struct st_flow *f, const struct tuple *t)
{
	size_t bytes = f->family == 4 ? 4 : 16;

	if (t->family != f->family)
		return -1;
	if (memcmp(t->src, f->src_be, bytes) == 0 && memcmp(t->dst, f->dst_be, bytes) == 0)
		return 0;
	return memcmp(t->src, f->dst_be, bytes) == 0 && memcmp(t->dst, f->src_be, bytes) == 0 ? 1 : -1;
}

static bool is_echo_of(const struct tuple *t, int reverse)
{
	if (t->l4 == IPPROTO_ICMP)
		return t->icmp_type == (reverse ? 0 : 8);
	return t->icmp_type == (reverse ? 129 : 128);
}

/* A field that the headers do not have, as in a later fragment, counts as matching. */
static bool is_of_flow(const struct st_flow *f, const struct tuple *t, int reverse)
{
	if (t->has_l4 && t->l4 != f->l4)
		return false;
	if (t->has_icmp)
		return is_echo_of(t, reverse);
	return !f->port_be || !t->has_ports || ntohs(f->port_be) == (reverse ? t->sport : t->dport);
}

/* Whether a packet between the flow's addresses may be of the flow for all that its headers say: a later fragment,
 * which has no ports, or one behind more IPv6 extension headers than a trace reads. */
static bool is_unparsed(const struct st_flow *f, const struct tuple *t)
{
	if (!t->has_l4)
		return false;
	if (t->l4 == f->l4)
		return f->port_be && !t->has_ports;
	switch (t->l4) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return t->family == 6;
	case IPPROTO_AH:
		return true;
	default:
		return false;
	}
}

struct packet_track *recorded_track_slot(struct packet_track *all, size_t cap, uint64_t pkt)
{
	size_t at = hash_u64(pkt) & (cap - 1);

	while (all[at].pkt && all[at].pkt != pkt)
		at = (at + 1) & (cap - 1);
	return &all[at];
}

static int grow_tracks(struct recorded *r)
{
	size_t cap = r->cap_tracks ? r->cap_tracks * 2 : 64;
	struct packet_track *all = calloc(cap, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < r->cap_tracks; i++) {
		if (r->tracks[i].pkt)
			*recorded_track_slot(all, cap, r->tracks[i].pkt) = r->tracks[i];
	}
	free(r->tracks);
	r->tracks = all;
	r->cap_tracks = cap;
	return 0;
}

/* NULL if there is no memory. Valid until the next call. */
static struct packet_track *find_track(struct recorded *r, uint64_t pkt, bool reverse)
{
	struct packet_track *track;

	if ((r->n_tracks + 1) * 2 > r->cap_tracks && grow_tracks(r) < 0)
		return NULL;
	track = recorded_track_slot(r->tracks, r->cap_tracks, pkt);
	if (!track->pkt) {
		*track = (struct packet_track){.pkt = pkt, .reverse = reverse};
		r->n_tracks++;
	}
	return track;
}

/* A host device is the far pod's only if the packet entered another namespace from it: it may also have left the node.
 */
static void learn_far(struct packet_track *track, unsigned role, const struct device *dev)
{
	if (dev->netns == track->host.netns) {
		if (recorded_transmits(role) && !same_device(dev, &track->host))
			track->out = *dev;
		else if (!same_device(dev, &track->out)) /* it came back to the host */
			track->out = (struct device){0};
	} else if (dev->netns != track->pod.netns) {
		if (track->out.ifindex)
			track->far_host = track->out;
		if (role == ST_HOOK_IP_RCV)
			track->far_pod = *dev;
	}
}

/* Learns the devices at both ends from the packet's first events. */
static void learn_devices(struct packet_track *track, unsigned role, const struct device *dev)
{
	if (!dev->ifindex || role == ST_HOOK_NETFILTER || role == ST_HOOK_DROP)
		return;
	if (!track->started) {
		track->started = true;
		/* __dev_queue_xmit runs before the transmission, on the same device */
		if (recorded_transmits(role) || role == ROLE_QUEUE)
			track->pod = *dev;
	}
	if (!track->pod.ifindex)
		return;
	track->by_netkit |= role == ST_HOOK_NETKIT && same_device(dev, &track->pod);
	if (track->crossed) {
		if (track->host.ifindex)
			learn_far(track, role, dev);
		return;
	}
	if (dev->netns == track->pod.netns)
		return;
	track->crossed = true;
	if (role == ST_HOOK_RECEIVE || role == ROLE_INPUT || (role == ST_HOOK_REDIRECT && track->by_netkit))
		track->host = *dev;
}

static int keep(struct recorded *r, const struct event *ev, unsigned role, const struct device *dev, int reverse)
{
	if (ARRAY_GROW(r->items, r->n_items) < 0)
		return -ENOMEM;
	r->items[r->n_items++] = (struct recorded_event){
		.pkt = ev->pkt,
		.role = role,
		.depth = recorded_depth(ev),
		.hook_ev =
			{
				.ts_ns = ev->ts_ns,
				.cpu_seq = ev->cpu_seq,
				.cpu = ev->cpu,
				.skb = ev->skb,
				.netns = dev->netns,
				.ifindex = dev->ifindex,
				.reverse = reverse,
				.l4 = r->flow.l4,
				.location = ev->has_location ? ev->location : 0,
				.has_reason = ev->has_reason,
				.drop_reason = ev->drop_reason,
			},
	};
	return 0;
}

int recorded_add(struct recorded *r, const struct event *ev)
{
	unsigned role = recorded_role(ev);
	int reverse = direction_of_tuple(&r->flow, &ev->tuple);
	struct device dev = {0};
	struct packet_track *track;

	if (!r->first_ns)
		r->first_ns = ev->ts_ns;
	if (!ev->pkt || event_is_on_behalf(ev) || role == ROLE_NONE || reverse < 0)
		return 0;
	if (is_unparsed(&r->flow, &ev->tuple)) {
		r->unparsed++;
		return 0;
	}
	if (!is_of_flow(&r->flow, &ev->tuple, reverse))
		return 0;
	if (ev->has_dev && ev->has_netns) {
		dev = (struct device){.netns = ev->netns, .ifindex = ev->ifindex, .netns_name = ev->netns_name};
		memcpy(dev.ifname, ev->ifname, sizeof(dev.ifname));
	}
	track = find_track(r, ev->pkt, reverse);
	if (!track)
		return -ENOMEM;
	if (ev->tuple.has_icmp_id && !track->has_echo) {
		track->has_echo = true;
		track->echo_id = ev->tuple.icmp_id;
		track->echo_seq = ev->tuple.icmp_seq;
	}
	learn_devices(track, role, &dev);
	return keep(r, ev, role, &dev, reverse);
}

static void contradict(struct recorded_points *ret, enum point p, const struct iface *a, const struct iface *b)
{
	if (ret->contradict)
		return;
	ret->contradict = true;
	ret->contradict_at = p;
	ret->contradict_by[0] = *a;
	ret->contradict_by[1] = *b;
}

/* Where packets differ, the device with the highest rank is shown. ranks: of what ret has already. */
static void take_point(struct recorded_points *ret, uint64_t ranks[POINT_MAX], enum point p, const struct device *dev,
		       uint64_t rank)
{
	struct iface *i = &ret->points[p], other = {.netns = dev->netns, .ifindex = dev->ifindex};

	if (!dev->ifindex)
		return;
	memcpy(other.ifname, dev->ifname, sizeof(other.ifname));
	if (i->ifindex && i->netns == dev->netns && i->ifindex == dev->ifindex)
		ret->renamed |= strncmp(i->ifname, dev->ifname, sizeof(i->ifname)) != 0;
	else if (i->ifindex)
		contradict(ret, p, i, &other);
	if (rank < ranks[p])
		return;
	ranks[p] = rank;
	*i = other;
	ret->netns_name[p] = dev->netns_name;
}

#define RANK_BEGINNING (1ull << 63)

/* A packet's beginning is the best source; its end is used where the other direction has no packets. Of these the
 * newest packet counts: its devices are those that the user finds. */
void recorded_find_points(const struct recorded *r, struct recorded_points *ret)
{
	uint64_t ranks[POINT_MAX] = {0};

	*ret = (struct recorded_points){0};
	for (size_t i = 0; i < r->cap_tracks; i++) {
		const struct packet_track *track = &r->tracks[i];
		enum direction dir = track->reverse ? DIRECTION_REPLY : DIRECTION_REQUEST;
		uint64_t end = track->pkt, beginning = end | RANK_BEGINNING;

		if (!track->pkt)
			continue;
		take_point(ret, ranks, direction_point(dir, 0), &track->pod, beginning);
		take_point(ret, ranks, direction_point(dir, 1), &track->host, beginning);
		take_point(ret, ranks, direction_point(dir, 2), &track->far_host, end);
		take_point(ret, ranks, direction_point(dir, 3), &track->far_pod, end);
	}
	/* two pods cannot have one host device */
	if (ret->points[POINT_SRC_HOST].ifindex &&
	    ret->points[POINT_SRC_HOST].netns == ret->points[POINT_DST_HOST].netns &&
	    ret->points[POINT_SRC_HOST].ifindex == ret->points[POINT_DST_HOST].ifindex)
		contradict(ret, POINT_SRC_HOST, &ret->points[POINT_SRC_HOST], &ret->points[POINT_DST_HOST]);
}

int recorded_new(const struct st_flow *flow, struct recorded **ret)
{
	struct recorded *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->flow = *flow;
	*ret = r;
	return 0;
}

void recorded_free(struct recorded *r)
{
	if (!r)
		return;
	free(r->items);
	free(r->tracks);
	free(r);
}

static struct prefix host_prefix(const struct st_flow *flow, const void *addr_be)
{
	struct prefix p = {.family = flow->family, .bits = flow->family == 4 ? 32 : 128};

	memcpy(p.addr_be, addr_be, flow->family == 4 ? 4 : 16);
	return p;
}

void recorded_judge(const struct st_flow *flow, const struct recorded_making *making,
		    const struct recorded_points *points, struct check_result *result)
{
	struct recorded_packets packets = {.src = host_prefix(flow, flow->src_be),
					   .dst = host_prefix(flow, flow->dst_be),
					   .l4 = flow->l4,
					   .both = true};
	const struct iface *a = &points->contradict_by[0], *b = &points->contradict_by[1];
	char buf[RECORDED_WHY_SIZE];
	const char *why = recorded_hides(making, &packets, buf);

	/* nothing that leans on the devices is concluded */
	if (points->contradict) {
		result->n_reasons = 0;
		result->verdict = VERDICT_INCONCLUSIVE;
		add_reason_to(result, VERDICT_INCONCLUSIVE, REASON_DEVICES_CONTRADICT,
			      "the recording does not tell which device is at %s: packets went by %.16s (ifindex %u, "
			      "netns inode:%u) and by %.16s (ifindex %u, netns inode:%u)",
			      point_name(points->contradict_at), a->ifname, a->ifindex, a->netns, b->ifname, b->ifindex,
			      b->netns);
	}
	if (why)
		add_reason_to(result, VERDICT_INCONCLUSIVE, REASON_NOT_RECORDED,
			      "packets of the flow, or steps of them, may be missing from the recording: %.200s", why);
}
