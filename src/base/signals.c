/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler can tell the program something only by a global variable. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

void signals_catch_stop(void)
{
	struct sigaction sa = {.sa_handler = on_signal}, old;

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGXCPU, &sa, NULL);
	/* nohup(1) starts programs with SIGHUP ignored: leave it so */
	if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
}

void signals_ignore_write(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

bool signals_stop_asked(void)
{
	return stop;
}
