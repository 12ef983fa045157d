/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/exit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "render/out/escape.h"

int exit_refuse(int err, const struct reason *reason)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "skbtrail: ");
	out_escaped(&o, reason && reason->text[0] ? reason->text : strerror(-err));
	out_char(&o, '\n');
	out_flush_file(&o, stderr);
	return ST_EXIT_REFUSED;
}

int exit_show(struct out *o, int status)
{
	return out_flush_file(o, stdout) == -ENOMEM ? exit_refuse(-ENOMEM, NULL) : status;
}

int exit_finish(int status)
{
	struct reason reason = {0};

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == EPIPE)
		return status;
	reason_set(&reason, -errno, "writing to standard output failed: %s", strerror(errno));
	return exit_refuse(-errno, &reason);
}
