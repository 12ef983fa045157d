/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * caught PROCESS FILE VALUE SIGNAL: interrupts the process, lets it go on from one system call to the next until the
 * file says the value, then sends the signal. Exit status 1: it ended before that; 2: something failed.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

static bool says(const char *path, const char *value)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[64];
	ssize_t n;

	if (fd < 0)
		err(2, "%s", path);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		err(2, "%s", path);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, value) == 0;
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc != 5)
		errx(2, "usage: caught PROCESS FILE VALUE SIGNAL");
	pid = atoi(argv[1]);
	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0 || kill(pid, SIGINT) < 0)
		err(2, "process %d", pid);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		/* its own signals go on to it; stops of ptrace's are no signals */
		int signal = status >> 16 || WSTOPSIG(status) == SYSCALL_STOP ? 0 : WSTOPSIG(status);

		if (says(argv[2], argv[3])) {
			if (kill(pid, atoi(argv[4])) < 0)
				err(2, "process %d", pid);
			ptrace(PTRACE_DETACH, pid, 0, 0); /* if it still is */
			return 0;
		}
		if (ptrace(PTRACE_SYSCALL, pid, 0, signal) < 0)
			err(2, "process %d", pid);
	}
	return 1;
}
