/* SPDX-License-Identifier: GPL-2.0-only */
/* How commands end: one line on stderr, an honest exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "render/escape.h"

int refuse(int err, const struct reason *reason)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "skbtrail: ");
	out_escaped(&o, reason && reason->text[0] ? reason->text : strerror(-err));
	out_char(&o, '\n');
	out_flush_file(&o, stderr);
	return ST_EXIT_REFUSED;
}

int show_stdout(struct out *o, int status)
{
	return out_flush_file(o, stdout) == -ENOMEM ? refuse(-ENOMEM, NULL) : status;
}

int finish_stdout(int status)
{
	struct reason reason = {0};

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == EPIPE)
		return status;
	reason_set(&reason, -errno, "writing to standard output failed: %s", strerror(errno));
	return refuse(-errno, &reason);
}

bool color_wanted(enum color_mode mode, FILE *f)
{
	const char *no_color = getenv("NO_COLOR"); /* set and not empty: no colour */

	if (mode != COLOR_AUTO)
		return mode == COLOR_ALWAYS;
	return isatty(fileno(f)) && !(no_color && *no_color);
}
