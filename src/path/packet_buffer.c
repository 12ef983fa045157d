/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/packet_buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "event/parts.h"
#include "path/death.h"

#define BUCKETS	 4096u
#define SKBS_MAX 16u

struct packet_events {
	struct packet_events *next_in_bucket;
	struct packet_events *newer, *older; /* in the order of their last events */
	uint64_t pkt, last_ns;
	struct event **events; /* owned; in the order of arrival */
	size_t n, bytes;
	uint64_t n_before;	 /* events removed */
	uint64_t skbs[SKBS_MAX]; /* alive */
	unsigned n_skbs;
	bool told; /* with drops_only: it was handed over, and its last steps may follow */
};

struct packet_buffer {
	struct packet_buffer_opts opts;
	struct packet_events *buckets[BUCKETS];
	struct packet_events *newest, *oldest;
	size_t bytes, n_packets;
	struct packet_buffer_counters counters;
};

int packet_buffer_new(const struct packet_buffer_opts *opts, struct packet_buffer **ret)
{
	struct packet_buffer *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->opts = *opts;
	if (!b->opts.max_bytes)
		b->opts.max_bytes = PACKET_BUFFER_BYTES_DEFAULT;
	*ret = b;
	return 0;
}

static struct packet_events **bucket_of(struct packet_buffer *b, uint64_t pkt)
{
	return &b->buckets[pkt % BUCKETS];
}

static void unlink_age(struct packet_buffer *b, struct packet_events *p)
{
	*(p->newer ? &p->newer->older : &b->newest) = p->older;
	*(p->older ? &p->older->newer : &b->oldest) = p->newer;
}

static void link_newest(struct packet_buffer *b, struct packet_events *p)
{
	p->newer = NULL;
	p->older = b->newest;
	*(b->newest ? &b->newest->newer : &b->oldest) = p;
	b->newest = p;
}

static void drop_events(struct packet_buffer *b, struct packet_events *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->events[i]);
	b->bytes -= p->bytes;
	p->n = p->bytes = 0;
}

static void forget(struct packet_buffer *b, struct packet_events *p)
{
	struct packet_events **at = bucket_of(b, p->pkt);

	while (*at != p)
		at = &(*at)->next_in_bucket;
	*at = p->next_in_bucket;
	unlink_age(b, p);
	drop_events(b, p);
	b->bytes -= sizeof(*p);
	b->n_packets--;
	free(p->events);
	free(p);
}

void packet_buffer_free(struct packet_buffer *b)
{
	if (!b)
		return;
	while (b->oldest)
		forget(b, b->oldest);
	free(b);
}

static struct packet_events *find_or_add(struct packet_buffer *b, uint64_t pkt)
{
	struct packet_events **at = bucket_of(b, pkt), *p;

	for (p = *at; p; p = p->next_in_bucket)
		if (p->pkt == pkt)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pkt = pkt;
	p->next_in_bucket = *at;
	*at = p;
	link_newest(b, p);
	b->bytes += sizeof(*p);
	b->n_packets++;
	return p;
}

/* Records of several CPUs arrive almost in order, so an insertion sort has little to do. */
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

static int hand_over(struct packet_buffer *b, struct packet_events *p)
{
	if (!p->n)
		return 0;
	sort_by_time(p);
	b->counters.packets++;
	return b->opts.on_packet(b->opts.ctx, (const struct event *const *)p->events, p->n, p->n_before);
}

static int by_pkt(const void *a, const void *b)
{
	uint64_t x = (*(struct packet_events *const *)a)->pkt, y = (*(struct packet_events *const *)b)->pkt;

	return (x > y) - (x < y);
}

