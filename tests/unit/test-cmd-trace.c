/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace and record as a user runs them, without a kernel to trace: a recording of examples/ takes its place behind
 * live/session.h, whose functions are all defined here, so that the linker leaves the room's own ones out.
 *
 * A command gives up privileges for good, so each is run in a child, with its output in files.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "cli/options.h"
#include "cmd/commands.h"
#include "golden.h"
#include "live/session.h"
#include "recordings.h"

#define OPTIONS_MAX    16
#define STATUS_CRASHED -1

/* How the kernel behaves. */
static struct {
	const char *example;
	int preflight, open, poll, finish; /* what these return, with a reason or without */
	struct session_status status;
	bool keeps_time; /* events have the recording's times, not times of just now */
	int done_fd;	 /* written to when there is no event left */
} kernel = {.example = "policy-drop", .status.attached = 3};

struct session {
	struct session_opts opts;
	struct told told;
	bool told_all;
};

int session_preflight(struct reason *reason)
{
	return kernel.preflight < 0 ? reason_set(reason, kernel.preflight, "no privileges") : 0;
}

static void move_to_now(struct told *told)
{
	uint64_t last_ns = told->events[told->n_events - 1].ts_ns, want_ns = clock_monotonic_ns() - 10 * 1000000000ull;

	for (size_t i = 0; i < told->n_events; i++)
		told->events[i].ts_ns += want_ns - last_ns;
}

int session_open(const struct session_opts *opts, struct session **ret, struct reason *reason)
{
	_cleanup_(session_freep) struct session *s = calloc(1, sizeof(*s));
	_cleanup_buf_ struct buf bytes = {0};
	char path[512];

	cr_assert_not_null(s);
	s->opts = *opts;
	if (kernel.open < 0)
		return reason_set(reason, kernel.open, "no functions");
	snprintf(path, sizeof(path), "%s/%s.skbt", EXAMPLES_DIR, kernel.example);
	cr_assert_eq(buf_read_file(path, &bytes), 0, "%s", path);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &s->told), 0);
	if (!kernel.keeps_time)
		move_to_now(&s->told);
	*ret = TAKE_PTR(s);
	return 0;
}

void session_status(const struct session *s _unused_, struct session_status *ret)
{
	*ret = kernel.status;
}

/* All events at once; then it waits to be told to end. */
int session_poll(struct session *s, int timeout_ms)
{
	struct timespec wait = {.tv_nsec = timeout_ms * 1000000L};
	int r = 0;

	if (kernel.poll < 0)
		return kernel.poll;
	if (s->told_all) {
		cr_assert_eq(write(kernel.done_fd, "", 1), 1);
		return nanosleep(&wait, NULL) < 0 ? -errno : 0;
	}
	for (size_t i = 0; r >= 0 && i < s->told.n_events; i++)
		r = s->opts.on_event(s->opts.ctx, &s->told.events[i]);
	s->told_all = true;
	return r;
}

int session_finish(struct session *s, struct lost_events *ret)
{
	*ret = s->told.ledger;
	return kernel.finish;
}

void session_free(struct session *s)
{
	if (s)
		told_free(&s->told);
	free(s);
}

static struct func funcs[] = {{.name = "veth_xmit", .attachable = true},
			      {.name = "skb_dump"},
			      {.name = "ip_rcv", .attachable = true},
			      {.name = "arp_rcv", .attachable = true}};
static struct func_set func_set = {.items = funcs, .n = ARRAY_SIZE(funcs), .n_attachable = 3};

const struct func_set *session_funcs(const struct session *s _unused_)
{
	return &func_set;
}

uint64_t session_forgotten(const struct session *s _unused_)
{
	return 0;
}

int session_run_time(const struct session *s _unused_, uint64_t *ret_ns)
{
	*ret_ns = 0;
	return 0;
}

size_t session_module_gone(const struct session *s _unused_, const char *module _unused_)
{
	return 0;
}

static char dir[] = "/tmp/skbtrail-test-XXXXXX";
static char out_path[64], err_path[64];

static void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
	snprintf(out_path, sizeof(out_path), "%s/out", dir);
	snprintf(err_path, sizeof(err_path), "%s/err", dir);
	cr_assert_eq(chdir(dir), 0);
}

