/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/calls.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/branches.h"

#ifdef __x86_64__
#define CALL_BYTES  5 /* Intel SDM volume 2, CALL: E8 cd, relative to the next instruction */
#define CALL_OPCODE 0xe8

/* Target of the call whose opcode is at p, and at addr in the kernel. */
static uint64_t target_of(const uint8_t *p, uint64_t addr)
{
	int32_t rel;

	memcpy(&rel, p + 1, sizeof(rel));
	return addr + CALL_BYTES + (uint64_t)(int64_t)rel;
}

struct call_walk {
	calls_fn fn;
	void *ctx;
};

static int on_branch(void *ctx, const struct branch *b)
{
	const struct call_walk *w = ctx;

	return b->call ? w->fn(w->ctx, b->at, b->target) : 0;
}

int calls_walk(const void *code, size_t len_bytes, uint64_t addr, calls_fn fn, void *ctx)
{
	struct call_walk w = {.fn = fn, .ctx = ctx};

	return branches_walk(code, len_bytes, addr, on_branch, &w);
}

struct call_search {
	const uint64_t *targets;
	size_t n;
	uint32_t found;
};

static int note(void *ctx, uint64_t at _unused_, uint64_t target)
{
	struct call_search *s = ctx;

	for (size_t i = 0; target && i < s->n; i++)
		if (s->targets[i] == target)
			s->found |= UINT32_C(1) << i;
	return 0;
}

int calls_find(const void *code, size_t len_bytes, uint64_t addr, const uint64_t *targets, size_t n_targets,
	       uint32_t *ret_found)
{
	struct call_search s = {.targets = targets, .n = n_targets < CALLS_TARGETS_MAX ? n_targets : CALLS_TARGETS_MAX};
	const uint8_t *p = code;
	int r;

	/* Look at every byte as if an instruction began there. That finds all calls, and possibly more. Only if it
	 * finds one is the code decoded, which is a hundred times slower. */
	for (size_t i = 0; i + CALL_BYTES <= len_bytes; i++)
		if (p[i] == CALL_OPCODE)
			(void)note(&s, addr + i, target_of(p + i, addr + i));
	if (s.found) {
		s.found = 0;
		r = calls_walk(code, len_bytes, addr, note, &s);
		if (r < 0)
			return r;
	}
	*ret_found = s.found;
	return 0;
}

#else /* !__x86_64__ */

int calls_walk(const void *code _unused_, size_t len_bytes _unused_, uint64_t addr _unused_, calls_fn fn _unused_,
	       void *ctx _unused_)
{
	return -EOPNOTSUPP;
}

int calls_find(const void *code _unused_, size_t len_bytes _unused_, uint64_t addr _unused_,
	       const uint64_t *targets _unused_, size_t n_targets _unused_, uint32_t *ret_found _unused_)
{
	return -EOPNOTSUPP;
}

#endif
