/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a function's ftrace call site ends, and what its code says.
 *
 * Theory of operation. A kprobe on a traced function's first byte is an ftrace kprobe and slow to arm; one just past
 * the site is an ordinary kprobe, and no argument register has changed yet. On x86-64 a traced function starts with
 *   [4 bytes] endbr64, or what the kernel wrote over it when it sealed the function (gen_endbr_poison() in
 *             arch/x86/include/asm/ibt.h, 5.18 to 6.14 and since 6.15; FineIBT's in arch/x86/kernel/alternative.c)
 *   5 bytes   a nop, or a call while something traces the function (arch/x86/kernel/ftrace.c)
 * and on arm64 (arch/arm64/kernel/ftrace.c) with
 *   [4 bytes] bti c
 *   8 bytes   mov x9, x30 and a nop, or instead of that one a call
 * where the kernel refuses probes on the site itself. All that depends on the architecture is in site.c, site_arm64.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Enough code for site_offset(). */
#define SITE_CODE_BYTES 16

/* Bytes from the start of a function to the first instruction past its ftrace site; 0: it has none, probe the entry.
 * code holds the function's first len_bytes bytes. Ask only for functions that ftrace lists: one that is not traced may
 * start with a call of its own. -EOPNOTSUPP where this architecture's sites are not known. */
int site_offset(const void *code, size_t len_bytes);

/* What a function's code says of its ftrace site. A call may be ftrace's, with a tracer attached, or the function's own
 * first instruction: the target tells. SITE_CHANGING: a breakpoint, or half of a nop, as seen while another tracer
 * attaches or goes; there may be a site or not. */
enum site { SITE_NONE, SITE_NOP, SITE_CALL, SITE_CHANGING };

/* code as for site_offset(), of the function at addr. An enum site, *ret_target set for SITE_CALL alone; or
 * -EOPNOTSUPP. */
int site_look(const void *code, size_t len_bytes, uint64_t addr, uint64_t *ret_target);

/* One instruction, or one undecodable byte with mnemonic ".byte" (arm64: four with ".inst"). The strings live until the
 * call returns. Nonzero stops the walk and is returned from site_disasm(). */
typedef int (*site_line_fn)(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
			    const char *operands);

/* Disassembles code as it stands at addr, line by line; an instruction cut off at the end is left out. 0, the line
 * function's value, -EOPNOTSUPP, or -ENOMEM. */
int site_disasm(const void *code, size_t len_bytes, uint64_t addr, site_line_fn line, void *ctx);
