/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/parts.h"
#include "path/death.h"

#define BUCKETS	 4096u
#define SKBS_MAX 16u

struct packet_events {
	struct packet_events *next_in_bucket;
	struct packet_events *newer, *older; /* by last event */
	uint64_t pkt, last_ns;
	struct event **events; /* owned, in the order of arrival */
	size_t n, cap, bytes;
	uint64_t n_before;	 /* events let go */
	uint64_t skbs[SKBS_MAX]; /* alive */
	unsigned n_skbs;
	bool told; /* drops_only: handed over; waits for its last steps */
};

struct held {
	struct held_opts opts;
	struct packet_events *buckets[BUCKETS];
	struct packet_events *newest, *oldest;
	size_t bytes, n_packets;
	struct held_counters counters;
};

bool event_is_loss(const struct event *ev)
{
	const char *name = ev->has_reason ? ev->drop_reason_name : NULL;

	if (ev->source != ST_SRC_KFREE || ev->copy_delivered || event_frees_part(ev))
		return false;
	/* include/net/dropreason-core.h: the first two say that it was used */
	return !name || (strcmp(name, "SKB_CONSUMED") != 0 && strcmp(name, "CONSUMED") != 0 &&
			 strcmp(name, "NOT_DROPPED_YET") != 0);
}

int held_new(const struct held_opts *opts, struct held **ret)
{
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->opts = *opts;
	if (!h->opts.max_bytes)
		h->opts.max_bytes = HELD_BYTES_DEFAULT;
	*ret = h;
	return 0;
}

static struct packet_events **bucket_of(struct held *h, uint64_t pkt)
{
	return &h->buckets[pkt % BUCKETS];
}

static void unlink_age(struct held *h, struct packet_events *p)
{
	*(p->newer ? &p->newer->older : &h->newest) = p->older;
	*(p->older ? &p->older->newer : &h->oldest) = p->newer;
}

static void link_newest(struct held *h, struct packet_events *p)
{
	p->newer = NULL;
	p->older = h->newest;
	*(h->newest ? &h->newest->newer : &h->oldest) = p;
	h->newest = p;
}

static void drop_events(struct held *h, struct packet_events *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->events[i]);
	h->bytes -= p->bytes;
	p->n = p->bytes = 0;
}

static void forget(struct held *h, struct packet_events *p)
{
	struct packet_events **at = bucket_of(h, p->pkt);

	while (*at != p)
		at = &(*at)->next_in_bucket;
	*at = p->next_in_bucket;
	unlink_age(h, p);
	drop_events(h, p);
	h->bytes -= sizeof(*p);
	h->n_packets--;
	free(p->events);
	free(p);
}

void held_free(struct held *h)
{
	if (!h)
		return;
	while (h->oldest)
		forget(h, h->oldest);
	free(h);
}

static struct packet_events *find_or_add(struct held *h, uint64_t pkt)
{
	struct packet_events **at = bucket_of(h, pkt), *p;

	for (p = *at; p; p = p->next_in_bucket)
		if (p->pkt == pkt)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pkt = pkt;
	p->next_in_bucket = *at;
	*at = p;
	link_newest(h, p);
	h->bytes += sizeof(*p);
	h->n_packets++;
	return p;
}

/* Records of several CPUs arrive a little out of order: an insertion sort has hardly anything to do. */
static void sort_by_time(struct packet_events *p)
{
	for (size_t i = 1; i < p->n; i++) {
		struct event *ev = p->events[i];
		size_t at = i;

		for (; at > 0 && p->events[at - 1]->ts_ns > ev->ts_ns; at--)
			p->events[at] = p->events[at - 1];
		p->events[at] = ev;
	}
}

static int hand_over(struct held *h, struct packet_events *p)
{
	if (!p->n)
		return 0;
	sort_by_time(p);
	h->counters.packets++;
	return h->opts.on_packet(h->opts.ctx, (const struct event *const *)p->events, p->n, p->n_before);
}

static int by_pkt(const void *a, const void *b)
{
	uint64_t x = (*(struct packet_events *const *)a)->pkt, y = (*(struct packet_events *const *)b)->pkt;

	return (x > y) - (x < y);
}

