/* SPDX-License-Identifier: GPL-2.0-only */
/* From sightings to a packet's way, and from packets to a leg. */
#include "check/flow.h"

#include <string.h>

static bool at_point(const struct flow *f, enum point p, uint32_t netns, uint32_t ifindex)
{
	const struct iface *i = &f->setup.points[p];

	return i->ifindex && i->netns == netns && i->ifindex == ifindex;
}

/* Whether a capture on the hook's device would show the packet there. */
static bool is_sighting(enum st_hook hook)
{
	return hook == ST_HOOK_XMIT || hook == ST_HOOK_RECEIVE || hook == ST_HOOK_PEER || hook == ST_HOOK_IP_RCV ||
	       hook == ST_HOOK_NETKIT || hook == ST_HOOK_VETH;
}

static void note_sighting(struct flow *f, struct flow_packet *p, const struct witness *w)
{
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (!at_point(f, i, w->netns, w->ifindex))
			continue;
		if (!(p->seen & (1u << i))) {
			p->first_ns[i] = w->ts_ns;
			p->bytes[i] = w->payload_bytes;
		}
		p->seen |= 1u << i;
	}
}

static void note_mechanism(struct flow *f, struct flow_packet *p, const struct witness *w, enum leg leg)
{
	enum point near_host = leg_point(leg, 1), far_pod = leg_point(leg, 3);
	struct leg_result *l = &f->legs[leg];

	switch (w->hook) {
	case ST_HOOK_PEER:
		if (at_point(f, far_pod, w->netns, w->ifindex))
			p->ways |= WAY_PEER;
		break;
	case ST_HOOK_IP_RCV:
		if (at_point(f, far_pod, w->netns, w->ifindex) &&
		    at_point(f, near_host, w->orig_netns, w->orig_ifindex))
			p->ways |= WAY_PEER_INPUT;
		break;
	case ST_HOOK_REDIRECT:
		p->ways |= WAY_REDIRECT;
		if (w->helper == ST_HELPER_NONE)
			break;
		l->has_helper = true;
		l->helper = w->helper;
		l->helper_ifindex = w->helper_ifindex;
		break;
	case ST_HOOK_FORWARD:
		if (w->netns == f->setup.points[near_host].netns)
			p->ways |= WAY_FORWARD;
		break;
	case ST_HOOK_BRIDGE:
		p->ways |= WAY_BRIDGE;
		break;
	case ST_HOOK_NETKIT:
		p->ways |= WAY_NETKIT;
		break;
	case ST_HOOK_NETFILTER:
		l->netfilter_hooks += w->netns == f->setup.points[near_host].netns;
		break;
	case ST_HOOK_DROP:
		if (flow_packet_arrived(p))
			p->dropped_late = true;
		else
			p->dropped = true;
		l->drop = *w;
		break;
	case ST_HOOK_XMIT:
	case ST_HOOK_RECEIVE:
	case ST_HOOK_VETH:
	case ST_HOOK_MAX:
		break;
	}
}

void flow_note(struct flow *f, struct flow_packet *p, const struct witness *w)
{
	if (is_sighting(w->hook))
		note_sighting(f, p, w);
	note_mechanism(f, p, w, w->reverse ? LEG_REPLY : LEG_REQUEST);
	p->met |= w->hook != ST_HOOK_NETFILTER || flow_has_no_beginning(f, w);
	p->skb = w->skb;
	p->has_data |= w->payload_bytes > 0;
}

/* The plainest account of what was seen. A redirect shows as such only if nothing else carried the packet on. */
enum mechanism flow_packet_mechanism(const struct flow_packet *p)
{
	uint8_t ways = p->ways | p->covered_ways;

	if (ways & (WAY_PEER | WAY_PEER_INPUT))
		return MECH_REDIRECT_PEER;
	if (ways & WAY_NETKIT)
		return MECH_NETKIT;
	if (ways & WAY_BRIDGE)
		return MECH_BRIDGE;
	if (ways & WAY_FORWARD)
		return MECH_HOST_STACK;
	if (ways & WAY_REDIRECT)
		return MECH_REDIRECT;
	return MECH_UNKNOWN;
}

enum leg flow_packet_leg(const struct flow_packet *p)
{
	return p->key.reverse ? LEG_REPLY : LEG_REQUEST;
}

bool flow_packet_at(const struct flow_packet *p, enum point at)
{
	return (p->seen | p->covered) & (1u << at);
}

bool flow_packet_arrived(const struct flow_packet *p)
{
	return flow_packet_at(p, leg_point(flow_packet_leg(p), 3));
}

bool flow_packet_counts(const struct flow_packet *p)
{
	enum leg leg = flow_packet_leg(p);

	if (!p->met || p->late)
		return false;
	/* seen on the veth to be skipped, its missing beginning excuses nothing */
	if (p->seen & (1u << leg_forbidden(leg)))
		return true;
	/* early, or made on the way of packets that count themselves */
	return !p->early && !(p->covered & (1u << leg_point(leg, 0)));
}

static unsigned steps_done(const struct flow_packet *p, enum leg leg)
{
	unsigned steps = 0;

	for (unsigned s = 0; s < POINT_MAX; s++) {
		if (flow_packet_at(p, leg_point(leg, s)))
			steps = s;
	}
	return steps;
}

static void leg_add_packet(struct leg_result *l, const struct flow_packet *p, enum leg leg, unsigned *least)
{
	l->packets++;
	for (enum point i = 0; i < POINT_MAX; i++) {
		struct point_result *pt = &l->points[i];

		if (!flow_packet_at(p, i))
			continue;
		if (!pt->packets || p->first_ns[i] < pt->first_ns)
			pt->first_ns = p->first_ns[i];
		pt->packets++;
	}
	if (flow_packet_arrived(p)) {
		if (!l->arrived++)
			l->first_mechanism = flow_packet_mechanism(p);
		l->by_mechanism[flow_packet_mechanism(p)]++;
		l->dropped_late += p->dropped_late;
		return;
	}
	l->dropped += p->dropped;
	if (steps_done(p, leg) <= *least) {
		*least = steps_done(p, leg);
		l->last_point = leg_point(leg, *least);
	}
}

void flow_legs(const struct flow *f, struct leg_result ret[LEG_MAX])
{
	unsigned least[LEG_MAX] = {POINT_MAX, POINT_MAX};

	memcpy(ret, f->legs, sizeof(f->legs));
	for (size_t i = 0; i < f->n_packets; i++) {
		enum leg leg = flow_packet_leg(&f->packets[i]);

		if (!flow_packet_counts(&f->packets[i])) {
			ret[leg].early += f->packets[i].met && f->packets[i].early;
			continue;
		}
		leg_add_packet(&ret[leg], &f->packets[i], leg, &least[leg]);
	}
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		struct leg_result *l = &ret[leg];

		/* one name only when every packet that arrived came the same way */
		for (enum mechanism m = 0; m < MECH_MAX; m++) {
			if (l->arrived && l->by_mechanism[m] == l->arrived)
				l->mechanism = m;
		}
	}
}
