/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signatures that are known without BTF: of functions that matter to a packet's path and that some kernel's BTF lacks.
 * 5.10 has no BTF for modules; 6.1's has none for functions whose symbol carries a suffix.
 */
#pragma once

#include "select/func.h"

/* Appends the known signatures whose function (by name and module) the set has none for, marked unchecked. Sorts the
 * set. -ENOMEM. */
int known_sigs_add(struct sig_set *set);

/* By name, module, slot: the order of the set after known_sigs_add(). */
int sig_cmp(const void *a, const void *b);
