/* SPDX-License-Identifier: GPL-2.0-only */
/* Which redirect helpers a loaded program calls. Private to this room. */
#pragma once

#include "kern/progs/prog_info.h"

struct prog_helpers;

/* Learns the number and the address by which the kernel's helpers are called, for which it loads small programs of our
 * own. A helper that this kernel lacks is left out. 0, -EPERM, -ENOMEM or another -errno. */
int prog_helpers_new(struct prog_helpers **ret);
void prog_helpers_free(struct prog_helpers *h); /* NULL is fine */
/* The helpers that the code calls, as bits 1 << enum st_helper. 0; -ENODATA if the kernel hides the code; -errno. */
int prog_helpers_find(const struct prog_helpers *h, const struct prog_code *code, uint32_t *ret_helpers);
