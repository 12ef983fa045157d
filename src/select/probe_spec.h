/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that a user names: FUNC:ARG, where argument ARG is the packet, or FUNC, which takes no packet. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "select/func.h"

#define PROBE_SPECS_MAX 64

struct probe_spec {
	const char *name; /* as in kallsyms, with the compiler's suffix; borrowed, not NUL-terminated */
	size_t name_len;
	uint8_t slot; /* 1..SLOT_MAX: the argument that is the packet; 0: none is */
};

struct probe_specs {
	struct probe_spec v[PROBE_SPECS_MAX];
	size_t n;
};

/* Appends FUNC:ARG. text must outlive specs. -EINVAL with a reason. */
int probe_specs_add(struct probe_specs *specs, const char *text, struct reason *reason);
/* Appends names without an argument, separated by commas. text must outlive specs. -EINVAL with a reason; some may have
 * been appended. */
int probe_specs_add_names(struct probe_specs *specs, const char *text, struct reason *reason);
/* Whether at least one takes no packet. */
bool probe_specs_without_packet(const struct probe_specs *specs);

/* Adds their signatures to the set, marked asked and named, in place of others for these functions. But for a FUNC
 * without ARG, a signature in the set stays and is marked. Does not sort the set. -ENOENT with a reason if the kernel
 * has no function of that name; -ENOMEM. */
int probe_specs_apply(const struct probe_specs *specs, const struct ksyms *ks, struct sig_set *sigs,
		      struct reason *reason);
