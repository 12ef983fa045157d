/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A step's stage and place are what its event says, where it says something. A helper (STAGE_WITHIN) belongs to the
 * stage its copy was in, or, before the first known one, to the one that follows. An skb without a device (dev is NULL
 * before routing, and shares its room with other things once a socket has it) stays where it was; at the beginning it
 * is already counted to the device it leaves by.
 *
 * Time is per copy: a run lasts until the same skb is met in another one. The longest wait is the longest time between
 * two steps of one skb; the time until what nobody waits for is freed does not count.
 *
 * The end is judged over all copies. A socket that has one has the packet, whatever became of the others: the original
 * of a ping's reply is dropped for want of a socket after a raw socket took its clone. One that was dropped says more
 * than one that was consumed: a capture's clone is consumed, whatever becomes of the packet, and so is the original
 * that TCP keeps. Copies are bounded, so all this is linear in the steps.
 */
#include <errno.h>
#include <string.h>

#include "path/packet.h"

/* Records of two CPUs may cross by a little: never less than nothing. */
static uint64_t elapsed_ns(const struct path_step *from, const struct path_step *to)
{
	return to->ts_ns > from->ts_ns ? to->ts_ns - from->ts_ns : 0;
}

static bool place_known(const struct path_place *place)
{
	return place->has_dev;
}

/* At most one candidate before and one after; the namespace, where known, must agree. */
static bool may_stand_for(const struct path_place *known, const struct path_place *vague)
{
	return !vague->has_netns || (known->has_netns && known->netns == vague->netns);
}

static void resolve_places(struct packet *p)
{
	size_t next = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		struct path_step *s = &p->steps[i];
		const struct path_place *place = &p->places[s->place];

		if (place_known(place))
			continue;
		if (i > 0 && may_stand_for(&p->places[s[-1].place], place)) {
			s->place = s[-1].place;
			continue;
		}
		if (next <= i)
			next = i + 1;
		while (next < p->n_steps && !place_known(&p->places[p->steps[next].place]))
			next++;
		if (next < p->n_steps && may_stand_for(&p->places[p->steps[next].place], place))
			s->place = p->steps[next].place;
	}
}

static void resolve_stages(struct packet *p)
{
	uint8_t now[PACKET_COPIES_MAX] = {0}, last = STAGE_NONE;
	size_t unresolved = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		struct path_step *s = &p->steps[i];
		uint8_t *stage = &now[s->copy];

		if (*stage == STAGE_NONE)
			*stage = last;
		if (s->stage == STAGE_WITHIN && *stage == STAGE_NONE)
			continue;
		if (s->stage == STAGE_WITHIN)
			s->stage = *stage;
		else if (s->stage == STAGE_TC_INGRESS && stage_is_output(*stage))
			s->stage = STAGE_TC_EGRESS;
		if (s->stage == STAGE_NONE)
			continue;
		*stage = last = s->stage;
		for (; unresolved < i; unresolved++)
			if (p->steps[unresolved].stage == STAGE_WITHIN)
				p->steps[unresolved].stage = last;
		unresolved = i + 1;
	}
	for (size_t i = unresolved; i < p->n_steps; i++)
		if (p->steps[i].stage == STAGE_WITHIN)
			p->steps[i].stage = STAGE_NONE;
}

static bool continues(const struct path_run *run, const struct path_step *s, const struct path_step *before)
{
	if (run->stage != s->stage || run->place != s->place || run->copy != s->copy)
		return false;
	return s->stage != STAGE_NONE || (s->func && before->func && strcmp(s->func, before->func) == 0);
}

/* Ends the copy's run at this step. */
static void close_run(struct packet *p, size_t run, const struct path_step *at)
{
	p->runs[run].duration_ns = elapsed_ns(&p->steps[p->runs[run].first], at);
}

static int make_runs(struct packet *p)
{
	size_t open[PACKET_COPIES_MAX], last[PACKET_COPIES_MAX];
	struct path_run *runs = reallocarray(p->runs, p->n_steps ? p->n_steps : 1, sizeof(*runs));

	if (!runs)
		return -ENOMEM;
	p->runs = runs;
	p->n_runs = 0;
	for (unsigned c = 0; c < PACKET_COPIES_MAX; c++)
		open[c] = SIZE_MAX;
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct path_step *s = &p->steps[i];

		if (p->n_runs && continues(&runs[p->n_runs - 1], s, s - 1)) {
			runs[p->n_runs - 1].count++;
		} else {
			if (open[s->copy] != SIZE_MAX)
				close_run(p, open[s->copy], s);
			open[s->copy] = p->n_runs;
			runs[p->n_runs++] = (struct path_run){i, 1, 0, s->stage, s->place, s->copy};
		}
		last[s->copy] = i;
	}
	for (unsigned c = 0; c < PACKET_COPIES_MAX; c++)
		if (open[c] != SIZE_MAX)
			close_run(p, open[c], &p->steps[last[c]]);
	return 0;
}

/* What the runs of the hop left behind say of how the next one was come to. */
static enum path_transition transition(const struct packet *p, const struct path_hop *from, const struct path_run *to)
{
	const struct path_place *a = &p->places[from->place], *b = &p->places[to->place];
	bool netns_changed = a->netns != b->netns;
	enum path_transition found = TRANSITION_NONE;

