/* SPDX-License-Identifier: GPL-2.0-only */
/* Code put into the object that the trace really loads. */
#include <bpf/libbpf.h>
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <linux/bpf.h>

#include "bpf/config.h"
#include "bpf/event.h"
#include "bpf/trace.skel.h"
#include "insn/elf_patch.h"

#define ROOM_INSNS 4095 /* of st_pcap_l2: bpf/pcap.bpf.h */

static unsigned char *copy_object(size_t *ret_bytes)
{
	const void *bytes = trace_bpf__elf_bytes(ret_bytes);
	unsigned char *copy = malloc(*ret_bytes);

	cr_assert(copy);
	return memcpy(copy, bytes, *ret_bytes);
}

/* By hand, so that the code under test is not asked about itself. */
static const Elf64_Sym *symbol(const unsigned char *object, const char *wanted)
{
	const Elf64_Ehdr *ehdr = (const void *)object;
	const Elf64_Shdr *shdrs = (const void *)(object + ehdr->e_shoff);

	for (size_t i = 0; i < ehdr->e_shnum; i++) {
		const Elf64_Sym *syms = (const void *)(object + shdrs[i].sh_offset);
		const char *names = (const char *)object + shdrs[shdrs[i].sh_link].sh_offset;

		if (shdrs[i].sh_type != SHT_SYMTAB)
			continue;
		for (size_t s = 0; s < shdrs[i].sh_size / sizeof(*syms); s++)
			if (strcmp(names + syms[s].st_name, wanted) == 0)
				return &syms[s];
	}
	cr_assert_fail("no symbol %s", wanted);
	return NULL;
}

static const struct bpf_insn *code(const unsigned char *object, const Elf64_Sym *sym)
{
	const Elf64_Ehdr *ehdr = (const void *)object;
	const Elf64_Shdr *shdrs = (const void *)(object + ehdr->e_shoff);

	return (const void *)(object + shdrs[sym->st_shndx].sh_offset + sym->st_value);
}

Test(elf_patch, a_function_shrinks_to_its_body)
{
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 7},
				   {.code = BPF_ALU64 | BPF_ADD | BPF_K, .imm = 1},
				   {.code = BPF_JMP | BPF_EXIT}};
	const struct ebpf_prog body = {.insns = insns, .n = 3};
	const struct elf_patch all[] = {{"st_pcap_l2", &body}, {"st_pcap_l3", NULL}};
	size_t bytes;
	unsigned char *object = copy_object(&bytes);
	const Elf64_Sym *l2 = symbol(object, "st_pcap_l2"), *l3 = symbol(object, "st_pcap_l3");

	cr_assert_eq(l2->st_size, ROOM_INSNS * sizeof(*insns));
	cr_assert_eq(elf_patch(object, bytes, all, 2, NULL), 0);
	cr_expect_eq(l2->st_size, sizeof(insns));
	cr_expect_arr_eq(code(object, l2), insns, sizeof(insns));
	cr_expect_eq(l3->st_size, 2 * sizeof(*insns), "a constant and the end");
	cr_expect_eq(code(object, l3)[1].code, BPF_JMP | BPF_EXIT);
	free(object);
}

static const Elf64_Shdr *section(const unsigned char *object, const char *wanted)
{
	const Elf64_Ehdr *ehdr = (const void *)object;
	const Elf64_Shdr *shdrs = (const void *)(object + ehdr->e_shoff);
	const char *names = (const char *)object + shdrs[ehdr->e_shstrndx].sh_offset;

	for (size_t i = 0; i < ehdr->e_shnum; i++)
		if (strcmp(names + shdrs[i].sh_name, wanted) == 0)
			return &shdrs[i];
	cr_assert_fail("no section %s", wanted);
	return NULL;
}

/* The words of .BTF.ext's header: Documentation/bpf/btf.rst. */
enum { EXT_HDR_BYTES = 1, EXT_FUNC_BYTES = 3, EXT_LINE_BYTES = 5, EXT_CORE_OFF, EXT_CORE_BYTES };

