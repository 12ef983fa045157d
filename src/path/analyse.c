/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A step has the stage and device of its event, if the event tells. A helper (STAGE_WITHIN) belongs to the stage that
 * its copy was in before or, before any stage is known, to the first one that follows. An skb may have no device: dev
 * is NULL before routing, and shares its memory with other fields once a socket has the skb. Then the packet is still
 * on the device before. At the beginning it is on the first known device.
 *
 * Time is counted per copy: a run lasts until the same skb is seen in another run. The longest wait is the longest
 * time between two steps of one skb. The time until an skb that nobody waits for is freed does not count.
 */
#include <errno.h>
#include <string.h>

#include "path/packet.h"

/* Records of two CPUs may be out of order by a little; time is never negative. */
static uint64_t elapsed_ns(const struct path_step *from, const struct path_step *to)
{
	return to->ts_ns > from->ts_ns ? to->ts_ns - from->ts_ns : 0;
}

static bool device_known(const struct path_device *device)
{
	return device->has_dev;
}

/* Whether the known device may be the one that the other event did not tell: namespaces, where known, must agree. */
static bool may_stand_for(const struct path_device *known, const struct path_device *vague)
{
	return !vague->has_netns || (known->has_netns && known->netns == vague->netns);
}

static void resolve_devices(struct packet *p)
{
	size_t next = 0;

	for (size_t i = 0; i < p->n_steps; i++) {
		struct path_step *s = &p->steps[i];
		const struct path_device *device = &p->devices[s->device];

		if (device_known(device))
			continue;
		if (i > 0 && may_stand_for(&p->devices[s[-1].device], device)) {
			s->device = s[-1].device;
			continue;
		}
		if (next <= i)
			next = i + 1;
		while (next < p->n_steps && !device_known(&p->devices[p->steps[next].device]))
			next++;
		if (next < p->n_steps && may_stand_for(&p->devices[p->steps[next].device], device))
			s->device = p->steps[next].device;
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
		else if (!s->placed && s->stage == STAGE_TC_INGRESS && stage_is_output(*stage))
			s->stage = STAGE_TC_EGRESS;
		else if (!s->placed && s->stage == STAGE_TCX_INGRESS && stage_is_output(*stage))
			s->stage = STAGE_TCX_EGRESS;
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
	if (run->stage != s->stage || run->device != s->device || run->copy != s->copy)
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
			runs[p->n_runs++] = (struct path_run){i, 1, 0, s->stage, s->device, s->copy};
		}
		last[s->copy] = i;
	}
	for (unsigned c = 0; c < PACKET_COPIES_MAX; c++)
		if (open[c] != SIZE_MAX)
			close_run(p, open[c], &p->steps[last[c]]);
	return 0;
}

/* How the packet came to the next device, by the runs on the device before. */
static enum path_transition transition(const struct packet *p, const struct path_hop *from, const struct path_run *to)
{
	const struct path_device *a = &p->devices[from->device], *b = &p->devices[to->device];
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

		if (hop && hop->device == p->runs[i].device) {
			hop->count++;
			continue;
		}
		hops[p->n_hops++] = (struct path_hop){i, 1, p->runs[i].device,
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

int packet_analyse(struct packet *p)
{
	int r;

	resolve_devices(p);
	resolve_stages(p);
	r = make_runs(p);
	if (r < 0)
		return r;
	r = make_hops(p);
	if (r < 0)
		return r;
	find_wait(p);
	packet_find_end(p);
	return 0;
}
