/* SPDX-License-Identifier: GPL-2.0-only */
/* trace: select, arm, show every event until told to stop, close with the ledger. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cmd/budget.h"
#include "cmd/confine.h"
#include "cmd/emit.h"
#include "cmd/exports.h"
#include "cmd/meta.h"
#include "cmd/module_watch.h"
#include "cmd/path_view.h"
#include "cmd/profile.h"
#include "cmd/ready.h"
#include "cmd/recording.h"
#include "cmd/rotated.h"
#include "cmd/skb_exprs.h"
#include "cmd/trace_options.h"
#include "cmd/wide.h"
#include "kern/refusal.h"
#include "render/escape.h"
#include "render/event_json.h"
#include "render/ledger.h"
#include "render/text.h"

#define POLL_MS	    100 /* the longest that an event waits to be shown: CONTRACT, text output */
#define WRITE_BYTES (64u << 10)

struct tracing {
	const struct trace_options *o;
	struct expr expr; /* the pcap-filter expression, if has_expr */
	bool has_expr;
	struct skb_exprs exprs;
	struct wide *wide;
	struct module_watch *modules; /* NULL: nobody tells of them */
	struct recording *recording;  /* NULL: none */
	struct exports *exports;      /* NULL: none */
	struct recording_info info;   /* what the exports say of the trace */
	bool show;		      /* events go to standard output */
	struct path_view *view;	      /* NULL: events are shown, else packets */
	struct emit *emit;	      /* NULL: nothing is shown */
	struct rotated *file;	      /* NULL: standard output */
	struct text_format text;
	struct out out;
	uint64_t end_ns; /* CLOCK_MONOTONIC, 0: not known beforehand */
	struct budget budget;
	int write_error; /* negative errno of the first failed write; -EPIPE: the reader has gone */
};

static void tracing_clear(struct tracing *t)
{
	path_view_free(t->view);
	emit_free(t->emit);
	rotated_free(t->file);
	recording_free(t->recording);
	exports_free(t->exports);
	recording_info_clear(&t->info);
	wide_free(t->wide);
	module_watch_free(t->modules);
	expr_free(&t->expr);
	skb_exprs_clear(&t->exprs);
	out_free(&t->out);
}

static void flush(struct tracing *t)
{
	int r = t->file ? rotated_flush(t->file, &t->out) : out_flush_fd(&t->out, STDOUT_FILENO);

	if (r < 0 && !t->write_error)
		t->write_error = r;
}

static int flush_view(void *ctx)
{
	struct tracing *t = ctx;

	flush(t);
	return t->write_error;
}

static int show(void *ctx, const struct event *ev)
{
	struct tracing *t = ctx;

	if (t->view)
		return path_view_add(t->view, ev);
	if (t->o->json)
		event_json(ev, &t->out);
	else
		text_event(&t->text, ev, &t->out);
	if (t->out.buf.len >= WRITE_BYTES)
		flush(t);
	return t->write_error;
}

static void block(void *ctx, const struct event *ev)
{
	struct tracing *t = ctx;

	if (!t->view && !t->o->json)
		text_block(ev, &t->out);
}

static int on_event(void *ctx, struct event *ev)
{
	struct tracing *t = ctx;
	int r = 0;

	skb_exprs_name(&t->exprs, ev->parts);
	if (t->recording)
		recording_event(t->recording, ev);
	if (t->exports)
		exports_event(t->exports, ev);
	if (t->emit)
		r = emit_event(t->emit, ev);
	return t->write_error ? t->write_error : r;
}

