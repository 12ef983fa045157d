/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/plain.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/event.h"

#define CAST_FUNC "bpf_rdonly_cast"
#define CALL	  (BPF_JMP | BPF_CALL)

static struct bpf_insn call_of(int32_t func_id)
{
	return (struct bpf_insn){.code = CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = func_id};
}

/* A kernel that has the function need not let these programs call it: so one is loaded that does nothing else. */
static bool is_allowed(int32_t func_id, int32_t type_id)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = type_id},
		call_of(func_id),
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "st_plain", "GPL", insns, ARRAY_SIZE(insns), NULL);

	return fd >= 0;
}

static int patch(struct bpf_program *prog, int32_t func_id)
{
	size_t n = bpf_program__insn_cnt(prog);
	_cleanup_free_ struct bpf_insn *insns = calloc(n, sizeof(*insns));

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	for (size_t i = 0; i < n; i++) {
		if (insns[i].code == CALL && insns[i].src_reg == 0 && insns[i].imm == ST_PATCH_RDONLY_CAST)
			insns[i] = call_of(func_id);
	}
	return bpf_program__set_insns(prog, insns, n);
}

int plain_reads(struct bpf_object *obj, const struct btf *btf)
{
	int32_t func_id = btf__find_by_name_kind(btf, CAST_FUNC, BTF_KIND_FUNC);
	int32_t type_id = btf__find_by_name_kind(btf, "sk_buff", BTF_KIND_STRUCT);
	struct bpf_program *prog;

	if (func_id < 0 || type_id < 0 || !is_allowed(func_id, type_id))
		return 0;
	bpf_object__for_each_program(prog, obj)
	{
		int r = bpf_program__autoload(prog) ? patch(prog, func_id) : 0;

		if (r < 0)
			return r;
	}
	return 1;
}
