/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/emit.h"

#include <errno.h>
#include <stdlib.h>

#include "event/parts.h"
#include "path/delivery.h"
#include "path/held.h"

#define IDLE_NS UINT64_C(1000000000) /* a packet is over when nothing happened to it for so long */

struct emit {
	struct emit_opts opts;
	struct deliveries *deliveries;
	struct held *held; /* NULL: events are shown as they come */
	uint64_t lines, drops;
	uint64_t packets, last_pkt, last_ns; /* --stop-after packets: how many, the newest, its latest event */
	bool enough;			     /* nothing new is taken */
	bool closed;			     /* and nothing is put */
};

static int put(struct emit *e, const struct event *ev)
{
	const struct output_options *o = e->opts.output;
	int r;

	if (e->closed)
		return 0;
	r = e->opts.put(e->opts.ctx, ev);
	e->closed = o->limit_lines && ++e->lines >= o->limit_lines;
	return r;
}

static int on_packet(void *ctx, const struct event *const *events, size_t n, uint64_t n_before _unused_)
{
	struct emit *e = ctx;
	const struct output_options *o = e->opts.output;
	int r = 0;

	if (e->closed)
		return 0;
	if (o->group)
		e->opts.block(e->opts.ctx, events[0]);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = put(e, events[i]);
	if (o->group)
		e->opts.block(e->opts.ctx, NULL);
	e->drops++;
	if (o->drops && o->stop_after && e->drops >= o->stop_after)
		e->closed = true;
	return r;
}

int emit_new(const struct emit_opts *opts, struct emit **ret)
{
	_cleanup_(emit_freep) struct emit *e = calloc(1, sizeof(*e));
	const struct output_options *o = opts->output;
	struct held_opts held = {.drops_only = o->drops, .on_packet = on_packet, .ctx = e};
	int r;

	if (!e)
		return -ENOMEM;
	e->opts = *opts;
	held.all_at_once = o->sort && !o->drops;
	held.idle_ns = opts->live && o->group && !o->sort && !o->drops ? IDLE_NS : 0;
	r = deliveries_new(&e->deliveries);
	if (r >= 0 && (o->drops || o->sort || o->group))
		r = held_new(&held, &e->held);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

void emit_free(struct emit *e)
{
	if (!e)
		return;
	deliveries_free(e->deliveries);
	held_free(e->held);
	free(e);
}

/* Whether the event is one of the first packets', which come in the order of their numbers. */
static bool admit(struct emit *e, const struct event *ev)
{
	uint64_t most = e->opts.output->drops ? 0 : e->opts.output->stop_after;

	if (!most || !ev->pkt)
		return true;
	if (ev->pkt > e->last_pkt) {
		if (e->packets == most)
			return false;
		e->packets++;
		e->last_pkt = ev->pkt;
	}
	e->last_ns = ev->ts_ns;
	return true;
}

int emit_event(struct emit *e, const struct event *ev)
{
	struct event copy = *ev;

	if (emit_enough(e))
		return 0;
	copy.copy_delivered = deliveries_note(e->deliveries, ev);
	if (!admit(e, ev))
		return 0;
	return e->held ? held_add(e->held, &copy) : put(e, &copy);
}

int emit_tick(struct emit *e, uint64_t now_ns)
{
	const struct output_options *o = e->opts.output;
	int r = e->held ? held_expire(e->held, now_ns) : 0;

	if (o->stop_after && !o->drops && e->packets == o->stop_after && e->last_ns + IDLE_NS < now_ns)
		e->enough = true;
	return r;
}

int emit_end(struct emit *e)
{
	int r = e->held ? held_flush(e->held) : 0;

	e->closed = true;
	return r;
}

bool emit_enough(const struct emit *e)
{
	return e->enough || e->closed;
}

static void note(struct out *o, uint64_t n, const char *what)
{
	if (!n)
		return;
	out_str(o, "skbtrail: ");
	out_u64(o, n);
	out_char(o, ' ');
	out_str(o, what);
	out_char(o, '\n');
}

void emit_note(const struct emit *e, struct out *o)
{
	struct held_counters c;

	if (!e->held)
		return;
	held_counters(e->held, &c);
	note(o, c.forgotten, "packets were forgotten for want of room before their end was seen");
	note(o, c.early, "packets were shown before they were known to be over, for want of room");
	note(o, c.lost_events, "events of packets that had too many are not shown");
}