static void remove_dir(void)
{
	static const char *const files[] = {"out", "err", "kept", "shown", "capture", "ready"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlink(files[i]);
	rmdir(dir);
}

TestSuite(trace, .init = make_dir, .fini = remove_dir);

static void in_child(const struct command *cmd, const char *line)
{
	char copy[512], *argv[OPTIONS_MAX], *save = NULL;
	_cleanup_free_ void *opts = calloc(1, cmd->opts_size);
	struct reason reason = {0};
	bool help = false;
	int argc = 0, status;

	alarm(60); /* a trace that does not end */
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("COLUMNS", "140", 1);
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p && argc < OPTIONS_MAX; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	if (!freopen(out_path, "we", stdout) || !freopen(err_path, "we", stderr))
		_exit(125);
	if (cmd->init)
		cmd->init(opts);
	argc = opts_parse(cmd, argc, argv, opts, &help, &reason);
	if (argc < 0)
		fprintf(stderr, "%s\n", reason.text);
	status = argc < 0 ? 124 : cmd->run(opts, argc, argv);
	fflush(stdout);
	fflush(stderr);
	_exit(status);
}

static bool told_to_end; /* by run() */

/* The exit status. What was written is in the files "out" and "err". A trace that does not end by itself is told to,
 * as by ^C, once it was told all events. */
static int run(const struct command *cmd, const char *line)
{
	int status, fds[2];
	pid_t pid;
	char c;

	cr_assert_eq(pipe(fds), 0);
	kernel.done_fd = fds[1];
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0)
		in_child(cmd, line);
	close(fds[1]);
	told_to_end = read(fds[0], &c, 1) == 1;
	if (told_to_end)
		kill(pid, SIGINT);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	close(fds[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_CRASHED;
}

static void read_file(const char *path, struct buf *ret)
{
	buf_free(ret);
	cr_assert_eq(buf_read_file(path, ret), 0, "%s", path);
}

static void expect_said(const char *what)
{
	_cleanup_buf_ struct buf err = {0};

	read_file("err", &err);
	cr_expect_not_null(strstr(err.data ? err.data : "", what), "%s: %s", what, err.data);
}

static void expect_same(const char *a, const char *b)
{
	_cleanup_buf_ struct buf x = {0}, y = {0};

	read_file(a, &x);
	read_file(b, &y);
	cr_expect(x.len && x.len == y.len && memcmp(x.data, y.data, x.len) == 0, "%s differs from %s:\n%s\n%s", a, b,
		  x.data, y.data);
}

/* What each command line shows of a recorded ping. */
Test(trace, golden)
{
	static const struct {
		const char *example, *line;
		bool ends; /* by itself */
	} cases[] = {
		{"policy-drop", ""},
		{"policy-drop", "--timestamp=relative --columns=timestamp,iface,func"},
		{"policy-drop", "--path"},
		{"policy-drop", "--summary"},
		{"policy-drop", "--drops --stop-after=1 --columns=pkt,func", true},
		{"redirect-peer", "--group --columns=netns,func"},
		{"redirect-peer", "--stop-after=1 --columns=netns,func", true},
		{"redirect-peer", "--output-limit-lines=3", true},
		{"redirect-peer", "--output-limit-lines=3 --sort --columns=skb,func"},
		{"redirect-peer", "--output-limit-lines=3 --write=kept --print", true},
	};
	_cleanup_out_ struct out all = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buf_ struct buf text = {0};

		kernel.example = cases[i].example;
		cr_expect_eq(run(&cmd_trace, cases[i].line), 0, "%s", cases[i].line);
		cr_expect_eq(told_to_end, !cases[i].ends, "%s", cases[i].line);
		out_str(&all, "== ");
		out_str(&all, cases[i].example);
		out_str(&all, cases[i].line[0] ? ": trace " : ": trace");
		out_str(&all, cases[i].line);
		out_str(&all, "\n");
		read_file("out", &text);
		out_str(&all, text.data ? text.data : "");
		out_str(&all, "-- standard error\n");
		read_file("err", &text);
		out_str(&all, text.data);
	}
	golden("trace.txt", &all);
}

/* The time of day is that of the test: left out, as where it is not known. */
static void put_without_time(const char *text, struct out *o)
{
	static const char key[] = "\"time\":", time[] = "\"2026-12-01T02:30:00.000000000Z\"";
	const char *at;

	for (; (at = strstr(text, key)); text = at + strlen(key) + strlen(time)) {
		cr_assert_eq(at[strlen(key) + strlen(time)], ',', "%.80s", at);
		out_mem(o, text, (size_t)(at - text) + strlen(key));
		out_str(o, "null");
	}
	out_str(o, text);
}

Test(trace, json)
{
	_cleanup_out_ struct out all = {0};
	_cleanup_buf_ struct buf text = {0};

	kernel.keeps_time = true;
	cr_expect_eq(run(&cmd_trace, "--json"), 0);
	read_file("out", &text);
	put_without_time(text.data, &all);
	golden("examples-events.jsonl", &all);
}

/* A recording of the trace shows what the trace showed. */
Test(trace, recorded)
{
	static const char *const forms[] = {
		"--timestamp=relative", "--json", "--path", "--summary", "--group", "--drops", "--stop-after=1"};
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		snprintf(line, sizeof(line), "--print --write=kept %s", forms[i]);
		cr_expect_eq(run(&cmd_record, line), 0, "%s", line);
		cr_assert_eq(rename("out", "shown"), 0);
		snprintf(line, sizeof(line), "%s kept", forms[i]);
		cr_expect_eq(run(&cmd_report, line), 0, "%s", line);
		expect_same("shown", "out");
	}
}

