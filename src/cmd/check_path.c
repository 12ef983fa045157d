/* SPDX-License-Identifier: GPL-2.0-only */
/* check path: judges the running kernel, or a recording, by the rules of a file. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "base/signals.h"
#include "check/hooks.h"
#include "cli/check_report.h"
#include "cli/exit.h"
#include "cli/filter_options.h"
#include "cli/outfile.h"
#include "cmd/commands.h"
#include "kern/error/kern_error.h"
#include "net/netns.h"
#include "observe/rules_observe.h"
#include "record/reader.h"
#include "render/check/rules.h"
#include "rules/rules_parse.h"

#define DEFAULT_TIMEOUT_NS 10000000000ull
#define TIMEOUT_NOT_GIVEN  UINT64_MAX
#define PACKETS_MAX	   10000

static int opt_packets(void *dst, const char *value, struct reason *reason)
{
	uint64_t n;

	if (parse_u64(value, PACKETS_MAX, &n) < 0 || n == 0)
		return reason_set(reason, -EINVAL, "must be a number from 1 to %d", PACKETS_MAX);
	*(uint64_t *)dst = n;
	return 0;
}

#define O(field) offsetof(struct check_path_options, field)
static const struct opt opts[] = {
	OPT_GROUP("The rules and the packets"),
	{"rules", 0, "FILE", "the rules, see skbtrail-rules(5)", opt_string, O(rules)},
	{"read", 0, "FILE", "judge a recording of record -w; - is standard input", opt_string, O(read)},
	{"timeout", 0, "TIME", "watch no longer than this (default: 10 s)", opt_duration, O(timeout_ns)},
	{"packets", 0, "COUNT", "judge at least this many packets of each packet scope (default: 1)", opt_packets,
	 O(packets)},
	OPT_GROUP("Filters"),
	FILTER_OPTION_ROWS(O(trace.match)),
	OPT_GROUP("Running"),
	{"kernel-btf", 0, "FILE", "take types from this BTF or ELF file", opt_string, O(trace.kernel_btf)},
	{"backend", 0, "BACKEND", "auto, kprobe or kprobe-multi", opt_backend, O(trace.backend)},
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default: 32M)", opt_bytes, O(trace.ring_bytes)},
	{"ready-file", 0, "FILE", "create FILE once every probe is attached", opt_string, O(trace.ready_file)},
	OPT_GROUP("Output"),
	{"json", 0, NULL, "one JSON object instead of text", opt_flag, O(trace.json)},
	{"junit", 0, "FILE", "also write a JUnit report", opt_string, O(junit)},
	{"tap", 0, NULL, "TAP instead of text", opt_flag, O(tap)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(trace.color)},
	{"verbose", 'v', NULL, "say on standard error what is being done", opt_flag, O(trace.verbose)},
	OPT_END,
};

static void init(void *dst)
{
	struct check_path_options *o = dst;

	trace_options_init(&o->trace);
	o->timeout_ns = TIMEOUT_NOT_GIVEN;
	o->packets = 1;
}

static int read_rules(struct rules_run *run, struct reason *reason)
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

static int check_options(struct check_path_options *o, struct reason *reason)
{
	int r;

	if (o->tap && o->trace.json)
		return reason_set(reason, -EINVAL, "--tap: give either --json or --tap");
	if (o->read && o->command)
		return reason_set(reason, -EINVAL, "--read judges a recording; it excludes a command");
	if (o->timeout_ns == TIMEOUT_NOT_GIVEN)
		o->timeout_ns = o->command ? CHILD_FOREVER_NS : DEFAULT_TIMEOUT_NS;
	if (o->read && o->trace.ready_file)
		return reason_set(reason, -EINVAL, "--read judges a recording; it excludes --ready-file");
	r = outfile_is_not_input("junit", o->junit, o->rules, reason);
	return r < 0 ? r : outfile_is_not_input("junit", o->junit, o->read, reason);
}

static int observe_live(struct rules_run *run, struct rules_result *ret, struct reason *reason)
{
	struct st_flow flow;
	int r;

	kern_error_init();
	signals_catch_stop();
	r = kern_error_preflight(reason);
	if (r >= 0)
		r = netns_resolve("/proc/self/ns/net", &run->host_netns, reason);
	if (r < 0)
		return r;
	return hooks_can_judge(run->rules, &flow) ? rules_by_hooks(run, &flow, ret, reason)
						  : rules_by_trace(run, ret, reason);
}

static int show(const struct check_path_options *o, const struct check_facts *facts, const struct rules_view *view,
		struct reason *reason)
{
	_cleanup_out_ struct out out = {0}, junit = {0};
	int r;

	if (o->junit)
		rules_junit(view, facts->properties, facts->n, &junit);
	r = check_report_junit(o->junit, &junit, reason); /* first: if it cannot be written, there is no verdict */
	if (r < 0)
		return r;
	(o->trace.json ? rules_json : o->tap ? rules_tap : rules_text)(view, &out);
	/* a failed write is for exit_finish() to report */
	return out_flush_file(&out, stdout) == -ENOMEM ? -ENOMEM : 0;
}

static int refuse(const void *dst, int err, const struct reason *reason)
{
	const struct check_path_options *o = dst;
	struct check_end end = {
		.what = "path", .junit = o->junit, .json = o->trace.json, .tap = o->tap, .live = !o->read};

	return check_report_refuse(&end, err, reason);
}

static int run_check(void *dst, int argc, char **argv)
{
	_cleanup_(child_freep) struct child *command = NULL;
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(rules_result_clear) struct rules_result result = {0};
	struct check_path_options *o = dst;
	struct rules_run run = {.o = o};
	struct rules_view view = {.result = &result, .file = run.o->rules};
	struct check_facts facts;
	struct reason reason = {0};
	int r = child_from_arguments(argc, argv, &command, &reason);

	o->command = command;
	if (r >= 0)
		r = check_options(o, &reason);

	check_facts_fill(!run.o->read, &facts);
	if (r >= 0)
		r = read_rules(&run, &reason);
	rules = run.rules;
	if (r >= 0)
		check_report_begin(run.o->junit);
	if (r >= 0)
		r = run.o->read ? rules_by_recording(&run, &result, &reader, &reason)
				: observe_live(&run, &result, &reason);
	view.color = opts_color_wanted(run.o->trace.color, stdout);
	if (r >= 0)
		r = show(run.o, &facts, &view, &reason);
	return r < 0 ? refuse(run.o, r, &reason) : (int)check_report_status(result.verdict);
}

static const char *const examples[] = {
	"check path --rules path.rules --timeout 60",
	"check path --rules path.rules --packets 10 --filter-dst-ip 10.0.0.67",
	"check path --rules path.rules --read node.skbt",
	"check path --rules path.rules --junit path.xml",
	NULL,
};

const struct command cmd_check_path = {
	.name = "check path",
	.usage = "--rules FILE [OPTIONS] [-- COMMAND [ARGUMENT]...]",
	.takes_command = true,
	.summary = "Asserts a path of your own, by rules that name the functions and interfaces of a packet's way.",
	.opts = opts,
	.no_operands = true,
	.examples = examples,
	.opts_size = sizeof(struct check_path_options),
	.init = init,
	.run = run_check,
	.refuse = refuse,
};
