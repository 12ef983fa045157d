/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/path_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/parse.h"
#include "path/packets.h"
#include "path/summary.h"
#include "render/path_wide.h"
#include "render/summary.h"

#define WRITE_BYTES (64u << 10)

struct path_view {
	struct path_view_opts opts;
	struct path_format format;
	struct packets *packets; /* owned */
	struct summary *summary; /* owned; NULL: none wanted */
};

bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return strcasestr(v, "UTF-8") || strcasestr(v, "UTF8");
	}
	return false;
}

unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t v;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return columns && parse_u64(columns, UINT16_MAX, &v) == 0 ? (unsigned)v : 0;
}

static int on_packet(void *ctx, const struct packet *p)
{
	struct path_view *v = ctx;
	int r = v->summary ? summary_add(v->summary, p) : 0;

	if (r < 0)
		return r;
	if ((v->opts.path || v->opts.wide) && v->opts.json)
		path_json(p, v->opts.out);
	else if (v->opts.wide)
		path_wide(&v->format, p, v->opts.out);
	else if (v->opts.path)
		path_text(&v->format, p, v->opts.out);
	return v->opts.out->buf.len < WRITE_BYTES ? 0 : v->opts.flush(v->opts.ctx);
}

int path_view_add(struct path_view *v, const struct event *ev)
{
	return packets_add(v->packets, ev);
}

int path_view_expire(struct path_view *v, uint64_t now_ns)
{
	return packets_expire(v->packets, now_ns);
}

int path_view_end(struct path_view *v)
{
	int r = packets_flush(v->packets);

	if (r < 0 || !v->summary)
		return r;
	if (v->opts.json)
		summary_json(v->summary, v->opts.out);
	else
		summary_text(&v->format, v->summary, v->opts.out);
	return 0;
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

void path_view_note(const struct path_view *v, struct out *o)
{
	struct packets_counters c;

	packets_counters(v->packets, &c);
	note(o, c.no_packet, "events belong to no packet and are not in the paths");
	note(o, c.lost_steps, "events of packets that had too many of them are not in the paths");
	note(o, c.early, "packets were shown before they were known to be over, for want of room");
	note(o, c.forgotten_flows, "flows were forgotten for want of room: their later packets count as others");
}

int path_view_new(const struct path_view_opts *opts, struct path_view **ret)
{
	_cleanup_(path_view_freep) struct path_view *v = calloc(1, sizeof(*v));
	struct packets_opts packets = {.on_packet = on_packet, .ctx = v, .idle_ns = opts->live ? PACKETS_IDLE_NS : 0};
	int r;

	if (!v)
		return -ENOMEM;
	v->opts = *opts;
	v->format = (struct path_format){
		.color = opts->color, .utf8 = locale_is_utf8(), .width = terminal_width(STDOUT_FILENO)};
	r = packets_new(&packets, &v->packets);
	if (r >= 0 && opts->summary)
		r = summary_new(&v->summary);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(v);
	return 0;
}

void path_view_free(struct path_view *v)
{
	if (!v)
		return;
	packets_free(v->packets);
	summary_free(v->summary);
	free(v);
}
