/* SPDX-License-Identifier: GPL-2.0-only */
/* Files for --profile. The first byte chooses the command; what comes of its lines is parsed as a command line is. */
#include <errno.h>
#include <netdb.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/profile.h"
#include "cmd/commands.h"
#include "fuzz.h"

static const struct command *const commands[] = {&cmd_trace, &cmd_report};

/* No name server, as in fuzz-expr.c. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai)
{
	(void)name, (void)service, (void)req, (void)pai;
	return EAI_NONAME;
}

static void parse(const struct command *cmd, struct profile_args *args)
{
	_cleanup_free_ void *opts = calloc(1, cmd->opts_size);
	struct reason reason = {0};
	bool help = false;
	int rest;

	must(opts);
	if (cmd->init)
		cmd->init(opts);
	rest = opts_parse(cmd, args->argc, args->argv, opts, &help, &reason);
	must(rest <= args->argc && (rest >= 0 || reason.text[0]));
	if (cmd->fini)
		cmd->fini(opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	const struct command *cmd = commands[fuzz_byte(&r) % ARRAY_SIZE(commands)];
	char typed[] = "--json", option[64], *argv[] = {option, typed, NULL};
	int fd = memfd_create("profile", MFD_CLOEXEC), err;
	struct profile_args args;
	struct reason reason = {0};

	must(fd >= 0 && write(fd, r.p, r.left) == (ssize_t)r.left);
	snprintf(option, sizeof(option), "--profile=/proc/self/fd/%d", fd);
	err = profile_args_expand(cmd, 2, argv, &args, &reason);
	must(err == 0 || reason.text[0]);
	if (err == 0)
		parse(cmd, &args);
	profile_args_free(&args);
	close(fd);
	return 0;
}
