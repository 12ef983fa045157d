/* SPDX-License-Identifier: GPL-2.0-only */
/* record: trace, with a file for the events. */
#include <errno.h>

#include "cli/exit.h"
#include "cli/trace_options.h"
#include "cmd/commands.h"

static int run_record(void *dst, int argc, char **argv)
{
	const struct trace_options *o = dst;
	struct reason reason = {0};

	if (o->write)
		return cmd_trace.run(dst, argc, argv);
	reason_set(&reason, -EINVAL, "where to? name a file with -w FILE, or - for standard output");
	return exit_refuse(-EINVAL, &reason);
}

static const char *const examples[] = {
	"record -w lost.skbt --filter-ip 10.0.0.67",
	"record -w dns.skbt --profile dns --duration 60",
	"record -w node.skbt --sample 100 --budget 2",
	"record -w - icmp | skbtrail report --path -",
	NULL,
};

const struct command cmd_record = {
	.name = "record",
	.usage = "-w FILE [OPTIONS] [PCAP-FILTER] [-- COMMAND [ARGUMENT]...]",
	.takes_command = true,
	.summary = "Keeps a trace in a file, for 'skbtrail report'; the same as trace -w FILE.",
	.opts = trace_option_table,
	.examples = examples,
	.opts_size = sizeof(struct trace_options),
	.init = trace_options_init,
	.note = trace_options_note,
	.run = run_record,
};
