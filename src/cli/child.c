/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "render/out/escape.h"

#define STATUS_NOT_RUN 127 /* of a command that could not be run, as in shells */

struct child {
	char **argv;
	int go, done; /* owned; a byte written to go starts the command; done has the status once it has ended */
	bool started, ended;
	int status; /* valid with ended */
};

static _Noreturn void run(char **argv)
{
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	_exit(STATUS_NOT_RUN);
}

/* Waits until the command has ended; ends it when the other process is gone. */
static int wait_for(pid_t pid, int go)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = go, .events = POLLIN}};
	int status = 0;

	while (fd >= 0 && poll(p, 2, -1) < 0 && errno == EINTR)
		;
	if (fd >= 0 && !p[0].revents)
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static _Noreturn void help(char **argv, int go, int done)
{
	char byte;
	int status;
	pid_t pid;

	signal(SIGINT, SIG_IGN); /* of the terminal: it goes to the command too */
	signal(SIGTERM, SIG_IGN);
	if (read(go, &byte, 1) != 1)
		_exit(0);
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		run(argv);
	}
	status = pid < 0 ? STATUS_NOT_RUN << 8 : wait_for(pid, go);
	_exit(write(done, &status, sizeof(status)) == sizeof(status) ? 0 : 1);
}

int child_new(char **argv, struct child **ret, struct reason *reason)
{
	_cleanup_(child_freep) struct child *c = calloc(1, sizeof(*c));
	int go[2], done[2];
	pid_t pid;

	if (!c)
		return -ENOMEM;
	c->argv = argv;
	c->go = c->done = -1;
	if (pipe2(go, O_CLOEXEC) < 0)
		return reason_set(reason, -errno, "cannot make a pipe: %s", strerror(errno));
	c->go = go[1];
	if (pipe2(done, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(go[0]);
		return reason_set(reason, -errno, "cannot make a pipe: %s", strerror(errno));
	}
	c->done = done[0];
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		close(done[0]);
		help(argv, go[0], done[1]);
	}
	close(go[0]);
	close(done[1]);
	if (pid < 0)
		return reason_set(reason, -errno, "cannot start a process: %s", strerror(errno));
	*ret = TAKE_PTR(c);
	return 0;
}

int child_from_arguments(int argc, char **argv, struct child **ret, struct reason *reason)
{
	int n = 0, r;

	while (n < argc && strcmp(argv[n], "--") != 0)
		n++;
	if (n == argc)
		return n;
	if (n + 1 == argc)
		return reason_set(reason, -EINVAL, "--: which command? it is missing");
	r = child_new(argv + n + 1, ret, reason);
	return r < 0 ? r : n;
}

void child_free(struct child *c)
{
	if (!c)
		return;
	if (c->go >= 0)
		close(c->go);
	if (c->done >= 0)
		close(c->done);
	free(c);
}

int child_start(struct child *c)
{
	c->started = true;
	return write(c->go, "", 1) == 1 ? 0 : -errno;
}

bool child_has_ended(struct child *c, int *ret_status)
{
	ssize_t n;

	if (!c->started)
		return false;
	if (!c->ended) {
		n = read(c->done, &c->status, sizeof(c->status));
		if (n < 0)
			return false;
		if (n != sizeof(c->status))
			c->status = STATUS_NOT_RUN << 8; /* the helper was killed */
		c->ended = true;
	}
	*ret_status = c->status;
	return true;
}

static void failure_text(int status, char ret[static CHILD_FAILURE_MAX])
{
	ret[0] = '\0';
	if (WIFSIGNALED(status))
		snprintf(ret, CHILD_FAILURE_MAX, "was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == STATUS_NOT_RUN)
		snprintf(ret, CHILD_FAILURE_MAX, "could not be run, or ended with status %d", STATUS_NOT_RUN);
	else if (status)
		snprintf(ret, CHILD_FAILURE_MAX, "ended with status %d", WEXITSTATUS(status));
}

void child_failure(struct child *c, char ret[static CHILD_FAILURE_MAX])
{
	int status = 0;

	if (c && !child_has_ended(c, &status))
		snprintf(ret, CHILD_FAILURE_MAX, "had not ended when the check did");
	else
		failure_text(status, ret);
}

void child_say(const struct child *c, int status)
{
	_cleanup_out_ struct out o = {0};
	char text[CHILD_FAILURE_MAX];

	failure_text(status, text);
	if (!text[0])
		return;
	out_str(&o, "skbtrail: ");
	out_escaped(&o, c->argv[0]);
	out_char(&o, ' ');
	out_str(&o, text);
	out_char(&o, '\n');
	out_flush_file(&o, stderr);
}
