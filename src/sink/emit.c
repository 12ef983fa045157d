/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/emit.h"

#include <errno.h>
#include <stdlib.h>

#include "event/parts.h"
#include "path/delivery.h"
#include "path/packet_buffer.h"
#include "sink/note.h"

#define IDLE_NS UINT64_C(1000000000) /* a packet to which nothing happened for so long has ended */

struct emit {
	struct emit_opts opts;
	struct deliveries *deliveries;
	struct packet_buffer *buffer; /* NULL: events are put at once */
	uint64_t lines, drops;
	uint64_t packets, last_pkt, last_ns; /* for --stop-after: packets so far, the newest one, the latest event */
	bool enough;			     /* emit_event() does nothing any more */
	bool closed;			     /* nothing is put any more either */
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
	struct packet_buffer_opts buffer = {.drops_only = o->drops, .on_packet = on_packet, .ctx = e};
	int r;

	if (!e)
		return -ENOMEM;
	e->opts = *opts;
	buffer.all_at_once = o->sort && !o->drops;
	buffer.idle_ns = o->group && !o->sort && !o->drops ? IDLE_NS : 0;
	r = deliveries_new(&e->deliveries);
	if (r >= 0 && (o->drops || o->sort || o->group))
		r = packet_buffer_new(&buffer, &e->buffer);
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
	packet_buffer_free(e->buffer);
	free(e);
}

/* Whether the event belongs to one of the first packets that --stop-after asks for. Packets are numbered in the order
 * of their first events. */
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
	deliveries_note(e->deliveries, &copy);
	if (!admit(e, ev))
		return 0;
	return e->buffer ? packet_buffer_add(e->buffer, &copy) : put(e, &copy);
}

int emit_tick(struct emit *e, uint64_t now_ns)
{
	const struct output_options *o = e->opts.output;
	int r = e->buffer ? packet_buffer_expire(e->buffer, now_ns) : 0;

	if (o->stop_after && !o->drops && e->packets == o->stop_after && e->last_ns + IDLE_NS < now_ns)
		e->enough = true;
	return r;
}

int emit_end(struct emit *e)
{
	int r = e->buffer ? packet_buffer_flush(e->buffer) : 0;

	e->closed = true;
	return r;
}

bool emit_enough(const struct emit *e)
{
	return e->enough || e->closed;
}

void emit_note(const struct emit *e, struct out *o)
{
	struct packet_buffer_counters c;

	if (!e->buffer)
		return;
	if (e->opts.output->drops && !e->drops && !e->opts.info)
		out_str(o, "skbtrail: --drops: no packet died\n");
	packet_buffer_counters(e->buffer, &c);
	note_count(o, c.forgotten, "packets were forgotten for want of room before their end was seen");
	note_count(o, c.early, "packets were shown before they were known to be over, for want of room");
	note_count(o, c.lost_events, "events of packets that had too many are not shown");
}