static int arm(struct tracing *t, struct reason *reason)
{
	struct wide_opts opts = {
		.env = {.select = {.filter_func = t->o->filter_func, .filter_func_not = t->o->filter_func_not},
			.kernel_btf = t->o->kernel_btf},
		.backend = t->o->backend,
		.trace_tc = t->o->trace_tc,
		.trace_xdp = t->o->trace_xdp,
		.ring_bytes = t->o->ring_bytes,
		.stand_back = true,
		.run_time = t->o->budget_permille > 0,
		.parts = output_options_parts(&t->o->output, &t->text.columns),
		.snap_bytes = t->o->snaplen,
		.pcap = t->has_expr ? &t->expr : NULL,
		.on_event = on_event,
		.ctx = t,
	};
	int r;

	trace_options_filter(t->o, &opts.filter);
	opts.filter.brief = !t->o->json && !t->recording && !t->exports && output_options_brief(&t->text.columns);
	r = meta_config(t->o, &opts.filter.meta, reason);
	if (r >= 0)
		r = func_options_apply(&t->o->funcs, &opts.env, reason);
	if (r >= 0)
		r = skb_exprs_compile(t->o, &t->exprs, reason);
	if (r < 0)
		return r;
	if (t->o->maps)
		opts.parts |= PART_BIT(ST_PART_MAP);
	if (t->exprs.n)
		opts.parts |= PART_BIT(ST_PART_VALUES);
	opts.tunnel_l2 = t->exprs.tunnel_l2.insns ? &t->exprs.tunnel_l2 : NULL;
	opts.tunnel_l3 = t->exprs.tunnel_l3.insns ? &t->exprs.tunnel_l3 : NULL;
	opts.skb_match = t->exprs.match.insns ? &t->exprs.match : NULL;
	opts.skb_values = t->exprs.n ? &t->exprs.values : NULL;
	opts.n_values = t->exprs.n;
	(void)module_watch_new(t->o->funcs.kmods, &t->modules);
	return wide_open(&opts, &t->wide, reason);
}

static bool was_cut_short(const struct tracing *t)
{
	size_t n;
	const struct trace_failure *f = trace_failures(wide_trace(t->wide), &n);

	return n && f[n - 1].err == -ECANCELED; /* of all that come after it, too */
}

static void say_armed(const struct tracing *t)
{
	size_t n_failures;
	const struct trace_failure *f = trace_failures(wide_trace(t->wide), &n_failures);
	const struct prog_watch *progs = trace_progs(wide_trace(t->wide));
	_cleanup_out_ struct out o = {0};

	fprintf(stderr, "skbtrail: %zu functions armed", trace_attached(wide_trace(t->wide)));
	if (n_failures)
		fprintf(stderr, ", %zu refused%s", n_failures, t->o->verbose ? "" : " (--verbose lists them)");
	if (progs)
		fprintf(stderr, "; %zu BPF programs followed (%zu functions), later ones will be",
			prog_watch_programs(progs), prog_watch_funcs(progs));
	if (trace_without_return(wide_trace(t->wide)))
		fprintf(stderr, "; %zu of them not where they return", trace_without_return(wide_trace(t->wide)));
	fputs("; waiting for packets\n", stderr);
	if (t->o->output.netfilter && !trace_sees_chains(wide_trace(t->wide)))
		fputs("skbtrail: --output-netfilter: no chain can be shown: neither nf_tables nor ip_tables is loaded, "
		      "or this kernel has no BTF of modules (5.11)\n",
		      stderr);
	if (trace_maps_unseen(wide_trace(t->wide)))
		fprintf(stderr, "skbtrail: --output-bpfmap: not seen, as this kernel does not let them be traced: %s\n",
			trace_maps_unseen(wide_trace(t->wide)));
	for (size_t i = 0; t->o->verbose && i < n_failures; i++) {
		out_str(&o, "skbtrail: not probed: ");
		out_escaped(&o, f[i].func->name);
		out_str(&o, ": ");
		out_str(&o, strerror(-f[i].err));
		out_char(&o, '\n');
	}
	out_flush_file(&o, stderr);
}

