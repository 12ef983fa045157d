/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching by kprobe.multi: one link for each group, by address. Each function has a cookie, see ST_COOKIE_ARG_SHIFT
 * in bpf/config.h.
 */
#pragma once

#include "kallsyms/ksyms.h"
#include "kern/attach/attach.h"

struct kprobe_multi;

/* Whether the kernel has kprobe.multi links: 5.18, on arm64 6.14, with CONFIG_FPROBE. */
bool kprobe_multi_supported(const struct ksyms *ks);

/* Attaches the groups. Functions that the kernel refuses are found by bisection and noted in failures. 0, or -errno
 * with nothing left attached. */
int kprobe_multi_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
			struct attach_progress *progress, struct kprobe_multi **ret);
/* How many functions are attached, returns not counted. */
size_t kprobe_multi_attached(const struct kprobe_multi *m);
/* How many functions could not be attached at their return. */
size_t kprobe_multi_without_return(const struct kprobe_multi *m);
/* Adds the events that the kernel counts as missed. 1 if this kernel counts them, 0 if not, or -errno. */
int kprobe_multi_account(const struct kprobe_multi *m, struct lost_events *ledger);
void kprobe_multi_detach(struct kprobe_multi *m); /* and frees; NULL is fine */
