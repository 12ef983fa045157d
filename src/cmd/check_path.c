/* SPDX-License-Identifier: GPL-2.0-only */
/* check path: the rules of a file, held against the running kernel. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/signals.h"
#include "check/hooks.h"
#include "cmd/check_path.h"
#include "cmd/check_show.h"
#include "cmd/confine.h"
#include "cmd/outfile.h"
#include "kern/refusal.h"
#include "net/netns.h"
#include "record/reader.h"
#include "render/rules.h"
#include "rules/parse.h"

#define DEFAULT_TIMEOUT_NS 10000000000ull
#define PACKETS_MAX	   10000
#define POLL_MS		   100

static int opt_packets(void *dst, const char *value, struct reason *reason)
{
	uint64_t n;

	if (parse_u64(value, PACKETS_MAX, &n) < 0 || n == 0)
		return reason_set(reason, -EINVAL, "must be a number from 1 to %d", PACKETS_MAX);
	*(uint64_t *)dst = n;
	return 0;
}

#define O(field) offsetof(struct path_options, field)
static const struct opt opts[] = {
	{"rules", 0, "FILE", "the rules, see skbtrail-rules(5)", opt_string, O(rules)},
	{"read", 0, "FILE", "judge a recording of record -w; - is standard input", opt_string, O(read)},
	{"timeout", 0, "TIME", "watch no longer than this (default 10 s)", opt_duration, O(timeout_ns)},
	{"packets", 0, "COUNT", "judge at least this many packets of each packet scope (default 1)", opt_packets,
	 O(packets)},
	{"filter-src-ip", 0, "ADDR[/LEN]", "packets from this address or prefix", opt_prefix, O(trace.src)},
	{"filter-dst-ip", 0, "ADDR[/LEN]", "packets to it", opt_prefix, O(trace.dst)},
	{"filter-ip", 0, "ADDR[/LEN]", "packets from or to it", opt_prefix, O(trace.any)},
	{"filter-src-port", 0, "PORT", "packets from this TCP, UDP or SCTP port", opt_port, O(trace.sport)},
	{"filter-dst-port", 0, "PORT", "packets to it", opt_port, O(trace.dport)},
	{"filter-port", 0, "PORT", "packets from or to it", opt_port, O(trace.port)},
	{"filter-proto", 0, "PROTO", "packets of this IP protocol, by name or number", opt_proto, O(trace.l4)},
	{"kernel-btf", 0, "FILE", "take types from this BTF or ELF file", opt_string, O(trace.kernel_btf)},
	{"backend", 0, "BACKEND", "auto, kprobe, kprobe-multi or fentry-multi", opt_backend, O(trace.backend)},
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default 32M)", opt_bytes, O(trace.ring_bytes)},
	{"json", 0, NULL, "one JSON object instead of text", opt_flag, O(trace.json)},
	{"junit", 0, "FILE", "also write a JUnit report", opt_string, O(junit)},
	{"tap", 0, NULL, "TAP instead of text", opt_flag, O(tap)},
	{"ready-file", 0, "FILE", "create FILE once every probe is armed", opt_string, O(trace.ready_file)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(trace.color)},
	{"verbose", 'v', NULL, "say on standard error what is being done", opt_flag, O(trace.verbose)},
	OPT_END,
};

static void init(void *dst)
{
	struct path_options *o = dst;

	trace_options_init(&o->trace);
	o->timeout_ns = DEFAULT_TIMEOUT_NS;
	o->packets = 1;
}

static int read_rules(struct path_run *run, struct reason *reason)
{
	const char *file = run->o->rules;
	_cleanup_buf_ struct buf text = {0};
	struct rules_error error;
	int r;

	if (!file)
		return reason_set(reason, -EINVAL, "check path needs --rules FILE");
	r = buf_read_file_max(file, RULES_BYTES_MAX, &text);
	if (r == -EFBIG)
		return reason_set(reason, r, "--rules=%s: more than %u bytes", file, RULES_BYTES_MAX);
	if (r < 0)
		return reason_set(reason, r, "--rules=%s: %s", file, strerror(-r));
	r = rules_parse(text.data, text.len, &run->rules, &error);
	if (r < 0)
		return reason_set(reason, r, "%s:%u:%u: %s", file, error.line, error.column, error.reason.text);
	return 0;
}

void path_match(const struct trace_options *o, struct event_match *ret)
{
	*ret = (struct event_match){.src = o->src,
				    .dst = o->dst,
				    .any = o->any,
				    .sport = o->sport,
				    .dport = o->dport,
				    .port = o->port,
				    .l4 = o->l4};
}

int path_confine(const struct path_run *path, struct reason *reason)
{
	return confine(&(struct guard_needs){.opens_files = path->o->junit != NULL}, reason);
}

int path_watch(const struct path_run *path, struct engine *engine, int (*poll)(void *ctx, int timeout_ms), void *ctx)
{
	uint64_t deadline_ns = clock_monotonic_ns() + path->o->timeout_ns;

	while (!stop_asked() && !engine_done(engine)) {
		uint64_t now_ns = clock_monotonic_ns();
		int r;

		if (now_ns >= deadline_ns)
			break;
		r = poll(ctx, POLL_MS);
		if (r < 0 && r != -EINTR)
			return r;
		engine_tick(engine, now_ns);
	}
	return 0;
}

static int check_options(const struct path_options *o, struct reason *reason)
{
	int r;

	if (o->tap && o->trace.json)
		return reason_set(reason, -EINVAL, "--tap: give either --json or --tap");
	if (o->read && o->trace.ready_file)
		return reason_set(reason, -EINVAL,
				  "--read: judges what was recorded; it does not go with --ready-file");
	r = outfile_spares("junit", o->junit, o->rules, reason);
	return r < 0 ? r : outfile_spares("junit", o->junit, o->read, reason);
}

static int observe_live(struct path_run *run, struct rules_result *ret, struct reason *reason)
{
	struct st_flow flow;
	int r;

	kern_init();
	stop_on_signals();
	r = kern_preflight(reason);
	if (r >= 0)
		r = netns_resolve("/proc/self/ns/net", &run->host_netns, reason);
	if (r < 0)
		return r;
	return hooks_can_judge(run->rules, &flow) ? path_observe_hooks(run, &flow, ret, reason)
						  : path_observe_wide(run, ret, reason);
}

static int show(const struct path_options *o, const struct rules_view *view, struct reason *reason)
{
	_cleanup_out_ struct out out = {0}, junit = {0};

	(o->trace.json ? rules_json : o->tap ? rules_tap : rules_text)(view, &out);
	if (out_flush_file(&out, stdout) == -ENOMEM)
		return -ENOMEM; /* a failed write is for finish_stdout() to report */
	if (!o->junit)
		return 0;
	rules_junit(view, &junit);
	return check_write_junit(o->junit, &junit, reason);
}

