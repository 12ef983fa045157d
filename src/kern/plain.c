/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/plain.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/event.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"

#define CAST_FUNC "bpf_rdonly_cast"
#define TASK_FUNC "bpf_get_current_task_btf"
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

int plain_reads(struct trace_bpf *skel, const struct vmbtf *vmlinux)
{
	const struct {
		const char *name;
		const volatile __u32 *number;
	} types[] = {
		{"sk_buff", &skel->rodata->st_types.sk_buff},	    {"iphdr", &skel->rodata->st_types.iphdr},
		{"ipv6hdr", &skel->rodata->st_types.ipv6hdr},	    {"in6_addr", &skel->rodata->st_types.in6_addr},
		{"net_device", &skel->rodata->st_types.net_device},
	};
	int32_t func_id = (int32_t)vmbtf_find(vmlinux, BTF_KIND_FUNC, CAST_FUNC);
	struct bpf_program *prog;

	skel->rodata->st_task_plain = vmbtf_has_func(vmlinux, TASK_FUNC);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		__u32 id = vmbtf_find(vmlinux, BTF_KIND_STRUCT, types[i].name);

		if (!id)
			return 0;
		*(__u32 *)types[i].number = id;
	}
	if (!func_id || !is_allowed(func_id, (int32_t)skel->rodata->st_types.sk_buff))
		return 0;
	bpf_object__for_each_program(prog, skel->obj)
	{
		int r = bpf_program__autoload(prog) ? patch(prog, func_id) : 0;

		if (r < 0)
			return r;
	}
	skel->rodata->st_plain = true;
	return 0;
}
