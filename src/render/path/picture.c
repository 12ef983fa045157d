/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * A picture has one column per hop, from left to right in the order of time, and one row, the lane, per namespace. The
 * box of a hop is where its column and the lane of its namespace meet. So no two boxes share a column, and an arrow,
 * whose vertical part is between two columns, crosses no box. Columns that do not fit the width continue in a new strip
 * of lanes below. Widths are estimated from the number of characters, with a margin, because the reader's fonts are not
 * known.
 */
#include "render/path/picture.h"

#include "render/out/escape.h"
#include "render/out/xml.h"
#include "render/path/path_text.h"
#include "render/path/shapes.h"

#define WIDTH_MAX  1240u /* of all columns together */
#define CHAR_MONO  8u	 /* width of a character of names and times */
#define CHAR_SANS  7u	 /* of labels */
#define LABEL_MAX  26u	 /* characters of a name; the tool tip has the whole name */
#define BOX_PAD	   12u
#define BOX_HEAD   30u
#define BOX_FOOT   8u
#define ROW	   22u
#define BAR_OUT	   5u /* a row's bar is this much wider than its text on either side */
#define TIME_WIDTH 62u
#define LANE_PAD   12u
#define LANE_GAP   8u
#define GUTTER_PAD 18u
#define ARROW_MIN  44u
#define ARROW_BEND 16u /* from a box to where its arrow turns */
#define ARROW_HEAD 7u
#define STRIP_GAP  14u
#define HOPS_MAX   64u /* of one packet; later hops are not drawn */

struct picture_box {
	const struct path_hop *hop;
	unsigned lane; /* index into picture_lanes.met */
	unsigned x, y, width, height;
	unsigned arrow; /* width of the arrow into it */
};

struct drawing {
	const struct packet *p;
	struct out *o;
	struct picture_box boxes[HOPS_MAX];
	unsigned n;
	unsigned lanes[PICTURE_LANES_MAX]; /* this packet's lanes, as indexes into picture_lanes.met, ascending */
	unsigned n_lanes;
	unsigned gutter;
	uint64_t longest_ns; /* of all runs that are drawn */
};

const char picture_css[] =
	".s{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1c2733}"
	".m{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1c2733}"
	".b{font-weight:600}.d{fill:#5b6875}.e{text-anchor:end}.c{text-anchor:middle}"
	".lane{fill:#eef2f6}.box{fill:#fff;stroke:#b7c2cd}.row{fill:none}.bar{fill:#dcebfb}.slow{fill:#fff6dd}"
	".slowbar{fill:#fbdc85}.arrow{fill:none;stroke:#5b6875;stroke-width:1.6}.tip{fill:#5b6875}"
	".dead{stroke:#cf222e;stroke-width:2}.red{fill:#b3141f}.redbar{fill:#fbdcde}"
	".good{stroke:#1a7f37;stroke-width:2}.paper{fill:#fff}.rule{stroke:#d5dce3}"
	"@media(prefers-color-scheme:dark){"
	".s,.m{fill:#e3e9ef}.d{fill:#98a6b3}.lane{fill:#1a222b}.box{fill:#0f151b;stroke:#3d4a57}.bar{fill:#17344f}"
	".slow{fill:#2b2410}.slowbar{fill:#5e4808}.arrow{stroke:#98a6b3}.tip{fill:#98a6b3}"
	".dead{stroke:#f85149}.red{fill:#ff8f88}.redbar{fill:#4a191b}.good{stroke:#3fb950}"
	".paper{fill:#0c1116}.rule{stroke:#2c3742}}";

/* The name of a hop's lane: its namespace. */
static void lane_name(const struct path_device *device, struct out *o)
{
	struct path_device lane = *device;

	lane.has_dev = false;
	path_device_text(&lane, o);
	shape_cut(o, LABEL_MAX);
}

static bool same_lane(const struct path_device *a, const struct path_device *b)
{
	return a->has_netns == b->has_netns && a->netns == b->netns && strcmp(a->netns_name, b->netns_name) == 0;
}

