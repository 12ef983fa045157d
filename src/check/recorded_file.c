/* SPDX-License-Identifier: GPL-2.0-only */
/* Files a recording's events as the evidence programs would have seen them: see recorded.h. */
#include <netinet/in.h>

#include "check/recorded_private.h"

/* Sets what identifies the packet, as an evidence program would. */
static void identify(const struct packet_track *track, struct hook_event *hook_ev)
{
	hook_ev->has_l4 = true;
	if (track->has_echo) {
		hook_ev->sport = track->echo_id;
		hook_ev->dport = track->echo_seq;
		return;
	}
	/* a later fragment of an echo has neither id nor sequence number, and must not be taken for an echo */
	hook_ev->has_l4 = hook_ev->l4 != IPPROTO_ICMP && hook_ev->l4 != IPPROTO_ICMPV6;
	hook_ev->l4_seq = (uint32_t)track->pkt;
	hook_ev->ip_id = track->generation;
}

static bool same_skb(const struct recorded_event *a, const struct recorded_event *b)
{
	return a->hook_ev.skb == b->hook_ev.skb && a->hook_ev.cpu == b->hook_ev.cpu;
}

/* Whether a function of the same pass has shown this already: the functions of a kind are nested, and the evidence
 * programs see a pass once. */
static bool is_nested(const struct recorded_event *last, const struct recorded_event *item)
{
	const struct hook_event *a = &item->hook_ev, *b;

	if (!last || last->depth >= item->depth)
		return false;
	b = &last->hook_ev;
	/* netkit's own function is a hook beside the transmission, veth's is not known everywhere */
	if (last->role != item->role && !(last->role == ST_HOOK_XMIT && item->role == ST_HOOK_VETH))
		return false;
	return same_skb(last, item) && a->netns == b->netns && a->ifindex == b->ifindex;
}

/* Sets the device that the kernel passes to IP input as orig_dev. True if bpf_redirect_peer put the packet on the
 * device. A redirect and the input that it leads to are one softirq's, so of one skb on one CPU. */
static bool enter_ip(struct packet_track *track, struct hook_event *hook_ev)
{
	struct device dev = {.netns = hook_ev->netns, .ifindex = hook_ev->ifindex};
	bool stayed = same_device(&track->received, &dev), redirected = track->redirected && !stayed;

	if (!track->received.ifindex || track->received_skb != hook_ev->skb || track->received_cpu != hook_ev->cpu ||
	    !(stayed || redirected))
		return false;
	hook_ev->orig_netns = track->received.netns;
	hook_ev->orig_ifindex = track->received.ifindex;
	track->redirected = false;
	return redirected;
}

static void leave_pod(struct packet_track *track, const struct device *dev)
{
	if (track->left && same_device(dev, &track->pod)) {
		track->left = false;
		track->generation++;
	}
}

/* What an event says beside what its function's name says. */
enum meaning {
	AS_NAMED,
	NOTHING,   /* without a reception before it, a redirect would be taken for a plain one; or see is_nested() */
	FROM_PEER, /* enters IP, where bpf_redirect_peer has put it */
};

/* A redirect is that of a reception, or netkit's, which runs its programs while it transmits. */
static bool is_redirect(struct packet_track *track, const struct recorded_event *last,
			const struct recorded_event *item)
{
	struct device dev = {.netns = item->hook_ev.netns, .ifindex = item->hook_ev.ifindex};

	if (last && last->role == ST_HOOK_NETKIT && same_skb(last, item))
		return true;
	track->redirected = same_device(&track->received, &dev) && track->received_skb == item->hook_ev.skb &&
			    track->received_cpu == item->hook_ev.cpu;
	return track->redirected;
}

/* Follows the packet. */
static enum meaning follow(struct packet_track *track, struct recorded_event *item)
{
	struct hook_event *hook_ev = &item->hook_ev;
	struct device dev = {.netns = hook_ev->netns, .ifindex = hook_ev->ifindex};
	const struct recorded_event *last = track->last;

	track->last = item;
	if (is_nested(last, item))
		return NOTHING;
	if (!dev.ifindex)
		return AS_NAMED;
	track->left |= dev.netns != track->pod.netns;
	switch (item->role) {
	case ST_HOOK_XMIT:
	case ST_HOOK_VETH:
	case ST_HOOK_NETKIT:
		leave_pod(track, &dev);
		track->received = (struct device){0};
		break;
	case ROLE_QUEUE:
	case ROLE_INPUT:
		track->received = (struct device){0};
		break;
	case ST_HOOK_RECEIVE:
		track->received = dev;
		track->received_skb = hook_ev->skb;
		track->received_cpu = hook_ev->cpu;
		track->redirected = false;
		break;
	case ST_HOOK_REDIRECT:
		return is_redirect(track, last, item) ? AS_NAMED : NOTHING;
	case ST_HOOK_IP_RCV:
		return enter_ip(track, hook_ev) ? FROM_PEER : AS_NAMED;
	default:
		break;
	}
	return AS_NAMED;
}

struct replay {
	int (*on_event)(void *ctx, const struct hook_event *ev);
	void *ctx;
};

/* What the evidence program sees at the return of skb_do_redirect. */
static int tell_peer(const struct replay *to, const struct hook_event *input)
{
	struct hook_event peer = *input;

	peer.hook = ST_HOOK_PEER;
	peer.orig_netns = peer.orig_ifindex = 0;
	return to->on_event(to->ctx, &peer);
}

static int tell(const struct recorded *r, struct recorded_event *item, const struct replay *to)
{
	struct packet_track *track = recorded_track_slot(r->tracks, r->cap_tracks, item->pkt);
	enum meaning meaning = follow(track, item);
	int err = 0;

	if (meaning == NOTHING || item->role >= ST_HOOK_MAX)
		return 0;
	identify(track, &item->hook_ev);
	/* of a driver that is seen alone, the event before may be lost: it is a transmission all the same */
	item->hook_ev.hook = item->role == ST_HOOK_VETH ? ST_HOOK_XMIT : item->role;
	if (meaning == FROM_PEER)
		err = tell_peer(to, &item->hook_ev);
	return err < 0 ? err : to->on_event(to->ctx, &item->hook_ev);
}

int recorded_replay(struct recorded *r, int (*on_event)(void *ctx, const struct hook_event *ev), void *ctx)
{
	struct replay to = {.on_event = on_event, .ctx = ctx};

	for (size_t i = 0; i < r->n_items; i++) {
		int err = tell(r, &r->items[i], &to);

		if (err < 0)
			return err;
	}
	return 0;
}

/* netkit_xmit transmits, too. */
static void note_attached(enum st_hook hook, struct check_setup *setup)
{
	setup->attached[hook] = true;
	setup->attached[ST_HOOK_XMIT] |= hook == ST_HOOK_NETKIT;
}

static int file(void *ctx, const struct hook_event *ev)
{
	return evidence_table_add(ctx, ev);
}

int recorded_file_events(struct recorded *r, struct evidence_table *table)
{
	/* a recording shows redirect_peer without this hook, see recorded.h */
	table->setup.attached[ST_HOOK_PEER] = true;
	table->unparsed = r->unparsed;
	table->setup.attached_ns = r->first_ns;
	for (size_t i = 0; i < r->n_items; i++)
		if (r->items[i].role < ST_HOOK_MAX)
			note_attached(r->items[i].role, &table->setup);
	return recorded_replay(r, file, table);
}
