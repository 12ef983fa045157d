/* SPDX-License-Identifier: GPL-2.0-only */
#include "sink/sink.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/profile.h"
#include "event/parts.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"
#include "render/event/lost_events.h"
#include "render/list/recording.h"
#include "sink/emit.h"
#include "sink/packet_view.h"
#include "sink/record_file.h"
#include "sink/rotated.h"
#include "sink/terminal.h"

#define WRITE_BYTES (64u << 10)

struct sink {
	struct sink_opts opts;
	bool show; /* something goes to standard output or --output-file */
	struct text_format text;
	struct out out;		       /* not written yet */
	struct rotated *file;	       /* NULL: standard output */
	struct emit *emit;	       /* NULL: no event is shown */
	struct packet_view *view;      /* NULL: events are shown, else packets */
	struct record_file *recording; /* NULL: none */
	struct exports *exports;       /* NULL: none */
	bool begun;
	int error;	  /* negative errno of the first failure */
	int output_error; /* of these, the first one in writing the output; -EPIPE: the reader has gone */
};

bool sink_help(const struct trace_options *o, int *ret)
{
	_cleanup_out_ struct out columns = {0};
	bool profiles = o->profile && strcmp(o->profile, "help") == 0;

	if (!profiles && (!o->columns || strcmp(o->columns, "help") != 0))
		return false;
	if (profiles)
		profile_help(stdout);
	else
		columns_help(&columns);
	*ret = exit_show(&columns, ST_EXIT_OK);
	return true;
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* Where events are recorded or exported they are not shown as well, unless an option asks for it. */
static bool shows_anything(const struct sink *s)
{
	const struct trace_options *o = s->opts.options;

	return !(o->write || exports_wanted(&s->opts.exports)) || o->print || o->json || packet_view_wanted(o) ||
	       o->output.file || s->opts.info;
}

static int check(const struct sink *s, struct reason *reason)
{
	const struct trace_options *o = s->opts.options;
	const char *exported = exports_stdout_option(&s->opts.exports);
	bool to_stdout = s->show && !o->output.file;

	if (o->snaplen && !o->write && !s->opts.exports.pcapng)
		return reason_set(reason, -EINVAL,
				  "--snaplen=%llu: packets' bytes are kept only with --write or --pcapng",
				  (unsigned long long)o->snaplen);
	if (s->opts.info && exports_wanted(&s->opts.exports))
		return reason_set(reason, -EINVAL,
				  "--info shows how a recording was made; not what is in it, which the files would "
				  "need");
	if (to_stdout && is_stdout(o->write))
		return reason_set(reason, -EINVAL,
				  "--write=-: standard output takes the recording or the events, not both");
	if (exported && (to_stdout || is_stdout(o->write)))
		return reason_set(reason, -EINVAL, "--%s=-: standard output takes one thing at a time", exported);
	return 0;
}

int sink_new(const struct sink_opts *opts, struct sink **ret, struct reason *reason)
{
	_cleanup_(sink_freep) struct sink *s = calloc(1, sizeof(*s));
	const struct trace_options *o = opts->options;
	int r;

	if (!s)
		return -ENOMEM;
	s->opts = *opts;
	s->show = shows_anything(s);
	s->text.timestamp.mode = o->timestamp_mode ? o->timestamp_mode : TIMESTAMP_CURRENT;
	s->text.color = opts_color_wanted(o->output.file && o->color == COLOR_AUTO ? COLOR_NEVER : o->color, stdout);
	r = output_options_check(&o->output, reason);
	if (r >= 0)
		r = trace_options_format(o, &s->text, reason);
	if (r >= 0 && !o->columns && !o->output.file && isatty(STDOUT_FILENO))
		columns_fit(&s->text.columns, terminal_width(STDOUT_FILENO), s->text.timestamp.mode);
	if (r >= 0)
		r = check(s, reason);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	packet_view_free(s->view);
	emit_free(s->emit);
	rotated_free(s->file);
	record_file_free(s->recording);
	exports_free(s->exports);
	out_free(&s->out);
	free(s);
}

bool sink_wants_facts(const struct sink *s)
{
	return packet_view_wanted(s->opts.options);
}

/* Likely causes need the Ethernet header. */
uint32_t sink_parts(const struct sink *s)
{
	return output_options_parts(&s->opts.options->output, &s->text.columns) |
	       (sink_wants_facts(s) ? PART_BIT(ST_PART_LINK) : 0);
}

bool sink_uses_mark(const struct sink *s)
{
	const struct trace_options *o = s->opts.options;

	return o->json || o->write || exports_wanted(&s->opts.exports) || sink_wants_facts(s) ||
	       !output_options_without_mark_mtu(&s->text.columns);
}

static int keep_error(struct sink *s, int r)
{
	if (r < 0 && !s->error)
		s->error = r;
	return r;
}

/* Nothing is written after a failed write: it would follow a gap. */
static int write_output(void *ctx)
{
	struct sink *s = ctx;

	if (s->output_error)
		out_clear(&s->out);
	else
		s->output_error = s->file ? rotated_flush(s->file, &s->out) : out_flush_fd(&s->out, STDOUT_FILENO);
	return keep_error(s, s->output_error);
}

static int show_event(void *ctx, const struct event *ev)
{
	struct sink *s = ctx;

	if (s->view)
		return packet_view_add(s->view, ev);
	if (s->opts.options->json)
		event_json(ev, s->text.timestamp.wall_offset_ns ? &s->text.timestamp.wall_offset_ns : NULL, &s->out);
	else
		event_text(&s->text, ev, &s->out);
	return s->out.buf.len < WRITE_BYTES ? 0 : write_output(s);
}

static void show_block(void *ctx, const struct event *ev)
{
	struct sink *s = ctx;

	if (!s->view && !s->opts.options->json)
		event_text_block(ev, &s->out);
}

static int open_view(struct sink *s)
{
	const struct trace_options *o = s->opts.options;
	struct packet_view_opts opts = {.options = o,
					.owner = s->opts.owner,
					.owner_ctx = s->opts.owner_ctx,
					.color = s->text.color,
					.out = &s->out,
					.flush = write_output,
					.ctx = s};

	return packet_view_wanted(o) && !s->opts.info ? packet_view_new(&opts, &s->view) : 0;
}

static int open_output(struct sink *s, struct reason *reason)
{
	const struct output_options *o = &s->opts.options->output;
	struct emit_opts opts = {.output = o, .info = s->opts.info, .put = show_event, .block = show_block, .ctx = s};
	int r = o->file ? rotated_open(o->file, o->file_bytes, &s->file, reason) : 0;

	if (r >= 0)
		r = emit_new(&opts, &s->emit);
	return r < 0 ? r : open_view(s);
}

int sink_open(struct sink *s, struct reason *reason)
{
	const struct trace_options *o = s->opts.options;
	int r = o->write ? record_file_open(o->write, &s->recording, reason) : 0;

	if (r >= 0 && exports_wanted(&s->opts.exports))
		r = exports_new(&s->opts.exports, &s->exports, reason);
	return r < 0 || !s->show ? r : open_output(s, reason);
}

static void show_begin(struct sink *s, const struct record_info *info)
{
	bool json = s->opts.options->json;

	if (s->opts.info && json)
		recording_json(info, &s->out);
	else if (s->opts.info)
		recording_text(info, &s->out);
	else if (!json && !s->view && !s->begun)
		event_text_header(&s->text, &s->out);
}

int sink_begin(struct sink *s, const struct record_info *info, struct reason *reason)
{
	int r = s->recording ? record_file_begin(s->recording, info, reason) : 0;

	s->text.timestamp.wall_offset_ns = info->wall_offset_ns;
	if (r >= 0 && s->exports)
		r = exports_info(s->exports, info);
	if (r < 0 || !s->show)
		return r;
	show_begin(s, info);
	if (s->file && !s->begun)
		r = rotated_head(s->file, &s->out);
	s->begun = true;
	return r;
}

int sink_coverage(struct sink *s, const struct record_coverage *c)
{
	if (s->recording)
		keep_error(s, record_file_coverage(s->recording, c));
	return s->error;
}

/* After a failure elsewhere a recording and exports still take events: they end with a ledger, which must not count
 * events that they lack. */
int sink_event(struct sink *s, const struct event *ev)
{
	if (s->recording)
		keep_error(s, record_file_event(s->recording, ev));
	if (s->exports)
		keep_error(s, exports_event(s->exports, ev));
	if (!s->error && s->emit)
		keep_error(s, emit_event(s->emit, ev));
	return s->error;
}

int sink_flush(struct sink *s)
{
	write_output(s);
	if (s->recording)
		keep_error(s, record_file_flush(s->recording));
	if (s->exports)
		keep_error(s, exports_flush(s->exports));
	return s->error;
}

int sink_tick(struct sink *s, uint64_t now_ns)
{
	int r = s->error;

	if (r >= 0 && s->emit)
		r = emit_tick(s->emit, now_ns);
	if (r >= 0 && s->view)
		r = packet_view_expire(s->view, now_ns);
	keep_error(s, r);
	return sink_flush(s);
}

/* A closed pipe is noticed here although there may be nothing to write. */
static bool reader_has_gone(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

bool sink_is_over(const struct sink *s)
{
	return s->error || (s->emit && emit_enough(s->emit)) || (!s->file && reader_has_gone());
}

/* Shows the events that wait, and appends to notes what did not fit. */
static void show_rest(struct sink *s, struct out *notes)
{
	int r = s->emit ? emit_end(s->emit) : 0;

	if (r >= 0 && s->view)
		r = packet_view_end(s->view);
	keep_error(s, r);
	if (s->emit)
		emit_note(s->emit, notes);
	if (s->view)
		packet_view_note(s->view, notes);
}

static void close_output(struct sink *s)
{
	int r;

	write_output(s);
	r = s->file ? rotated_close(s->file) : 0;
	if (r < 0 && !s->output_error)
		s->output_error = keep_error(s, r);
}

static int finish_files(struct sink *s, const struct lost_events *ledger, struct reason *reason)
{
	int r = s->recording && ledger ? record_file_finish(s->recording, ledger, reason) : 0;

	return r >= 0 && s->exports ? exports_finish(s->exports, ledger, reason) : r;
}

int sink_end(struct sink *s, const struct lost_events *ledger, struct reason *reason)
{
	const char *file = s->opts.options->output.file;
	_cleanup_out_ struct out notes = {0};
	int r;

	show_rest(s, &notes);
	if (ledger && s->show && s->opts.options->json)
		lost_events_json(ledger, &s->out);
	else if (ledger)
		lost_events_text(ledger, &notes);
	close_output(s);
	out_flush_file(&notes, stderr);
	r = finish_files(s, ledger, reason);
	if (r >= 0 || r == -EPIPE)
		r = s->error;
	if (r == -EPIPE)
		r = 0;
	if (r < 0 && r == s->output_error)
		return reason_set(reason, r, "writing to %s failed: %s", file ? file : "standard output", strerror(-r));
	return r;
}
