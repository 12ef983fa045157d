/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/cbpf_unroll.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

static bool is_backward(const struct cbpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) == BPF_JA && (int32_t)i->k < 0;
}

/* Changes the backward jumps of one copy: they lead into the next copy, or from the last one to the final rejection. */
static int redirect(struct cbpf_prog *all, size_t begin, size_t n, bool last)
{
	for (size_t at = begin; at < begin + n; at++) {
		struct cbpf_insn *i = &all->insns[at];
		int64_t target = (int64_t)(at + 1) + (int32_t)i->k;

		if (!is_backward(i))
			continue;
		if (target < (int64_t)begin)
			return -EINVAL;
		i->k = (uint32_t)((last ? all->n - 1 : (size_t)target + n) - at - 1);
	}
	return 0;
}

int cbpf_unroll(const struct cbpf_prog *p, unsigned max_rounds, struct cbpf_prog *ret)
{
	_cleanup_cbpf_ struct cbpf_prog all = {0};
	size_t copies = 1;

	for (size_t i = 0; i < p->n; i++) {
		if (is_backward(&p->insns[i]))
			copies = max_rounds + 1;
	}
	all.n = p->n * copies + 1;
	all.insns = calloc(all.n, sizeof(*all.insns));
	if (!all.insns)
		return -ENOMEM;
	for (size_t i = 0; i < copies; i++)
		memcpy(all.insns + i * p->n, p->insns, p->n * sizeof(*p->insns));
	all.insns[all.n - 1] = (struct cbpf_insn){.code = BPF_RET | BPF_K};
	for (size_t i = 0; i < copies; i++) {
		int r = redirect(&all, i * p->n, p->n, i == copies - 1);

		if (r < 0)
			return r;
	}
	*ret = all;
	all = (struct cbpf_prog){0};
	return 0;
}
