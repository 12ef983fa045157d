/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the end of a function's ftrace call site, and disassembles code.
 *
 * Theory of operation. A kprobe on the first byte of a traced function is an ftrace kprobe, which is slow to attach. A
 * kprobe just after the call site is an ordinary one, and all arguments are still in their registers there. On x86-64 a
 * traced function starts with
 *   [4 bytes] endbr64, or the bytes that the kernel wrote over it when it sealed the function (gen_endbr_poison() in
 *             arch/x86/include/asm/ibt.h, 5.18 to 6.14 and since 6.15; FineIBT's in arch/x86/kernel/alternative.c)
 *   5 bytes   a nop, or a call while something traces the function (arch/x86/kernel/ftrace.c)
 * and on arm64 (arch/arm64/kernel/ftrace.c) with
 *   [4 bytes] bti c
 *   8 bytes   mov x9, x30, then a nop or a call
 * On arm64 the kernel refuses probes on the site itself. site.c is for x86-64, site_arm64.c for arm64.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Enough code for site_offset(). */
#define SITE_CODE_BYTES 16

/* Bytes from the start of a function to the first instruction after its ftrace site; 0: it has none. code holds the
 * first len_bytes bytes of the function. Only for functions that ftrace lists: another function may start with a call
 * of its own. -EOPNOTSUPP on other architectures. */
int site_offset(const void *code, size_t len_bytes);

/* The state of a function's ftrace site. SITE_CALL is a call of ftrace, while the function is traced, or of the
 * function itself, which the target tells. SITE_CHANGING is a breakpoint or a part of a nop, seen while another tracer
 * attaches or detaches; it does not tell whether there is a site. */
enum site_state { SITE_NONE, SITE_NOP, SITE_CALL, SITE_CHANGING };

/* code: as for site_offset(), of the function at addr. Returns an enum site_state, or -EOPNOTSUPP. Sets *ret_target for
 * SITE_CALL only. */
int site_look(const void *code, size_t len_bytes, uint64_t addr, uint64_t *ret_target);

/* Called for each instruction, or for each byte that is not one, with mnemonic ".byte" (arm64: four bytes with
 * ".inst"). The strings are valid during the call. A value other than 0 ends site_disasm(), which returns it. */
typedef int (*site_line_fn)(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
			    const char *operands);

/* Disassembles the code at addr. An incomplete instruction at the end is left out. 0, the value of line, -EOPNOTSUPP,
 * or -ENOMEM. */
int site_disasm(const void *code, size_t len_bytes, uint64_t addr, site_line_fn line, void *ctx);
