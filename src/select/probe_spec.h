/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that the user names: with the argument that is the packet, FUNC:ARG, or those that have none. */
#pragma once

#include "base/reason.h"
#include "kallsyms/ksyms.h"
#include "select/func.h"

#define PROBE_SPECS_MAX 64

struct probe_spec {
	const char *name; /* as kallsyms has it, suffix included; borrowed, not NUL-terminated */
	size_t name_len;
	uint8_t slot; /* 1..SLOT_MAX; 0: none */
};

struct probe_specs {
	struct probe_spec v[PROBE_SPECS_MAX];
	size_t n;
};

/* Appends what text says, which must outlive it. -EINVAL with a reason. */
int probe_specs_add(struct probe_specs *specs, const char *text, struct reason *reason);

/* Likewise of names without an argument, separated by commas. */
int probe_specs_add_names(struct probe_specs *specs, const char *text, struct reason *reason);
/* Some have no packet among their arguments. */
bool probe_specs_without_packet(const struct probe_specs *specs);

/* Their signatures in place of those the set has for the same functions, marked asked; where none is said to be the
 * packet and the set knows better, the set's stays. Sorts nothing. -ENOENT with a reason if the kernel has no function
 * of a name; -ENOMEM. */
int probe_specs_apply(const struct probe_specs *specs, const struct ksyms *ks, struct sig_set *sigs,
		      struct reason *reason);
