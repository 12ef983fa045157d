/* SPDX-License-Identifier: GPL-2.0-only */
/* A cgroup of version 2, as BPF programs identify it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/reason.h"

struct cgroup {
	uint64_t id;	/* as bpf_get_current_cgroup_id() returns it */
	uint32_t level; /* how many cgroups are above it; valid with has_level */
	bool has_level; /* false in a cgroup namespace, where the root cannot be seen */
};

/* path: a directory of the cgroup2 file system, also relative to its usual mount, and as /proc/PID/cgroup has it.
 * -ENOENT, -EINVAL or another -errno, with a reason; *ret is then unchanged. */
int cgroup_find(const char *path, struct cgroup *ret, struct reason *reason);
