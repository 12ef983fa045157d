/* SPDX-License-Identifier: GPL-2.0-only */
#include "insn/patch.h"

size_t patch_imm64(struct bpf_insn *insns, size_t n, uint64_t from, uint64_t to)
{
	size_t found = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		struct bpf_insn *lo = &insns[i], *hi = &insns[i + 1];

		if (lo->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		i++; /* the second half is not an instruction of its own */
		if (lo->src_reg != 0 || ((uint64_t)(uint32_t)hi->imm << 32 | (uint32_t)lo->imm) != from)
			continue;
		lo->imm = (int32_t)(uint32_t)to;
		hi->imm = (int32_t)(uint32_t)(to >> 32);
		found++;
	}
	return found;
}
