/* SPDX-License-Identifier: GPL-2.0-only */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "recordings.h"
#include "sink/emit.h"
#include "sink/record_file.h"
#include "sink/sink.h"

#define SECOND UINT64_C(1000000000)

static char dir[] = "/tmp/skbtrail-test-XXXXXX";
static char output[64], recording[64], picture[64], capture[64];

static void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
	snprintf(output, sizeof(output), "%s/output", dir);
	snprintf(recording, sizeof(recording), "%s/recording", dir);
	snprintf(picture, sizeof(picture), "%s/picture", dir);
	snprintf(capture, sizeof(capture), "%s/capture", dir);
}

static void remove_dir(void)
{
	char older[80];

	snprintf(older, sizeof(older), "%s.1", output);
	unlink(older);
	unlink(output);
	unlink(recording);
	unlink(picture);
	unlink(capture);
	rmdir(dir);
}

TestSuite(sink, .init = make_dir, .fini = remove_dir);

/* A step of packet pkt, a millisecond after the event before. */
static struct event step(uint64_t seq, uint64_t pkt, const char *func)
{
	return (struct event){
		.seq = seq, .pkt = pkt, .ts_ns = SECOND + seq * 1000000, .skb = 0x1000 * pkt, .func = func};
}

static const struct {
	uint64_t pkt;
	const char *func;
} steps[] = {{1, "ip_rcv"}, {2, "ip_rcv"}, {1, "ip_forward"}, {3, "ip_rcv"}, {2, "ip_forward"}, {3, "ip_forward"}};

/* A sink that writes into `output`, with the steps above in it. */
static struct sink *filled(struct sink_opts *opts, struct trace_options *o)
{
	struct sink *s = NULL;

	o->output.file = output;
	o->columns = o->columns ? o->columns : "skb,func";
	opts->options = o;
	cr_assert_eq(sink_new(opts, &s, NULL), 0);
	cr_assert_eq(sink_open(s, NULL), 0);
	cr_assert_eq(sink_begin(s, &some_info, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct event ev = step(i, steps[i].pkt, steps[i].func);

		cr_assert_eq(sink_event(s, &ev), 0);
	}
	return s;
}

static void expect_file(const char *path, const char *want)
{
	_cleanup_buf_ struct buf got = {0};

	cr_assert_eq(buf_read_file(path, &got), 0, "%s", path);
	cr_expect_str_eq(got.data ? got.data : "", want, "%s:\n%s", path, got.data);
}

static void expect_text(struct trace_options o, const char *want)
{
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);

	cr_assert_eq(sink_end(s, NULL, NULL), 0);
	expect_file(output, want);
}

#define HEADER "SKB                FUNC\n"
#define A      "0x1000             "
#define B      "0x2000             "
#define C      "0x3000             "

Test(sink, text)
{
	expect_text((struct trace_options){0},
		    HEADER A "ip_rcv\n" B "ip_rcv\n" A "ip_forward\n" C "ip_rcv\n" B "ip_forward\n" C "ip_forward\n");
}

Test(sink, limit_of_lines)
{
	expect_text((struct trace_options){.output.limit_lines = 2}, HEADER A "ip_rcv\n" B "ip_rcv\n");
	expect_text((struct trace_options){.output = {.limit_lines = 3, .sort = true}},
		    HEADER A "ip_rcv\n" A "ip_forward\n" B "ip_rcv\n");
}

Test(sink, first_packets)
{
	expect_text((struct trace_options){.output.stop_after = 1}, HEADER A "ip_rcv\n" A "ip_forward\n");
}

Test(sink, groups)
{
	expect_text((struct trace_options){.output = {.group = true, .stop_after = 2}},
		    HEADER "packet 1 -\n" A "ip_rcv\n" A "ip_forward\n\npacket 2 -\n" B "ip_rcv\n" B "ip_forward\n\n");
}

