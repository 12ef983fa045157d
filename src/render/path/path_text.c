/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/path_text.h"

#include "render/out/color.h"
#include "render/out/escape.h"
#include "render/path/path_prog.h"

#define WIDTH_TIME    10
#define WIDTH_STAGE   17
#define FUNCS_IN_FULL 3 /* more functions are shown as first … last */
#define COLUMN_FUNCS  (4 + WIDTH_TIME + 2 + WIDTH_STAGE + WIDTH_TIME + 2) /* where the functions of a run begin */

/* The sign and the duration, right-aligned in width columns. */
static void duration_right(const char *sign, uint64_t ns, const struct path_format *f, size_t width, struct out *o)
{
	_cleanup_out_ struct out text = {0};
	size_t columns, start = o->buf.len;

	out_str(&text, sign);
	path_duration(ns, f->utf8, &text);
	columns = out_columns(text.buf.data, text.buf.len);
	if (columns < width)
		out_pad(o, start, width - columns);
	out_append(o, &text);
}

static void func_name(const struct path_step *s, struct out *o)
{
	out_func(o, s->func, s->addr);
}

void path_run_name(const struct packet *p, const struct path_run *run, struct out *o)
{
	if (run->stage == STAGE_NONE)
		func_name(&p->steps[run->first], o);
	else
		out_str(o, stage_name(run->stage));
}

/* The functions of the run, without BPF programs. Returns whether there is one. */
static bool funcs_text(const struct path_format *f, const struct packet *p, const struct path_run *run, struct out *o)
{
	const struct path_step *last = NULL;
	size_t n = 0;

	for (size_t i = run->first; i < run->first + run->count; i++)
		n += !p->steps[i].prog;
	for (size_t i = run->first, k = 0; i < run->first + run->count; i++) {
		const struct path_step *s = &p->steps[i];

		if (s->prog)
			continue;
		if (n <= FUNCS_IN_FULL || k == 0) {
			if (k)
				out_char(o, ' ');
			func_name(s, o);
		}
		last = s;
		k++;
	}
	if (n <= FUNCS_IN_FULL)
		return n;
	out_str(o, f->utf8 ? " … " : " ... ");
	func_name(last, o);
	out_str(o, " (");
	out_u64(o, n);
	out_char(o, ')');
	return true;
}

static void wait_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	path_color(f, SGR_YELLOW, o);
	out_str(o, f->utf8 ? "  ◀ longest wait: " : "  <== longest wait: ");
	path_duration(p->wait_ns, f->utf8, o);
	out_str(o, " before ");
	func_name(&p->steps[p->wait_to], o);
	path_color(f, SGR_RESET, o);
}

static bool has_prog(const struct packet *p, const struct path_run *run)
{
	for (size_t i = run->first; i < run->first + run->count; i++)
		if (p->steps[i].prog)
			return true;
	return false;
}

static void copy_text(const struct path_run *run, struct out *o)
{
	if (!run->copy)
		return;
	out_str(o, " [copy ");
	out_u64(o, run->copy);
	out_char(o, ']');
}

/* The functions of a run, and below them its BPF programs. */
static void work_text(const struct path_format *f, const struct packet *p, size_t i, struct out *o)
{
	const struct path_run *run = &p->runs[i];
	bool funcs = false;

	if (run->stage != STAGE_NONE || run->count > 1) {
		out_str(o, "  ");
		funcs = funcs_text(f, p, run, o);
	}
	if (!funcs)
		path_prog_text(p, run, COLUMN_FUNCS, o);
	copy_text(run, o);
	if (p->has_wait && p->wait_run == i)
		wait_text(f, p, o);
	out_char(o, '\n');
	if (!funcs || !has_prog(p, run))
		return;
	out_pad(o, o->buf.len, COLUMN_FUNCS);
	path_prog_text(p, run, COLUMN_FUNCS, o);
	out_char(o, '\n');
}

static void run_line(const struct path_format *f, const struct packet *p, size_t i, struct out *o)
{
	const struct path_run *run = &p->runs[i];
	uint64_t first_ns = p->steps[0].ts_ns, at_ns = p->steps[run->first].ts_ns;
	bool last = run->first + run->count == p->n_steps;
	size_t start;

	out_str(o, INDENT_RUN);
	duration_right("+", at_ns > first_ns ? at_ns - first_ns : 0, f, WIDTH_TIME, o);
	out_str(o, "  ");
	start = o->buf.len;
	path_run_name(p, run, o);
	out_pad(o, start, WIDTH_STAGE);
	if (last && run->duration_ns == 0)
		out_pad(o, o->buf.len, WIDTH_TIME);
	else
		duration_right("", run->duration_ns, f, WIDTH_TIME, o);
	work_text(f, p, i, o);
}

static void hop_line(const struct path_format *f, const struct packet *p, const struct path_hop *hop, struct out *o)
{
	const struct path_device *device = &p->devices[hop->device];

	out_str(o, INDENT_PLACE);
	path_color(f, SGR_BOLD, o);
	path_device_text(device, o);
	path_color(f, SGR_RESET, o);
	if (hop->into != TRANSITION_NONE) {
		out_str(o, f->utf8 ? "  ← " : "  <- ");
		out_str(o, transition_name(hop->into));
	}
	out_char(o, '\n');
}

void path_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	path_header(f, p, o);
	for (size_t h = 0; h < p->n_hops; h++) {
		hop_line(f, p, &p->hops[h], o);
		for (size_t i = 0; i < p->hops[h].count; i++)
			run_line(f, p, p->hops[h].first + i, o);
	}
	path_end(f, p, o);
	out_char(o, '\n');
}
