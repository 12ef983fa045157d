/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel said no, in words, with the remedy; and what libbpf said meanwhile. */
#pragma once

#include "base/reason.h"

/* include/linux/errno.h; what a kernel without CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS says to a fentry program. */
#define KERN_ENOTSUPP 524

/* Routes libbpf's messages away from stderr: the last warning is kept for kern_refuse(). Call once before anything
 * else of this room. */
void kern_init(void);
/* "1.1.2" of the libbpf in use; static. */
const char *kern_libbpf_version(void);
/* Fills reason for err (negative errno) that came while doing `what` ("load the evidence programs"); returns err. */
int kern_refuse(int err, const char *what, struct reason *reason);
/* Whether tracing can be asked for at all: privileges and BTF. 0, -EPERM or -ENOENT with a reason. */
int kern_preflight(struct reason *reason);
