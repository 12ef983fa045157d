/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/lean.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kern/prune.h"

#define CONSTS_MAX 4

static size_t find_consts(const struct bpf_object *obj, struct prune_const ret[CONSTS_MAX])
{
	struct bpf_map *map;
	size_t n = 0;

	bpf_object__for_each_map(map, obj)
	{
		struct prune_const c = {.map_fd = bpf_map__fd(map)};

		if (n == CONSTS_MAX || !bpf_map__is_internal(map) || !strstr(bpf_map__name(map), ".rodata"))
			continue;
		c.data = bpf_map__initial_value(map, &c.n_bytes);
		if (c.data)
			ret[n++] = c;
	}
	return n;
}

/* Where functions begin now. What it says of lines is left out: nobody reads it. */
static int move_functions(struct lean *l, struct bpf_prog_load_opts *opts, const uint32_t *at, const bool *kept,
			  size_t n)
{
	struct bpf_func_info *infos;
	uint32_t left = 0;

	opts->line_info = NULL;
	opts->line_info_cnt = opts->line_info_rec_size = 0;
	if (!opts->func_info_cnt)
		return 0;
	infos = calloc(opts->func_info_cnt, sizeof(*infos));
	if (!infos)
		return -ENOMEM;
	for (uint32_t i = 0; i < opts->func_info_cnt; i++) {
		struct bpf_func_info info;

		memcpy(&info, (const char *)opts->func_info + (size_t)i * opts->func_info_rec_size, sizeof(info));
		if (info.insn_off >= n || !kept[info.insn_off])
			continue;
		info.insn_off = at[info.insn_off];
		infos[left++] = info;
	}
	free(l->func_info);
	l->func_info = infos;
	opts->func_info = infos;
	opts->func_info_cnt = left;
	opts->func_info_rec_size = sizeof(*infos);
	return 0;
}

int lean_program(struct lean *l, struct bpf_program *prog, struct bpf_prog_load_opts *opts)
{
	size_t n = bpf_program__insn_cnt(prog), left;
	_cleanup_free_ struct bpf_insn *insns = calloc(n, sizeof(*insns));
	_cleanup_free_ uint32_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ bool *kept = calloc(n + 1, sizeof(*kept));
	struct prune_const consts[CONSTS_MAX];
	int r;

	if (!insns || !at || !kept)
		return -ENOMEM;
	if (opts->func_info_cnt && opts->func_info_rec_size < sizeof(struct bpf_func_info))
		return 0;
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	r = prune(insns, n, consts, find_consts(l->obj, consts), at, kept, &left);
	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	r = move_functions(l, opts, at, kept, n);
	return r < 0 ? r : bpf_program__set_insns(prog, insns, left);
}

void lean_clear(struct lean *l)
{
	free(l->func_info);
	l->func_info = NULL;
}
