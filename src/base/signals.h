/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT and SIGTERM end a run in good order: they interrupt a wait and leave a mark. */
#pragma once

#include <stdbool.h>

/* Installs the handlers, without SA_RESTART: waits return -EINTR. */
void stop_on_signals(void);
bool stop_asked(void);
