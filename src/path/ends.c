/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A death counts for the skb that died, and for no other copy of the packet. So the end of each copy is found first,
 * and the packet's is chosen among them, in this order:
 *
 *   1. A socket has a copy, in its receive queue. Then the packet is delivered, whatever became of the others.
 *   2. A copy was lost. In a view of losses that comes first. If several were, a copy that was flooded to a foreign MAC
 *      address tells least; otherwise the first one counts. So the order of a bridge's ports decides nothing.
 *   3. A copy is alive: it is last seen where it was, and perhaps waits there. For ARP, for example, a clone is made
 *      and consumed while the packet waits for the answer.
 *   4. A copy was freed with nothing lost.
 *   5. A copy was consumed.
 *
 * Two kinds of copies do not count if there are others. What TCP keeps until it is acknowledged was sent as a clone.
 * What a packet socket sees is for the capture. A loss does not count as one either if it is only that of an original,
 * of which a raw socket took a clone in the same namespace: the original of a ping's reply is dropped because no ping
 * socket wants it.
 *
 * An event of freeing does not always free: consume_skb() may drop one of several references. So a copy is dead until
 * something else is done with it. The number of copies is bounded, so all this is linear in the steps.
 */
#include <string.h>

#include "path/packet.h"

struct copy_end {
	bool queued, read, dead;
	bool forwarded;		/* something was done with it that is not done for a packet socket */
	size_t queue_step;	/* with queued */
	size_t last;		/* the last step that did something with it; SIZE_MAX: none */
	struct skb_queue queue; /* at that time */
};

bool path_step_acts(const struct path_step *s)
{
	return !s->helper && s->stage != STAGE_FREE && s->stage != STAGE_DROP && s->stage != STAGE_COPY;
}

/* Functions of the same stage may follow while the skb is in the queue. */
void skb_queue_note(struct skb_queue *q, const struct path_step *s)
{
	if (s->queue != QUEUE_NONE)
		*q = (struct skb_queue){s->queue, s->stage};
	else if (s->stage != q->stage)
		q->queue = QUEUE_NONE;
}

bool packet_waits(const struct packet *p)
{
	for (unsigned c = 0; c < p->n_copies; c++) {
		if (!p->over[c] && queue_is_slow((enum queue)p->queues[c].queue))
			return true;
	}
	return false;
}

/* A program that reads a tun device or a capture reads by the same functions as one that reads a socket. */
static bool reads_socket(const struct path_step *s, const struct copy_end *c, const struct path_step *before)
{
	return s->stage == STAGE_SOCKET_READ && c->queue.queue != QUEUE_TAP && c->queue.queue != QUEUE_TUN &&
	       !(before && before->stage == STAGE_DRIVER);
}

static void note_step(const struct packet *p, struct copy_end *c, size_t i)
{
	const struct path_step *s = &p->steps[i];

	if (s->dropped || s->dying || s->stage == STAGE_FREE)
		c->dead = true;
	if (!path_step_acts(s))
		return;
	c->dead = false;
	if (reads_socket(s, c, c->last == SIZE_MAX ? NULL : &p->steps[c->last])) {
		if (!c->queued)
			c->queue_step = i;
		c->queued = c->read = true;
	}
	c->forwarded |= s->stage != STAGE_TAP && s->stage != STAGE_SOCKET_READ;
	if (s->queue == QUEUE_SOCKET) {
		c->queued = true;
		c->queue_step = i;
	}
	skb_queue_note(&c->queue, s);
	c->last = i;
}

static void find_copies(const struct packet *p, struct copy_end copies[PACKET_COPIES_MAX])
{
	for (unsigned c = 0; c < PACKET_COPIES_MAX; c++)
		copies[c] = (struct copy_end){.last = SIZE_MAX};
	for (size_t i = 0; i < p->n_steps; i++)
		note_step(p, &copies[p->steps[i].copy], i);
}

/* The last of this copy's drops; NULL: none. */
static const struct path_drop *drop_of(const struct packet *p, unsigned copy)
{
	for (unsigned d = p->n_drops; d-- > 0;)
		if (p->steps[p->drops[d].step].copy == copy)
			return &p->drops[d];
	return NULL;
}

/* Whether the copy is a packet socket's: such a clone may be seen first when it is read or freed. */
static bool is_tap(const struct packet *p, const struct copy_end *c)
{
	return p->tapped && !c->forwarded && p->n_copies > 1;
}

static bool is_delivered(const struct packet *p, const struct copy_end *copies, unsigned copy)
{
	return copies[copy].queued && !is_tap(p, &copies[copy]) && (copies[copy].read || !drop_of(p, copy));
}

