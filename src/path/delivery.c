/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/delivery.h"

#include <errno.h>
#include <stdlib.h>

#include "path/death.h"
#include "path/free_meaning.h"
#include "path/queues.h"

#define PACKETS 4096u /* packets are numbered in order, so this many are remembered */
#define COPIES	4u    /* of one packet; of further ones the oldest is forgotten */

/* One skb of a packet. */
struct copy_state {
	uint64_t skb;	   /* 0: none */
	const char *after; /* the last function that did something with it; NULL: none */
	uint32_t netns;	   /* valid with has_netns: where it was seen last */
	bool has_netns, over;
	uint8_t marks; /* bits of enum free_mark */
};

struct packet_state {
	uint64_t pkt; /* 0: none */
	struct copy_state copies[COPIES];
	bool tapped;   /* a packet socket saw it */
	unsigned next; /* the copy to be forgotten */
};

struct deliveries {
	struct func_tables *tables;
	struct packet_state packets[PACKETS];
};

int deliveries_new(struct deliveries **ret)
{
	_cleanup_(deliveries_freep) struct deliveries *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	r = func_tables_new(&d->tables);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(d);
	return 0;
}

void deliveries_free(struct deliveries *d)
{
	if (!d)
		return;
	func_tables_free(d->tables);
	free(d);
}

static struct packet_state *packet_of(struct deliveries *d, uint64_t pkt)
{
	struct packet_state *p = &d->packets[pkt % PACKETS];

	if (p->pkt != pkt)
		*p = (struct packet_state){.pkt = pkt};
	return p;
}

/* Of the event's skb. An skb that was freed is another copy when something is done with it again. */
static struct copy_state *copy_of(struct packet_state *p, const struct event *ev, bool dying)
{
	struct copy_state *c = NULL;

	for (unsigned i = 0; i < COPIES && !c; i++)
		if (p->copies[i].skb == ev->skb)
			c = &p->copies[i];
	if (c && (!c->over || dying))
		return c;
	if (!c)
		c = &p->copies[p->next++ % COPIES];
	*c = (struct copy_state){.skb = ev->skb};
	return c;
}

static bool taken_beside(const struct packet_state *p, const struct copy_state *dropped)
{
	for (unsigned i = 0; i < COPIES; i++) {
		const struct copy_state *c = &p->copies[i];

		if (c != dropped && c->skb && (c->marks & FREE_SOCKET_QUEUE) && c->has_netns && dropped->has_netns &&
		    c->netns == dropped->netns)
			return true;
	}
	return false;
}

static void note_free(const struct packet_state *p, struct copy_state *c, struct event *ev, bool dies)
{
	if (event_is_drop(ev)) {
		/* a clone that was never seen before is a packet socket's */
		ev->harmless = free_is_harmless(ev, c->marks | (!c->after && p->tapped ? FREE_SOCKET_QUEUE : 0));
		ev->copy_delivered = free_is_of_original(ev) && taken_beside(p, c);
		c->marks = 0;
	} else if (!c->over) {
		ev->lost = free_is_loss(ev, c->after);
	}
	c->over |= dies || ev->lost;
}

bool deliveries_want_func(const struct deliveries *d, const char *func)
{
	struct func_facts facts = func_tables_find(d->tables, func);

	return facts.queue == QUEUE_SOCKET || facts.queue == QUEUE_TAP || facts.marks || facts.stage == STAGE_FREE;
}

void deliveries_note(struct deliveries *d, struct event *ev)
{
	struct func_facts facts = func_tables_find(d->tables, ev->func);
	bool told = ev->source == ST_SRC_KFREE, dies = told || event_death(ev).certain;
	struct copy_state *c;

	if (ev->fate_told || !ev->pkt || !ev->skb || event_is_on_behalf(ev) || event_ends_chain(ev))
		return;
	c = copy_of(packet_of(d, ev->pkt), ev, dies || event_death(ev).step != DEATH_NONE);
	if (ev->has_netns) {
		c->netns = ev->netns;
		c->has_netns = true;
	}
	if (dies || facts.stage == STAGE_FREE) {
		note_free(packet_of(d, ev->pkt), c, ev, dies);
		return;
	}
	packet_of(d, ev->pkt)->tapped |= facts.queue == QUEUE_TAP;
	c->marks |= facts.marks | (facts.queue == QUEUE_SOCKET ? FREE_SOCKET_QUEUE : 0);
	if (facts.stage != STAGE_WITHIN && facts.stage != STAGE_DROP && facts.stage != STAGE_COPY)
		c->after = ev->func;
}