static unsigned lane_of(struct picture_lanes *lanes, const struct path_device *device)
{
	for (unsigned i = 0; i < lanes->n; i++)
		if (same_lane(&lanes->met[i], device))
			return i;
	if (lanes->n < PICTURE_LANES_MAX)
		lanes->met[lanes->n++] = *device;
	return lanes->n - 1;
}

static bool shown(const struct path_run *run)
{
	return run->stage != STAGE_FREE;
}

static unsigned rows_of(const struct packet *p, const struct path_hop *hop)
{
	unsigned n = 0;

	for (size_t i = hop->first; i < hop->first + hop->count; i++)
		n += shown(&p->runs[i]);
	return n;
}

static void device_name(const struct path_device *device, struct out *o)
{
	if (device->has_dev)
		out_escaped_word(o, device->ifname);
	else
		out_str(o, "no device");
}

static bool is_death(const struct packet *p, const struct path_run *run)
{
	return run->stage == STAGE_DROP && p->end == PACKET_DROPPED;
}

static void row_name(const struct packet *p, const struct path_run *run, struct out *o)
{
	if (is_death(p, run))
		out_str(o, "✕ ");
	path_run_name(p, run, o);
	shape_cut(o, LABEL_MAX);
	if (!run->copy)
		return;
	out_str(o, " (copy ");
	out_u64(o, run->copy);
	out_char(o, ')');
}

static unsigned box_width(const struct packet *p, const struct path_hop *hop)
{
	_cleanup_out_ struct out t = {0};
	unsigned widest;

	device_name(&p->devices[hop->device], &t);
	shape_cut(&t, LABEL_MAX);
	widest = shape_chars(&t) * CHAR_MONO;
	for (size_t i = hop->first; i < hop->first + hop->count; i++) {
		const struct path_run *run = &p->runs[i];
		unsigned w;

		if (!shown(run))
			continue;
		out_clear(&t);
		row_name(p, run, &t);
		w = shape_chars(&t) * (run->stage == STAGE_NONE ? CHAR_MONO : CHAR_SANS) + 10 + TIME_WIDTH;
		widest = w > widest ? w : widest;
	}
	return widest + 2 * BOX_PAD;
}

static void add_lane(struct drawing *d, unsigned lane)
{
	unsigned at = d->n_lanes;

	for (unsigned i = 0; i < d->n_lanes; i++)
		if (d->lanes[i] == lane)
			return;
	for (; at > 0 && d->lanes[at - 1] > lane; at--)
		d->lanes[at] = d->lanes[at - 1];
	d->lanes[at] = lane;
	d->n_lanes++;
}

static void measure(struct drawing *d, struct picture_lanes *lanes)
{
	_cleanup_out_ struct out t = {0};
	const struct packet *p = d->p;

	for (size_t h = 0; h < p->n_hops && d->n < HOPS_MAX; h++) {
		const struct path_hop *hop = &p->hops[h];
		struct picture_box *b = &d->boxes[d->n];
		unsigned rows = rows_of(p, hop), label;

		if (!rows)
			continue;
		b->hop = hop;
		b->lane = lane_of(lanes, &p->devices[hop->device]);
		b->width = box_width(p, hop);
		b->height = BOX_HEAD + rows * ROW + BOX_FOOT;
		label = (unsigned)strlen(transition_name(hop->into)) * CHAR_SANS + ARROW_BEND + 22;
		b->arrow = d->n ? (label > ARROW_MIN ? label : ARROW_MIN) : 0;
		add_lane(d, b->lane);
		d->n++;
		for (size_t i = hop->first; i < hop->first + hop->count; i++)
			if (shown(&p->runs[i]) && p->runs[i].duration_ns > d->longest_ns)
				d->longest_ns = p->runs[i].duration_ns;
	}
	for (unsigned i = 0; i < d->n_lanes; i++) {
		unsigned w;

		out_clear(&t);
		lane_name(&lanes->met[d->lanes[i]], &t);
		w = shape_chars(&t) * CHAR_MONO + 2 * GUTTER_PAD;
		d->gutter = w > d->gutter ? w : d->gutter;
	}
}