/* Whether whoever reads our output has gone: noticed also while there is nothing to write. */
static bool reader_gone(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

static bool is_over(const struct tracing *t)
{
	if (stop_asked() || t->budget.spent || (t->end_ns && clock_monotonic_ns() >= t->end_ns))
		return true;
	return (t->emit && emit_enough(t->emit)) || (!t->file && reader_gone());
}

static int watch(struct tracing *t)
{
	while (!is_over(t)) {
		int r = wide_poll(t->wide, POLL_MS);

		if (r >= 0 && t->emit)
			r = emit_tick(t->emit, clock_monotonic_ns());
		if (r >= 0 && t->view)
			r = path_view_expire(t->view, clock_monotonic_ns());
		if (r >= 0)
			r = budget_look(&t->budget, wide_trace(t->wide));
		flush(t);
		if (t->modules)
			module_watch_look(t->modules, wide_trace(t->wide));
		if (t->write_error)
			return t->write_error;
		if (r < 0 && r != -EINTR)
			return r;
		/* what it could not write is said when the ledger closes it */
		if (t->recording && recording_flush(t->recording) < 0)
			return 0;
		if (t->exports && exports_flush(t->exports) < 0)
			return 0;
	}
	return 0;
}

static int close_ledger(struct tracing *t, struct reason *reason)
{
	_cleanup_out_ struct out o = {0};
	struct ledger ledger;
	int r = wide_finish(t->wide, &ledger);

	if (r >= 0 && t->emit)
		r = emit_end(t->emit);
	if (r >= 0 && t->view)
		r = path_view_end(t->view);
	if (r < 0)
		return r;
	if (t->emit)
		emit_note(t->emit, &o);
	if (t->view)
		path_view_note(t->view, &o);
	if (t->show && t->o->json)
		ledger_json(&ledger, &t->out);
	flush(t);
	r = t->file ? rotated_close(t->file) : 0;
	if (r < 0 && !t->write_error)
		t->write_error = r;
	r = t->recording ? recording_finish(t->recording, &ledger, reason) : 0;
	if (r >= 0 && t->exports)
		r = exports_finish(t->exports, &ledger, reason);
	if (!t->show || !t->o->json)
		ledger_text(&ledger, &o);
	out_flush_file(&o, stderr);
	return t->write_error ? t->write_error : r;
}

static int trace(struct tracing *t, struct reason *reason)
{
	struct guard_needs needs = {.opens_files = t->file != NULL, .arms_on = t->o->trace_tc || t->o->trace_xdp};
	int r = arm(t, reason);

	if (r < 0)
		return r;
	if (was_cut_short(t))
		fputs("skbtrail: told to end before all was armed\n", stderr);
	else
		say_armed(t);
	if (t->show && !t->o->json && !t->view)
		text_header(&t->text, &t->out);
	r = t->file ? rotated_head(t->file, &t->out) : 0;
	if (r < 0)
		return r;
	flush(t);
	r = ready_file_create(t->o->ready_file, reason);
	if (t->o->duration_ns)
		t->end_ns = clock_monotonic_ns() + t->o->duration_ns;
	if (r >= 0)
		r = confine(&needs, reason);
	if (r >= 0)
		r = watch(t);
	if (r >= 0)
		r = close_ledger(t, reason);
	if (r == -EPIPE)
		return 0;
	if (r < 0 && r == t->write_error)
		return reason_set(reason, r, "writing to %s failed: %s",
				  t->file ? t->o->output.file : "standard output", strerror(-r));
	return r;
}

static int start_recording(struct tracing *t, struct reason *reason)
{
	const struct trace_options *o = t->o;

	if (o->snaplen && !o->write && !o->pcapng)
		return reason_set(reason, -EINVAL,
				  "--snaplen=%llu: packets' bytes are kept only with --write or --pcapng",
				  (unsigned long long)o->snaplen);
	t->show = !(o->write || o->pcapng) || o->print || o->json || o->path || o->wide || o->summary || o->output.file;
	if (!o->write)
		return 0;
	if (t->show && !o->output.file && strcmp(o->write, "-") == 0)
		return reason_set(reason, -EINVAL,
				  "--write=-: standard output takes the recording or the events, not both");
	return recording_start(o->write, t->text.timestamp.wall_offset_ns, &t->recording, reason);
}

static int start_exports(struct tracing *t, struct reason *reason)
{
	struct exports_opts opts = {.pcapng = t->o->pcapng};
	int r;

	if (!exports_wanted(&opts))
		return 0;
	if (exports_to_stdout(&opts) &&
	    ((t->show && !t->o->output.file) || (t->o->write && strcmp(t->o->write, "-") == 0)))
		return reason_set(reason, -EINVAL, "--pcapng=-: standard output takes one thing at a time");
	r = exports_new(&opts, &t->exports, reason);
	if (r < 0)
		return r;
	recording_info_fill(t->text.timestamp.wall_offset_ns, &t->info);
	return exports_info(t->exports, &t->info.info);
}

static int start_view(struct tracing *t)
{
	struct path_view_opts opts = {.path = t->o->path,
				      .wide = t->o->wide,
				      .summary = t->o->summary,
				      .json = t->o->json,
				      .color = t->text.color,
				      .live = true,
				      .out = &t->out,
				      .flush = flush_view,
				      .ctx = t};

	return t->show && path_view_wanted(&opts) ? path_view_new(&opts, &t->view) : 0;
}

static int start_output(struct tracing *t, struct reason *reason)
{
	const struct output_options *o = &t->o->output;
	struct emit_opts opts = {.output = o, .live = true, .put = show, .block = block, .ctx = t};

	if (!t->show)
		return 0;
	if (o->file) {
		int r = rotated_open(o->file, o->file_bytes, &t->file, reason);

		if (r < 0)
			return r;
	}
	return emit_new(&opts, &t->emit);
}

static int run_trace(void *dst, int argc, char **argv)
{
	_cleanup_(tracing_clear) struct tracing t = {.o = dst};
	struct reason reason = {0};
	int r;

	if (t.o->profile && strcmp(t.o->profile, "help") == 0) {
		profile_help(stdout);
		return ST_EXIT_OK;
	}
	if (t.o->columns && strcmp(t.o->columns, "help") == 0) {
		columns_help(&t.out);
		return show_stdout(&t.out, ST_EXIT_OK);
	}
	t.text.timestamp.mode = t.o->timestamp_mode ? t.o->timestamp_mode : TIMESTAMP_CURRENT;
	t.text.timestamp.wall_offset_ns = clock_realtime_ns() - clock_monotonic_ns();
	t.text.color = color_wanted(t.o->output.file && t.o->color == COLOR_AUTO ? COLOR_NEVER : t.o->color, stdout);
	kern_init();
	t.budget = (struct budget){.permille = t.o->budget_permille, .n_cpus = get_nprocs()};
	r = output_options_check(&t.o->output, &reason);
	if (r >= 0)
		r = trace_options_format(t.o, &t.text, &reason);
	if (r >= 0)
		r = trace_options_expr(argc, argv, &t.expr, &reason);
	t.has_expr = r > 0;
	if (r >= 0)
		r = kern_preflight(&reason);
	if (r >= 0)
		r = start_recording(&t, &reason);
	if (r >= 0)
		r = start_exports(&t, &reason);
	if (r >= 0)
		r = start_output(&t, &reason);
	if (r >= 0)
		r = start_view(&t);
	if (r >= 0) {
		stop_on_signals();
		r = trace(&t, &reason);
	}
	if (r >= 0)
		return ST_EXIT_OK;
	r = refuse(r, &reason);
	skb_exprs_caret(&t.exprs, stderr);
	return r;
}

const struct command cmd_trace = {
	.name = "trace",
	.usage = "[OPTIONS] [PCAP-FILTER]",
	.summary = "Shows every kernel function that a matching packet passes.",
	.opts = trace_option_table,
	.opts_size = sizeof(struct trace_options),
	.init = trace_options_init,
	.run = run_trace,
};

static int run_record(void *dst, int argc, char **argv)
{
	const struct trace_options *o = dst;
	struct reason reason = {0};

	if (o->write)
		return run_trace(dst, argc, argv);
	reason_set(&reason, -EINVAL, "where to? name a file with -w FILE, or - for standard output");
	return refuse(-EINVAL, &reason);
}

const struct command cmd_record = {
	.name = "record",
	.usage = "-w FILE [OPTIONS] [PCAP-FILTER]",
	.summary = "Keeps a trace in a file, for 'skbtrail report'; the same as trace -w FILE.",
	.opts = trace_option_table,
	.opts_size = sizeof(struct trace_options),
	.init = trace_options_init,
	.run = run_record,
};
