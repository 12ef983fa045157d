/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "net/netns.h"

/* Calls fn(ctx) with the calling thread moved to ns, and moves it back in any case; returns what fn returned, or the
 * error of going there. -ENOTRECOVERABLE: the thread could not return to its own namespace; give up then. Made for one
 * socket(2): a socket belongs for life to the namespace it was made in. */
int netns_visit(const struct netns *ns, int (*fn)(void *ctx), void *ctx);
