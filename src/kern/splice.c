/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/splice.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <linux/bpf.h>
#include <string.h>

#define SKIP_INSNS 2 /* a constant, and the jump that compares with it */

struct room {
	struct bpf_insn *insns; /* within the object */
	size_t n;
};

static int find_symbol(Elf *elf, const char *name, GElf_Sym *ret)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(elf, scn))) {
		Elf_Data *data;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_SYMTAB || !shdr.sh_entsize)
			continue;
		data = elf_getdata(scn, NULL);
		for (size_t i = 0; data && i < shdr.sh_size / shdr.sh_entsize; i++) {
			const char *symbol =
				gelf_getsym(data, (int)i, ret) ? elf_strptr(elf, shdr.sh_link, ret->st_name) : NULL;

			if (symbol && strcmp(symbol, name) == 0 && GELF_ST_TYPE(ret->st_info) == STT_FUNC)
				return 0;
		}
	}
	return -ENOENT;
}

static int find_room(Elf *elf, void *object, size_t object_bytes, const char *function, struct room *ret)
{
	GElf_Shdr shdr;
	GElf_Sym sym;
	size_t begin;
	int r = find_symbol(elf, function, &sym);

	if (r < 0)
		return r;
	if (!gelf_getshdr(elf_getscn(elf, sym.st_shndx), &shdr) || shdr.sh_type != SHT_PROGBITS)
		return -EINVAL;
	if (sym.st_value > shdr.sh_size || sym.st_size > shdr.sh_size - sym.st_value || shdr.sh_size > object_bytes ||
	    shdr.sh_offset > object_bytes - shdr.sh_size)
		return -EINVAL;
	begin = shdr.sh_offset + sym.st_value;
	if (begin % sizeof(struct bpf_insn) || sym.st_size % sizeof(struct bpf_insn))
		return -EINVAL;
	*ret = (struct room){.insns = (void *)((char *)object + begin), .n = sym.st_size / sizeof(struct bpf_insn)};
	return 0;
}

/*
 * What is not needed comes first, and is jumped over. The jump is conditional, though always taken: the verifier
 * refuses instructions that nothing leads to, but finds out itself that these are never run, and removes them.
 */
static void skip(struct bpf_insn *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
	if (n >= SKIP_INSNS)
		at[1] = (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .off = (__s16)(n - SKIP_INSNS)};
}

static int write_body(const struct room *room, const struct ebpf_prog *body, struct reason *reason)
{
	size_t spare = room->n - body->n;

	if (body->n > room->n)
		return reason_set(
			reason, -E2BIG,
			"the pcap-filter expression needs %zu instructions, and there is room for %zu; shorten "
			"it, or use the --filter options for a part of it",
			body->n, room->n);
	if (spare > INT16_MAX)
		return -EINVAL;
	skip(room->insns, spare);
	memcpy(room->insns + spare, body->insns, body->n * sizeof(*body->insns));
	return 0;
}

int splice(void *object, size_t object_bytes, const char *function, const struct ebpf_prog *body, struct reason *reason)
{
	struct room room;
	Elf *elf;
	int r;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -EINVAL;
	elf = elf_memory(object, object_bytes);
	if (!elf)
		return -EINVAL;
	r = find_room(elf, object, object_bytes, function, &room);
	elf_end(elf);
	return r < 0 ? r : write_body(&room, body, reason);
}