int packet_buffer_flush(struct packet_buffer *b)
{
	_cleanup_free_ struct packet_events **all = calloc(b->n_packets + 1, sizeof(struct packet_events *));
	size_t n = 0;
	int r = 0;

	if (!all)
		return -ENOMEM;
	for (struct packet_events *p = b->oldest; p; p = p->newer)
		all[n++] = p;
	qsort(all, n, sizeof(struct packet_events *), by_pkt);
	for (size_t i = 0; i < n; i++) {
		if (r >= 0 && !b->opts.drops_only)
			r = hand_over(b, all[i]);
		forget(b, all[i]);
	}
	return r;
}

static int make_room(struct packet_buffer *b)
{
	int r = 0;

	if (b->bytes > b->opts.max_bytes && b->opts.all_at_once) {
		b->counters.early += b->n_packets;
		return packet_buffer_flush(b);
	}
	while (r >= 0 && b->bytes > b->opts.max_bytes && b->oldest != b->newest) {
		struct packet_events *p = b->oldest;

		if (b->opts.drops_only) {
			b->counters.forgotten += !p->told;
		} else {
			b->counters.early++;
			r = hand_over(b, p);
		}
		forget(b, p);
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
	/* an event at the end of a chain does not show that the skb is alive: the chain may have freed it */
	if (!over && !event_ends_chain(ev) && p->n_skbs < SKBS_MAX)
		p->skbs[p->n_skbs++] = ev->skb;
}

static int keep(struct packet_buffer *b, struct packet_events *p, const struct event *ev)
{
	struct event *copy;

	if (p->n == PACKET_BUFFER_EVENTS_MAX) {
		size_t bytes = event_copy_bytes(p->events[0]);

		free(p->events[0]);
		p->n--;
		memmove(p->events, p->events + 1, p->n * sizeof(struct event *));
		p->bytes -= bytes;
		b->bytes -= bytes;
		p->n_before++;
		b->counters.lost_events++;
	}
	if (ARRAY_GROW(p->events, p->n) < 0)
		return -ENOMEM;
	copy = event_copy(ev);
	if (!copy)
		return -ENOMEM;
	p->events[p->n++] = copy;
	p->bytes += event_copy_bytes(copy);
	b->bytes += event_copy_bytes(copy);
	return 0;
}

/* With drops_only: hands the packet over if the event is a loss, and forgets it if it has ended. */
static int judge(struct packet_buffer *b, struct packet_events *p, const struct event *ev)
{
	int r = 0;

	if (event_is_loss(ev)) {
		r = hand_over(b, p);
		drop_events(b, p);
		p->told = true;
	}
	if (!p->n_skbs)
		forget(b, p);
	return r;
}

int packet_buffer_add(struct packet_buffer *b, const struct event *ev)
{
	struct packet_events *p;
	int r;

	if (!ev->pkt)
		return !b->opts.drops_only || event_is_loss(ev) ? b->opts.on_packet(b->opts.ctx, &ev, 1, 0) : 0;
	p = find_or_add(b, ev->pkt);
	if (!p)
		return -ENOMEM;
	unlink_age(b, p);
	link_newest(b, p);
	p->last_ns = ev->ts_ns;
	note_skb(p, ev);
	/* after a drop its last steps follow, which are not kept; a copy that lives on begins a new path */
	r = p->told && !event_is_loss(ev) && event_death(ev).step != DEATH_NONE ? 0 : keep(b, p, ev);
	if (r >= 0 && b->opts.drops_only)
		r = judge(b, p, ev);
	return r < 0 ? r : make_room(b);
}

int packet_buffer_expire(struct packet_buffer *b, uint64_t now_ns)
{
	int r = 0;

	while (r >= 0 && b->opts.idle_ns && b->oldest && b->oldest->last_ns + b->opts.idle_ns < now_ns) {
		struct packet_events *p = b->oldest;

		if (!b->opts.drops_only)
			r = hand_over(b, p);
		forget(b, p);
	}
	return r;
}

void packet_buffer_counters(const struct packet_buffer *b, struct packet_buffer_counters *ret)
{
	*ret = b->counters;
}
