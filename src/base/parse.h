/* SPDX-License-Identifier: GPL-2.0-only */
/* Strict parsing of what users type: the whole string or nothing. */
#pragma once

#include <stdint.h>

#include "base/reason.h"

/* Decimal, or hexadecimal with 0x; no sign, no blanks. -EINVAL if it is no number, -ERANGE if above max; *ret is left
 * alone on failure. */
int parse_u64(const char *s, uint64_t max, uint64_t *ret);
/* A port, 1 to 65535, to host byte order. -EINVAL with a reason; *ret is left alone on failure. */
int parse_port_number(const char *s, uint16_t *ret, struct reason *reason);
/* Seconds with an optional fraction, or with a suffix ms, s, m: to nanoseconds. -EINVAL, -ERANGE. */
int parse_duration_ns(const char *s, uint64_t *ret_ns);
/* Bytes with an optional suffix k, M, G (powers of 1024). -EINVAL, -ERANGE. */
int parse_bytes(const char *s, uint64_t *ret_bytes);
