/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * Each hop is first written to a struct out of its own, as lines of the same number of columns. A row has as many of
 * these boxes as fit. It is written line by line, from one line of each box; a box that has ended is filled with
 * blanks.
 */
#include "render/path/diagram.h"

#define WIDTH_DEFAULT 100
#define WIDTH_MIN     20
#define BOXES_MAX     8 /* side by side */
#define ARROW_EXTRA   4 /* "─" + label + "─▶" and a blank */
#define TIME_COLUMNS  8 /* "31.0 µs" and a mark */
#define ARROW_LINE    2 /* of the box: the first one with a stage */

struct glyphs {
	const char *horizontal, *vertical, *top_left, *top_right, *bottom_left, *bottom_right, *arrow, *mark, *turn;
};

static const struct glyphs utf8_glyphs = {"─", "│", "┌", "┐", "└", "┘", "▶", "◀", "↳ "};
static const struct glyphs ascii_glyphs = {"-", "|", "+", "+", "+", "+", ">", "<", "-> "};

struct diagram_box {
	struct out text; /* owned */
	size_t width;	 /* columns, borders included */
	unsigned lines;
	const char *label; /* of the arrow into it */
	size_t arrow_width;
};

static void repeat(struct out *o, const char *s, size_t n)
{
	while (n-- > 0)
		out_str(o, s);
}

static bool shown(const struct packet *p, size_t run)
{
	return p->runs[run].stage != STAGE_FREE;
}

static size_t hop_columns(const struct packet *p, const struct path_hop *hop, struct out *scratch)
{
	size_t widest = 0, n;

	out_clear(scratch);
	path_device_text(&p->devices[hop->device], scratch);
	widest = out_columns(scratch->buf.data, scratch->buf.len);
	for (size_t i = hop->first; i < hop->first + hop->count; i++) {
		if (!shown(p, i))
			continue;
		out_clear(scratch);
		path_run_name(p, &p->runs[i], scratch);
		n = out_columns(scratch->buf.data, scratch->buf.len) + 2 + TIME_COLUMNS;
		if (n > widest)
			widest = n;
	}
	return widest;
}

static void border(const struct glyphs *g, bool top, size_t inside, struct out *o)
{
	out_str(o, top ? g->top_left : g->bottom_left);
	repeat(o, g->horizontal, inside + 2);
	out_str(o, top ? g->top_right : g->bottom_right);
	out_char(o, '\n');
}

static void line_begin(const struct glyphs *g, struct out *o)
{
	out_str(o, g->vertical);
	out_char(o, ' ');
}

/* start: o->buf.len before the text between the borders. */
static void line_end(const struct glyphs *g, size_t start, size_t inside, struct out *o)
{
	out_pad(o, start, inside);
	out_char(o, ' ');
	out_str(o, g->vertical);
	out_char(o, '\n');
}

static void run_text(const struct path_format *f, const struct glyphs *g, const struct packet *p, size_t run,
		     size_t inside, struct out *o)
{
	size_t start = o->buf.len;

	path_run_name(p, &p->runs[run], o);
	out_pad(o, start, inside - TIME_COLUMNS);
	path_duration(p->runs[run].duration_ns, f->utf8, o);
	if (p->has_wait && p->wait_run == run) {
		out_pad(o, start, inside - 1);
		out_str(o, g->mark);
	}
	line_end(g, start, inside, o);
}

static void box_make(const struct path_format *f, const struct glyphs *g, const struct packet *p,
		     const struct path_hop *hop, struct diagram_box *ret)
{
	size_t inside = hop_columns(p, hop, &ret->text), start;

	out_clear(&ret->text);
	ret->width = inside + 4;
	ret->lines = 3;
	ret->label = transition_name(hop->into);
	ret->arrow_width = hop->into == TRANSITION_NONE ? 0 : strlen(ret->label) + ARROW_EXTRA;
	border(g, true, inside, &ret->text);
	line_begin(g, &ret->text);
	start = ret->text.buf.len;
	path_device_text(&p->devices[hop->device], &ret->text);
	line_end(g, start, inside, &ret->text);
	for (size_t i = hop->first; i < hop->first + hop->count; i++) {
		if (!shown(p, i))
			continue;
		line_begin(g, &ret->text);
		run_text(f, g, p, i, inside, &ret->text);
		ret->lines++;
	}
	border(g, false, inside, &ret->text);
}

