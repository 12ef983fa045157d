/* SPDX-License-Identifier: GPL-2.0-only */
#include "kallsyms/calls.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#ifdef __x86_64__
#define CALL_BYTES  5 /* Intel SDM volume 2, CALL: E8 cd, relative to the next instruction */
#define CALL_OPCODE 0xe8

static void cs_closep(csh *h)
{
	if (*h)
		cs_close(h);
}

static void insn_freep(cs_insn **insn)
{
	if (*insn)
		cs_free(*insn, 1);
}

/* p points at the opcode, which stands at addr. */
static uint64_t target_of(const uint8_t *p, uint64_t addr)
{
	int32_t rel;

	memcpy(&rel, p + 1, sizeof(rel));
	return addr + CALL_BYTES + (uint64_t)(int64_t)rel;
}

/* Prefixes may precede the opcode; the operand is always last. */
static bool is_direct_call(const cs_insn *insn)
{
	return insn->id == X86_INS_CALL && insn->size >= CALL_BYTES &&
	       insn->bytes[insn->size - CALL_BYTES] == CALL_OPCODE;
}

int calls_walk(const void *code, size_t len_bytes, uint64_t addr, calls_fn fn, void *ctx)
{
	_cleanup_(cs_closep) csh h = 0;
	_cleanup_(insn_freep) cs_insn *insn = NULL;
	const uint8_t *p = code;
	int r = 0;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &h) != CS_ERR_OK)
		return -EOPNOTSUPP;
	insn = cs_malloc(h);
	if (!insn)
		return -ENOMEM;
	while (len_bytes > 0 && r == 0) {
		size_t before;

		if (!cs_disasm_iter(h, &p, &len_bytes, &addr, insn)) {
			p++, addr++, len_bytes--;
			continue;
		}
		if (!is_direct_call(insn))
			continue;
		before = insn->size - CALL_BYTES;
		r = fn(ctx, insn->address, target_of(insn->bytes + before, insn->address + before));
	}
	return r;
}

struct search {
	const uint64_t *targets;
	size_t n;
	uint32_t found;
};

static int note(void *ctx, uint64_t at _unused_, uint64_t target)
{
	struct search *s = ctx;

	for (size_t i = 0; target && i < s->n; i++)
		if (s->targets[i] == target)
			s->found |= UINT32_C(1) << i;
	return 0;
}

int calls_find(const void *code, size_t len_bytes, uint64_t addr, const uint64_t *targets, size_t n_targets,
	       uint32_t *ret_found)
{
	struct search s = {.targets = targets, .n = n_targets < CALLS_TARGETS_MAX ? n_targets : CALLS_TARGETS_MAX};
	const uint8_t *p = code;
	int r;

	/* Every place that would be such a call if an instruction began there: a call among them, if there is one.
	 * Decoding tells which are, but is a hundred times slower. */
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
