/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses and CIDR prefixes as users type them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* Bytes that hold any prefix as text, with the NUL. */
#define PREFIX_TEXT_SIZE 52

struct prefix {
	uint8_t family;	     /* 4 or 6 */
	uint8_t bits;	     /* length: 0 to 32 or 128; the bits of addr_be beyond it are 0 */
	uint8_t addr_be[16]; /* v4 uses the first four bytes, the others are 0 */
};

/* ADDRESS or ADDRESS/LENGTH, the whole string or nothing: no blanks, no zone, no short forms of v4. Bits beyond the
 * length are cleared. -EINVAL with a reason; *ret is left alone on failure. */
int prefix_parse(const char *s, struct prefix *ret, struct reason *reason);
/* The mask of the prefix: bits ones, then zeros, over all 16 bytes. */
void prefix_mask(const struct prefix *p, uint8_t ret_mask_be[static 16]);
/* ADDRESS, with /LENGTH unless it is the full one; v6 by RFC 5952. dst holds at least PREFIX_TEXT_SIZE bytes. Returns
 * the length without the NUL. */
size_t prefix_format(const struct prefix *p, char *dst);
