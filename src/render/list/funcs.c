/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/list/funcs.h"

#include <assert.h>

#include "render/out/escape.h"
#include "render/out/json.h"

static void func_text(struct out *o, const struct func *f, const struct funcs_view *view _unused_)
{
	out_escaped_word(o, f->name);
}

static void func_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	json_str(j, f->name);
}

static void module_text(struct out *o, const struct func *f, const struct funcs_view *view _unused_)
{
	out_word_or_dash(o, f->module);
}

static void module_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	json_str(j, f->module);
}

static void slot_text(struct out *o, const struct func *f, const struct funcs_view *view _unused_)
{
	if (f->slot)
		out_u64(o, f->slot);
	else
		out_char(o, '-');
	if (f->indirect)
		out_char(o, '*');
}

static void slot_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	if (f->slot)
		json_u64(j, f->slot);
	else
		json_null(j);
}

static void addr_text(struct out *o, const struct func *f, const struct funcs_view *view _unused_)
{
	if (f->addr)
		out_hex(o, f->addr);
	else
		out_char(o, '-');
}

static void addr_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	if (f->addr)
		json_hex(j, f->addr);
	else
		json_null(j);
}

/* kprobe.multi, or kprobe for a kprobe event at the first byte, kprobe+N for one behind the ftrace call site. */
static void probe_out(struct out *o, const struct func *f, const struct funcs_view *view)
{
	if (view->kprobe_multi && f->ftrace) {
		out_str(o, "kprobe.multi");
		return;
	}
	out_str(o, "kprobe");
	if (!f->has_offset || !f->offset_bytes)
		return;
	out_char(o, '+');
	out_u64(o, f->offset_bytes);
}

static void probe_text(struct out *o, const struct func *f, const struct funcs_view *view)
{
	if (f->attachable)
		probe_out(o, f, view);
	else
		out_char(o, '-');
}

static void probe_json(struct json *j, const struct func *f, const struct funcs_view *view)
{
	if (!f->attachable) {
		json_null(j);
		return;
	}
	json_str_begin(j);
	probe_out(j->out, f, view);
	json_str_end(j);
}

static void attachable_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	json_bool(j, f->attachable);
}

static void reason_text(struct out *o, const struct func *f, const struct funcs_view *view _unused_)
{
	out_str(o, f->reason ? f->reason : "-");
}

static void reason_json(struct json *j, const struct func *f, const struct funcs_view *view _unused_)
{
	json_str(j, f->reason);
}

enum column { COL_FUNC, COL_MODULE, COL_SLOT, COL_ADDR, COL_PROBE, COL_ATTACHABLE, COL_REASON, COL_MAX };

/* In the order of the JSON fields. */
static const struct {
	const char *key; /* of JSON */
	void (*json)(struct json *j, const struct func *f, const struct funcs_view *view);
	const char *column; /* of text; NULL: JSON only */
	void (*text)(struct out *o, const struct func *f, const struct funcs_view *view);
} columns[] = {
	[COL_FUNC] = {"func", func_json, "FUNC", func_text},
	[COL_MODULE] = {"module", module_json, "MODULE", module_text},
	[COL_SLOT] = {"slot", slot_json, "SLOT", slot_text},
	[COL_ADDR] = {"addr", addr_json, "ADDR", addr_text},
	[COL_PROBE] = {"probe", probe_json, "PROBE", probe_text},
	[COL_ATTACHABLE] = {"attachable", attachable_json, NULL, NULL},
	[COL_REASON] = {"reason", reason_json, "REASON", reason_text},
};
static_assert(ARRAY_SIZE(columns) == COL_MAX, "a row for each column");

static const enum column text_order[] = {COL_FUNC, COL_SLOT, COL_MODULE, COL_ADDR, COL_PROBE, COL_REASON};

static size_t n_text_columns(const struct funcs_view *view)
{
	return ARRAY_SIZE(text_order) - !view->reasons;
}

/* Writes one cell and the blanks behind it; f NULL: a cell of the header. */
static void cell(struct out *o, size_t i, const struct func *f, const struct funcs_view *view, const size_t *widths)
{
	enum column id = text_order[i];
	size_t start = o->buf.len;

	if (f)
		columns[id].text(o, f, view);
	else
		out_str(o, columns[id].column);
	if (i + 1 == n_text_columns(view)) {
		out_char(o, '\n');
		return;
	}
	out_pad(o, start, widths[i]);
	out_str(o, "  ");
}

static void row(struct out *o, const struct func *f, const struct funcs_view *view, const size_t *widths)
{
	for (size_t i = 0; i < n_text_columns(view); i++)
		cell(o, i, f, view, widths);
}

/* Counts bytes, not code points: names of functions and modules are ASCII. */
static void measure(const struct func_set *set, const struct funcs_view *view, size_t *ret_widths)
{
	_cleanup_out_ struct out scratch = {0};

	for (size_t i = 0; i < ARRAY_SIZE(text_order); i++) {
		ret_widths[i] = strlen(columns[text_order[i]].column);
		for (size_t k = 0; k < set->n; k++) {
			out_clear(&scratch);
			columns[text_order[i]].text(&scratch, &set->items[k], view);
			if (scratch.buf.len > ret_widths[i])
				ret_widths[i] = scratch.buf.len;
		}
	}
}

void funcs_text(struct out *o, const struct func_set *set, const struct funcs_view *view)
{
	size_t widths[ARRAY_SIZE(text_order)];

	measure(set, view, widths);
	row(o, NULL, view, widths);
	for (size_t i = 0; i < set->n; i++)
		row(o, &set->items[i], view, widths);
}

void funcs_json(struct out *o, const struct func_set *set, const struct funcs_view *view)
{
	struct json j = json_init(o);

	for (size_t i = 0; i < set->n; i++) {
		json_object(&j);
		json_field_str(&j, "type", "func");
		for (size_t c = 0; c < COL_MAX; c++) {
			json_key(&j, columns[c].key);
			columns[c].json(&j, &set->items[i], view);
		}
		json_object_end(&j);
		json_line_end(&j);
	}
}