Test(sink, json_ends_with_the_ledger)
{
	struct trace_options o = {.json = true};
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);
	_cleanup_buf_ struct buf got = {0};
	unsigned n = 0;

	cr_assert_eq(sink_end(s, &some_ledger, NULL), 0);
	cr_assert_eq(buf_read_file(output, &got), 0);
	for (const char *p = got.data; (p = strstr(p, "{\"type\":\"event\"")); p++)
		n++;
	cr_expect_eq(n, ARRAY_SIZE(steps));
	cr_expect_not_null(strstr(got.data, "\n{\"type\":\"summary\",\"v\":1,\"events\":3,"));
}

/* One header, whatever follows; each of the files begins with it. */
Test(sink, header_once_and_in_each_file)
{
	struct trace_options o = {.output.file_bytes = 110};
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);
	char older[80];

	cr_assert_eq(sink_begin(s, &some_info, NULL), 0);
	cr_assert_eq(sink_end(s, NULL, NULL), 0);
	snprintf(older, sizeof(older), "%s.1", output);
	expect_file(older, HEADER A "ip_rcv\n" B "ip_rcv\n" A "ip_forward\n");
	expect_file(output, HEADER C "ip_rcv\n" B "ip_forward\n" C "ip_forward\n");
}

Test(sink, over_when_it_is_enough)
{
	struct trace_options o = {.output.limit_lines = 6}, more = {.output.limit_lines = 7};
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);

	cr_expect(sink_is_over(s));
	sink_free(s);
	s = filled(&opts, &more);
	cr_expect_not(sink_is_over(s));
}

/* Live: the packets' last events may still come, for a second. */
Test(sink, over_when_the_first_packets_are)
{
	struct trace_options o = {.output.stop_after = 3};
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);

	cr_assert_eq(sink_tick(s, 2 * SECOND), 0);
	cr_expect_not(sink_is_over(s));
	cr_assert_eq(sink_tick(s, 3 * SECOND), 0);
	cr_expect(sink_is_over(s));
}

/* Live: a packet is shown once it is quiet. */
Test(sink, tick_shows_what_waited)
{
	struct trace_options o = {.output.group = true};
	struct sink_opts opts = {0};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);

	cr_assert_eq(sink_tick(s, SECOND + 10000000), 0);
	expect_file(output, HEADER);
	cr_assert_eq(sink_tick(s, 2 * SECOND + 3500000), 0);
	expect_file(output, HEADER "packet 1 -\n" A "ip_rcv\n" A "ip_forward\n\n");
}

Test(sink, recording_is_what_was_taken)
{
	struct trace_options o = {.write = recording, .print = true};
	struct sink_opts opts = {.exports = {.svg = picture, .pcapng = capture}};
	_cleanup_(sink_freep) struct sink *s = filled(&opts, &o);
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};
	struct stat st;

	/* should it be killed, what was there at the last tick is */
	cr_expect_eq(sink_tick(s, SECOND), 0);
	cr_expect(stat(capture, &st) == 0 && st.st_size > 100);
	cr_assert_eq(buf_read_file(recording, &bytes), 0);
	cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -ENODATA);
	cr_expect_eq(told.n_events, ARRAY_SIZE(steps));
	told_free(&told);
	buf_free(&bytes);
	cr_assert_eq(sink_end(s, &some_ledger, NULL), 0);
	cr_assert_eq(buf_read_file(recording, &bytes), 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0);
	cr_assert_eq(told.n_events, ARRAY_SIZE(steps));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		cr_expect_str_eq(told.events[i].func, steps[i].func);
	cr_expect_str_eq(told.info.tool, some_info.tool);
	cr_expect_eq(told.ledger.events, some_ledger.events);
	cr_expect(stat(picture, &st) == 0 && st.st_size > 1000);
	cr_expect(stat(capture, &st) == 0 && st.st_size > 100);
}

