/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/load/rdonly_cast.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/event.h"
#include "bpf/trace.skel.h"
#include "btf/types.h"

#define CAST_FUNC "bpf_rdonly_cast"
#define TASK_FUNC "bpf_get_current_task_btf"
#define CALL	  (BPF_JMP | BPF_CALL)
#define MOVE	  (BPF_ALU64 | BPF_MOV | BPF_K)
#define FAR_BYTES 503 /* odd, and behind the last member of an sk_buff */

static struct bpf_insn call_of(int32_t func_id)
{
	return (struct bpf_insn){.code = CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = func_id};
}

/* A kernel that has the function may still not let kprobe programs call it: so this loads one that does only that, and
 * reads far into what the call returns. */
static bool is_allowed(int32_t func_id, int32_t type_id)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = type_id},
		call_of(func_id),
		{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_0, .off = FAR_BYTES},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_cleanup_close_ int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "st_plain", "GPL", insns, ARRAY_SIZE(insns), NULL);

	return fd >= 0;
}

struct type {
	const char *name;
	int32_t patch; /* what stands for its number in the programs */
	int32_t id;
};

static int patch(struct bpf_program *prog, int32_t func_id, const struct type *types, size_t n_types)
{
	size_t n = bpf_program__insn_cnt(prog);
	_cleanup_free_ struct bpf_insn *insns = calloc(n, sizeof(*insns));

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	for (size_t i = 0; i < n; i++) {
		if (insns[i].code == CALL && insns[i].src_reg == 0 && insns[i].imm == ST_PATCH_RDONLY_CAST)
			insns[i] = call_of(func_id);
		for (size_t t = 0; t < n_types; t++)
			/* of 32 or of 64 bits */
			if ((insns[i].code | BPF_ALU64) == MOVE && insns[i].imm == types[t].patch)
				insns[i].imm = types[t].id;
	}
	return bpf_program__set_insns(prog, insns, n);
}

/* Whether plain_headers() may read two members of an sk_buff at once, and plain_bytes() gets bytes, no pointers. */
static bool is_laid_out(const struct btf_index *vmlinux)
{
	int64_t network = btf_types_offset(vmlinux, "sk_buff", "network_header");
	int64_t tail = btf_types_offset(vmlinux, "sk_buff", "tail");

	return network >= 0 && tail == network + ST_TAIL_BEHIND_NETWORK &&
	       btf_types_offset(vmlinux, "bpf_bprintf_buffers", "bin_args") == 0;
}

int rdonly_cast_enable(struct trace_bpf *skel, const struct btf_index *vmlinux)
{
	struct type types[] = {{"bpf_bprintf_buffers", ST_PATCH_bpf_bprintf_buffers, 0},
			       {"sk_buff", ST_PATCH_sk_buff, 0},
			       {"net_device", ST_PATCH_net_device, 0}};
	int32_t func_id = (int32_t)btf_index_find(vmlinux, BTF_KIND_FUNC, CAST_FUNC);
	struct bpf_program *prog;

	skel->rodata->st_task_plain = btf_index_has_func(vmlinux, TASK_FUNC);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		types[i].id = (int32_t)btf_index_find(vmlinux, BTF_KIND_STRUCT, types[i].name);
		if (!types[i].id)
			return 0;
	}
	if (!func_id || !is_laid_out(vmlinux) || !is_allowed(func_id, types[0].id))
		return 0;
	bpf_object__for_each_program(prog, skel->obj)
	{
		int r = bpf_program__autoload(prog) ? patch(prog, func_id, types, ARRAY_SIZE(types)) : 0;

		if (r < 0)
			return r;
	}
	skel->rodata->st_cfg.plain = 1;
	return 0;
}
