/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT, SIGTERM, SIGHUP and SIGXCPU end a run cleanly: they interrupt waits and set a flag. */
#pragma once

#include <stdbool.h>

/* Installs the handlers, without SA_RESTART: waits fail with EINTR. */
void signals_catch_stop(void);
/* Whether one of these signals arrived. */
bool signals_stop_asked(void);
/* Ignores SIGPIPE and SIGXFSZ: write(2) to a closed pipe, or beyond RLIMIT_FSIZE, fails with an error instead. */
void signals_ignore_write(void);