/* Appends the box's line at *at without its newline, and advances *at; appends blanks if the box has ended. */
static void box_line(const struct diagram_box *b, size_t *at, struct out *o)
{
	const char *s = b->text.buf.data + *at, *end;

	o->failed |= b->text.failed;
	if (*at >= b->text.buf.len) {
		repeat(o, " ", b->width);
		return;
	}
	end = memchr(s, '\n', b->text.buf.len - *at);
	if (!end)
		return;
	out_mem(o, s, (size_t)(end - s));
	*at += (size_t)(end - s) + 1;
}

static void arrow(const struct glyphs *g, const struct diagram_box *b, bool here, struct out *o)
{
	if (!here) {
		repeat(o, " ", b->arrow_width);
		return;
	}
	out_char(o, ' ');
	out_str(o, g->horizontal);
	out_str(o, b->label);
	out_str(o, g->horizontal);
	out_str(o, g->arrow);
}

static void row(const struct glyphs *g, const struct diagram_box *boxes, size_t n, struct out *o)
{
	size_t at[BOXES_MAX] = {0};
	unsigned lines = 0;

	if (boxes[0].arrow_width) {
		out_str(o, g->turn);
		out_str(o, boxes[0].label);
		out_char(o, '\n');
	}
	for (size_t i = 0; i < n; i++)
		if (boxes[i].lines > lines)
			lines = boxes[i].lines;
	for (unsigned line = 0; line < lines; line++) {
		for (size_t i = 0; i < n; i++) {
			if (i)
				arrow(g, &boxes[i], line == ARROW_LINE, o);
			box_line(&boxes[i], &at[i], o);
		}
		while (o->buf.len && o->buf.data[o->buf.len - 1] == ' ')
			o->buf.len--;
		out_char(o, '\n');
	}
}

/* A hop that has only frees gets no box. */
static bool hop_shown(const struct packet *p, const struct path_hop *hop)
{
	for (size_t i = hop->first; i < hop->first + hop->count; i++)
		if (shown(p, i))
			return true;
	return false;
}

static void rows(const struct path_format *f, const struct packet *p, struct out *o)
{
	const struct glyphs *g = f->utf8 ? &utf8_glyphs : &ascii_glyphs;
	size_t width = f->width ? f->width : WIDTH_DEFAULT, used = 0, n = 0;
	struct diagram_box boxes[BOXES_MAX] = {0};

	if (width < WIDTH_MIN)
		width = WIDTH_MIN;
	for (size_t h = 0; h < p->n_hops; h++) {
		struct diagram_box box = {0};
		size_t more;

		if (!hop_shown(p, &p->hops[h]))
			continue;
		box_make(f, g, p, &p->hops[h], &box);
		more = box.width + (n ? box.arrow_width : 0);
		if (n == BOXES_MAX || (n && used + more > width)) {
			row(g, boxes, n, o);
			for (size_t i = 0; i < n; i++)
				out_free(&boxes[i].text);
			n = used = 0;
			more = box.width;
		}
		o->failed |= box.text.failed;
		boxes[n++] = box;
		used += more;
	}
	if (n)
		row(g, boxes, n, o);
	for (size_t i = 0; i < n; i++)
		out_free(&boxes[i].text);
}

void path_diagram(const struct path_format *f, const struct packet *p, struct out *o)
{
	path_header(f, p, o);
	rows(f, p, o);
	path_end(f, p, o);
	out_char(o, '\n');
}
