/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of pods by the inode of their network namespace, read once. */
#pragma once

#include <stdint.h>

#include "base/reason.h"

struct netns_pods;

/* -errno with a reason; *ret is left alone then. */
int netns_pods_new(struct netns_pods **ret, struct reason *reason);
void netns_pods_free(struct netns_pods *p);
DEFINE_CLEANUP(struct netns_pods *, netns_pods_free)
/* NULL if the namespace is no pod's, or p is NULL. The name lives as long as p. */
const char *netns_pods_find(const struct netns_pods *p, uint32_t inode);
