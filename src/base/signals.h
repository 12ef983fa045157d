/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT, SIGTERM, SIGHUP and SIGXCPU end a run in good order: they interrupt a wait and leave a mark. */
#pragma once

#include <stdbool.h>

/* Installs the handlers, without SA_RESTART: waits return -EINTR. */
void stop_on_signals(void);
bool stop_asked(void);
/* A closed pipe, and a file at its limit (RLIMIT_FSIZE), are errors of write(2) like any other from here on. */
void fail_without_signals(void);
