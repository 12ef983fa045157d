/* SPDX-License-Identifier: GPL-2.0-only */
/* report: shows recordings as the trace would have. Needs neither root nor the kernel of the trace. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/filter_options.h"
#include "cli/outfile.h"
#include "cli/trace_options.h"
#include "event/lost_events.h"
#include "filter/event_match.h"
#include "filter/never_matches.h"
#include "path/delivery.h"
#include "record/reader.h"
#include "sink/event_expr.h"
#include "sink/packet_view.h"
#include "sink/record_file.h"
#include "sink/sink.h"

struct report_options {
	struct trace_options trace; /* first: opt_timestamp() */
	bool info;
	struct exports_opts exports;
	struct cbpf_prog expression; /* no instructions: none */
};

struct reporting {
	const struct report_options *o;
	struct lost_events_sum sum;
	uint64_t n_recordings;
	bool cut; /* one could not be read to its end */
	struct deliveries *deliveries;
	struct sink *sink;
	uint64_t events, matched;
};

static int on_info(void *ctx, const struct record_info *info)
{
	struct reporting *t = ctx;

	t->n_recordings++;
	return sink_begin(t->sink, info, NULL);
}

static int on_event(void *ctx, const struct event *ev)
{
	struct reporting *t = ctx;
	struct event told = *ev;
	int r = t->o->info ? 0 : event_matches(&t->o->trace.match, ev);

	/* whether a packet was lost is told by events that the filters may leave out */
	deliveries_note(t->deliveries, &told);
	told.fate_told = true;
	t->events++;
	if (r <= 0)
		return r;
	if (t->o->expression.n && !event_expr_matches(&t->o->expression, ev))
		return 0;
	t->matched++;
	return sink_event(t->sink, &told);
}

static int on_ledger(void *ctx, const struct lost_events *l)
{
	struct reporting *t = ctx;

	lost_events_sum_add(&t->sum, l);
	return 0;
}

/* The sum of the recordings' ledgers; NULL if a recording ends before its ledger. */
static const struct lost_events *sum(const struct reporting *t)
{
	return t->sum.n && t->sum.n == t->n_recordings && !t->cut && !t->o->info ? &t->sum.total : NULL;
}

/* Refuses an output that would overwrite the recording. */
static int spare(const struct report_options *o, const char *recording, struct reason *reason)
{
	int r = outfile_is_not_input("output-file", o->trace.output.file, recording, reason);

	if (r >= 0)
		r = outfile_is_not_input("svg", o->exports.svg, recording, reason);
	if (r >= 0)
		r = outfile_is_not_input("html", o->exports.html, recording, reason);
	return r < 0 ? r : outfile_is_not_input("pcapng", o->exports.pcapng, recording, reason);
}

/* Refuses a word behind the first file that looks like the beginning of a filter expression, as of a trace. */
static int refuse_expression(int argc, char **argv, struct reason *reason)
{
	for (int i = 1; i < argc; i++) {
		if (!strpbrk(argv[i], "./") && strcmp(argv[i], "-") != 0 && access(argv[i], F_OK) < 0)
			return reason_set(reason, -ENOENT,
					  "%s: there is no such recording; a filter is written --expression '%s'",
					  argv[i], argv[i]);
	}
	return 0;
}

/* A trace may be at the other end of a pipe: what it has sent is shown before its next events come. */
static int flush_sink(void *sink)
{
	return sink_flush(sink);
}

/* Shows a recording as far as it can be read; if that is not all of it, says why and sets the exit status. False: no
 * further recording is to be read. */
static bool read_recording(struct reporting *t, struct record_reader *reader, const char *path, int *status)
{
	struct record_file_idle idle = {flush_sink, t->sink};
	struct reason why = {0}, reason = {0};
	int r = pattern_why(record_file_read(reader, path, &idle, &why), &why);

	if (r >= 0)
		return true;
	t->cut = true;
	if (sink_flush(t->sink) < 0)
		return false;
	reason_set(&reason, r, "%s: %s", path, why.text[0] ? why.text : strerror(-r));
	*status = exit_refuse(r, &reason);
	return r == -ENODATA;
}

/* A packet's path is made of the events that are shown. */
static void say_hidden(const struct report_options *o)
{
	const struct event_match *m = &o->trace.match;
	const char *by = m->func || m->func_not		 ? "--filter-func"
			 : m->ifname.n			 ? "--filter-ifname"
			 : m->has_netns || m->netns_name ? "--filter-netns"
			 : m->has_mark			 ? "--filter-mark"
			 : m->has_pid			 ? "--filter-pid"
			 : m->comm			 ? "--filter-comm"
							 : NULL;
	bool paths = packet_view_wanted(&o->trace) || o->exports.svg || o->exports.html;

	if (by && paths && !o->info)
		fprintf(stderr,
			"skbtrail: %s hides steps of packets: what lies between the steps that are shown, and how "
			"packets end, may be otherwise\n",
			by);
}

