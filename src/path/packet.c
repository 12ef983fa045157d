/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/packet.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "event/parts.h"
#include "path/death.h"
#include "path/free_meaning.h"
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
	[PACKET_ALIVE] = "alive",     [PACKET_DELIVERED] = "delivered", [PACKET_CONSUMED] = "consumed",
	[PACKET_DROPPED] = "dropped", [PACKET_FREED] = "freed",
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

/* How much a tuple says of its packet. */
static int tuple_weight(const struct tuple *t)
{
	if (t->family == 0)
		return t->arp_op ? 3 : 0; /* all that there is to say, as of IP */
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
	if (tuple_weight(&ev->tuple) < tuple_weight(&p->tuple) || !tuple_has_addrs(&ev->tuple))
		return;
	p->last_tuple = ev->tuple;
	if (tuple_relation(&p->tuple, &ev->tuple) == RELATION_CHANGED)
		p->translated = true;
}

static void note_tags(struct packet *p, const struct event *ev)
{
	if (!event_has_part(ev, ST_PART_LINK))
		return;
	p->knows_tags = true;
	p->tagged |= ev->parts->link.n_tags > 0;
}

/* The answer to a route's question that this program asked is in the same skb. */
static void note_question(struct packet *p, const struct event *ev)
{
	p->question |= event_ends_question(ev) ||
		       (ev->func && strncmp(ev->func, "netlink_", 8) == 0 && strcmp(ev->comm, "skbtrail") == 0);
}

static bool same_device(const struct path_device *a, const struct path_device *b)
{
	return a->has_netns == b->has_netns && a->has_dev == b->has_dev && a->netns == b->netns &&
	       a->ifindex == b->ifindex && strcmp(a->ifname, b->ifname) == 0;
}

static uint8_t note_device(struct packet *p, const struct event *ev)
{
	struct path_device device = {.has_netns = ev->has_netns, .has_dev = ev->has_dev};

	if (ev->has_netns) {
		device.netns = ev->netns;
		if (ev->netns_name)
			strncpy(device.netns_name, ev->netns_name, sizeof(device.netns_name) - 1);
	}
	if (ev->has_dev) {
		device.ifindex = ev->ifindex;
		memcpy(device.ifname, ev->ifname, sizeof(device.ifname));
	}
	for (unsigned i = p->n_devices; i-- > 0;)
		if (same_device(&p->devices[i], &device))
			return (uint8_t)i;
	if (p->n_devices == PACKET_DEVICES_MAX)
		return PACKET_DEVICES_MAX - 1;
	p->devices[p->n_devices] = device;
	return (uint8_t)p->n_devices++;
}

/* Whether the event can be of a copy that was freed: a step of freeing. */
static bool can_be_over(const struct event *ev)
{
	return event_death(ev).step != DEATH_NONE || event_ends_chain(ev);
}

static uint8_t note_copy(struct packet *p, const struct event *ev)
{
	uint64_t skb = ev->skb;

	for (unsigned i = p->n_copies; i-- > 0;)
		if (p->skbs[i] == skb && (!p->over[i] || can_be_over(ev)))
			return (uint8_t)i;
	/* an XDP program saw the frame, before there was an skb */
	if (p->n_copies && !p->skbs[p->n_copies - 1]) {
		p->skbs[p->n_copies - 1] = skb;
		return (uint8_t)(p->n_copies - 1);
	}
	if (p->n_copies == PACKET_COPIES_MAX)
		return PACKET_COPIES_MAX - 1;
	p->skbs[p->n_copies] = skb;
	return (uint8_t)p->n_copies++;
}

/* The last function that the copy was in before it was dropped. */
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
	bool told = event_is_drop(ev);
	const char *after = last_before_drop(p, copy);
	/* a clone that was never seen before is a packet socket's */
	uint32_t marks = p->marks[copy] | (!after && p->tapped ? FREE_SOCKET_QUEUE : 0);

	p->drops[at] = (struct path_drop){
		.step = p->n_steps,
		.seq = ev->seq,
		.has_location = ev->has_location,
		.has_reason = ev->has_reason,
		.location = ev->location,
		.symbol = ev->drop_symbol,
		.offset = ev->drop_offset,
		.reason = ev->drop_reason,
		.reason_name = ev->drop_reason_name,
		.after = after,
		.facts = ev->facts,
		.harmless = !told	    ? NULL
			    : ev->fate_told ? ev->harmless
					    : free_is_harmless(ev, marks),
		.lost = told ? NULL : free_is_loss(ev, after),
		.of_original = told && free_is_of_original(ev),
		.is_delivered = ev->fate_told && ev->copy_delivered,
	};
}

