/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF_OBJ_GET_INFO_BY_FD is called twice: first for the sizes of arrays, then with memory for those that are needed.
 * The sizes do not change in between, because a loaded program does not change.
 */
#include "kern/progs/prog_info.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

int prog_info(int prog_fd, struct bpf_prog_info *ret)
{
	uint32_t size_bytes = sizeof(*ret);
	int r = bpf_obj_get_info_by_fd(prog_fd, ret, &size_bytes);

	return r < 0 ? r : 0;
}

int prog_info_maps(int prog_fd, uint32_t **ret, size_t *ret_n)
{
	struct bpf_prog_info info = {0}, want = {0};
	_cleanup_free_ uint32_t *ids = NULL;
	int r = prog_info(prog_fd, &info);

	if (r < 0)
		return r;
	ids = calloc(info.nr_map_ids + 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	want.nr_map_ids = info.nr_map_ids;
	want.map_ids = (uintptr_t)ids;
	r = prog_info(prog_fd, &want);
	if (r < 0)
		return r;
	*ret_n = want.nr_map_ids < info.nr_map_ids ? want.nr_map_ids : info.nr_map_ids;
	*ret = TAKE_PTR(ids);
	return 0;
}

int prog_info_main_type(int prog_fd, uint32_t *ret_type_id)
{
	struct bpf_func_info func = {0};
	struct bpf_prog_info want = {
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(func),
		.func_info = (uintptr_t)&func,
	};
	int r = prog_info(prog_fd, &want);

	if (r < 0)
		return r;
	*ret_type_id = want.nr_func_info ? func.type_id : 0;
	return 0;
}

void prog_code_free(struct prog_code *c)
{
	free(c->bytes);
	free(c->addrs);
	free(c->lens_bytes);
	free(c->insns);
	*c = (struct prog_code){0};
}

static int alloc_code(const struct bpf_prog_info *info, struct prog_code *c, struct bpf_prog_info *want)
{
	c->bytes = malloc(info->jited_prog_len + 1);
	c->addrs = calloc(info->nr_jited_ksyms + 1, sizeof(*c->addrs));
	c->lens_bytes = calloc(info->nr_jited_func_lens + 1, sizeof(*c->lens_bytes));
	c->insns = malloc(info->xlated_prog_len + 1);
	if (!c->bytes || !c->addrs || !c->lens_bytes || !c->insns)
		return -ENOMEM;
	*want = (struct bpf_prog_info){
		.jited_prog_len = info->jited_prog_len,
		.jited_prog_insns = (uintptr_t)c->bytes,
		.nr_jited_ksyms = info->nr_jited_ksyms,
		.jited_ksyms = (uintptr_t)c->addrs,
		.nr_jited_func_lens = info->nr_jited_func_lens,
		.jited_func_lens = (uintptr_t)c->lens_bytes,
		.xlated_prog_len = info->xlated_prog_len,
		.xlated_prog_insns = (uintptr_t)c->insns,
	};
	return 0;
}

/* The kernel sets the pointer to 0 of what it hides (kernel/bpf/syscall.c, bpf_prog_get_info_by_fd()). */
int prog_info_code(int prog_fd, struct prog_code *ret)
{
	_cleanup_(prog_code_free) struct prog_code c = {0};
	struct bpf_prog_info info = {0}, got;
	int r = prog_info(prog_fd, &info);

	if (r >= 0)
		r = alloc_code(&info, &c, &got);
	if (r >= 0)
		r = prog_info(prog_fd, &got);
	if (r < 0)
		return r;
	if (got.jited_prog_insns && got.jited_ksyms && got.jited_func_lens &&
	    got.nr_jited_ksyms == got.nr_jited_func_lens && got.jited_prog_len <= info.jited_prog_len &&
	    got.nr_jited_ksyms <= info.nr_jited_ksyms) {
		c.n_bytes = got.jited_prog_len;
		c.n_funcs = got.nr_jited_ksyms;
	}
	if (got.xlated_prog_insns && got.xlated_prog_len <= info.xlated_prog_len)
		c.n_insns = got.xlated_prog_len / sizeof(struct bpf_insn);
	*ret = c;
	c = (struct prog_code){0};
	return 0;
}