/* Whether a socket of the drop's namespace has another copy. */
static bool is_delivered_beside(const struct packet *p, const struct copy_end *copies, const struct path_drop *d)
{
	const struct path_step *at = &p->steps[d->step];

	for (unsigned c = 0; c < p->n_copies; c++) {
		const struct path_device *device = &p->devices[p->steps[copies[c].queue_step].device];

		if (c != at->copy && is_delivered(p, copies, c) && device->has_netns &&
		    device->netns == p->devices[at->device].netns)
			return true;
	}
	return false;
}

static bool is_loss(const struct path_drop *d)
{
	return !d->harmless && !d->is_delivered;
}

/* Whether the first says more than the second, or came before it. */
static bool says_more(const struct path_drop *a, const struct path_drop *b)
{
	bool a_other = a->reason_name && strcmp(a->reason_name, "OTHERHOST") == 0;
	bool b_other = b->reason_name && strcmp(b->reason_name, "OTHERHOST") == 0;

	return a_other != b_other ? b_other : a->step < b->step;
}

/* Whether the copy's end is not the packet's, if there are others. */
static bool is_beside(const struct packet *p, const struct copy_end *c)
{
	return is_tap(p, c) || c->queue.queue == QUEUE_SENDER || c->last == SIZE_MAX;
}

static bool end_at_drop(struct packet *p, const struct copy_end *copies, bool loss)
{
	const struct path_drop *found = NULL;

	for (unsigned d = 0; d < p->n_drops; d++) {
		const struct path_drop *drop = &p->drops[d];

		if (is_loss(drop) != loss || is_tap(p, &copies[p->steps[drop->step].copy]))
			continue;
		if (!found || says_more(drop, found))
			found = drop;
	}
	if (!found)
		return false;
	p->end = loss ? PACKET_DROPPED : PACKET_FREED;
	p->end_step = found->step;
	p->drop = (unsigned)(found - p->drops);
	return true;
}

static bool end_at_socket(struct packet *p, const struct copy_end *copies)
{
	for (unsigned c = 0; c < p->n_copies; c++) {
		if (!is_delivered(p, copies, c))
			continue;
		p->end = PACKET_DELIVERED;
		p->end_step = copies[c].queue_step;
		return true;
	}
	return false;
}

static bool end_alive(struct packet *p, const struct copy_end *copies, bool beside)
{
	const struct copy_end *found = NULL;

	for (unsigned c = 0; c < p->n_copies; c++) {
		const struct copy_end *copy = &copies[c];

		if (copy->dead || copy->last == SIZE_MAX || (is_beside(p, copy) && !beside))
			continue;
		if (!found || copy->last > found->last)
			found = copy;
	}
	if (!found)
		return false;
	p->end = PACKET_ALIVE;
	p->end_step = found->last;
	p->queue = (enum queue)found->queue.queue;
	return true;
}

/* The last step before the packet was freed. */
static size_t last_doing(const struct packet *p)
{
	for (size_t i = p->n_steps; i-- > 0;)
		if (p->steps[i].stage != STAGE_FREE && p->steps[i].stage != STAGE_DROP)
			return i;
	return p->n_steps ? p->n_steps - 1 : 0;
}

static bool end_consumed(struct packet *p, const struct copy_end *copies)
{
	bool dead = false;

	for (unsigned c = 0; c < p->n_copies; c++)
		dead |= copies[c].dead;
	if (!dead)
		return false;
	p->end = PACKET_CONSUMED;
	p->end_step = last_doing(p);
	return true;
}

void packet_find_end(struct packet *p)
{
	struct copy_end copies[PACKET_COPIES_MAX];

	find_copies(p, copies);
	p->queue = QUEUE_NONE;
	p->drop = 0;
	for (unsigned d = 0; d < p->n_drops; d++)
		p->drops[d].is_delivered |= p->drops[d].of_original && is_delivered_beside(p, copies, &p->drops[d]);
	if (!(p->losses_first && end_at_drop(p, copies, true)) && !end_at_socket(p, copies) &&
	    !end_at_drop(p, copies, true) && !end_alive(p, copies, false) && !end_at_drop(p, copies, false) &&
	    !end_consumed(p, copies) && !end_alive(p, copies, true)) {
		p->end = PACKET_ALIVE;
		p->end_step = last_doing(p);
	}
	p->total_ns = p->n_steps && p->steps[p->end_step].ts_ns > p->steps[0].ts_ns
			      ? p->steps[p->end_step].ts_ns - p->steps[0].ts_ns
			      : 0;
}
