/* SPDX-License-Identifier: GPL-2.0-only */
/* A control group of version 2, as the programs in the kernel know it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct cgroup {
	uint64_t id;	/* what bpf_get_current_cgroup_id() gives */
	uint32_t level; /* how many groups above it; valid with has_level */
	bool has_level; /* false in a cgroup namespace, from which the root is not seen */
};

/* path: a directory of the cgroup2 file system, or relative to where that is usually mounted. -ENOENT, -EINVAL or
 * another -errno, with a reason; *ret is left alone then. */
int cgroup_find(const char *path, struct cgroup *ret, struct reason *reason);