/* Says why nothing was shown. */
static void say_no_match(const struct reporting *t)
{
	const char *never = event_match_never(&t->o->trace.match);

	if (t->o->info || t->matched || !t->events)
		return;
	fprintf(stderr, "skbtrail: 0 of %llu events match%s%s\n", (unsigned long long)t->events, never ? ": " : "",
		never ? never : "");
}

static int report(struct reporting *t, int argc, char **argv)
{
	struct record_sink events = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = t};
	struct sink_opts opts = {.options = &t->o->trace, .exports = t->o->exports, .info = t->o->info};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_(deliveries_freep) struct deliveries *deliveries = NULL;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct reason reason = {0};
	int status = ST_EXIT_OK, r = sink_new(&opts, &sink, &reason);

	t->sink = sink;
	if (r >= 0)
		r = refuse_expression(argc, argv, &reason);
	if (r >= 0)
		r = record_reader_new(&events, &reader);
	if (r >= 0)
		r = deliveries_new(&deliveries);
	t->deliveries = deliveries;
	for (int i = 0; i < argc && r >= 0; i++)
		r = spare(t->o, argv[i], &reason);
	if (r >= 0)
		r = sink_open(sink, &reason);
	if (r < 0)
		return exit_refuse(r, &reason);
	for (int i = 0; i < argc && read_recording(t, reader, argv[i], &status); i++)
		;
	if (record_reader_skipped(reader))
		fprintf(stderr, "skbtrail: %llu blocks that only a newer skbtrail knows were left out\n",
			(unsigned long long)record_reader_skipped(reader));
	if (status == ST_EXIT_OK)
		say_no_match(t);
	say_hidden(t->o);
	r = sink_end(sink, sum(t), &reason);
	return r < 0 ? exit_refuse(r, &reason) : status;
}

static int run_report(void *dst, int argc, char **argv)
{
	struct report_options *opts = dst;
	struct reporting t = {.o = opts};
	const struct trace_options *o = &opts->trace;
	struct reason reason = {0};
	int r;

	if (sink_help(o, &r))
		return r;
	if (!argc) {
		reason_set(&reason, -EINVAL, "which recording? name a FILE, or - for standard input");
		return exit_refuse(-EINVAL, &reason);
	}
	return report(&t, argc, argv);
}

#define T(field) offsetof(struct report_options, trace.field)
#define O(field) offsetof(struct report_options, field)
static const struct opt report_option_table[] = {
	OPT_GROUP("Which events"),
	FILTER_OPTION_ROWS(T(match)),
	SURROUNDINGS_OPTION_ROWS(T(match)),
	{"filter-func", 0, "REGEX", "only functions whose whole name matches", opt_match_func, T(match)},
	{"filter-func-not", 0, "REGEX", "no function whose whole name matches", opt_match_func_not, T(match)},
	{"expression", 0, "EXPR", "packets that this pcap-filter expression matches", opt_expression, O(expression)},
	OPT_GROUP("What is shown of an event"),
	EVENT_OPTION_ROWS(O(trace)),
	OUTPUT_EVENT_ROWS(T(output)),
	OPT_GROUP("Form of the output"),
	VIEW_OPTION_ROWS(O(trace)),
	{"info", 0, NULL, "how the recordings were made, instead of what is in them", opt_flag, O(info)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, T(color)},
	OPT_GROUP("Files"),
	OUTPUT_FILE_ROWS(T(output)),
	OPT_GROUP("Pictures and captures"),
	{"svg", 0, "FILE", "packets as a picture in FILE (- for standard output)", opt_string, O(exports.svg)},
	{"html", 0, "FILE", "packets as a page that needs nothing but itself", opt_string, O(exports.html)},
	{"pcapng", 0, "FILE", "events as a capture for Wireshark and tshark", opt_string, O(exports.pcapng)},
	OPT_GROUP("End of the report"),
	OUTPUT_END_ROWS(T(output)),
	OPT_GROUP("Running"),
	PROFILE_OPTION_ROW(O(trace)),
	OPT_END,
};

static void report_options_clear(void *opts)
{
	struct report_options *o = opts;

	event_match_free(&o->trace.match);
	cbpf_free(&o->expression);
}

static const char *const examples[] = {
	"report lost.skbt",
	"report --path --expression 'tcp port 443' lost.skbt",
	"report --drops --json lost.skbt",
	"report --html lost.html lost.skbt",
	NULL,
};

const struct command cmd_report = {
	.name = "report",
	.usage = "[OPTIONS] FILE...",
	.summary = "Shows recordings as their trace would have shown them; - is standard input.",
	.opts = report_option_table,
	.examples = examples,
	.opts_size = sizeof(struct report_options),
	.run = run_report,
	.fini = report_options_clear,
};
