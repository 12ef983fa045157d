/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/branches.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/capstone_cleanup.h"

#if defined(__x86_64__)
static bool is_branch(csh cs, const cs_insn *insn, struct branch *ret)
{
	const cs_x86 *x86 = &insn->detail->x86;
	bool call = insn->id == X86_INS_CALL;

	if ((!call && !cs_insn_group(cs, insn, CS_GRP_JUMP)) || x86->op_count != 1 ||
	    x86->operands[0].type != X86_OP_IMM)
		return false;
	*ret = (struct branch){.at = insn->address,
			       .next = insn->address + insn->size,
			       .target = (uint64_t)x86->operands[0].imm,
			       .call = call};
	return true;
}

int branches_walk(const void *code, size_t len_bytes, uint64_t addr, branch_fn fn, void *ctx)
{
	_cleanup_(capstone_closep) csh h = 0;
	_cleanup_(capstone_insn_freep) cs_insn *insn = NULL;
	const uint8_t *p = code;
	int r = 0;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &h) != CS_ERR_OK || cs_option(h, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK)
		return -EOPNOTSUPP;
	insn = cs_malloc(h);
	if (!insn)
		return -ENOMEM;
	while (len_bytes > 0 && r == 0) {
		struct branch b;

		if (!cs_disasm_iter(h, &p, &len_bytes, &addr, insn)) {
			p++, addr++, len_bytes--;
			continue;
		}
		if (is_branch(h, insn, &b))
			r = fn(ctx, &b);
	}
	return r;
}

#elif defined(__aarch64__)
#define INSN_BYTES   4
#define OPCODE_MASK  0xfc000000 /* Arm Architecture Reference Manual, C6.2: B, BL */
#define B	     0x14000000
#define BL	     0x94000000
#define OPERAND_BITS 26

int branches_walk(const void *code, size_t len_bytes, uint64_t addr, branch_fn fn, void *ctx)
{
	int r = 0;

	for (size_t at = 0; len_bytes - at >= INSN_BYTES && r == 0; at += INSN_BYTES) {
		struct branch b = {.at = addr + at, .next = addr + at + INSN_BYTES};
		uint32_t insn;

		memcpy(&insn, (const uint8_t *)code + at, sizeof(insn));
		b.call = (insn & OPCODE_MASK) == BL;
		if (!b.call && (insn & OPCODE_MASK) != B)
			continue;
		b.target = b.at + (uint64_t)(int64_t)((int32_t)(insn << (32 - OPERAND_BITS)) >> (32 - OPERAND_BITS)) *
					  INSN_BYTES;
		r = fn(ctx, &b);
	}
	return r;
}

#else

int branches_walk(const void *code _unused_, size_t len_bytes _unused_, uint64_t addr _unused_, branch_fn fn _unused_,
		  void *ctx _unused_)
{
	return -EOPNOTSUPP;
}

#endif
