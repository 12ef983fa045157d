/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/packet.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "path/relation.h"

static const char *const transition_names[] = {
	[TRANSITION_NONE] = "",
	[TRANSITION_VETH] = "veth",
	[TRANSITION_NETKIT] = "netkit",
	[TRANSITION_REDIRECT] = "bpf_redirect",
	[TRANSITION_REDIRECT_PEER] = "bpf_redirect_peer",
	[TRANSITION_FORWARD] = "forwarded",
	[TRANSITION_BRIDGE] = "bridged",
	[TRANSITION_TUNNEL] = "tunnel",
	[TRANSITION_COPY] = "copy",
	[TRANSITION_NETNS] = "namespace change",
	[TRANSITION_DEVICE] = "device change",
};
static_assert(ARRAY_SIZE(transition_names) == TRANSITION_MAX, "every transition has its name");

static const char *const end_names[] = {
	[PACKET_ALIVE] = "alive",
	[PACKET_DELIVERED] = "delivered",
	[PACKET_CONSUMED] = "consumed",
	[PACKET_DROPPED] = "dropped",
};
static_assert(ARRAY_SIZE(end_names) == PACKET_END_MAX, "every end has its name");

const char *transition_name(enum path_transition t)
{
	return transition_names[t];
}

const char *packet_end_name(enum packet_end end)
{
	return end_names[end];
}

/* How much of a packet a tuple says. */
static int tuple_weight(const struct tuple *t)
{
	if (t->family == 0)
		return 0;
	return 1 + t->has_l4 + ((t->has_ports && (t->sport || t->dport)) || t->has_icmp_id);
}

static void note_tuple(struct packet *p, const struct event *ev)
{
	bool finished_now = p->unfinished && tuple_same_ends(&p->tuple, &ev->tuple);

	if (ev->proto && !p->proto)
		p->proto = ev->proto;
	p->unfinished = (p->n_steps == 0 || p->unfinished) && event_is_unfinished(ev);
	if (finished_now) {
		p->tuple = p->last_tuple = ev->tuple;
		return;
	}
	if (tuple_weight(&ev->tuple) > tuple_weight(&p->tuple)) {
		p->tuple = p->last_tuple = ev->tuple;
		return;
	}
	if (tuple_weight(&ev->tuple) < tuple_weight(&p->tuple) || ev->tuple.family == 0)
		return;
	p->last_tuple = ev->tuple;
	if (tuple_relation(&p->tuple, &ev->tuple) == RELATION_CHANGED)
		p->translated = true;
}

static bool same_place(const struct path_place *a, const struct path_place *b)
{
	return a->has_netns == b->has_netns && a->has_dev == b->has_dev && a->netns == b->netns &&
	       a->ifindex == b->ifindex && strcmp(a->ifname, b->ifname) == 0;
}

static uint8_t note_place(struct packet *p, const struct event *ev)
{
	struct path_place place = {.has_netns = ev->has_netns, .has_dev = ev->has_dev};

	if (ev->has_netns) {
		place.netns = ev->netns;
		if (ev->netns_name)
			strncpy(place.netns_name, ev->netns_name, sizeof(place.netns_name) - 1);
	}
	if (ev->has_dev) {
		place.ifindex = ev->ifindex;
		memcpy(place.ifname, ev->ifname, sizeof(place.ifname));
	}
	for (unsigned i = p->n_places; i-- > 0;)
		if (same_place(&p->places[i], &place))
			return (uint8_t)i;
	if (p->n_places == PACKET_PLACES_MAX)
		return PACKET_PLACES_MAX - 1;
	p->places[p->n_places] = place;
	return (uint8_t)p->n_places++;
}

static uint8_t note_copy(struct packet *p, uint64_t skb)
{
	for (unsigned i = p->n_copies; i-- > 0;)
		if (p->skbs[i] == skb)
			return (uint8_t)i;
	if (p->n_copies == PACKET_COPIES_MAX)
		return PACKET_COPIES_MAX - 1;
	p->skbs[p->n_copies] = skb;
	return (uint8_t)p->n_copies++;
}

/* The last function this copy was in that does not belong to being dropped. */
static const char *last_before_drop(const struct packet *p, uint8_t copy)
{
	for (size_t i = p->n_steps; i-- > 0;)
		if (p->steps[i].copy == copy && p->steps[i].stage != STAGE_DROP && p->steps[i].stage != STAGE_FREE &&
		    !p->steps[i].helper)
			return p->steps[i].func;
	return NULL;
}

static void note_drop(struct packet *p, const struct event *ev, uint8_t copy)
{
	unsigned at = p->n_drops < PACKET_DROPS_MAX ? p->n_drops++ : PACKET_DROPS_MAX - 1;

	p->drops[at] = (struct path_drop){
		.step = p->n_steps,
		.has_location = ev->has_location,
		.has_reason = ev->has_reason,
		.location = ev->location,
		.symbol = ev->drop_symbol,
		.offset = ev->drop_offset,
		.reason = ev->drop_reason,
		.reason_name = ev->drop_reason_name,
		.after = last_before_drop(p, copy),
	};
}

static int make_room(struct packet *p, size_t max_steps)
{
	size_t cap = p->cap_steps ? 2 * p->cap_steps : 64;
	struct path_step *steps;

	if (p->n_steps < p->cap_steps)
		return 0;
	if (cap > max_steps)
		cap = max_steps;
	if (cap <= p->n_steps)
		return -ENOSPC;
	steps = realloc(p->steps, cap * sizeof(*steps));
	if (!steps)
		return -ENOMEM;
	p->steps = steps;
	p->cap_steps = cap;
	return 0;
}

int packet_add(struct packet *p, const struct event *ev, const struct stages *stages, size_t max_steps)
{
	bool part = event_frees_part(ev);
	bool dropped = (ev->has_location || ev->has_reason) && !part;
	enum stage stage = dropped ? STAGE_DROP : part ? STAGE_FREE : stages_find(stages, ev->func);
	int r = make_room(p, max_steps);
	uint8_t copy;

	if (r < 0) {
		p->lost_steps++;
		return r;
	}
	if (p->n_steps == 0) {
		p->pkt = ev->pkt;
		p->pid = ev->pid;
		memcpy(p->comm, ev->comm, sizeof(p->comm));
	}
	if (ev->len_bytes > p->len_bytes)
		p->len_bytes = ev->len_bytes;
	note_tuple(p, ev);
	copy = note_copy(p, ev->skb);
	if (dropped)
		note_drop(p, ev, copy);
	p->steps[p->n_steps++] = (struct path_step){
		.ts_ns = ev->ts_ns,
		.func = ev->func,
		.addr = ev->addr,
		.stage = (uint8_t)stage,
		.place = note_place(p, ev),
		.copy = copy,
		.helper = stage == STAGE_WITHIN,
		.dropped = dropped,
	};
	return 0;
}

const char *packet_last_func(const struct packet *p)
{
	for (size_t i = p->n_steps ? p->end_step + 1 : 0; i-- > 0;)
		if (p->steps[i].stage != STAGE_DROP && p->steps[i].stage != STAGE_FREE && !p->steps[i].helper)
			return p->steps[i].func;
	return NULL;
}

void packet_clear(struct packet *p)
{
	free(p->steps);
	free(p->runs);
	free(p->hops);
	*p = (struct packet){0};
}
