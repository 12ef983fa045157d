/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>

/* The one variable of the program that is not on a caller's stack: a handler has no other way to leave a word. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

void stop_on_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal}, old;

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGXCPU, &sa, NULL);
	/* nohup(1) asks for it to be ignored */
	if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
}

void fail_without_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

bool stop_asked(void)
{
	return stop;
}