static int run_check(void *dst, int argc, char **argv)
{
	static const int status[] = {[VERDICT_PASS] = ST_EXIT_OK,
				     [VERDICT_FAIL] = ST_EXIT_FAIL,
				     [VERDICT_INCONCLUSIVE] = ST_EXIT_INCONCLUSIVE};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	struct path_run run = {.o = dst};
	struct rules_view view = {.result = &result, .file = run.o->rules};
	struct reason reason = {0};
	int r;

	if (argc > 0) {
		reason_set(&reason, -EINVAL, "%s: check path takes options only", argv[0]);
		return refuse(-EINVAL, &reason);
	}
	r = check_options(run.o, &reason);
	if (r >= 0)
		r = read_rules(&run, &reason);
	rules = run.rules;
	if (r >= 0)
		r = run.o->read ? path_observe_file(&run, &result, &reader, &reason)
				: observe_live(&run, &result, &reason);
	view.color = color_wanted(run.o->trace.color, stdout);
	if (r >= 0)
		r = show(run.o, &view, &reason);
	return r < 0 ? refuse(r, &reason) : status[result.verdict];
}

const struct command cmd_check_path = {
	.name = "check path",
	.usage = "--rules FILE [OPTIONS]",
	.summary = "Asserts a path of your own, by rules that name the functions and interfaces of a packet's way.",
	.opts = opts,
	.opts_size = sizeof(struct path_options),
	.init = init,
	.run = run_check,
};
