/* SPDX-License-Identifier: GPL-2.0-only */
/* site.h for arm64. Encodings: Arm Architecture Reference Manual, C6.2. */
#include "kallsyms/site.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/capstone_cleanup.h"

#ifdef __aarch64__
#define INSN_BYTES	4
#define SITE_INSNS	2
#define BTI_C		0xd503245f
#define NOP		0xd503201f
#define MOV_X9_X30	0xaa1e03e9
#define BL_MASK		0xfc000000
#define BL		0x94000000
#define BRK_MASK	0xffe0001f
#define BRK		0xd4200000
#define BL_OPERAND_BITS 26

static uint32_t insn_at(const uint8_t *code, size_t i)
{
	uint32_t insn;

	memcpy(&insn, code + i * INSN_BYTES, sizeof(insn));
	return insn;
}

/* The index of the first instruction of the site. */
static size_t landing(const uint8_t *code, size_t n)
{
	return n > 0 && insn_at(code, 0) == BTI_C;
}

static bool is_site(const uint8_t *code, size_t i, size_t n)
{
	uint32_t second;

	if (n < i + SITE_INSNS || insn_at(code, i) != MOV_X9_X30)
		return false;
	second = insn_at(code, i + 1);
	return second == NOP || (second & BL_MASK) == BL;
}

/* Whether a breakpoint is at the site: a probe, since on arm64 ftrace does not use breakpoints to change a site. */
static bool is_covered(const uint8_t *code, size_t i, size_t n)
{
	return n > i && (insn_at(code, i) & BRK_MASK) == BRK;
}

int site_offset(const void *code, size_t len_bytes)
{
	size_t n = len_bytes / INSN_BYTES, i = landing(code, n);

	return is_site(code, i, n) ? (int)((i + SITE_INSNS) * INSN_BYTES) : 0;
}

int site_look(const void *code, size_t len_bytes, uint64_t addr, uint64_t *ret_target)
{
	size_t n = len_bytes / INSN_BYTES, i = landing(code, n);
	uint32_t call;
	int64_t words;

	if (!is_site(code, i, n))
		return is_covered(code, i, n) ? SITE_CHANGING : SITE_NONE;
	call = insn_at(code, i + 1);
	if (call == NOP)
		return SITE_NOP;
	words = (int32_t)(call << (32 - BL_OPERAND_BITS)) >> (32 - BL_OPERAND_BITS);
	*ret_target = addr + (uint64_t)((int64_t)(i + 1) + words) * INSN_BYTES;
	return SITE_CALL;
}

static int undecodable(const uint8_t *p, uint64_t addr, site_line_fn line, void *ctx)
{
	char operand[16];

	snprintf(operand, sizeof(operand), "0x%08x", insn_at(p, 0));
	return line(ctx, addr, p, INSN_BYTES, ".inst", operand);
}

int site_disasm(const void *code, size_t len_bytes, uint64_t addr, site_line_fn line, void *ctx)
{
	_cleanup_(capstone_closep) csh h = 0;
	_cleanup_(capstone_insn_freep) cs_insn *insn = NULL;
	const uint8_t *p = code;
	int r = 0;

	if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &h) != CS_ERR_OK)
		return -EOPNOTSUPP;
	insn = cs_malloc(h);
	if (!insn)
		return -ENOMEM;
	while (len_bytes >= INSN_BYTES && r == 0) {
		if (cs_disasm_iter(h, &p, &len_bytes, &addr, insn)) {
			r = line(ctx, insn->address, insn->bytes, insn->size, insn->mnemonic, insn->op_str);
			continue;
		}
		r = undecodable(p, addr, line, ctx);
		p += INSN_BYTES, addr += INSN_BYTES, len_bytes -= INSN_BYTES;
	}
	return r;
}
#endif
