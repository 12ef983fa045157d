/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/packet_evidence.h"

static bool at_point(const struct check_setup *s, enum point p, uint32_t netns, uint32_t ifindex)
{
	const struct iface *i = &s->points[p];

	return i->ifindex && i->netns == netns && i->ifindex == ifindex;
}

/* Whether a capture on the hook's device would show the packet there. */
static bool shows_in_capture(enum st_hook hook)
{
	return hook == ST_HOOK_XMIT || hook == ST_HOOK_RECEIVE || hook == ST_HOOK_PEER || hook == ST_HOOK_IP_RCV ||
	       hook == ST_HOOK_NETKIT || hook == ST_HOOK_VETH;
}

static void note_point(struct packet_evidence *p, const struct hook_event *ev, const struct check_setup *s)
{
	for (enum point i = 0; i < POINT_MAX; i++) {
		if (!at_point(s, i, ev->netns, ev->ifindex))
			continue;
		if (!(p->seen & (1u << i))) {
			p->first_ns[i] = ev->ts_ns;
			p->bytes[i] = ev->payload_bytes;
		}
		p->seen |= 1u << i;
	}
}

/* What is counted for the direction as a whole. */
static void note_direction(struct packet_evidence *p, const struct hook_event *ev, const struct check_setup *s,
			   struct direction_result *l)
{
	enum point near_host = direction_point(packet_evidence_direction(p), 1);

	switch (ev->hook) {
	case ST_HOOK_REDIRECT:
		if (ev->helper == ST_HELPER_NONE)
			break;
		l->has_helper = true;
		l->helper = ev->helper;
		l->helper_ifindex = ev->helper_ifindex;
		l->redirect_netns = ev->netns;
		l->redirect_ifindex = ev->ifindex;
		break;
	case ST_HOOK_NETFILTER:
		l->netfilter_hooks += ev->netns == s->points[near_host].netns;
		break;
	case ST_HOOK_DROP:
		if (packet_evidence_arrived(p))
			p->dropped_late = true;
		else
			p->dropped = true;
		if (!p->copy)
			l->drop = *ev;
		break;
	default:
		break;
	}
}

bool packet_evidence_outside_sender(const struct hook_event *ev, const struct check_setup *setup)
{
	enum point start = direction_point(ev->reverse ? DIRECTION_REPLY : DIRECTION_REQUEST, 0);

	return ev->netns && ev->netns != setup->points[start].netns;
}

void packet_evidence_note(struct packet_evidence *p, const struct hook_event *ev, const struct check_setup *setup,
			  struct direction_result *dir)
{
	if (shows_in_capture(ev->hook))
		note_point(p, ev, setup);
	note_direction(p, ev, setup, dir);
	if (ev->skb)
		sequence_add(&p->passed, ev, setup);
	if (ev->hook == ST_HOOK_XMIT && !p->first_ifindex) {
		p->first_netns = ev->netns;
		p->first_ifindex = ev->ifindex;
	}
	p->left |= packet_evidence_leaves(p, ev, setup);
	p->met |= ev->hook != ST_HOOK_NETFILTER || packet_evidence_outside_sender(ev, setup);
	p->skb = ev->skb;
	p->last_hook = ev->hook;
	p->has_data |= ev->payload_bytes > 0;
}

bool packet_evidence_leaves(const struct packet_evidence *p, const struct hook_event *ev,
			    const struct check_setup *setup)
{
	const struct iface *pod = &setup->points[direction_point(ev->reverse ? DIRECTION_REPLY : DIRECTION_REQUEST, 0)];

	if (ev->hook != ST_HOOK_XMIT || !ev->ifindex)
		return false;
	if (pod->ifindex)
		return ev->netns == pod->netns && ev->ifindex == pod->ifindex;
	return ev->netns == p->first_netns && ev->ifindex == p->first_ifindex;
}

static enum mechanism covered_mechanism(const struct packet_evidence *p)
{
	for (enum mechanism m = MECH_UNKNOWN + 1; m < MECH_MAX; m++) {
		if (p->covered_mechanisms & 1u << m)
			return m;
	}
	return MECH_UNKNOWN;
}

/* What has a step that the expected mechanism has not. A packet that never entered IP in the far pod was carried to no
 * end: something took it away at the pod's device, which says nothing of what had carried it there. Nor is known what a
 * helper does by flags that we do not know. */
static enum mechanism mixed_mechanism(const struct packet_evidence *p)
{
	return sequence_has_input(&p->passed, 3) && !sequence_has(&p->passed, SEQ_REDIRECT_UNKNOWN) ? MECH_MIXED
												    : MECH_UNKNOWN;
}

enum mechanism packet_evidence_mechanism(const struct packet_evidence *p, enum mechanism expect)
{
	enum mechanism m = sequence_name(&p->passed);

	if (p->copy)
		return MECH_UNKNOWN;
	if (p->covered & 1u << direction_point(packet_evidence_direction(p), 3))
		return covered_mechanism(p);
	if (m == MECH_MIXED || (m == expect && !sequence_is(&p->passed, m)))
		return sequence_fits(&p->passed, expect) || sequence_begins_again(&p->passed, expect)
			       ? MECH_UNKNOWN
			       : mixed_mechanism(p);
	return m;
}

enum direction packet_evidence_direction(const struct packet_evidence *p)
{
	return p->key.reverse ? DIRECTION_REPLY : DIRECTION_REQUEST;
}

bool packet_evidence_at(const struct packet_evidence *p, enum point at)
{
	return (p->seen | p->covered) & (1u << at);
}

bool packet_evidence_arrived(const struct packet_evidence *p)
{
	return packet_evidence_at(p, direction_point(packet_evidence_direction(p), 3));
}

bool packet_evidence_counts(const struct packet_evidence *p)
{
	enum direction dir = packet_evidence_direction(p);

	if (!p->met || p->late)
		return false;
	/* a copy that somebody makes on the way is no packet of its own unless it comes to one of the points */
	if (p->copy && !((p->seen | p->covered) & ~(1u << direction_point(dir, 0))))
		return false;
	/* on the veth to be skipped it counts even without a beginning */
	if (p->seen & (1u << direction_forbidden(dir)))
		return true;
	/* left out if it was early, or was made on the way out of packets that count themselves */
	return !p->early && !(p->covered & (1u << direction_point(dir, 0)));
}
