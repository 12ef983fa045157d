/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text from the network, the kernel or a file (comm, names of interfaces, namespaces and pods) is never printed raw.
 * Bytes that could control or deceive a terminal are written as \xNN: control bytes, DEL and the C1 controls, invalid
 * UTF-8, and code points that are invisible or change the order of the text. A backslash is not escaped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "render/out/out.h"

/* Length in bytes (1 to 4) of the UTF-8 sequence at s, with its code point in *ret_cp; 0 if it is invalid (also
 * overlong, a surrogate, above U+10FFFF, cut off) or size is 0; *ret_cp is unchanged then. */
size_t utf8_next(const char *s, size_t size, uint32_t *ret_cp);
/* Whether the code point must not reach a terminal as it is. */
bool codepoint_is_unsafe(uint32_t cp);

/* A NUL-terminated string, or exactly size bytes, of which a NUL is escaped too. */
void out_escaped(struct out *o, const char *s);
void out_escaped_mem(struct out *o, const char *s, size_t size);
/* As out_escaped(), but blanks are escaped too, so that a column stays one word. */
void out_escaped_word(struct out *o, const char *s);
/* As out_escaped_word(), but "-" for NULL and for an empty string. */
void out_word_or_dash(struct out *o, const char *s);
/* The name of a function; its address if name is NULL. */
void out_func(struct out *o, const char *name, uint64_t addr);
/* An address of the kernel's code as SYMBOL+0xOFFSET; the address itself if symbol is NULL. */
void out_code_addr(struct out *o, const char *symbol, uint64_t offset, uint64_t addr);
