/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A program's code does not name helpers, because the verifier has replaced each one by an
 * address: in JITed code the target of a direct call, in the rewritten instructions an offset from __bpf_call_base.
 * /proc/kallsyms tells which address is which helper, but reading it takes longer than all the rest. So for each helper
 * a program that only calls it is loaded, and the kernel's copy of its code shows the address. That program never runs,
 * and is unloaded at once.
 *
 * The JITed code is examined first, because it is what runs. Without a JIT, or where its calls cannot be decoded on
 * this architecture, the rewritten instructions tell the same. The kernel hides both if kernel.kptr_restrict is 2 or
 * CAP_SYSLOG is missing (kernel/bpf/syscall.c, bpf_dump_raw_ok()): the result is then "unknown", not "none".
 */
#include "kern/progs/prog_helpers.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/event.h"
#include "kallsyms/calls.h"

#define N_HELPERS (ST_HELPER_REDIRECT_NEIGH + 1)

static const enum bpf_func_id func_ids[N_HELPERS] = {
	[ST_HELPER_REDIRECT] = BPF_FUNC_redirect,
	[ST_HELPER_REDIRECT_PEER] = BPF_FUNC_redirect_peer,
	[ST_HELPER_REDIRECT_NEIGH] = BPF_FUNC_redirect_neigh,
};

struct prog_helpers {
	uint64_t addrs[N_HELPERS]; /* in JITed code; 0: unknown */
	int32_t imms[N_HELPERS];   /* in rewritten instructions; 0: unknown */
};

static bool is_helper_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 && insn->imm != 0;
}

/* The second half of a 16-byte load has code 0, so it does not look like a call. */
static void find_in_insns(const struct prog_helpers *h, const struct prog_code *code, uint32_t *helpers)
{
	for (size_t i = 0; i < code->n_insns; i++) {
		if (!is_helper_call(&code->insns[i]))
			continue;
		for (unsigned k = 0; k < N_HELPERS; k++)
			if (h->imms[k] == code->insns[i].imm)
				*helpers |= 1u << k;
	}
}

static int find_in_jited(const struct prog_helpers *h, const struct prog_code *code, uint32_t *helpers)
{
	size_t at = 0;

	for (size_t f = 0; f < code->n_funcs; f++) {
		uint32_t found = 0;
		int r;

		if (code->lens_bytes[f] > code->n_bytes - at)
			return -EBADMSG;
		r = calls_find(code->bytes + at, code->lens_bytes[f], code->addrs[f], h->addrs, N_HELPERS, &found);
		if (r < 0)
			return r;
		*helpers |= found;
		at += code->lens_bytes[f];
	}
	return 0;
}

static bool any_known(const struct prog_helpers *h, bool jited)
{
	for (unsigned k = 0; k < N_HELPERS; k++)
		if (jited ? h->addrs[k] != 0 : h->imms[k] != 0)
			return true;
	return false;
}

int prog_helpers_find(const struct prog_helpers *h, const struct prog_code *code, uint32_t *ret_helpers)
{
	uint32_t helpers = 0;

	if (code->n_bytes && any_known(h, true)) {
		int r = find_in_jited(h, code, &helpers);

		if (r >= 0)
			*ret_helpers = helpers;
		if (r != -EOPNOTSUPP)
			return r;
	}
	if (!code->n_insns || !any_known(h, false))
		return -ENODATA;
	find_in_insns(h, code, &helpers);
	*ret_helpers = helpers;
	return 0;
}

static int first_target(void *ctx, uint64_t at _unused_, uint64_t target)
{
	*(uint64_t *)ctx = target;
	return 1;
}

/* A program that only calls the helper; all three take 0 for every argument. */
static int load_caller(enum bpf_func_id func)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4},
		{.code = BPF_JMP | BPF_CALL, .imm = func},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "st_helper", "GPL", insns, ARRAY_SIZE(insns), NULL);
}

static int learn(struct prog_helpers *h, enum st_helper helper)
{
	_cleanup_(prog_code_free) struct prog_code code = {0};
	_cleanup_close_ int fd = load_caller(func_ids[helper]);
	int r;

	if (fd < 0)
		return fd == -EPERM || fd == -ENOMEM ? fd : 0; /* other errors: the kernel has no such helper */
	r = prog_info_code(fd, &code);
	if (r < 0)
		return r;
	if (code.n_funcs == 1)
		(void)calls_walk(code.bytes, code.n_bytes, code.addrs[0], first_target, &h->addrs[helper]);
	for (size_t i = 0; i < code.n_insns; i++)
		if (is_helper_call(&code.insns[i]))
			h->imms[helper] = code.insns[i].imm;
	return 0;
}

int prog_helpers_new(struct prog_helpers **ret)
{
	_cleanup_free_ struct prog_helpers *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	for (enum st_helper k = ST_HELPER_REDIRECT; k < N_HELPERS; k++) {
		int r = learn(h, k);

		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(h);
	return 0;
}

void prog_helpers_free(struct prog_helpers *h)
{
	free(h);
}
