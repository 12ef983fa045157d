/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include "insn/patch.h"

#define FROM 0x5354524c2d57484full
#define LOAD(lo, hi, src)                                                                                              \
	{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_3, .src_reg = (src), .imm = (int)(lo)},                 \
	{                                                                                                              \
		.imm = (int)(hi)                                                                                       \
	}

static uint64_t imm_of(const struct bpf_insn *i)
{
	return (uint64_t)(uint32_t)i[1].imm << 32 | (uint32_t)i[0].imm;
}

Test(patch, every_place_is_found)
{
	struct bpf_insn insns[] = {LOAD(FROM, FROM >> 32, 0),
				   {.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (int)(uint32_t)FROM},
				   LOAD(FROM, FROM >> 32, 0)};

	cr_assert_eq(patch_imm64(insns, 5, FROM, 0xfffffffe80000001ull), 2);
	cr_expect_eq(imm_of(&insns[0]), 0xfffffffe80000001ull);
	cr_expect_eq(imm_of(&insns[3]), 0xfffffffe80000001ull);
	cr_expect_eq((uint32_t)insns[2].imm, (uint32_t)FROM, "no load of 64 bits");
	cr_expect_eq(insns[0].dst_reg, BPF_REG_3);
}

Test(patch, what_looks_alike_is_left_alone)
{
	struct bpf_insn insns[] = {LOAD(FROM, FROM >> 32, BPF_PSEUDO_MAP_FD), LOAD(FROM, (FROM >> 32) + 1, 0),
				   LOAD(FROM + 1, FROM >> 32, 0)};
	struct bpf_insn before[6];

	memcpy(before, insns, sizeof(before));
	cr_expect_eq(patch_imm64(insns, 6, FROM, 1), 0);
	cr_expect_arr_eq(insns, before, sizeof(before));
}

/* The second half of a load is data: here it looks like the beginning of another load. */
Test(patch, halves_are_not_beginnings)
{
	struct bpf_insn insns[] = {
		{.code = BPF_LD | BPF_IMM | BPF_DW},
		{.code = BPF_LD | BPF_IMM | BPF_DW, .imm = (int)(uint32_t)FROM},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (int)(FROM >> 32)},
	};

	cr_expect_eq(patch_imm64(insns, 3, FROM, 1), 0);
	cr_expect_eq(patch_imm64(insns, 0, FROM, 1), 0);
	insns[0] = (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW, .imm = (int)(uint32_t)FROM};
	cr_expect_eq(patch_imm64(insns, 1, FROM, 1), 0, "cut in half");
}
