/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier allows 512 bytes of stack for a program and the functions that it calls, each frame rounded up to 32
 * bytes (check_max_stack_depth() in kernel/bpf/verifier.c). What a program uses depends on its options, because the
 * verifier does not count dead code. So the frames of the object are added here, as if all code were alive.
 */
#include <criterion/criterion.h>
#include <elf.h>
#include <linux/bpf.h>
#include <stdbool.h>

#include "bpf/config.h"
#include "bpf/event.h"
#include "bpf/trace.skel.h"

#define STACK_BYTES_MAX	 512
#define FRAME_ROUNDS_TO	 32
#define DEPTH_MAX	 8  /* MAX_CALL_FRAMES */
#define EXPRESSION_BYTES 96 /* most that a user's expression takes: src/filter/cbpf_usage.h, SLOTS_MAX of skb_gen.h */

static const unsigned char *object;
static const Elf64_Shdr *shdrs;
static const Elf64_Sym *syms;
static const char *names;
static size_t n_syms;

static void open_object(void)
{
	size_t bytes;
	const Elf64_Ehdr *ehdr;

	object = trace_bpf__elf_bytes(&bytes);
	ehdr = (const void *)object;
	shdrs = (const void *)(object + ehdr->e_shoff);
	for (size_t i = 0; i < ehdr->e_shnum; i++) {
		if (shdrs[i].sh_type != SHT_SYMTAB)
			continue;
		syms = (const void *)(object + shdrs[i].sh_offset);
		names = (const char *)object + shdrs[shdrs[i].sh_link].sh_offset;
		n_syms = shdrs[i].sh_size / sizeof(*syms);
	}
	cr_assert_gt(n_syms, 0);
}

static bool is_function(const Elf64_Sym *s)
{
	return ELF64_ST_TYPE(s->st_info) == STT_FUNC;
}

static const struct bpf_insn *section_code(size_t section)
{
	return (const void *)(object + shdrs[section].sh_offset);
}

/* The function that begins at this instruction of the section. */
static const Elf64_Sym *function_at(size_t section, size_t insn)
{
	for (size_t i = 0; i < n_syms; i++)
		if (is_function(&syms[i]) && syms[i].st_shndx == section && syms[i].st_value / 8 == insn)
			return &syms[i];
	cr_assert_fail("section %zu calls instruction %zu, where no function begins", section, insn);
	return NULL;
}

/* The function called at this instruction: by a relocation, or at the distance that the instruction has. */
static const Elf64_Sym *callee(size_t section, size_t insn)
{
	const struct bpf_insn *call = &section_code(section)[insn];
	const Elf64_Ehdr *ehdr = (const void *)object;

	for (size_t i = 0; i < ehdr->e_shnum; i++) {
		const Elf64_Rel *rels = (const void *)(object + shdrs[i].sh_offset);

		if (shdrs[i].sh_type != SHT_REL || shdrs[i].sh_info != section)
			continue;
		for (size_t r = 0; r < shdrs[i].sh_size / sizeof(*rels); r++) {
			const Elf64_Sym *target = &syms[ELF64_R_SYM(rels[r].r_info)];

			if (rels[r].r_offset != insn * 8 || ELF64_R_TYPE(rels[r].r_info) != R_BPF_64_32)
				continue;
			return is_function(target) ? target : function_at(target->st_shndx, (size_t)call->imm + 1);
		}
	}
	return function_at(section, insn + 1 + (size_t)call->imm);
}

static bool is_expression(const char *name)
{
	return strncmp(name, "st_pcap_", 8) == 0 || strncmp(name, "st_skb_", 7) == 0 ||
	       strncmp(name, "st_tunnel_match_", 16) == 0;
}

/* Bytes below the frame pointer that the function's instructions name: as the base of a load or store, or as an address
 * made of a copy of the frame pointer by the next addition to it. */
static int frame_bytes(const Elf64_Sym *f)
{
	const struct bpf_insn *code = &section_code(f->st_shndx)[f->st_value / 8];
	bool is_copy[16] = {false};
	int lowest = -1; /* a frame without stack counts as one byte */

	if (is_expression(names + f->st_name))
		return EXPRESSION_BYTES;
	for (size_t i = 0; i < f->st_size / 8; i++) {
		__u8 class = BPF_CLASS(code[i].code);
		int at = 0;

		if (class == BPF_LDX ? code[i].src_reg == BPF_REG_10
				     : (class == BPF_STX || class == BPF_ST) && code[i].dst_reg == BPF_REG_10)
			at = code[i].off;
		else if (code[i].code == (BPF_ALU64 | BPF_ADD | BPF_K) && is_copy[code[i].dst_reg])
			at = code[i].imm;
		if (at < lowest)
			lowest = at;
		if (class == BPF_ALU64 || class == BPF_ALU || class == BPF_LDX || class == BPF_LD)
			is_copy[code[i].dst_reg] =
				code[i].code == (BPF_ALU64 | BPF_MOV | BPF_X) && code[i].src_reg == BPF_REG_10;
		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			i++;
	}
	return (-lowest + FRAME_ROUNDS_TO - 1) / FRAME_ROUNDS_TO * FRAME_ROUNDS_TO;
}

/* Bytes of the deepest chain of calls that begins with this function; *ret_calls counts the calls that were followed.
 */
static int chain_bytes(const Elf64_Sym *f, int depth, int *ret_calls)
{
	const struct bpf_insn *code = section_code(f->st_shndx);
	int deepest = 0;

	cr_assert_lt(depth, DEPTH_MAX, "%s is called too deeply", names + f->st_name);
	for (size_t i = f->st_value / 8; i < (f->st_value + f->st_size) / 8; i++) {
		int bytes;

		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW)) {
			i++;
			continue;
		}
		if (code[i].code != (BPF_JMP | BPF_CALL) || code[i].src_reg != BPF_PSEUDO_CALL)
			continue;
		++*ret_calls;
		bytes = chain_bytes(callee(f->st_shndx, i), depth + 1, ret_calls);
		if (bytes > deepest)
			deepest = bytes;
	}
	return frame_bytes(f) + deepest;
}

Test(stack, every_program_fits_with_what_it_calls)
{
	int calls = 0;
	size_t n = 0;

	open_object();
	for (size_t i = 0; i < n_syms; i++) {
		int bytes;

		if (!is_function(&syms[i]))
			continue;
		n++;
		bytes = chain_bytes(&syms[i], 0, &calls);
		cr_expect_leq(bytes, STACK_BYTES_MAX, "%s takes %d bytes of stack with what it calls",
			      names + syms[i].st_name, bytes);
	}
	cr_expect_gt(n, 100);
	cr_expect_gt(calls, 1000);
}
