/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/svg.h"

#include "render/event/lost_events.h"
#include "render/out/escape.h"
#include "render/out/xml.h"
#include "render/path/path_text.h"

#define MARGIN	   24u
#define LINE	   20u
#define PACKET_GAP 34u
#define LINE_CHARS 150u /* of a line of text */
#define WIDTH_MIN  900u
#define CHAR_WIDTH 8u

/* Bytes of the text that fit one line. It is broken at a blank, or within a word that is longer than a line. */
static size_t line_length(const char *s, size_t len)
{
	size_t blank = 0, i;
	unsigned chars = 0;

	for (i = 0; i < len && chars <= LINE_CHARS; i++) {
		if (s[i] == '\n')
			return i;
		if (s[i] == ' ' && i)
			blank = i;
		chars += ((unsigned char)s[i] & 0xc0) != 0x80;
	}
	if (chars <= LINE_CHARS)
		return i;
	while (i > 1 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	return blank ? blank : i - 1;
}

/* Writes each line of plain text as an element. Advances *y, widens *width. */
static void lines(struct out *o, const char *class, const struct out *text, unsigned *y, unsigned *width)
{
	const char *s = text->buf.data;
	size_t left = text->buf.len;

	while (left) {
		size_t n, w;

		for (; left && (*s == ' ' || *s == '\n'); left--)
			s++;
		if (!left)
			break;
		n = line_length(s, left);
		w = out_columns(s, n) * CHAR_WIDTH;
		*width = w > *width ? (unsigned)w : *width;
		*y += LINE;
		out_str(o, "<text class=\"");
		out_str(o, class);
		out_str(o, "\" x=\"0\" y=\"");
		out_u64(o, *y - 6);
		out_str(o, "\">");
		out_xml(o, s, n);
		out_str(o, "</text>\n");
		s += n;
		left -= n;
	}
	o->failed |= text->failed;
}

static void group(struct out *o, unsigned x, unsigned y)
{
	out_str(o, "<g transform=\"translate(");
	out_u64(o, x);
	out_char(o, ' ');
	out_u64(o, y);
	out_str(o, ")\">\n");
}

static void wait_line(const struct packet *p, struct out *o, unsigned *y)
{
	if (!p->has_wait)
		return;
	*y += LINE;
	out_str(o, "<text class=\"m d\" x=\"0\" y=\"");
	out_u64(o, *y - 6);
	out_str(o, "\">");
	picture_wait(p, o);
	out_str(o, "</text>\n");
}

void svg_packet(struct svg *s, const struct packet *p)
{
	struct path_format f = {.utf8 = true};
	_cleanup_out_ struct out text = {0};
	struct picture_size size;
	unsigned y = 0, width = 0;

	if (s->drawn == SVG_PACKETS_MAX) {
		s->left_out++;
		return;
	}
	if (s->drawn++)
		s->y += PACKET_GAP;
	group(&s->body, MARGIN, MARGIN + s->y);
	path_header(&f, p, &text);
	lines(&s->body, "m b", &text, &y, &width);
	picture_title(p, &s->title);
	out_char(&s->title, '\n');
	y += 8;
	group(&s->body, 0, y);
	picture_packet(&s->lanes, p, &s->body, &size);
	out_str(&s->body, "</g>\n");
	width = size.width > width ? size.width : width;
	y += size.height + 8;
	out_clear(&text);
	path_end(&f, p, &text);
	lines(&s->body, p->end == PACKET_DROPPED ? "m red" : "m", &text, &y, &width);
	picture_end(p, &s->title);
	wait_line(p, &s->body, &y);
	out_char(&s->title, '\n');
	out_str(&s->body, "</g>\n");
	s->y += y;
	s->width = width > s->width ? width : s->width;
}

static void footer(const struct svg *s, const struct record_info *info, const struct lost_events *l, struct out *text)
{
	if (s->left_out) {
		out_u64(text, s->left_out);
		out_str(text, " more packets are not drawn\n");
	}
	if (!s->drawn)
		out_str(text, "no packets\n");
	out_str(text, "traced on ");
	out_escaped(text, info && info->release ? info->release : "an unknown kernel");
	if (info && info->machine) {
		out_char(text, ' ');
		out_escaped(text, info->machine);
	}
	out_str(text, "; ");
	if (l)
		lost_events_text(l, text);
	else
		out_str(text, "what was lost is not known: the trace's end is missing");
}

static void head(const struct svg *s, unsigned width, unsigned height, struct out *o)
{
	out_str(o, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"");
	out_u64(o, width);
	out_str(o, "\" height=\"");
	out_u64(o, height);
	out_str(o, "\" viewBox=\"0 0 ");
	out_u64(o, width);
	out_char(o, ' ');
	out_u64(o, height);
	out_str(o, "\" role=\"img\" aria-labelledby=\"skbtrail-title skbtrail-desc\">\n<title "
		   "id=\"skbtrail-title\">skbtrail: the way of ");
	out_u64(o, s->drawn);
	out_str(o, s->drawn == 1 ? " packet" : " packets");
	out_str(o, " through the kernel</title>\n<desc id=\"skbtrail-desc\">");
	out_append(o, &s->title);
	out_str(o, "</desc>\n<style>");
	out_str(o, picture_css);
	out_str(o, "</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
}

void svg_finish(const struct svg *s, const struct record_info *info, const struct lost_events *l, struct out *o)
{
	_cleanup_out_ struct out text = {0}, foot = {0};
	unsigned width = s->width > WIDTH_MIN ? s->width : WIDTH_MIN, y = s->y + 12;

	footer(s, info, l, &text);
	group(&foot, MARGIN, MARGIN);
	lines(&foot, "s d", &text, &y, &width);
	head(s, width + 2 * MARGIN, y + 2 * MARGIN, o);
	out_append(o, &s->body);
	out_append(o, &foot);
	out_str(o, "</g>\n</svg>\n");
	o->failed |= text.failed;
}

void svg_free(struct svg *s)
{
	out_free(&s->body);
	out_free(&s->title);
	*s = (struct svg){0};
}
