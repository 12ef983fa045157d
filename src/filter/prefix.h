/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses and prints addresses and CIDR prefixes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"

/* The most bytes of a prefix as text, with the NUL. */
#define PREFIX_TEXT_SIZE 52

struct prefix {
	uint8_t family;	     /* 4 or 6 */
	uint8_t bits;	     /* prefix length: 0 to 32 or 128; the bits of addr_be after it are 0 */
	uint8_t addr_be[16]; /* an IPv4 address is in the first four bytes, the others are 0 */
};

/* Parses ADDRESS or ADDRESS/LENGTH, without blanks, zone or short forms of IPv4. Clears the bits after the prefix.
 * -EINVAL with a reason; *ret is unchanged on failure. */
int prefix_parse(const char *s, struct prefix *ret, struct reason *reason);
/* The mask of the prefix: p->bits ones, then zeros. */
void prefix_mask(const struct prefix *p, uint8_t ret_mask_be[static 16]);
/* ADDRESS/LENGTH, or ADDRESS if the length is 32 or 128; IPv6 as in RFC 5952. dst holds at least PREFIX_TEXT_SIZE
 * bytes. Returns the length without the NUL. */
size_t prefix_format(const struct prefix *p, char *dst);
