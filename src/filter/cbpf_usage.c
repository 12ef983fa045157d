/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/cbpf_usage.h"

#include <errno.h>
#include <stdlib.h>

static bool uses_scratch(const struct cbpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code);

	return class == BPF_ST || class == BPF_STX ||
	       ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(i->code) == BPF_MEM);
}

static int note_use(struct cbpf_usage *u, const struct cbpf_insn *i)
{
	if (uses_scratch(i)) {
		if (i->k >= BPF_MEMWORDS)
			return -EINVAL;
		if (i->k >= u->n_scratch)
			u->n_scratch = i->k + 1;
	}
	u->len |= BPF_CLASS(i->code) <= BPF_LDX && BPF_MODE(i->code) == BPF_LEN;
	return 0;
}

static void place_window(const struct cbpf_prog *p, struct cbpf_usage *u)
{
	uint32_t taken = 4 * u->n_scratch + (u->len ? LEN_BYTES : 0);

	u->window_max_bytes = WINDOW_BYTES_MAX > taken ? WINDOW_BYTES_MAX - taken : 0;
	for (size_t at = 0; at < p->n; at++) {
		const struct cbpf_insn *i = &p->insns[at];

		if (!u->reached[at] || !cbpf_is_in_window(u, i))
			continue;
		if (i->k + cbpf_load_bytes(i) > u->window_bytes)
			u->window_bytes = i->k + cbpf_load_bytes(i);
		if (cbpf_load_bytes(i) == 4)
			u->words_at_2 += i->k % 4 == 2 ? 1 : i->k % 4 == 0 ? -1 : 0;
	}
}

static int reach(const struct cbpf_prog *p, struct cbpf_usage *u, size_t target)
{
	if (target >= p->n)
		return -EINVAL;
	u->reached[target] = true;
	return 0;
}

int cbpf_usage_explore(const struct cbpf_prog *p, struct cbpf_usage *u)
{
	int r;

	u->reached = calloc(p->n, sizeof(*u->reached));
	if (!u->reached)
		return -ENOMEM;
	r = reach(p, u, 0);
	for (size_t at = 0; r == 0 && at < p->n; at++) {
		const struct cbpf_insn *i = &p->insns[at];

		if (!u->reached[at] || BPF_CLASS(i->code) == BPF_RET)
			continue;
		r = note_use(u, i);
		if (r < 0)
			break;
		if (BPF_CLASS(i->code) != BPF_JMP) {
			r = reach(p, u, at + 1);
		} else if (BPF_OP(i->code) == BPF_JA) {
			r = reach(p, u, at + 1 + i->k);
		} else {
			r = reach(p, u, at + 1 + i->jt);
			if (r == 0)
				r = reach(p, u, at + 1 + i->jf);
		}
	}
	if (r == 0)
		place_window(p, u);
	return r;
}