Test(trace, recorded_into_a_pipe)
{
	cr_expect_eq(run(&cmd_trace, "--write=-"), 0);
	cr_assert_eq(rename("out", "kept"), 0);
	cr_expect_eq(run(&cmd_report, "--json kept"), 0);
	cr_assert_eq(rename("out", "shown"), 0);
	cr_expect_eq(run(&cmd_record, "--write=kept"), 0);
	cr_expect_eq(run(&cmd_report, "--columns=func kept"), 0);
	cr_assert_eq(rename("out", "shown"), 0);
	cr_expect_eq(run(&cmd_trace, "--columns=func"), 0);
	expect_same("shown", "out");
}

struct coverage_text {
	char text[512];
};

static int write_down(void *ctx, const struct record_coverage *c)
{
	struct coverage_text *t = ctx;
	size_t n = 0;

	for (size_t i = 0; i < c->n_options; i++)
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, "%s=%s ", c->options[i].name,
				      c->options[i].value ? c->options[i].value : "");
	n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, c->has_funcs ? "attached" : "unknown");
	for (size_t i = 0; i < c->n_attached; i++)
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, " %s", c->attached[i]);
	for (size_t i = 0; i < c->n_refused; i++)
		n += (size_t)snprintf(t->text + n, sizeof(t->text) - n, " (%s)", c->refused[i]);
	return 0;
}

static void expect_coverage(const char *want)
{
	struct coverage_text got = {0};
	struct record_sink sink = {.coverage = write_down, .ctx = &got};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_buf_ struct buf bytes = {0};

	read_file("kept", &bytes);
	cr_assert_eq(record_reader_new(&sink, &reader), 0);
	cr_assert_eq(record_reader_feed(reader, bytes.data, bytes.len, NULL), 0);
	cr_expect_str_eq(got.text, want);
}

/* A recording says what it was made with: every option of the groups that can hide something, and no other. */
Test(trace, recorded_coverage)
{
	struct trace_failure failures[] = {{.func = &funcs[0], .err = -EINVAL}};

	cr_expect_eq(run(&cmd_record, "-w kept --json --buffer-size 1M"), 0);
	expect_coverage("attached arp_rcv ip_rcv veth_xmit");
	kernel.status.failures = failures;
	kernel.status.n_failures = 1;
	cr_expect_eq(run(&cmd_trace, "-w kept --filter-ip 10.0.0.67 --filter-func=ip_.* --sample 3 --filter-track-skb "
				     "--max-rate=9 --duration 60 --snaplen 64 icmp or arp"),
		     0);
	expect_coverage("filter-ip=10.0.0.67 filter-func=ip_.* sample=3 filter-track-skb= max-rate=9 "
			"pcap-filter=icmp or arp attached arp_rcv ip_rcv (veth_xmit)");
	kernel.status.cut_short = true;
	cr_expect_eq(run(&cmd_record, "-w kept"), 0);
	expect_coverage("unknown");
}

