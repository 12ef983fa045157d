/* SPDX-License-Identifier: GPL-2.0-only */
/* How commands end: with an exit status, and one line on standard error if something failed. */
#pragma once

#include "base/reason.h"
#include "render/out/out.h"

enum exit_status {
	ST_EXIT_OK = 0,
	ST_EXIT_FAIL = 1,
	ST_EXIT_REFUSED = 2,
	ST_EXIT_INCONCLUSIVE = 3,
};

/* Reports one failed operation on stderr ("skbtrail: TEXT", control bytes escaped) and returns ST_EXIT_REFUSED.
 * Without a text in reason, TEXT is that of the errno. */
int exit_refuse(int err, const struct reason *reason);
/* Prints o to stdout. Returns status, or ST_EXIT_REFUSED with a message if memory ran out while o was built;
 * exit_finish() reports a failed write. */
int exit_show(struct out *o, int status);
/* Flushes stdout. Returns status, or ST_EXIT_REFUSED with a message if a write failed (full disk); a closed pipe is no
 * error. */
int exit_finish(int status);