/* A tool tip with every function of the run. */
static void tool_tip(const struct packet *p, const struct path_run *run, struct out *o)
{
	_cleanup_out_ struct out t = {0};
	uint64_t first_ns = p->steps[0].ts_ns, at_ns = p->steps[run->first].ts_ns;

	out_char(&t, '+');
	path_duration(at_ns > first_ns ? at_ns - first_ns : 0, true, &t);
	for (size_t i = run->first; i < run->first + run->count; i++) {
		out_char(&t, i == run->first ? ' ' : '\n');
		out_func(&t, p->steps[i].func, p->steps[i].addr);
	}
	out_str(o, "<title>");
	out_xml_of(o, &t);
	out_str(o, "</title>");
}

static void draw_row(const struct drawing *d, const struct picture_box *b, size_t run_at, unsigned y)
{
	const struct path_run *run = &d->p->runs[run_at];
	bool slow = d->p->has_wait && d->p->wait_run == run_at, dead = is_death(d->p, run);
	unsigned x = b->x + BOX_PAD, inside = b->width - 2 * BOX_PAD;
	_cleanup_out_ struct out t = {0};
	struct out *o = d->o;
	unsigned bar = d->longest_ns
			       ? (unsigned)((double)run->duration_ns / (double)d->longest_ns * (inside + 2 * BAR_OUT))
			       : 0;

	out_str(o, "<g>");
	tool_tip(d->p, run, o);
	shape_rect(o, slow ? "slow" : "row", x - BAR_OUT, y, inside + 2 * BAR_OUT, ROW - 2, 3);
	if (bar)
		shape_rect(o, slow ? "slowbar" : dead ? "redbar" : "bar", x - BAR_OUT, y, bar, ROW - 2, 3);
	row_name(d->p, run, &t);
	shape_text(o, run->stage == STAGE_NONE ? "m" : dead ? "s b red" : "s", x, y + 15, &t);
	out_clear(&t);
	path_duration(run->duration_ns, true, &t);
	shape_text(o, slow ? "m b e" : "m d e", x + inside, y + 15, &t);
	out_str(o, "</g>\n");
}

/* Whether the packet ended in the hop. */
static bool ends_in(const struct packet *p, const struct path_hop *hop)
{
	const struct path_run *last = &p->runs[hop->first + hop->count - 1];

	return p->end_step >= p->runs[hop->first].first && p->end_step < last->first + last->count;
}

static void draw_box(const struct drawing *d, const struct picture_box *b)
{
	const struct packet *p = d->p;
	const struct path_device *device = &p->devices[b->hop->device];
	bool here = ends_in(p, b->hop);
	_cleanup_out_ struct out t = {0};
	unsigned y = b->y + BOX_HEAD;

	shape_rect(d->o,
		   here && p->end == PACKET_DROPPED ? "box dead"
		   : here && p->end != PACKET_ALIVE ? "box good"
						    : "box",
		   b->x, b->y, b->width, b->height, 6);
	device_name(device, &t);
	shape_cut(&t, LABEL_MAX);
	shape_text(d->o, device->has_dev ? "m b" : "m d", b->x + BOX_PAD, b->y + 20, &t);
	for (size_t i = b->hop->first; i < b->hop->first + b->hop->count; i++) {
		if (!shown(&p->runs[i]))
			continue;
		draw_row(d, b, i, y);
		y += ROW;
	}
}

/* From the heading of one box to that of the next. */
static void draw_arrow(const struct drawing *d, const struct picture_box *from, const struct picture_box *to)
{
	unsigned y1 = from ? from->y + 16 : to->y + 16, y2 = to->y + 16;
	unsigned x1 = from ? from->x + from->width : to->x - to->arrow, x2 = to->x, bend = x1 + ARROW_BEND;
	const char *label = transition_name(to->hop->into);
	_cleanup_out_ struct out t = {0};
	struct out *o = d->o;

	out_str(o, "<path class=\"arrow\" d=\"");
	shape_point(o, "M", x1, y1);
	if (y1 != y2) {
		out_char(o, 'H');
		out_u64(o, bend - 6);
		shape_point(o, "Q", bend, y1);
		shape_point(o, " ", bend, y2 > y1 ? y1 + 6 : y1 - 6);
		out_char(o, 'V');
		out_u64(o, y2 > y1 ? y2 - 6 : y2 + 6);
		shape_point(o, "Q", bend, y2);
		shape_point(o, " ", bend + 6, y2);
	}
	out_char(o, 'H');
	out_u64(o, x2 - ARROW_HEAD);
	out_str(o, "\"/><path class=\"tip\" d=\"");
	shape_point(o, "M", x2 - 1, y2);
	shape_point(o, "L", x2 - 1 - ARROW_HEAD, y2 - 4);
	shape_point(o, "L", x2 - 1 - ARROW_HEAD, y2 + 4);
	out_str(o, "Z\"/>\n");
	out_str(&t, label);
	shape_text(o, "s d c", bend + (x2 - ARROW_HEAD - bend) / 2, y2 - 6, &t);
}