	for (size_t i = from->first + from->count; i-- > from->first;) {
		const struct path_run *run = &p->runs[i];

		if (run->copy != to->copy)
			continue;
		switch (run->stage) {
		case STAGE_VETH:
			return netns_changed || i + 1 == from->first + from->count ? TRANSITION_VETH : found;
		case STAGE_NETKIT:
			return TRANSITION_NETKIT;
		case STAGE_REDIRECT:
			return netns_changed ? TRANSITION_REDIRECT_PEER : TRANSITION_REDIRECT;
		case STAGE_FORWARD:
			return TRANSITION_FORWARD;
		case STAGE_BRIDGE:
			return TRANSITION_BRIDGE;
		case STAGE_TUNNEL:
			found = TRANSITION_TUNNEL;
			break;
		default:
			break;
		}
	}
	if (found == TRANSITION_NONE && p->runs[from->first + from->count - 1].copy != to->copy)
		return TRANSITION_COPY;
	if (found == TRANSITION_NONE)
		return netns_changed ? TRANSITION_NETNS : TRANSITION_DEVICE;
	return found;
}

static int make_hops(struct packet *p)
{
	struct path_hop *hops = reallocarray(p->hops, p->n_runs ? p->n_runs : 1, sizeof(*hops));

	if (!hops)
		return -ENOMEM;
	p->hops = hops;
	p->n_hops = 0;
	for (size_t i = 0; i < p->n_runs; i++) {
		struct path_hop *hop = p->n_hops ? &hops[p->n_hops - 1] : NULL;

		if (hop && hop->place == p->runs[i].place) {
			hop->count++;
			continue;
		}
		hops[p->n_hops++] = (struct path_hop){i, 1, p->runs[i].place,
						      hop ? transition(p, hop, &p->runs[i]) : TRANSITION_NONE};
	}
	return 0;
}

static void find_wait(struct packet *p)
{
	size_t last[PACKET_COPIES_MAX], run_of[PACKET_COPIES_MAX];
	bool seen[PACKET_COPIES_MAX] = {0};

	p->has_wait = false;
	p->wait_ns = 0;
	for (size_t r = 0; r < p->n_runs; r++) {
		for (size_t i = p->runs[r].first; i < p->runs[r].first + p->runs[r].count; i++) {
			const struct path_step *s = &p->steps[i];
			uint64_t gap = seen[s->copy] ? elapsed_ns(&p->steps[last[s->copy]], s) : 0;

			if (gap > p->wait_ns && s->stage != STAGE_FREE) {
				p->has_wait = true;
				p->wait_ns = gap;
				p->wait_from = last[s->copy];
				p->wait_to = i;
				p->wait_run = run_of[s->copy];
			}
			seen[s->copy] = true;
			last[s->copy] = i;
			run_of[s->copy] = r;
		}
	}
}

/* What became of one skb. */
struct fate {
	bool queued, read, freed, dropped;
	size_t queue_step, drop_step;
};

static void find_fates(const struct packet *p, struct fate fates[PACKET_COPIES_MAX])
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct path_step *s = &p->steps[i];
		struct fate *f = &fates[s->copy];

		if (s->dropped) {
			f->dropped = true;
			f->drop_step = i;
		} else if (s->stage == STAGE_SOCKET_QUEUE || s->stage == STAGE_SOCKET_READ) {
			f->read |= s->stage == STAGE_SOCKET_READ;
			f->queue_step = i;
			f->queued = true;
		} else if (s->stage == STAGE_FREE) {
			f->freed = true;
		}
		if (s->stage == STAGE_SOCKET_READ)
			f->dropped = false;
	}
}

/* The last step in which something was done with the packet. */
static size_t last_doing(const struct packet *p)
{
	for (size_t i = p->n_steps; i-- > 0;)
		if (p->steps[i].stage != STAGE_FREE && p->steps[i].stage != STAGE_DROP)
			return i;
	return p->n_steps ? p->n_steps - 1 : 0;
}

/* The step in which the socket took the packet: the first of the last stay in its queue. */
static size_t queued_at(const struct packet *p, uint8_t copy)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].copy == copy && p->steps[i].stage == STAGE_SOCKET_QUEUE)
			at = i;
	for (size_t i = 0; at == SIZE_MAX && i < p->n_steps; i++)
		if (p->steps[i].copy == copy && p->steps[i].stage == STAGE_SOCKET_READ)
			at = i;
	return at;
}

static void find_end(struct packet *p)
{
	struct fate fates[PACKET_COPIES_MAX] = {0};

	find_fates(p, fates);
	p->end = PACKET_ALIVE;
	p->end_step = last_doing(p);
	p->drop = 0;
	for (unsigned c = 0; c < p->n_copies; c++) {
		const struct fate *f = &fates[c];

		if (f->queued && (!f->dropped || f->read)) {
			p->end = PACKET_DELIVERED;
			p->end_step = queued_at(p, (uint8_t)c);
			break;
		}
		if (f->dropped) {
			p->end = PACKET_DROPPED;
			p->end_step = f->drop_step;
		} else if (f->freed && p->end == PACKET_ALIVE) {
			p->end = PACKET_CONSUMED;
		}
	}
	for (unsigned d = 0; p->end == PACKET_DROPPED && d < p->n_drops; d++)
		if (p->drops[d].step == p->end_step)
			p->drop = d;
	p->total_ns = p->n_steps ? elapsed_ns(&p->steps[0], &p->steps[p->end_step]) : 0;
}

int packet_analyse(struct packet *p)
{
	int r;

	resolve_places(p);
	resolve_stages(p);
	r = make_runs(p);
	if (r < 0)
		return r;
	r = make_hops(p);
	if (r < 0)
		return r;
	find_wait(p);
	find_end(p);
	return 0;
}
