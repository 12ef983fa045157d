/* SPDX-License-Identifier: GPL-2.0-only */
/* report: recordings shown again, as the trace would have shown them. Needs neither root nor the kernel it was made on.
 */
#include <errno.h>
#include <string.h>

#include "cmd/emit.h"
#include "cmd/event_expr.h"
#include "cmd/exports.h"
#include "cmd/meta_options.h"
#include "cmd/outfile.h"
#include "cmd/path_view.h"
#include "cmd/profile.h"
#include "cmd/record_file.h"
#include "cmd/rotated.h"
#include "cmd/trace_options.h"
#include "filter/event_match.h"
#include "record/merge.h"
#include "record/reader.h"
#include "render/event_json.h"
#include "render/ledger.h"
#include "render/recording.h"
#include "render/text.h"

#define WRITE_BYTES (64u << 10)

struct report_options {
	struct trace_options trace; /* first: opt_timestamp() */
	bool info;
	struct exports_opts exports;
	struct cbpf_prog expression; /* n 0: none */
};

struct reporting {
	const struct report_options *o;
	struct text_format text;
	struct ledger_sum sum;
	uint64_t n_recordings;
	bool show;		 /* something goes to standard output */
	struct exports *exports; /* NULL: none wanted */
	struct path_view *view;	 /* NULL: events are shown */
	struct emit *emit;
	struct rotated *file; /* NULL: standard output */
	bool begun;	      /* the header was shown */
	int write_error;      /* negative errno of the first failed write; -EPIPE: the reader has gone */
	struct out out;
};

static void reporting_clear(struct reporting *t)
{
	path_view_free(t->view);
	emit_free(t->emit);
	rotated_free(t->file);
	exports_free(t->exports);
	out_free(&t->out);
}

static int flush(void *ctx)
{
	struct reporting *t = ctx;
	int r = t->file ? rotated_flush(t->file, &t->out) : out_flush_fd(&t->out, STDOUT_FILENO);

	if (r < 0 && !t->write_error)
		t->write_error = r;
	return t->write_error;
}

static int on_info(void *ctx, const struct record_info *info)
{
	struct reporting *t = ctx;
	int r;

	t->n_recordings++;
	t->text.timestamp.wall_offset_ns = info->wall_offset_ns;
	r = t->exports ? exports_info(t->exports, info) : 0;
	if (r < 0 || !t->show)
		return r;
	if (t->o->info && t->o->trace.json)
		recording_json(info, &t->out);
	else if (t->o->info)
		recording_text(info, &t->out);
	else if (!t->o->trace.json && !t->begun && !t->view)
		text_header(&t->text, &t->out);
	if (!t->begun && t->file)
		r = rotated_head(t->file, &t->out);
	t->begun = true;
	return r;
}

static int show(void *ctx, const struct event *ev)
{
	struct reporting *t = ctx;

	if (t->view)
		return path_view_add(t->view, ev);
	if (t->o->trace.json)
		event_json(ev, &t->out);
	else
		text_event(&t->text, ev, &t->out);
	return t->out.buf.len < WRITE_BYTES ? 0 : flush(t);
}

static void block(void *ctx, const struct event *ev)
{
	struct reporting *t = ctx;

	if (!t->view && !t->o->trace.json)
		text_block(ev, &t->out);
}

static int on_event(void *ctx, const struct event *ev)
{
	struct reporting *t = ctx;
	int r = t->o->info ? 0 : event_matches(&t->o->trace.match, ev);

	if (r <= 0)
		return r;
	if (t->o->expression.n && !event_expr_matches(&t->o->expression, ev))
		return 0;
	r = t->exports ? exports_event(t->exports, ev) : 0;
	if (r < 0 || !t->show)
		return r;
	return emit_event(t->emit, ev);
}

static int on_ledger(void *ctx, const struct ledger *l)
{
	struct reporting *t = ctx;

	ledger_sum_add(&t->sum, l);
	return 0;
}

/* The ledger of a trace that was cut off is not known, and so no sum. */
static int show_end(struct reporting *t, struct reason *reason)
{
	bool known = t->sum.n == t->n_recordings && t->sum.n;
	_cleanup_out_ struct out text = {0};
	int r = emit_end(t->emit);

	if (r >= 0 && t->view && !t->o->info)
		r = path_view_end(t->view);
	emit_note(t->emit, &text);
	if (t->view)
		path_view_note(t->view, &text);
	if (known && !t->o->info) {
		if (t->show && t->o->trace.json)
			ledger_json(&t->sum.total, &t->out);
		else
			ledger_text(&t->sum.total, &text);
	}
	flush(t);
	if (t->file && rotated_close(t->file) < 0 && !t->write_error)
		t->write_error = -errno;
	out_flush_file(&text, stderr);
	if (r >= 0 && t->exports)
		r = exports_finish(t->exports, known ? &t->sum.total : NULL, reason);
	return t->write_error ? t->write_error : r;
}