/* The stage of a BPF program, and whether that is sure: a program that is attached to both directions of a device, or
 * somewhere unknown, is taken for one of the direction in which the packet goes. */
static enum stage stage_of_prog(const struct event_prog *prog, bool *ret_placed)
{
	const uint32_t tcx = EVENT_HOOK_TCX_INGRESS | EVENT_HOOK_TCX_EGRESS;

	*ret_placed = true;
	if (prog->xdp)
		return STAGE_XDP;
	switch (prog->hooks) {
	case EVENT_HOOK_NETKIT:
		return STAGE_NETKIT;
	case EVENT_HOOK_TCX_INGRESS:
		return STAGE_TCX_INGRESS;
	case EVENT_HOOK_TCX_EGRESS:
		return STAGE_TCX_EGRESS;
	case EVENT_HOOK_TC_INGRESS:
		return STAGE_TC_INGRESS;
	case EVENT_HOOK_TC_EGRESS:
		return STAGE_TC_EGRESS;
	default:
		*ret_placed = false;
		return prog->hooks && !(prog->hooks & ~tcx) ? STAGE_TCX_INGRESS : STAGE_TC_INGRESS;
	}
}

static int note_prog(struct packet *p, const struct event *ev, struct path_step *s)
{
	bool placed;

	if (!ev->prog.id)
		return 0;
	if (ARRAY_GROW(p->progs, p->n_progs) < 0)
		return -ENOMEM;
	p->progs[p->n_progs++] = ev->prog;
	s->prog = (uint32_t)p->n_progs;
	s->stage = (uint8_t)stage_of_prog(&ev->prog, &placed);
	s->placed = placed;
	return 0;
}

const struct event_prog *packet_prog(const struct packet *p, const struct path_step *s)
{
	return s->prog ? &p->progs[s->prog - 1] : NULL;
}

/* The first step of freeing a copy: whether it was lost, by what the kernel says or by the place. */
static bool is_lost_here(const struct packet *p, const struct event *ev, enum stage stage, uint8_t copy)
{
	return stage == STAGE_FREE && !p->over[copy] && free_is_loss(ev, last_before_drop(p, copy));
}

static void note_what_happens(struct packet *p, const struct event *ev, struct func_facts facts, struct path_step *s)
{
	uint8_t copy = note_copy(p, ev);
	struct death death = event_death(ev);

	s->copy = copy;
	s->helper = s->stage == STAGE_WITHIN;
	p->tapped |= facts.queue == QUEUE_TAP;
	p->marks[copy] |= facts.marks | (facts.queue == QUEUE_SOCKET ? FREE_SOCKET_QUEUE : 0);
	s->dropped = event_is_drop(ev) || is_lost_here(p, ev, s->stage, copy);
	s->dying = death.certain;
	s->queue = facts.queue;
	if (s->dropped)
		note_drop(p, ev, copy);
	p->over[copy] |= s->dropped || death.certain;
	if (path_step_acts(s))
		skb_queue_note(&p->queues[copy], s);
}

int packet_add(struct packet *p, const struct event *ev, struct func_tables *tables, size_t max_steps)
{
	struct func_facts facts = ev->source == ST_SRC_KFREE ? (struct func_facts){.stage = STAGE_FREE}
							     : func_tables_find(tables, ev->func);
	struct path_step step = {.stage = (uint8_t)(event_is_drop(ev) ? STAGE_DROP : facts.stage)};
	int r = p->n_steps < max_steps ? ARRAY_GROW(p->steps, p->n_steps) : -ENOSPC;

	if (r >= 0)
		r = note_prog(p, ev, &step);
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
	note_tags(p, ev);
	note_question(p, ev);
	note_what_happens(p, ev, facts, &step);
	step.ts_ns = ev->ts_ns;
	step.func = ev->func;
	step.addr = ev->addr;
	step.device = note_device(p, ev);
	p->steps[p->n_steps++] = step;
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
	free(p->progs);
	free(p->runs);
	free(p->hops);
	*p = (struct packet){0};
}
