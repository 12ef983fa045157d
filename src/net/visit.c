/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "base/cleanup.h"

int netns_visit(const struct netns *ns, int (*fn)(void *ctx), void *ctx)
{
	_cleanup_close_ int home = -1, away = -1;
	int r;

	if (ns->own)
		return fn(ctx);
	r = netns_open(ns, &away);
	if (r < 0)
		return r;
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || setns(away, CLONE_NEWNET) < 0)
		return -errno;
	r = fn(ctx);
	return setns(home, CLONE_NEWNET) < 0 ? -ENOTRECOVERABLE : r;
}