/* Draws the lanes of one strip and sets the y of its boxes. Returns the y below the strip. */
static unsigned draw_lanes(const struct drawing *d, const struct picture_lanes *lanes, struct picture_box *boxes,
			   unsigned n, unsigned y, unsigned width)
{
	for (unsigned l = 0; l < d->n_lanes; l++) {
		_cleanup_out_ struct out t = {0};
		unsigned tallest = 0;

		for (unsigned i = 0; i < n; i++)
			if (boxes[i].lane == d->lanes[l] && boxes[i].height > tallest)
				tallest = boxes[i].height;
		if (!tallest)
			continue;
		shape_rect(d->o, "lane", 0, y, width, tallest + 2 * LANE_PAD, 8);
		lane_name(&lanes->met[d->lanes[l]], &t);
		shape_text(d->o, "m b", GUTTER_PAD, y + LANE_PAD + 20, &t);
		for (unsigned i = 0; i < n; i++)
			if (boxes[i].lane == d->lanes[l])
				boxes[i].y = y + LANE_PAD;
		y += tallest + 2 * LANE_PAD + LANE_GAP;
	}
	return y - LANE_GAP;
}

/* Sets the x of the boxes that fit one strip. Returns their number. */
static unsigned place_boxes(const struct drawing *d, struct picture_box *boxes, unsigned n, unsigned *ret_width)
{
	unsigned x = d->gutter, i;

	for (i = 0; i < n; i++) {
		unsigned arrow = boxes[i].arrow;

		if (i && x + arrow + boxes[i].width > d->gutter + WIDTH_MAX)
			break;
		boxes[i].x = x + arrow;
		x += arrow + boxes[i].width;
	}
	*ret_width = x + LANE_PAD;
	return i;
}

/* All strips have the width of the widest one, so all boxes are placed before the first is drawn. */
static void draw_strips(struct drawing *d, const struct picture_lanes *lanes, struct picture_size *ret)
{
	unsigned first[HOPS_MAX + 1] = {0}, strips = 0, y = 0;

	ret->width = 0;
	for (unsigned i = 0; i < d->n; strips++) {
		unsigned width;

		i += place_boxes(d, d->boxes + i, d->n - i, &width);
		first[strips + 1] = i;
		ret->width = width > ret->width ? width : ret->width;
	}
	for (unsigned s = 0; s < strips; s++) {
		struct picture_box *boxes = d->boxes + first[s];
		unsigned n = first[s + 1] - first[s];

		y = draw_lanes(d, lanes, boxes, n, y, ret->width);
		for (unsigned i = 0; i < n; i++)
			draw_box(d, &boxes[i]);
		for (unsigned i = 0; i < n; i++)
			if (first[s] + i)
				draw_arrow(d, i ? &boxes[i - 1] : NULL, &boxes[i]);
		y += STRIP_GAP;
	}
	ret->height = y ? y - STRIP_GAP : 0;
}

void picture_packet(struct picture_lanes *lanes, const struct packet *p, struct out *o, struct picture_size *ret)
{
	struct drawing d = {.p = p, .o = o};

	measure(&d, lanes);
	draw_strips(&d, lanes, ret);
	if (d.n == HOPS_MAX && p->n_hops > d.n) {
		_cleanup_out_ struct out t = {0};

		out_u64(&t, p->n_hops - d.n);
		out_str(&t, " further hops are not drawn");
		shape_text(o, "s d", 0, ret->height + 22, &t);
		ret->height += 28;
	}
}
