/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signatures of functions that are important for a packet's path and missing from the BTF of some kernels. Linux 5.10
 * has no BTF of modules; that of 6.1 lacks functions whose symbol has a suffix.
 */
#pragma once

#include "select/func.h"

/* Appends those signatures whose function (name and module) is not in the set, marked unchecked. Sorts the set by name,
 * module and slot. 0 or -ENOMEM. */
int known_sigs_add(struct sig_set *set);