static int start_exports(struct reporting *t, struct reason *reason)
{
	const struct trace_options *o = &t->o->trace;
	bool asked = o->path || o->wide || o->summary || o->json;

	t->show = asked || o->output.file || t->o->info || !exports_wanted(&t->o->exports);
	if (!exports_wanted(&t->o->exports))
		return 0;
	if (t->o->info)
		return reason_set(
			reason, -EINVAL,
			"--info shows how a recording was made; not what is in it, which the files would need");
	if (asked && !o->output.file && exports_to_stdout(&t->o->exports))
		return reason_set(reason, -EINVAL, "-: standard output takes a file or the text, not both");
	return exports_new(&t->o->exports, &t->exports, reason);
}

static int start_view(struct reporting *t)
{
	const struct trace_options *o = &t->o->trace;
	struct path_view_opts opts = {.path = o->path,
				      .wide = o->wide,
				      .summary = o->summary,
				      .json = o->json,
				      .color = t->text.color,
				      .out = &t->out,
				      .flush = flush,
				      .ctx = t};

	return path_view_wanted(&opts) ? path_view_new(&opts, &t->view) : 0;
}

static int start_output(struct reporting *t, struct reason *reason)
{
	const struct output_options *o = &t->o->trace.output;
	struct emit_opts opts = {.output = o, .put = show, .block = block, .ctx = t};
	int r = o->file ? rotated_open(o->file, o->file_bytes, &t->file, reason) : 0;

	return r < 0 ? r : emit_new(&opts, &t->emit);
}

/* A recording is not made anew by what is shown of it. */
static int spare(const struct report_options *o, const char *recording, struct reason *reason)
{
	int r = outfile_spares("output-file", o->trace.output.file, recording, reason);

	if (r >= 0)
		r = outfile_spares("svg", o->exports.svg, recording, reason);
	if (r >= 0)
		r = outfile_spares("html", o->exports.html, recording, reason);
	return r < 0 ? r : outfile_spares("pcapng", o->exports.pcapng, recording, reason);
}

/* Every file is shown as far as it can be read; one that cannot be read whole makes the status. */
static int report(struct reporting *t, int argc, char **argv)
{
	struct record_sink sink = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = t};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	struct reason end = {0};
	int status = ST_EXIT_OK, r = record_reader_new(&sink, &reader);

	for (int i = 0; i < argc && r >= 0; i++)
		r = spare(t->o, argv[i], &end);
	if (r >= 0)
		r = start_exports(t, &end);
	if (r >= 0)
		r = start_output(t, &end);
	if (r >= 0)
		r = start_view(t);
	if (r < 0)
		return refuse(r, &end);
	for (int i = 0; i < argc && r >= 0; i++) {
		struct reason why = {0}, reason = {0};

		r = pattern_why(record_file_read(reader, argv[i], &why), &why);
		if (r >= 0)
			continue;
		if (flush(t) < 0)
			break;
		reason_set(&reason, r, "%s: %s", argv[i], why.text[0] ? why.text : strerror(-r));
		status = refuse(r, &reason);
		r = r == -ENODATA ? 0 : r;
	}
	if (record_reader_skipped(reader))
		fprintf(stderr, "skbtrail: %llu blocks that only a newer skbtrail knows were left out\n",
			(unsigned long long)record_reader_skipped(reader));
	r = show_end(t, &end);
	if (r == -EPIPE)
		return ST_EXIT_OK;
	if (r < 0 && r == t->write_error)
		reason_set(&end, r, "writing to %s failed: %s", t->file ? t->o->trace.output.file : "standard output",
			   strerror(-r));
	if (r < 0)
		return refuse(r, &end);
	return status;
}

/* What trace filters by, too. */
static void to_match(const struct trace_options *o, struct event_match *ret)
{
	ret->src = o->src;
	ret->dst = o->dst;
	ret->any = o->any;
	ret->sport = o->sport;
	ret->dport = o->dport;
	ret->port = o->port;
	ret->l4 = o->l4;
}

