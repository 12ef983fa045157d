/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns errors of the kernel and of libbpf into words for people, with what to do about them. */
#pragma once

#include "base/reason.h"

/* include/linux/errno.h. A kernel without CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS answers it when a fentry program is
 * attached. */
#define KERN_ENOTSUPP 524

/* Keeps libbpf's messages from stderr, and the last warning for kern_error_set(). To be called once, before anything
 * else in src/kern. */
void kern_error_init(void);
/* The version of the libbpf in use, "1.1.2"; static. */
const char *kern_error_libbpf_version(void);
/* Sets reason for err, a negative errno, which the action `what` gave ("load the evidence programs"). Returns err, or
 * -EOPNOTSUPP for -KERN_ENOTSUPP. */
int kern_error_set(int err, const char *what, struct reason *reason);
/* Checks what all tracing needs: privileges, BTF, file descriptors, and a kernel that is not locked down. 0; -EPERM,
 * -ENOENT or -EMFILE with a reason. */
int kern_error_preflight(struct reason *reason);
