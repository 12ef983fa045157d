/* SPDX-License-Identifier: GPL-2.0-only */
/* check same-node: observe, judge, show. */
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cmd/check_observe.h"
#include "cmd/check_show.h"
#include "kern/refusal.h"

static int observe(struct check_options *o, struct observation *ret, struct reason *reason)
{
	int r;

	if (!o->src || !o->dst)
		return reason_set(reason, -EINVAL, "check same-node needs --src-ip and --dst-ip");
	r = check_options_finish(o, reason);
	if (r < 0)
		return r;
	if (check_wants_pcap(o))
		return check_observe_pcap(o, ret, reason);
	if (o->read)
		return check_observe_file(o, ret, reason);
	kern_init();
	stop_on_signals();
	r = kern_preflight(reason);
	return r < 0 ? r : check_observe_live(o, ret, reason);
}

#define WATCH_SLICE_NS 200000000ull /* how long an interrupt may go unnoticed between two rounds */

static void wait_for_next(uint64_t interval_ns)
{
	uint64_t until_ns = clock_monotonic_ns() + interval_ns;

	while (!stop_asked() && clock_monotonic_ns() < until_ns)
		poll(NULL, 0, WATCH_SLICE_NS / 1000000);
}

/* One observation, judged. */
static int check_once(struct check_options *o, struct observation *obs, struct check_result *ret, struct reason *reason)
{
	int r = observe(o, obs, reason);

	if (r >= 0)
		same_node_judge(&obs->flow, &obs->account, ret);
	return r;
}

/* Rounds until interrupted; what is shown is the first result and each that differs from the one before. *ret is the
 * last whole round's verdict: one that the interrupt cut short says nothing. */
static int check_watch(struct check_options *o, enum verdict *ret, struct reason *reason)
{
	for (bool first = true; first || !stop_asked(); first = false) {
		_cleanup_(observation_clear) struct observation obs = {0};
		struct check_result result;
		int r = check_once(o, &obs, &result, reason);

		if (r < 0)
			return r;
		if (!first && stop_asked())
			break;
		if (!first && result.verdict != *ret)
			fprintf(stderr, "skbtrail: the verdict changed from %s to %s\n", verdict_name(*ret),
				verdict_name(result.verdict));
		if (first || result.verdict != *ret)
			r = check_show(o, &obs, &result, reason);
		if (r < 0)
			return r;
		*ret = result.verdict;
		o->ready_file = NULL; /* made in the first round */
		o->confined = true;
		wait_for_next(o->watch_ns);
	}
	return 0;
}

static int check_single(struct check_options *o, enum verdict *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	struct check_result result;
	int r = check_once(o, &obs, &result, reason);

	if (r < 0)
		return r;
	*ret = result.verdict;
	return check_show(o, &obs, &result, reason);
}

static int run_check(void *dst, int argc, char **argv)
{
	static const int status[] = {[VERDICT_PASS] = ST_EXIT_OK,
				     [VERDICT_FAIL] = ST_EXIT_FAIL,
				     [VERDICT_INCONCLUSIVE] = ST_EXIT_INCONCLUSIVE};
	struct check_options *o = dst;
	enum verdict verdict = VERDICT_INCONCLUSIVE;
	struct reason reason = {0};
	int r;

	if (argc > 0) {
		reason_set(&reason, -EINVAL, "%s: check same-node takes options only", argv[0]);
		return refuse(-EINVAL, &reason);
	}
	if (o->print_rules) {
		r = check_print_rules(o, &reason);
		return r < 0 ? refuse(r, &reason) : ST_EXIT_OK;
	}
	r = o->watch_ns ? check_watch(o, &verdict, &reason) : check_single(o, &verdict, &reason);
	return r < 0 ? refuse(r, &reason) : status[verdict];
}

const struct command cmd_check_same_node = {
	.name = "check same-node",
	.usage = "--src-ip ADDR --dst-ip ADDR [OPTIONS]",
	.summary = "Asserts that a flow between two pods of this node skipped the destination's host-side veth.",
	.opts = check_option_table,
	.opts_size = sizeof(struct check_options),
	.init = check_options_init,
	.run = run_check,
};
