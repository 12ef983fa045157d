/* SPDX-License-Identifier: GPL-2.0-only */
/* check same-node: observe, judge, show. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "check/add_reason.h"
#include "cli/check_report.h"
#include "cli/child.h"
#include "cli/exit.h"
#include "cmd/commands.h"
#include "event/tuple.h"
#include "kern/error/kern_error.h"
#include "live/programs.h"
#include "live/symbols.h"
#include "observe/observe.h"
#include "render/check/check.h"

static int observe(struct check_options *o, struct observation *ret, struct reason *reason)
{
	int r;

	if (check_options_have_pcap(o))
		return observe_captures(o, ret, reason);
	if (o->read)
		return observe_recording(o, ret, reason);
	kern_error_init();
	signals_catch_stop();
	r = kern_error_preflight(reason);
	return r < 0 ? r : observe_live(o, ret, reason);
}

/* Loads symbols only if a drop has to be named, because parsing /proc/kallsyms and BTF takes time. */
static void name_drops(const struct observation *obs, struct check_view *view, struct symbols **ret)
{
	if (obs->recording) {
		view->ctx = obs->recording;
		view->symbol = recorded_flow_symbol;
		view->drop_reason = recorded_flow_drop_reason;
	}
	if (!obs->live)
		return;
	if (!same_node_drop_matters(view->result, DIRECTION_REQUEST) &&
	    !same_node_drop_matters(view->result, DIRECTION_REPLY))
		return;
	if (symbols_load(ret, NULL) < 0)
		return;
	view->ctx = *ret;
	view->symbol = symbols_find;
	view->drop_reason = symbols_drop_reason;
}

/* From 5.18 on the kernel's reason says that tc dropped a packet. */
static enum tc_drop tc_drop(const struct check_view *view, enum direction dir)
{
	const struct hook_event *drop = &view->result->directions[dir].drop;
	const char *why =
		view->drop_reason && drop->has_reason ? view->drop_reason(view->ctx, drop->drop_reason) : NULL;

	if (!why || !same_node_drop_matters(view->result, dir))
		return TC_DROP_NONE;
	return !strcmp(why, "TC_INGRESS") ? TC_DROP_INGRESS : !strcmp(why, "TC_EGRESS") ? TC_DROP_EGRESS : TC_DROP_NONE;
}

/* For a live check only: the programs of this moment say nothing about a recording or captures. */
static void show_programs(const struct observation *obs, struct check_view *view, struct check_programs *programs)
{
	enum tc_drop tc_drops[DIRECTION_MAX];

	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++)
		tc_drops[dir] = tc_drop(view, dir);
	programs_of_check(obs->progs, view->src, view->dst, view->result, tc_drops, programs);
	view->src = &programs->src;
	view->dst = &programs->dst;
	view->programs = programs->directions;
}

static int show(const struct check_options *o, const struct check_facts *facts, const struct observation *obs,
		const struct check_result *result, struct reason *reason)
{
	_cleanup_(programs_of_check_free) struct check_programs programs = {0};
	_cleanup_(symbols_freep) struct symbols *symbols = NULL;
	_cleanup_out_ struct out out = {0}, junit = {0};
	struct check_view view = {
		.result = result,
		.what = "same-node",
		.proto = obs->proto,
		.src = obs->has_endpoints ? &obs->src : NULL,
		.dst = obs->has_endpoints ? &obs->dst : NULL,
		.color = opts_color_wanted(o->color, stdout),
	};
	int r;

	name_drops(obs, &view, &symbols);
	if (obs->live)
		show_programs(obs, &view, &programs);
	if (o->junit)
		check_junit(&view, facts->properties, facts->n, &junit);
	r = check_report_junit(o->junit, &junit, reason); /* first: if it cannot be written, there is no verdict */
	if (r < 0)
		return r;
	(o->json ? check_json : o->tap ? check_tap : check_text)(&view, &out);
	if (obs->trace.buf.len) {
		out_char(&out, '\n');
		out_append(&out, &obs->trace);
	}
	if (out_flush_file(&out, stdout) == -ENOMEM)
		return -ENOMEM; /* a failed write is for exit_finish() to report */
	fflush(stdout);
	return 0;
}

#define WATCH_SLICE_NS 200000000ull /* an interrupt between two rounds is noticed within this time */

static void wait_for_next(uint64_t interval_ns)
{
	uint64_t until_ns = clock_monotonic_ns() + interval_ns;

	while (!signals_stop_asked() && clock_monotonic_ns() < until_ns)
		poll(NULL, 0, WATCH_SLICE_NS / 1000000);
}

static int check_once(struct check_options *o, struct observation *obs, struct check_result *ret, struct reason *reason)
{
	int r = observe(o, obs, reason);

	if (r < 0)
		return r;
	obs->account.command_failed = obs->command_failed[0] ? obs->command_failed : NULL;
	same_node_judge(&obs->evidence, &obs->account, ret);
	if (obs->recording)
		recorded_judge(&obs->flow, &obs->recording->recording.making, &obs->recorded, ret);
	return 0;
}

/* A round of --watch that could not be observed, mostly because a pod is gone: it is INCONCLUSIVE, and the watch goes
 * on. */
