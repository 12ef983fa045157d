/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/diff.h"

#include "render/event/fields.h"
#include "render/out/color.h"
#include "render/out/escape.h"

#define FOLLOWING_MAX 12 /* steps shown of each side of a difference */

static void step_name(const struct packet *p, size_t i, struct out *o)
{
	const struct path_step *s = &p->steps[i];

	out_func(o, s->func, s->addr);
	for (unsigned d = 0; s->dropped && d < p->n_drops; d++) {
		if (p->drops[d].step != i || !p->drops[d].reason_name)
			continue;
		out_str(o, " (drop: ");
		out_escaped_word(o, p->drops[d].reason_name);
		out_char(o, ')');
	}
}

static void step_line(const struct path_format *f, char sign, const struct packet *p, size_t i, struct out *o)
{
	const struct path_step *s = &p->steps[i];
	size_t start;

	if (f->color && sign != ' ')
		out_str(o, sign == '-' ? SGR_RED : SGR_GREEN);
	out_str(o, "  ");
	out_char(o, sign);
	out_char(o, ' ');
	start = o->buf.len;
	out_str(o, s->stage == STAGE_NONE ? "-" : stage_name(s->stage));
	out_pad(o, start, 16);
	out_char(o, ' ');
	start = o->buf.len;
	path_device_text(&p->devices[s->device], o);
	out_pad(o, start, 20);
	out_char(o, ' ');
	step_name(p, i, o);
	if (f->color && sign != ' ')
		out_str(o, SGR_RESET);
	out_char(o, '\n');
}

static void side_lines(const struct path_format *f, char sign, const struct packet *p, size_t first, size_t count,
		       struct out *o)
{
	for (size_t i = 0; i < count && i < FOLLOWING_MAX; i++)
		step_line(f, sign, p, first + i, o);
	if (count <= FOLLOWING_MAX)
		return;
	out_str(o, "  ");
	out_char(o, sign);
	out_str(o, " and ");
	out_u64(o, count - FOLLOWING_MAX);
	out_str(o, " more\n");
}

static void name_line(char sign, const char *side, const struct path_format *f, const struct packet *p, struct out *o)
{
	out_char(o, sign);
	out_char(o, ' ');
	out_escaped(o, side);
	out_str(o, ": ");
	path_header(f, p, o);
}

/* The first step of one side of a difference, or "the end". */
static void parting_side(const struct packet *p, size_t first, size_t count, struct out *o)
{
	if (count == 0 && first == p->n_steps) {
		out_str(o, "the end");
		return;
	}
	step_name(p, first, o);
	if (p->steps[first].stage != STAGE_NONE) {
		out_str(o, " (");
		out_str(o, stage_name(p->steps[first].stage));
		out_char(o, ')');
	}
}

static const char *const headings[] = {
	[DIFF_WAY] = "another device, namespace or mechanism",
	[DIFF_STEPS] = "part",
	[DIFF_NEIGHBOUR] = "noise, the neighbour cache (ARP) at that moment:",
};

static void hunk_text(const struct path_format *f, const struct packet *a, const struct packet *b,
		      const struct diff_hunk *h, struct out *o)
{
	out_str(o, "  ");
	out_str(o, headings[h->kind]);
	out_str(o, " after ");
	out_u64(o, h->a);
	out_str(o, " functions: ");
	parting_side(a, h->a, h->a_count, o);
	out_str(o, " against ");
	parting_side(b, h->b, h->b_count, o);
	out_char(o, '\n');
	if (h->a)
		step_line(f, ' ', a, h->a - 1, o);
	side_lines(f, '-', a, h->a, h->a_count, o);
	side_lines(f, '+', b, h->b, h->b_count, o);
	if (h->a + h->a_count < a->n_steps)
		step_line(f, ' ', a, h->a + h->a_count, o);
}

/* By their kind, and within it in the order of the path. */
static void hunks_text(const struct path_format *f, const struct packet *a, const struct packet *b,
		       const struct diff *d, struct out *o)
{
	for (unsigned kind = 0; kind < DIFF_KIND_MAX; kind++)
		for (size_t i = 0; i < d->n_hunks; i++)
			if (d->hunks[i].kind == kind)
				hunk_text(f, a, b, &d->hunks[i], o);
	out_str(o, "  ");
	out_u64(o, d->n_hunks);
	out_str(o, d->n_hunks == 1 ? " difference; " : " differences; ");
	out_u64(o, d->same);
	out_str(o, " functions are the same\n");
}

void diff_text(const struct path_format *f, const struct diff_sides *sides, const struct packet *a,
	       const struct packet *b, const struct diff *d, struct out *o)
{
	name_line('-', sides->a, f, a, o);
	name_line('+', sides->b, f, b, o);
	if (diff_is_same(d)) {
		out_str(o, "  the same way, ");
		out_u64(o, d->same);
		out_str(o, " functions\n");
	}
	if (d->n_hunks) {
		hunks_text(f, a, b, d, o);
		out_char(o, '-');
		path_end(f, a, o);
		out_char(o, '+');
		path_end(f, b, o);
	}
	out_char(o, '\n');
}

void diff_text_single(const struct path_format *f, const char *side, const struct packet *p, struct out *o)
{
	out_str(o, "only in ");
	out_escaped(o, side);
	out_str(o, ": ");
	path_header(f, p, o);
	out_char(o, '\n');
}

static void steps_json(struct json *j, const char *key, const struct packet *p, size_t first, size_t count)
{
	json_field_array(j, key);
	for (size_t i = first; i < first + count; i++) {
		const struct path_device *device = &p->devices[p->steps[i].device];

		json_object(j);
		json_field_str(j, "func", p->steps[i].func);
		json_field_str(j, "stage", p->steps[i].stage == STAGE_NONE ? NULL : stage_key(p->steps[i].stage));
		json_field_opt_u64(j, "netns", device->has_netns, device->netns);
		json_field_str(j, "netns_name", device->netns_name[0] ? device->netns_name : NULL);
		json_field_str(j, "ifname", device->has_dev ? device->ifname : NULL);
		json_object_end(j);
	}
	json_array_end(j);
}

void diff_json(const struct packet *a, const struct packet *b, const struct diff *d, struct out *o)
{
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "diff");
	json_field_u64(&j, "v", 1);
	json_field_opt_u64(&j, "a_pkt", a != NULL, a ? a->pkt : 0);
	json_field_opt_u64(&j, "b_pkt", b != NULL, b ? b->pkt : 0);
	json_field_bool(&j, "same", d && diff_is_same(d));
	json_field_u64(&j, "same_steps", d ? d->same : 0);
	json_field_str(&j, "a_end", a ? packet_end_name(a->end) : NULL);
	json_field_str(&j, "b_end", b ? packet_end_name(b->end) : NULL);
	json_field_array(&j, "differences");
	for (size_t i = 0; d && a && b && i < d->n_hunks; i++) {
		const struct diff_hunk *h = &d->hunks[i];

		json_object(&j);
		json_field_str(&j, "kind", diff_kind_name(h->kind));
		json_field_u64(&j, "a_step", h->a);
		json_field_u64(&j, "b_step", h->b);
		steps_json(&j, "a", a, h->a, h->a_count);
		steps_json(&j, "b", b, h->b, h->b_count);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}
