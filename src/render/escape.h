/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that came from the network, the kernel or a file (comm, interface, namespace and pod names) is never printed
 * raw. What could steer or deceive a terminal is written as \xNN, one per byte: control bytes, DEL and the C1 controls,
 * invalid UTF-8, and the code points that are invisible or reorder what the reader sees. A backslash stays as it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/out.h"

/* Length in bytes (1 to 4) of the UTF-8 sequence at s, with its code point in *ret_cp; 0 if it is invalid (also
 * overlong, a surrogate, above U+10FFFF, cut off) or size is 0, *ret_cp is then left alone. */
size_t utf8_next(const char *s, size_t size, uint32_t *ret_cp);
/* Whether the code point must not reach a terminal as it is. */
bool codepoint_is_unsafe(uint32_t cp);

/* NUL-terminated, or exactly size bytes (a NUL is then escaped too). */
void out_escaped(struct out *o, const char *s);
void out_escaped_mem(struct out *o, const char *s, size_t size);
/* The same with blanks escaped as well, so that a column stays one word. */
void out_escaped_word(struct out *o, const char *s);