static void not_observed(const struct check_options *o, int err, const struct reason *reason, struct observation *obs,
			 struct check_result *ret)
{
	enum reason_code code = obs->refused ? REASON_PROBE_NOT_ARMED : REASON_ENDPOINT_CHANGED;

	*ret = (struct check_result){.setup.expect = o->expect,
				     .ledger = {.backend = "fentry", .unprovable_why = "nothing was watched"}};
	obs->proto = o->l4 == IPPROTO_ICMP ? "icmp" : l4_name(o->l4);
	add_reason_to(ret, VERDICT_INCONCLUSIVE, code, "%s", reason->text[0] ? reason->text : strerror(-err));
}

/* One round of --watch. The first one must be observed: what the user typed may be wrong. Out of memory, or in another
 * namespace than its own, no round can be. */
static int check_round(struct check_options *o, bool first, struct observation *obs, struct check_result *ret,
		       struct reason *reason)
{
	struct reason why = {0};
	int r = check_once(o, obs, ret, &why);

	if (r >= 0)
		return r;
	if (first || r == -ENOMEM || r == -ENOTRECOVERABLE) {
		*reason = why;
		return r;
	}
	not_observed(o, r, &why, obs, ret);
	return 0;
}

/* Repeats the check until interrupted. Shows the first result, and each that differs from the one before. *ret is the
 * verdict of the last round that was not interrupted. */
static int check_watch(struct check_options *o, const struct check_facts *facts, enum verdict *ret,
		       struct reason *reason)
{
	for (bool first = true; first || !signals_stop_asked(); first = false) {
		_cleanup_(observation_clear) struct observation obs = {0};
		struct check_result result;
		int r = check_round(o, first, &obs, &result, reason);

		if (r < 0)
			return r;
		if (!first && signals_stop_asked())
			break;
		if (!first && result.verdict != *ret)
			fprintf(stderr, "skbtrail: the verdict changed from %s to %s\n", verdict_name(*ret),
				verdict_name(result.verdict));
		if (first || result.verdict != *ret)
			r = show(o, facts, &obs, &result, reason);
		if (r < 0)
			return r;
		*ret = result.verdict;
		o->ready_file = NULL; /* created in the first round */
		o->confined = true;
		wait_for_next(o->watch_ns);
	}
	return 0;
}

static int check_single(struct check_options *o, const struct check_facts *facts, enum verdict *ret,
			struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct check_result result;
	int r = check_once(o, &obs, &result, reason);

	if (r < 0)
		return r;
	*ret = result.verdict;
	return show(o, facts, &obs, &result, reason);
}

static int print_rules(struct check_options *o)
{
	_cleanup_buf_ struct buf text = {0};
	struct reason reason = {0};
	int r = print_rules_text(o, &text, &reason);

	if (r < 0)
		return exit_refuse(r, &reason);
	fwrite(text.data, 1, text.len, stdout);
	return ST_EXIT_OK;
}

static int refuse(const void *opts, int err, const struct reason *reason)
{
	const struct check_options *o = opts;
	struct check_end end = {.what = "same-node",
				.junit = o->junit,
				.json = o->json,
				.tap = o->tap,
				.live = !check_options_are_offline(o)};

	return check_report_refuse(&end, err, reason);
}

static int run_check(void *dst, int argc, char **argv)
{
	_cleanup_(child_freep) struct child *command = NULL;
	struct check_options *o = dst;
	struct check_facts facts;
	enum verdict verdict = VERDICT_INCONCLUSIVE;
	struct reason reason = {0};
	int r;

	if (o->print_rules)
		return print_rules(o);
	if (!o->src || !o->dst)
		r = reason_set(&reason, -EINVAL, "check same-node needs --src-ip and --dst-ip");
	else
		r = child_from_arguments(argc, argv, &command, &reason);
	o->command = command;
	if (r >= 0)
		r = check_options_finish(o, &reason);
	if (r < 0)
		return refuse(o, r, &reason);
	check_report_begin(o->junit);
	check_facts_fill(!check_options_are_offline(o), &facts);
	r = o->watch_ns ? check_watch(o, &facts, &verdict, &reason) : check_single(o, &facts, &verdict, &reason);
	return r < 0 ? refuse(o, r, &reason) : (int)check_report_status(verdict);
}

static const char *const examples[] = {
	"check same-node --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --ping 5",
	"check same-node --src-ip default/client --dst-ip default/server --port 80 --for 60",
	"check same-node --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --ping 5 --junit proof.xml",
	"check same-node --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --read node.skbt",
	NULL,
};

const struct command cmd_check_same_node = {
	.name = "check same-node",
	.usage = "--src-ip ADDR --dst-ip ADDR [OPTIONS] [-- COMMAND [ARGUMENT]...]",
	.takes_command = true,
	.summary = "Asserts that a flow between two pods of this node skipped the destination's host-side veth.",
	.opts = check_option_table,
	.no_operands = true,
	.examples = examples,
	.opts_size = sizeof(struct check_options),
	.init = check_options_init,
	.run = run_check,
	.refuse = refuse,
};
