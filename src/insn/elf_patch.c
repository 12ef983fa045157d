/* SPDX-License-Identifier: GPL-2.0-only */
#include "insn/elf_patch.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"

/* A function of the object; both point into its bytes. */
struct function {
	Elf64_Sym *symbol;
	struct bpf_insn *code;
};

/* The header of .BTF.ext (Documentation/bpf/btf.rst), with the CO-RE relocations that clang adds since version 10.
 * Offsets count from the end of the header. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t hdr_bytes;
	uint32_t func_off, func_bytes;
	uint32_t line_off, line_bytes;
	uint32_t core_off, core_bytes;
};

const struct bpf_insn elf_patch_nothing[2] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
	{.code = BPF_JMP | BPF_EXIT},
};

static bool is_within(uint64_t whole_bytes, uint64_t begin, uint64_t bytes)
{
	return bytes <= whole_bytes && begin <= whole_bytes - bytes;
}

static int find_code(Elf *elf, void *object, size_t object_bytes, Elf64_Sym *sym, struct function *ret)
{
	GElf_Shdr shdr;
	size_t begin;

	if (!gelf_getshdr(elf_getscn(elf, sym->st_shndx), &shdr) || shdr.sh_type != SHT_PROGBITS)
		return -EINVAL;
	if (!is_within(shdr.sh_size, sym->st_value, sym->st_size) ||
	    !is_within(object_bytes, shdr.sh_offset, shdr.sh_size))
		return -EINVAL;
	begin = shdr.sh_offset + sym->st_value;
	if (begin % sizeof(struct bpf_insn) || sym->st_size % sizeof(struct bpf_insn))
		return -EINVAL;
	*ret = (struct function){.symbol = sym, .code = (void *)((char *)object + begin)};
	return 0;
}

static int write_body(const struct function *f, const struct ebpf_prog *body, struct reason *reason)
{
	const struct bpf_insn *insns = body ? body->insns : elf_patch_nothing;
	size_t n = body ? body->n : ARRAY_SIZE(elf_patch_nothing);
	size_t capacity = f->symbol->st_size / sizeof(*insns);

	if (n > capacity)
		return reason_set(reason, -E2BIG,
				  "the pcap-filter expression needs %zu instructions, and at most %zu fit; shorten "
				  "it, or use the --filter options for a part of it",
				  n, capacity);
	memcpy(f->code, insns, n * sizeof(*insns));
	f->symbol->st_size = n * sizeof(*insns);
	return 0;
}

/* Finds the symbol table in the object's bytes. */
static int find_symbols(Elf *elf, void *object, size_t object_bytes, GElf_Shdr *ret_shdr, Elf64_Sym **ret)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn))) {
		if (!gelf_getshdr(scn, ret_shdr) || ret_shdr->sh_type != SHT_SYMTAB)
			continue;
		if (ret_shdr->sh_entsize != sizeof(Elf64_Sym) || ret_shdr->sh_offset % _Alignof(Elf64_Sym) ||
		    !is_within(object_bytes, ret_shdr->sh_offset, ret_shdr->sh_size))
			return -EINVAL;
		*ret = (void *)((char *)object + ret_shdr->sh_offset);
		return 0;
	}
	return -ENOENT;
}

static const struct elf_patch *find(const struct elf_patch *all, size_t n, const char *function)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].function, function) == 0)
			return &all[i];
	return NULL;
}

static int patch_elf(Elf *elf, void *object, size_t object_bytes, const struct elf_patch *all, size_t n,
		     struct reason *reason)
{
	size_t found = 0;
	Elf64_Sym *syms;
	GElf_Shdr shdr;
	int r = find_symbols(elf, object, object_bytes, &shdr, &syms);

	for (size_t i = 0; r >= 0 && i < shdr.sh_size / sizeof(*syms); i++) {
		const char *name = ELF64_ST_TYPE(syms[i].st_info) == STT_FUNC
					   ? elf_strptr(elf, shdr.sh_link, syms[i].st_name)
					   : NULL;
		const struct elf_patch *s = name ? find(all, n, name) : NULL;
		struct function f;

		if (!s)
			continue;
		found++;
		r = find_code(elf, object, object_bytes, &syms[i], &f);
		if (r >= 0)
			r = write_body(&f, s->body, reason);
	}
	return r < 0 ? r : found == n ? 0 : -ENOENT;
}

/* The section's header in the object's bytes; NULL if the object is malformed. */
static Elf64_Shdr *section_header(Elf *elf, void *object, size_t object_bytes, Elf_Scn *scn)
{
	GElf_Ehdr ehdr;
	size_t i = elf_ndxscn(scn);

	if (!gelf_getehdr(elf, &ehdr) || ehdr.e_shentsize != sizeof(Elf64_Shdr) ||
	    ehdr.e_shoff % _Alignof(Elf64_Shdr) || ehdr.e_shoff > object_bytes ||
	    i >= (object_bytes - ehdr.e_shoff) / sizeof(Elf64_Shdr))
		return NULL;
	return (Elf64_Shdr *)(void *)((char *)object + ehdr.e_shoff) + i;
}

/* Removes the line numbers and moves the relocations behind them to their place. Does nothing if the section is not
 * laid out as clang does it: the lines then stay, which only costs memory. */
static void cut_lines(struct ext_header *h, Elf64_Shdr *shdr)
{
	char *lines;

	if (shdr->sh_size < sizeof(*h) || h->hdr_bytes < sizeof(*h) || h->hdr_bytes > shdr->sh_size ||
	    h->core_off < h->line_off || h->core_off - h->line_off != h->line_bytes ||
	    h->core_off > shdr->sh_size - h->hdr_bytes || h->core_bytes != shdr->sh_size - h->hdr_bytes - h->core_off)
		return;
	lines = (char *)h + h->hdr_bytes + h->line_off;
	memmove(lines, lines + h->line_bytes, h->core_bytes);
	shdr->sh_size -= h->line_bytes;
	h->core_off = h->line_off;
	h->line_bytes = 0;
}

static int drop_lines(Elf *elf, void *object, size_t object_bytes)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return -EINVAL;
	while ((scn = elf_nextscn(elf, scn))) {
		Elf64_Shdr *shdr = section_header(elf, object, object_bytes, scn);
		const char *name = shdr ? elf_strptr(elf, names, shdr->sh_name) : NULL;

		if (!name)
			return -EINVAL;
		if (strcmp(name, ".BTF.ext") != 0)
			continue;
		if (!is_within(object_bytes, shdr->sh_offset, shdr->sh_size) ||
		    shdr->sh_offset % _Alignof(struct ext_header))
			return -EINVAL;
		cut_lines((void *)((char *)object + shdr->sh_offset), shdr);
	}
	return 0;
}

int elf_patch(void *object, size_t object_bytes, const struct elf_patch *all, size_t n, struct reason *reason)
{
	const char *ident;
	Elf *elf;
	int r;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -EINVAL;
	elf = elf_memory(object, object_bytes);
	if (!elf)
		return -EINVAL;
	ident = elf_getident(elf, NULL);
	if (!ident || ident[EI_CLASS] != ELFCLASS64 ||
	    ident[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
		r = -EINVAL;
	else
		r = patch_elf(elf, object, object_bytes, all, n, reason);
	if (r >= 0)
		r = drop_lines(elf, object, object_bytes);
	elf_end(elf);
	return r;
}