int held_flush(struct held *h)
{
	_cleanup_free_ struct packet_events **all = calloc(h->n_packets + 1, sizeof(struct packet_events *));
	size_t n = 0;
	int r = 0;

	if (!all)
		return -ENOMEM;
	for (struct packet_events *p = h->oldest; p; p = p->newer)
		all[n++] = p;
	qsort(all, n, sizeof(struct packet_events *), by_pkt);
	for (size_t i = 0; i < n; i++) {
		if (r >= 0 && !h->opts.drops_only)
			r = hand_over(h, all[i]);
		forget(h, all[i]);
	}
	return r;
}

static int make_room(struct held *h)
{
	int r = 0;

	if (h->bytes > h->opts.max_bytes && h->opts.all_at_once) {
		h->counters.early += h->n_packets;
		return held_flush(h);
	}
	while (r >= 0 && h->bytes > h->opts.max_bytes && h->oldest != h->newest) {
		struct packet_events *p = h->oldest;

		if (h->opts.drops_only) {
			h->counters.forgotten += !p->told;
		} else {
			h->counters.early++;
			r = hand_over(h, p);
		}
		forget(h, p);
	}
	return r;
}

static void note_skb(struct packet_events *p, const struct event *ev)
{
	bool over = ev->source == ST_SRC_KFREE || (event_death(ev).certain && event_death(ev).step >= DEATH_DECIDED);

	for (unsigned i = 0; i < p->n_skbs; i++) {
		if (p->skbs[i] != ev->skb)
			continue;
		if (over)
			p->skbs[i] = p->skbs[--p->n_skbs];
		return;
	}
	/* a chain that drops has freed it when it ends */
	if (!over && !event_ends_chain(ev) && p->n_skbs < SKBS_MAX)
		p->skbs[p->n_skbs++] = ev->skb;
}

static int keep(struct held *h, struct packet_events *p, const struct event *ev)
{
	struct event *copy;

	if (p->n == HELD_EVENTS_MAX) {
		size_t bytes = event_copy_bytes(p->events[0]);

		free(p->events[0]);
		p->n--;
		memmove(p->events, p->events + 1, p->n * sizeof(struct event *));
		p->bytes -= bytes;
		h->bytes -= bytes;
		p->n_before++;
		h->counters.lost_events++;
	}
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		struct event **v = reallocarray(p->events, cap, sizeof(struct event *));

		if (!v)
			return -ENOMEM;
		p->events = v;
		p->cap = cap;
	}
	copy = event_copy(ev);
	if (!copy)
		return -ENOMEM;
	p->events[p->n++] = copy;
	p->bytes += event_copy_bytes(copy);
	h->bytes += event_copy_bytes(copy);
	return 0;
}

/* With drops_only: what this event means for its packet. */
static int judge(struct held *h, struct packet_events *p, const struct event *ev)
{
	int r = 0;

	if (event_is_loss(ev)) {
		r = hand_over(h, p);
		drop_events(h, p);
		p->told = true;
	}
	if (!p->n_skbs)
		forget(h, p);
	return r;
}

int held_add(struct held *h, const struct event *ev)
{
	struct packet_events *p;
	int r;

	if (!ev->pkt)
		return !h->opts.drops_only || event_is_loss(ev) ? h->opts.on_packet(h->opts.ctx, &ev, 1, 0) : 0;
	p = find_or_add(h, ev->pkt);
	if (!p)
		return -ENOMEM;
	unlink_age(h, p);
	link_newest(h, p);
	p->last_ns = ev->ts_ns;
	note_skb(p, ev);
	/* after a drop only its last steps follow, and a copy that lives on has its path begun anew */
	r = p->told && !event_is_loss(ev) && event_death(ev).step != DEATH_NONE ? 0 : keep(h, p, ev);
	if (r >= 0 && h->opts.drops_only)
		r = judge(h, p, ev);
	return r < 0 ? r : make_room(h);
}

int held_expire(struct held *h, uint64_t now_ns)
{
	int r = 0;

	while (r >= 0 && h->opts.idle_ns && h->oldest && h->oldest->last_ns + h->opts.idle_ns < now_ns) {
		struct packet_events *p = h->oldest;

		if (!h->opts.drops_only)
			r = hand_over(h, p);
		forget(h, p);
	}
	return r;
}

void held_counters(const struct held *h, struct held_counters *ret)
{
	*ret = h->counters;
}
