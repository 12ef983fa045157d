/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines: the first byte chooses the command, each line is an argument. A refusal names what it refuses. */
#include <errno.h>
#include <netdb.h>

#include "cli/check_options.h"
#include "cli/trace_options.h"
#include "cmd/commands.h"
#include "fuzz.h"

#define ARGS_MAX 24

static const struct command *const commands[] = {&cmd_trace, &cmd_check_same_node, &cmd_check_path, &cmd_report,
						 &cmd_diff,  &cmd_funcs,	   &cmd_endpoints,  &cmd_doctor};

/* No name server, as in fuzz-expr.c. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai)
{
	(void)name, (void)service, (void)req, (void)pai;
	return EAI_NONAME;
}

/* What the commands derive from their options before they touch the kernel. */
static void finish(const struct command *cmd, void *opts, int argc, char **argv)
{
	struct reason reason = {0};

	if (cmd == &cmd_trace) {
		_cleanup_expr_ struct expr e = {0};
		_cleanup_buf_ struct buf text = {0};
		struct st_config config;
		struct text_format format = {0};

		trace_options_filter(opts, &config);
		must(trace_options_format(opts, &format, &reason) >= 0 || reason.text[0]);
		reason = (struct reason){0};
		must(trace_options_expr(argc, argv, &e, &text, &reason) >= 0 || reason.text[0]);
	} else if (cmd == &cmd_check_same_node) {
		must(check_options_finish(opts, &reason) >= 0 || reason.text[0]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	const struct command *cmd = commands[fuzz_byte(&r) % ARRAY_SIZE(commands)];
	_cleanup_free_ char *text = fuzz_string(r.p, r.left);
	_cleanup_free_ void *opts = calloc(1, cmd->opts_size);
	char *argv[ARGS_MAX + 1], *save = NULL;
	struct reason reason = {0};
	bool help = false;
	int argc = 0, rest;

	must(opts);
	for (char *s = strtok_r(text, "\n", &save); s && argc < ARGS_MAX; s = strtok_r(NULL, "\n", &save))
		argv[argc++] = s;
	argv[argc] = NULL;
	if (cmd->init)
		cmd->init(opts);
	rest = opts_parse(cmd, argc, argv, opts, &help, &reason);
	must(rest <= argc && (rest >= 0 || reason.text[0]));
	if (rest >= 0 && !help) {
		argv[rest] = NULL;
		finish(cmd, opts, rest, argv);
	}
	if (cmd->fini)
		cmd->fini(opts);
	return 0;
}