static int run_report(void *dst, int argc, char **argv)
{
	struct report_options *opts = dst;
	_cleanup_(reporting_clear) struct reporting t = {.o = opts};
	const struct trace_options *o = &t.o->trace;
	struct reason reason = {0};
	int r;

	if (o->profile && strcmp(o->profile, "help") == 0) {
		profile_help(stdout);
		return ST_EXIT_OK;
	}
	if (o->columns && strcmp(o->columns, "help") == 0) {
		columns_help(&t.out);
		return show_stdout(&t.out, ST_EXIT_OK);
	}
	if (!argc) {
		reason_set(&reason, -EINVAL, "which recording? name a FILE, or - for standard input");
		return refuse(-EINVAL, &reason);
	}
	t.text.timestamp.mode = o->timestamp_mode ? o->timestamp_mode : TIMESTAMP_CURRENT;
	t.text.color = color_wanted(o->output.file && o->color == COLOR_AUTO ? COLOR_NEVER : o->color, stdout);
	r = output_options_check(&o->output, &reason);
	if (r >= 0)
		r = trace_options_format(o, &t.text, &reason);
	to_match(o, &opts->trace.match);
	return r < 0 ? refuse(r, &reason) : report(&t, argc, argv);
}

#define T(field) offsetof(struct report_options, trace.field)
#define O(field) offsetof(struct report_options, field)
static const struct opt report_option_table[] = {
	{"filter-src-ip", 0, "ADDR[/LEN]", "packets from this address or prefix", opt_prefix, T(src)},
	{"filter-dst-ip", 0, "ADDR[/LEN]", "packets to it", opt_prefix, T(dst)},
	{"filter-ip", 0, "ADDR[/LEN]", "packets from or to it", opt_prefix, T(any)},
	{"filter-src-port", 0, "PORT", "packets from this TCP, UDP or SCTP port", opt_port, T(sport)},
	{"filter-dst-port", 0, "PORT", "packets to it", opt_port, T(dport)},
	{"filter-port", 0, "PORT", "packets from or to it", opt_port, T(port)},
	{"filter-proto", 0, "PROTO", "packets of this IP protocol, by name or number", opt_proto, T(l4)},
	META_OPTION_ROWS(T(match)),
	{"filter-func", 0, "REGEX", "only functions whose whole name matches", opt_match_func, T(match)},
	{"filter-func-not", 0, "REGEX", "no function whose whole name matches", opt_match_func_not, T(match)},
	{"output-tuple", 0, NULL, "show addresses and ports; always on, accepted for pwru's command lines", opt_flag,
	 T(tuple)},
	{"timestamp", 0, "[=current|relative|absolute|none]", "show when; current unless said", opt_timestamp, 0},
	{"columns", 0, "LIST", "which columns, in which order; 'help' lists them", opt_string, T(columns)},
	OUTPUT_OPTIONS(T(output)),
	{"json", 0, NULL, "JSON lines instead of text", opt_flag, T(json)},
	{"output-json", 0, NULL, "the same, by pwru's name", opt_flag, T(json)},
	{"path", 0, NULL, "packets instead of events: one block each, by namespace, device and stage", opt_flag,
	 T(path)},
	{"wide", 0, NULL, "the same as a diagram of namespaces and devices", opt_flag, T(wide)},
	{"summary", 0, NULL, "at the end per flow: packets, drops, latencies by stage; no events", opt_flag,
	 T(summary)},
	{"svg", 0, "FILE", "packets as a picture in FILE (- for standard output)", opt_string, O(exports.svg)},
	{"html", 0, "FILE", "packets as a page that needs nothing but itself", opt_string, O(exports.html)},
	{"pcapng", 0, "FILE", "events as a capture for Wireshark and tshark", opt_string, O(exports.pcapng)},
	{"info", 0, NULL, "how the recordings were made, instead of what is in them", opt_flag, O(info)},
	{"expression", 0, "EXPR", "packets that this pcap-filter expression matches", opt_expression, O(expression)},
	{"profile", 0, "NAME", "options by one name: drops, dns, tcp-connect, same-node, or a FILE; 'help' prints them",
	 opt_string, T(profile)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, T(color)},
	OPT_END,
};

static void report_options_clear(void *opts)
{
	struct report_options *o = opts;

	event_match_free(&o->trace.match);
	cbpf_free(&o->expression);
}

const struct command cmd_report = {
	.name = "report",
	.usage = "[OPTIONS] FILE...",
	.summary = "Shows recordings as their trace would have shown them; - is standard input.",
	.opts = report_option_table,
	.opts_size = sizeof(struct report_options),
	.run = run_report,
	.fini = report_options_clear,
};