/* The bytes that a packet capture begins with, and nothing on standard output. */
Test(trace, pcapng)
{
	_cleanup_buf_ struct buf bytes = {0};
	struct stat st;

	cr_expect_eq(run(&cmd_trace, "--pcapng=capture"), 0);
	cr_expect(stat("out", &st) == 0 && st.st_size == 0);
	read_file("capture", &bytes);
	cr_assert_gt(bytes.len, 500);
	cr_expect_arr_eq(bytes.data, "\x0a\x0d\x0d\x0a", 4);
	cr_expect_eq(run(&cmd_trace, "--pcapng=- --write=kept"), 0);
	cr_assert_eq(rename("out", "shown"), 0);
	cr_expect_eq(run(&cmd_report, "--pcapng=capture kept"), 0);
	expect_same("shown", "capture");
}

Test(trace, output_file)
{
	cr_expect_eq(run(&cmd_trace, "--output-file=shown --ready-file=ready"), 0);
	cr_expect_eq(access("ready", F_OK), 0);
	cr_expect_eq(run(&cmd_trace, ""), 0);
	expect_same("shown", "out");
	cr_expect_eq(run(&cmd_trace, "--output-file=/dev/full"), 2);
	expect_said("skbtrail: writing to /dev/full failed: No space left on device\n");
}

/* What is refused before the kernel is touched leaves no file. */
Test(trace, refused)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"--write=kept --columns=nix", "skbtrail: --columns=nix: "},
		{"--write=kept tcp[", "skbtrail: "},
		{"--write=- --json",
		 "skbtrail: --write=-: standard output takes the recording or the events, not both\n"},
		{"--snaplen=64 --output-file=kept", "skbtrail: --snaplen=64: "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(run(&cmd_trace, cases[i].line), 2, "%s", cases[i].line);
		expect_said(cases[i].why);
		cr_expect_neq(access("kept", F_OK), 0, "%s", cases[i].line);
	}
	cr_expect_eq(run(&cmd_record, "--json"), 2);
	expect_said("skbtrail: where to? name a file with -w FILE");
	kernel.preflight = -EPERM;
	cr_expect_eq(run(&cmd_trace, "--write=kept"), 2);
	expect_said("skbtrail: no privileges\n");
	cr_expect_neq(access("kept", F_OK), 0);
}

Test(trace, kernel_refuses)
{
	struct stat st;

	kernel.open = -ENOENT;
	cr_expect_eq(run(&cmd_trace, "--ready-file=ready"), 2);
	expect_said("skbtrail: no functions\n");
	cr_expect(stat("out", &st) == 0 && st.st_size == 0);
	cr_expect_neq(access("ready", F_OK), 0);
	kernel.open = 0;
	kernel.poll = -EBADMSG;
	cr_expect_eq(run(&cmd_trace, ""), 2);
	expect_said("skbtrail: Bad message\n");
	kernel.poll = 0;
	kernel.finish = -EIO;
	cr_expect_eq(run(&cmd_trace, ""), 2);
	expect_said("skbtrail: Input/output error\n");
}

Test(trace, says_what_is_attached)
{
	static const struct func busy = {.name = "busy\n"};
	struct trace_failure failure = {.func = &busy, .err = -EBUSY};

	kernel.status = (struct session_status){.attached = 7,
						.failures = &failure,
						.n_failures = 1,
						.without_return = 2,
						.follows_programs = true,
						.n_programs = 4,
						.n_program_funcs = 5,
						.maps_unseen = "update"};
	cr_expect_eq(run(&cmd_trace, "--output-netfilter --output-bpfmap"), 0);
	expect_said(
		"skbtrail: 7 functions armed, 1 refused (--verbose lists them); 4 BPF programs followed (5 functions), "
		"later ones will be; 2 of them not where they return; waiting for packets\n");
	expect_said("skbtrail: --output-netfilter: no chain can be shown: ");
	expect_said("skbtrail: --output-bpfmap: not seen, as this kernel does not let them be traced: update\n");
	cr_expect_eq(run(&cmd_trace, "--verbose"), 0);
	expect_said("skbtrail: not probed: busy\\x0a: Device or resource busy\n");
	kernel.status.cut_short = true;
	cr_expect_eq(run(&cmd_trace, ""), 0);
	expect_said("skbtrail: interrupted while attaching: 7 of 3 functions armed\n");
}
