/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's code bytes, and /proc/kcore, which is an ELF file: the first byte chooses. */
#include <errno.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "kallsyms/calls.h"
#include "kallsyms/kcode.h"
#include "kallsyms/site.h"

#define ADDR 0xffffffff81000000ull

static int on_line(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
		   const char *operands)
{
	size_t *left = ctx;

	must(len_bytes > 0 && len_bytes <= *left && bytes && mnemonic && operands && addr >= ADDR);
	*left -= len_bytes;
	return 0;
}

static int on_call(void *ctx, uint64_t at, uint64_t target)
{
	uint64_t *last = ctx;

	must(at >= *last);
	*last = at;
	(void)target;
	return 0;
}

static void elf(const struct rd *r)
{
	struct reason reason = {0};
	struct kcode *kc = NULL;
	int fd = memfd_create("kcore", MFD_CLOEXEC);
	uint8_t bytes[64];
	char path[32];

	must(fd >= 0 && write(fd, r->p, r->left) == (ssize_t)r->left);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (kcode_open_file(path, &kc, &reason) == 0) {
		for (unsigned i = 0; i < 8; i++) {
			ssize_t n = kcode_read(kc, ADDR + 16 * i, bytes, sizeof(bytes));

			must(n <= (ssize_t)sizeof(bytes));
		}
		kcode_free(kc);
	} else {
		must(reason.text[0]);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t targets[] = {ADDR, ADDR + 64, 0};
	struct rd r = rd_init(data, size);
	uint64_t last = ADDR;
	uint32_t found;
	size_t left;

	if (fuzz_byte(&r) & 1) {
		elf(&r);
		return 0;
	}
	left = r.left;
	must(site_offset(r.p, r.left < SITE_CODE_BYTES ? r.left : SITE_CODE_BYTES) <= SITE_CODE_BYTES);
	must(site_disasm(r.p, r.left, ADDR, on_line, &left) == 0);
	must(calls_walk(r.p, r.left, ADDR, on_call, &last) == 0);
	must(calls_find(r.p, r.left, ADDR, targets, ARRAY_SIZE(targets), &found) == 0);
	must(found < 1u << ARRAY_SIZE(targets));
	return 0;
}
