/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/packet_view.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "path/packets.h"
#include "path/trace_summary.h"
#include "render/path/diagram.h"
#include "render/path/summary.h"
#include "sink/note.h"
#include "sink/terminal.h"

#define WRITE_BYTES (64u << 10)

struct packet_view {
	struct packet_view_opts opts;
	struct path_format format;
	struct packets *packets;       /* owned */
	struct trace_summary *summary; /* owned; NULL: none wanted */
};

static int on_packet(void *ctx, const struct packet *p)
{
	struct packet_view *v = ctx;
	const struct trace_options *o = v->opts.options;
	int r = v->summary ? trace_summary_add(v->summary, p) : 0;

	if (r < 0)
		return r;
	if ((o->path || o->diagram) && o->json)
		path_json(p, v->opts.out);
	else if (o->diagram)
		path_diagram(&v->format, p, v->opts.out);
	else if (o->path)
		path_text(&v->format, p, v->opts.out);
	return v->opts.out->buf.len < WRITE_BYTES ? 0 : v->opts.flush(v->opts.ctx);
}

int packet_view_add(struct packet_view *v, const struct event *ev)
{
	return packets_add(v->packets, ev);
}

int packet_view_expire(struct packet_view *v, uint64_t now_ns)
{
	return packets_expire(v->packets, now_ns);
}

int packet_view_end(struct packet_view *v)
{
	int r = packets_flush(v->packets);

	if (r < 0 || !v->summary)
		return r;
	if (v->opts.options->json)
		summary_json(v->summary, v->opts.out);
	else
		summary_text(&v->format, v->summary, v->opts.out);
	return 0;
}

void packet_view_note(const struct packet_view *v, struct out *o)
{
	struct packets_counters c;

	packets_counters(v->packets, &c);
	note_count(o, c.no_packet, "events belong to no packet and are not in the paths");
	note_count(o, c.lost_steps, "events of packets that had too many of them are not in the paths");
	note_count(o, c.early, "packets were shown before they were known to be over, for want of room");
	note_count(o, c.forgotten_flows, "flows were forgotten for want of room: their later packets count as others");
}

int packet_view_new(const struct packet_view_opts *opts, struct packet_view **ret)
{
	_cleanup_(packet_view_freep) struct packet_view *v = calloc(1, sizeof(*v));
	struct packets_opts packets = {.on_packet = on_packet, .ctx = v, .idle_ns = PACKETS_IDLE_NS};
	int r;

	if (!v)
		return -ENOMEM;
	v->opts = *opts;
	v->format = (struct path_format){.owner = opts->owner,
					 .owner_ctx = opts->owner_ctx,
					 .color = opts->color,
					 .utf8 = terminal_is_utf8(),
					 .width = terminal_width(STDOUT_FILENO)};
	packets.losses_first = opts->options->output.drops;
	r = packets_new(&packets, &v->packets);
	if (r >= 0 && opts->options->summary)
		r = trace_summary_new(&v->summary);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(v);
	return 0;
}

void packet_view_free(struct packet_view *v)
{
	if (!v)
		return;
	packets_free(v->packets);
	trace_summary_free(v->summary);
	free(v);
}