Test(elf_patch, lines_go_and_relocations_stay)
{
	size_t bytes;
	unsigned char *object = copy_object(&bytes);
	const unsigned char *before = trace_bpf__elf_bytes(&bytes);
	const uint32_t *was = (const void *)(before + section(before, ".BTF.ext")->sh_offset);
	const Elf64_Shdr *shdr = section(object, ".BTF.ext");
	const uint32_t *ext = (const void *)(object + shdr->sh_offset);

	cr_assert_gt(was[EXT_LINE_BYTES], 100000);
	for (int round = 0; round < 2; round++) {
		cr_assert_eq(elf_patch(object, bytes, NULL, 0, NULL), 0);
		cr_expect_eq(ext[EXT_LINE_BYTES], 0);
		cr_expect_eq(ext[EXT_FUNC_BYTES], was[EXT_FUNC_BYTES]);
		cr_expect_eq(shdr->sh_size, section(before, ".BTF.ext")->sh_size - was[EXT_LINE_BYTES]);
		cr_assert_eq(ext[EXT_CORE_BYTES], was[EXT_CORE_BYTES]);
		cr_expect_arr_eq((const char *)ext + ext[EXT_HDR_BYTES] + ext[EXT_CORE_OFF],
				 (const char *)was + was[EXT_HDR_BYTES] + was[EXT_CORE_OFF], was[EXT_CORE_BYTES]);
	}
	free(object);
}

/* libbpf takes what is left as one object, with all its functions. */
Test(elf_patch, libbpf_opens_the_object)
{
	const struct elf_patch all[] = {{"st_pcap_l2", NULL},	{"st_pcap_l3", NULL},	{"st_tunnel_match_l2", NULL},
					{"st_skb_match", NULL}, {"st_skb_value", NULL}, {"st_tunnel_match_l3", NULL}};
	size_t bytes;
	unsigned char *object = copy_object(&bytes);
	struct bpf_object *obj;

	cr_assert_eq(elf_patch(object, bytes, all, 6, NULL), 0);
	libbpf_set_print(NULL);
	obj = bpf_object__open_mem(object, bytes, NULL);
	cr_assert(obj);
	cr_expect(bpf_object__find_program_by_name(obj, "skb1"));
	bpf_object__close(obj);
	free(object);
}

Test(elf_patch, a_body_fits_or_is_refused)
{
	struct bpf_insn *insns = calloc(ROOM_INSNS + 1, sizeof(*insns));
	struct ebpf_prog body = {.insns = insns, .n = ROOM_INSNS};
	const struct elf_patch all[] = {{"st_pcap_l2", &body}};
	struct reason reason = {0};
	size_t bytes;
	unsigned char *object = copy_object(&bytes);

	cr_expect_eq(elf_patch(object, bytes, all, 1, &reason), 0);
	memcpy(object, trace_bpf__elf_bytes(&bytes), bytes);
	body.n++;
	cr_expect_eq(elf_patch(object, bytes, all, 1, &reason), -E2BIG);
	cr_expect(strstr(reason.text, "4096") && strstr(reason.text, "4095"), "%s", reason.text);
	free(object);
	free(insns);
}

Test(elf_patch, what_is_not_there_is_said)
{
	const struct elf_patch all[] = {{"st_pcap_l2", NULL}, {"st_no_such", NULL}}, data[] = {{"st_pcap", NULL}};
	size_t bytes;
	unsigned char *object = copy_object(&bytes);

	cr_expect_eq(elf_patch(object, bytes, all, 2, NULL), -ENOENT);
	cr_expect_eq(elf_patch(object, bytes, data, 1, NULL), -ENOENT, "no function");
	object[0] = 'x';
	cr_expect_eq(elf_patch(object, bytes, all, 1, NULL), -EINVAL);
	free(object);
}

/* Where the object is cut short nothing beyond its end is touched: the sanitizers watch. */
Test(elf_patch, half_an_object)
{
	const struct elf_patch all[] = {{"st_pcap_l2", NULL}};

	for (unsigned part = 1; part < 64; part++) {
		size_t bytes;
		unsigned char *whole = copy_object(&bytes), *object;

		bytes = bytes / 64 * part;
		object = malloc(bytes);
		memcpy(object, whole, bytes);
		free(whole);
		cr_expect_lt(elf_patch(object, bytes, all, 1, NULL), 0);
		free(object);
	}
}
