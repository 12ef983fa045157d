/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "kallsyms/kcode.h"

#define TEXT_ADDR   0xffffffff81000000ull
#define MODULE_ADDR 0xffffffffc0000000ull

/* What /proc/kcore looks like: a header, program headers, and the bytes they point at. */
struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
	char text[32], module[16];
};

static struct image good_image(void)
{
	struct image im = {0};

	memcpy(im.eh.e_ident, ELFMAG, SELFMAG);
	im.eh.e_ident[EI_CLASS] = ELFCLASS64;
	im.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	im.eh.e_ident[EI_VERSION] = EV_CURRENT;
	im.eh.e_type = ET_CORE;
	im.eh.e_machine = EM_X86_64;
	im.eh.e_version = EV_CURRENT;
	im.eh.e_ehsize = sizeof(im.eh);
	im.eh.e_phoff = offsetof(struct image, ph);
	im.eh.e_phentsize = sizeof(im.ph[0]);
	im.eh.e_phnum = 4;
	im.ph[0] = (Elf64_Phdr){.p_type = PT_NOTE, .p_vaddr = TEXT_ADDR, .p_filesz = 32};
	im.ph[1] = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_vaddr = TEXT_ADDR,
				.p_offset = offsetof(struct image, text),
				.p_filesz = sizeof(im.text)};
	im.ph[2] = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_vaddr = MODULE_ADDR,
				.p_offset = offsetof(struct image, module),
				.p_filesz = sizeof(im.module)};
	im.ph[3] = (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = UINT64_MAX - 3, .p_filesz = 8}; /* wraps: left out */
	memcpy(im.text, "text text text text text text te", sizeof(im.text));
	memcpy(im.module, "module module mo", sizeof(im.module));
	return im;
}

static int open_bytes(const void *data, size_t len, struct kcode **ret, struct reason *reason)
{
	char path[] = "/tmp/skbtrail-kcode.XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	int r;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	r = kcode_open_file(path, ret, reason);
	unlink(path);
	return r;
}

Test(kcode, read)
{
	static const struct {
		uint64_t addr;
		size_t len;
		ssize_t r;
		const char *bytes;
	} cases[] = {
		{TEXT_ADDR, 4, 4, "text"},
		{TEXT_ADDR + 5, 4, 4, "text"},
		{TEXT_ADDR + 30, 16, 2, "te"},
		{TEXT_ADDR + 32, 1, -EFAULT, NULL},
		{TEXT_ADDR - 1, 1, -EFAULT, NULL},
		{MODULE_ADDR, 16, 16, "module module mo"},
		{MODULE_ADDR + 15, 16, 1, "o"},
		{MODULE_ADDR + 16, 16, -EFAULT, NULL},
		{0, 1, -EFAULT, NULL},
		{UINT64_MAX, 1, -EFAULT, NULL},
	};
	struct image im = good_image();
	_cleanup_kcode_ struct kcode *kc = NULL;
	struct reason reason = {0};

	cr_assert_eq(open_bytes(&im, sizeof(im), &kc, &reason), 0, "%s", reason.text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buf[16] = {0};
		ssize_t r = kcode_read(kc, cases[i].addr, buf, cases[i].len);

		cr_expect_eq(r, cases[i].r, "%zu: %zd", i, r);
		if (cases[i].bytes)
			cr_expect_eq(memcmp(buf, cases[i].bytes, cases[i].r), 0, "%zu", i);
	}
}

static void expect_refused(const void *data, size_t len)
{
	struct kcode *kc = (void *)1;
	struct reason reason = {0};

	cr_expect_eq(open_bytes(data, len, &kc, &reason), -EBADMSG);
	cr_expect_eq(kc, (void *)1);
	cr_expect(*reason.text);
}

Test(kcode, what_is_no_image_is_refused)
{
	struct image im = good_image();

	expect_refused("", 0);
	expect_refused("not an ELF file at all, but long enough to hold a header of one, for sure", 72);
	expect_refused(&im, 20);
	im.eh.e_phnum = 1; /* the note alone */
	expect_refused(&im, sizeof(im));
}

Test(kcode, a_missing_file_has_a_reason)
{
	struct kcode *kc = NULL;
	struct reason reason = {0};

	cr_expect_eq(kcode_open_file("/nonexistent/vmlinux", &kc, &reason), -ENOENT);
	cr_expect(strstr(reason.text, "/nonexistent/vmlinux"));
}