/* Files take the place of the output; how it is shown decides what a trace asks the kernel for. */
Test(sink, what_events_must_carry)
{
	static const struct {
		struct trace_options o;
		const char *pcapng;
		uint32_t parts;
		bool mark;
	} cases[] = {
		{.parts = 0, .mark = false},
		{.o = {.columns = "mark,func"}, .mark = true},
		{.o = {.json = true}, .mark = true},
		{.o = {.write = recording}, .mark = true},
		{.pcapng = capture, .mark = true},
		{.o = {.output.stack = true}, .parts = PART_BIT(ST_PART_STACK)},
		{.o = {.columns = "caller,func"}, .parts = PART_BIT(ST_PART_CALLER)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sink_opts opts = {.options = &cases[i].o, .exports.pcapng = cases[i].pcapng};
		_cleanup_(sink_freep) struct sink *s = NULL;

		cr_assert_eq(sink_new(&opts, &s, NULL), 0);
		cr_expect_eq(sink_parts(s), cases[i].parts, "%zu", i);
		cr_expect_eq(sink_uses_mark(s), cases[i].mark, "%zu", i);
	}
}

Test(sink, info_instead_of_events)
{
	struct trace_options o = {.output.file = output, .summary = true};
	struct sink_opts opts = {.options = &o, .info = true};
	_cleanup_(sink_freep) struct sink *s = NULL;

	cr_assert_eq(sink_new(&opts, &s, NULL), 0);
	cr_assert_eq(sink_open(s, NULL), 0);
	cr_assert_eq(sink_begin(s, &(struct record_info){.release = "6.12", .tool = "skbtrail"}, NULL), 0);
	cr_assert_eq(sink_begin(s, &(struct record_info){.release = "6.1", .tool = "skbtrail"}, NULL), 0);
	cr_assert_eq(sink_end(s, NULL, NULL), 0);
	_cleanup_buf_ struct buf got = {0};
	cr_assert_eq(buf_read_file(output, &got), 0);
	cr_expect_not_null(strstr(got.data, "6.12"), "%s", got.data);
	cr_expect_not_null(strstr(got.data, "6.1\n"), "%s", got.data);
	cr_expect_null(strstr(got.data, "FUNC"), "%s", got.data);
}

Test(sink, refused)
{
	static const struct {
		struct trace_options o;
		struct exports_opts exports;
		bool info;
		const char *why;
	} cases[] = {
		{.o = {.snaplen = 64}, .why = "--snaplen=64: packets' bytes are kept only with --write or --pcapng"},
		{.o = {.write = "-", .json = true}, .why = "--write=-: standard output takes the recording or the"},
		{.o = {.write = "-"}, .exports.pcapng = "-", .why = "--pcapng=-: standard output takes one thing"},
		{.o = {.path = true}, .exports.svg = "-", .why = "--svg=-: standard output takes one thing at a time"},
		{.info = true, .exports.html = "x", .why = "--info shows how a recording was made"},
		{.o = {.output = {.sort = true, .file_bytes = 5}}, .why = "--output-file-size"},
		{.o = {.columns = "nix"}, .why = "--columns"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sink_opts opts = {.options = &cases[i].o, .exports = cases[i].exports, .info = cases[i].info};
		struct reason reason = {0};
		struct sink *s = NULL;

		cr_expect_eq(sink_new(&opts, &s, &reason), -EINVAL, "%zu", i);
		cr_expect_null(s);
		cr_expect_not_null(strstr(reason.text, cases[i].why), "%s: %s", cases[i].why, reason.text);
	}
	for (size_t i = 0; i < 3; i++) { /* of which each is fine with a file for the rest */
		struct trace_options o = {.json = i == 0, .write = i < 2 ? "-" : NULL, .output.file = output};
		struct sink_opts opts = {.options = &o, .exports.svg = i == 2 ? "-" : NULL};
		_cleanup_(sink_freep) struct sink *s = NULL;

		cr_expect_eq(sink_new(&opts, &s, NULL), 0, "%zu", i);
	}
}

/* The output fails: the trace is over, and what can still be kept is. */
Test(sink, full_disk)
{
	struct trace_options o = {.write = recording, .output.file = "/dev/full"};
	struct sink_opts opts = {.options = &o};
	_cleanup_(sink_freep) struct sink *s = NULL;
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};
	struct reason reason = {0};
	struct event ev = step(0, 1, "ip_rcv");

	cr_assert_eq(sink_new(&opts, &s, NULL), 0);
	cr_assert_eq(sink_open(s, NULL), 0);
	cr_assert_eq(sink_begin(s, &some_info, NULL), 0);
	cr_assert_eq(sink_event(s, &ev), 0);
	cr_expect_not(sink_is_over(s));
	cr_expect_eq(sink_tick(s, SECOND), -ENOSPC);
	cr_expect(sink_is_over(s));
	/* the ledger counts the events that come until the trace has ended, so the recording must have them */
	cr_expect_eq(sink_event(s, &ev), -ENOSPC);
	cr_expect_eq(sink_end(s, &some_ledger, &reason), -ENOSPC);
	cr_expect_str_eq(reason.text, "writing to /dev/full failed: No space left on device");
	cr_assert_eq(buf_read_file(recording, &bytes), 0);
	cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_expect_eq(told.n_events, 2);
}

Test(sink, full_disk_of_the_recording)
{
	struct trace_options o = {.write = "/dev/full", .output.file = output, .columns = "func"};
	struct sink_opts opts = {.options = &o};
	_cleanup_(sink_freep) struct sink *s = NULL;
	struct reason reason = {0};

	cr_assert_eq(sink_new(&opts, &s, NULL), 0);
	cr_assert_eq(sink_open(s, NULL), 0);
	cr_expect_eq(sink_begin(s, &some_info, &reason), -ENOSPC);
	cr_expect_str_eq(reason.text, "--write=/dev/full: cannot write it: No space left on device");
}

/* A reader that has seen enough is no failure, but nothing is of use any more. */
Test(sink, reader_has_gone)
{
	struct trace_options o = {.columns = "func"};
	struct sink_opts opts = {.options = &o};
	_cleanup_(sink_freep) struct sink *s = NULL;
	struct event ev = step(0, 1, "ip_rcv");
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	cr_assert_eq(sink_new(&opts, &s, NULL), 0);
	cr_assert_eq(sink_open(s, NULL), 0);
	cr_assert_eq(sink_begin(s, &some_info, NULL), 0);
	cr_assert_eq(sink_event(s, &ev), 0);
	cr_expect_not(sink_is_over(s));
	close(fds[0]);
	cr_expect(sink_is_over(s));
	cr_expect_eq(sink_flush(s), -EPIPE);
	cr_expect_eq(sink_end(s, &some_ledger, NULL), 0);
}

static int put_nothing(void *ctx _unused_, const struct event *ev _unused_)
{
	return 0;
}

static void expect_note(bool dies, const char *want)
{
	struct output_options o = {.drops = true};
	struct emit_opts opts = {.output = &o, .put = put_nothing};
	_cleanup_(emit_freep) struct emit *e = NULL;
	_cleanup_out_ struct out notes = {0};
	struct event ev = step(0, 1, "ip_rcv");

	cr_assert_eq(emit_new(&opts, &e), 0);
	cr_assert_eq(emit_event(e, &ev), 0);
	ev.source = ST_SRC_KFREE;
	ev.has_location = true;
	if (dies)
		cr_assert_eq(emit_event(e, &ev), 0);
	cr_assert_eq(emit_end(e), 0);
	emit_note(e, &notes);
	out_char(&notes, '\0');
	cr_expect_str_eq(notes.buf.data, want);
}

Test(sink, nothing_died)
{
	expect_note(false, "skbtrail: --drops: no packet died\n");
	expect_note(true, "");
}
