/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/check_show.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "cmd/programs.h"
#include "cmd/symbols.h"
#include "render/check.h"

/* Symbols cost a parse of /proc/kallsyms and BTF: only when a drop has to be named. */
static void name_drops(const struct observation *obs, struct check_view *view, struct symbols **ret)
{
	if (obs->file) {
		view->ctx = obs->file;
		view->symbol = check_file_symbol;
		view->drop_reason = check_file_drop_reason;
	}
	if (!obs->live)
		return;
	if (!same_node_drop_matters(view->result, LEG_REQUEST) && !same_node_drop_matters(view->result, LEG_REPLY))
		return;
	if (symbols_load(ret, NULL) < 0)
		return;
	view->ctx = *ret;
	view->symbol = symbols_find;
	view->drop_reason = symbols_drop_reason;
}

/* Only of a run on this kernel; a recording or captures tell of another time. */
static void show_programs(const struct observation *obs, struct check_view *view, struct check_programs *programs)
{
	check_programs_load(obs->progs, view->src, view->dst, view->result->legs, programs);
	view->src = &programs->src;
	view->dst = &programs->dst;
	view->programs = programs->legs;
}

int check_write_junit(const char *path, const struct out *out, struct reason *reason)
{
	int r = out->failed ? -ENOMEM : file_replace(path, out->buf.data, out->buf.len);

	return r < 0 ? reason_set(reason, r, "--junit=%s: %s", path,
				  r == -ELOOP ? "it is a symbolic link" : strerror(-r))
		     : 0;
}

int check_show(const struct check_options *o, const struct observation *obs, const struct check_result *result,
	       struct reason *reason)
{
	_cleanup_(check_programs_free) struct check_programs programs = {0};
	_cleanup_(symbols_freep) struct symbols *symbols = NULL;
	_cleanup_out_ struct out out = {0}, junit = {0};
	struct check_view view = {
		.result = result,
		.what = "same-node",
		.proto = obs->proto,
		.src = obs->has_endpoints ? &obs->src : NULL,
		.dst = obs->has_endpoints ? &obs->dst : NULL,
		.color = color_wanted(o->color, stdout),
	};

	name_drops(obs, &view, &symbols);
	if (obs->live)
		show_programs(obs, &view, &programs);
	(o->json ? check_json : o->tap ? check_tap : check_text)(&view, &out);
	if (obs->trace.buf.len) {
		out_char(&out, '\n');
		out_append(&out, &obs->trace);
	}
	if (out_flush_file(&out, stdout) == -ENOMEM)
		return -ENOMEM; /* a failed write is for finish_stdout() to report */
	fflush(stdout);
	if (!o->junit)
		return 0;
	check_junit(&view, &junit);
	return check_write_junit(o->junit, &junit, reason);
}
