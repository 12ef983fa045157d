/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/site.h"

#ifdef __x86_64__
#define NOP	 "\x0f\x1f\x44\x00\x00"
#define CALL	 "\xe8\x01\x02\x03\x04"
#define PUSH_RBP "\x55"

static const struct {
	const char *what;
	const char *code;
	size_t len;
	int off;
} sites[] = {
	{"nop", NOP PUSH_RBP, 6, 5},
	{"nop and nothing more", NOP, 5, 5},
	{"call while traced", CALL PUSH_RBP, 6, 5},
	{"K8 nop (5.10)", "\x66\x66\x66\x66\x90" PUSH_RBP, 6, 5},
	{"endbr64, nop", "\xf3\x0f\x1e\xfa" NOP, 9, 9},
	{"endbr64, call", "\xf3\x0f\x1e\xfa" CALL, 9, 9},
	{"sealed until 6.14, nop", "\x66\x0f\x1f\x00" NOP, 9, 9},
	{"sealed since 6.15, nop", "\x0f\x1f\x40\xd6" NOP, 9, 9},
	{"sealed, FineIBT BHI, nop", "\xf5\x0f\x1f\x00" NOP, 9, 9},
	{"4-byte nop, nop", "\x0f\x1f\x40\x00" NOP, 9, 9},
	{"no site", "\x55\x48\x89\xe5\x53\x90", 6, 0},
	{"endbr64 without a site", "\xf3\x0f\x1e\xfa\x55\x48\x89\xe5\x53", 9, 0},
	{"endbr32 is not ours", "\xf3\x0f\x1e\xfb" NOP, 9, 0},
	{"a breakpoint stands there", "\xcc\x1f\x44\x00\x00" PUSH_RBP, 6, 0},
	{"nop, one byte differs", "\x0f\x1f\x44\x00\x01", 5, 0},
	{"nop cut off", NOP, 4, 0},
	{"call cut off behind endbr64", "\xf3\x0f\x1e\xfa" CALL, 8, 0},
	{"endbr64 cut off", "\xf3\x0f\x1e\xfa", 3, 0},
	{"nothing", "", 0, 0},
};

Test(site, offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++) {
		/* a copy of exactly that size, so that ASan sees a read past it */
		_cleanup_free_ char *code = malloc(sites[i].len + !sites[i].len);
		int off;

		memcpy(code, sites[i].code, sites[i].len);
		off = site_offset(code, sites[i].len);
		cr_expect_eq(off, sites[i].off, "%s: %d", sites[i].what, off);
	}
}

Test(site, look_tells_a_nop_from_a_call_and_where_it_goes)
{
	static const struct {
		const char *code;
		size_t len;
		int site;
		uint64_t target;
	} cases[] = {
		{NOP PUSH_RBP, 6, SITE_NOP, 0},
		{"\xf3\x0f\x1e\xfa" NOP, 9, SITE_NOP, 0},
		{CALL PUSH_RBP, 6, SITE_CALL, 0xffffffff81000000 + 5 + 0x04030201},
		{"\xf3\x0f\x1e\xfa" CALL, 9, SITE_CALL, 0xffffffff81000000 + 9 + 0x04030201},
		{"\xe8\xfb\xff\xff\xff", 5, SITE_CALL, 0xffffffff81000000}, /* backwards */
		{PUSH_RBP NOP, 6, SITE_NONE, 0},
		{NOP, 4, SITE_NONE, 0},
		{CALL, 4, SITE_NONE, 0},
		/* while a tracer comes or goes */
		{"\xcc\x1f\x44\x00\x00" PUSH_RBP, 6, SITE_CHANGING, 0},
		{"\xf3\x0f\x1e\xfa\xcc\x01\x02\x03\x04", 9, SITE_CHANGING, 0},
		{"\x0f\x1f\x02\x03\x04", 5, SITE_CHANGING, 0},
		{"\xcc\x1f\x44\x00", 4, SITE_NONE, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *code = malloc(cases[i].len);
		uint64_t target = 0;

		memcpy(code, cases[i].code, cases[i].len);
		cr_expect_eq(site_look(code, cases[i].len, 0xffffffff81000000, &target), cases[i].site, "%zu", i);
		cr_expect_eq(target, cases[i].target, "%zu: %lx", i, target);
	}
}

struct lines {
	char text[512];
	unsigned n, stop_at;
};

static int collect(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
		   const char *operands)
{
	struct lines *l = ctx;
	size_t used = strlen(l->text);

	snprintf(l->text + used, sizeof(l->text) - used, "%lx %02x/%zu %s %s\n", addr, bytes[0], len_bytes, mnemonic,
		 operands);
	l->n++;
	return l->stop_at && l->n == l->stop_at ? -ECANCELED : 0;
}

Test(site, disasm)
{
	static const char code[] = "\xf3\x0f\x1e\xfa" NOP "\xe8\x00\x00\x00\x00"
				   "\xc3";
	struct lines l = {0};

	cr_assert_eq(site_disasm(code, sizeof(code) - 1, 0x1000, collect, &l), 0);
	cr_expect_str_eq(l.text, "1000 f3/4 endbr64 \n"
				 "1004 0f/5 nopl (%rax, %rax)\n"
				 "1009 e8/5 callq 0x100e\n"
				 "100e c3/1 retq \n");
}

Test(site, disasm_goes_on_after_what_it_cannot_decode)
{
	static const char code[] = "\x06\xc3\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90";
	struct lines l = {0};

	cr_assert_eq(site_disasm(code, sizeof(code) - 1, 0x1000, collect, &l), 0);
	cr_expect_eq(l.n, 16);
	cr_expect_eq(strncmp(l.text, "1000 06/1 .byte 0x06\n1001 c3/1 retq \n", 37), 0, "%s", l.text);
}

Test(site, disasm_leaves_out_what_is_cut_off)
{
	struct lines l = {0};

	cr_assert_eq(site_disasm("\xc3\xe8\x00\x00", 4, 0, collect, &l), 0);
	cr_expect_str_eq(l.text, "0 c3/1 retq \n");
}

Test(site, disasm_stops_when_told)
{
	struct lines l = {.stop_at = 2};

	cr_expect_eq(site_disasm("\x90\x90\x90", 3, 0, collect, &l), -ECANCELED);
	cr_expect_eq(l.n, 2);
}

#elif defined(__aarch64__)
#define MOV_X9 "\xe9\x03\x1e\xaa"
#define NOP    "\x1f\x20\x03\xd5"
#define BTI    "\x5f\x24\x03\xd5"
#define CALL   "\x04\x00\x00\x94" /* 16 bytes on */
#define BACK   "\xfe\xff\xff\x97" /* 8 bytes back */
#define SIGN   "\x3f\x23\x03\xd5" /* paciasp */
#define BRK    "\x80\x00\x20\xd4" /* of a kprobe */

static const struct {
	const char *what;
	const char *code;
	size_t len;
	int off, site;
	uint64_t target;
} sites[] = {
	{"nop", MOV_X9 NOP SIGN, 12, 8, SITE_NOP, 0},
	{"nop and nothing more", MOV_X9 NOP, 8, 8, SITE_NOP, 0},
	{"call while traced", MOV_X9 CALL SIGN, 12, 8, SITE_CALL, 0x1014},
	{"call backwards", MOV_X9 BACK SIGN, 12, 8, SITE_CALL, 0xffc},
	{"bti, nop", BTI MOV_X9 NOP, 12, 12, SITE_NOP, 0},
	{"bti, call", BTI MOV_X9 CALL, 12, 12, SITE_CALL, 0x1018},
	{"a probe on it", BRK NOP SIGN, 12, 0, SITE_CHANGING, 0},
	{"a probe on it behind bti", BTI BRK NOP, 12, 0, SITE_CHANGING, 0},
	{"no site", SIGN NOP NOP, 12, 0, SITE_NONE, 0},
	{"nops that nobody patched", NOP NOP SIGN, 12, 0, SITE_NONE, 0},
	{"the move alone", MOV_X9 SIGN NOP, 12, 0, SITE_NONE, 0},
	{"cut off", MOV_X9 NOP, 7, 0, SITE_NONE, 0},
	{"bti cut off", BTI, 3, 0, SITE_NONE, 0},
	{"nothing", "", 0, 0, SITE_NONE, 0},
};

Test(site, offset_and_look)
{
	for (size_t i = 0; i < ARRAY_SIZE(sites); i++) {
		/* a copy of exactly that size, so that ASan sees a read past it */
		_cleanup_free_ char *code = malloc(sites[i].len + !sites[i].len);
		uint64_t target = 0;

		memcpy(code, sites[i].code, sites[i].len);
		cr_expect_eq(site_offset(code, sites[i].len), sites[i].off, "%s", sites[i].what);
		cr_expect_eq(site_look(code, sites[i].len, 0x1000, &target), sites[i].site, "%s", sites[i].what);
		cr_expect_eq(target, sites[i].target, "%s: %lx", sites[i].what, target);
	}
}

static int collect(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
		   const char *operands)
{
	char *text = ctx;
	size_t used = strlen(text);

	snprintf(text + used, 256 - used, "%lx %02x/%zu %s %s\n", addr, bytes[0], len_bytes, mnemonic, operands);
	return strcmp(mnemonic, "ret") == 0 ? -ECANCELED : 0;
}

Test(site, disasm)
{
	static const char code[] = MOV_X9 "\x00\x00\x00\x00" CALL "\xc0\x03\x5f\xd6" NOP;
	char text[256] = "";

	cr_expect_eq(site_disasm(code, 11, 0x1000, collect, text), 0);
	cr_expect_str_eq(text, "1000 e9/4 mov x9, x30\n1004 00/4 .inst 0x00000000\n");
	text[0] = '\0';
	cr_expect_eq(site_disasm(code, sizeof(code) - 1, 0x1000, collect, text), -ECANCELED);
	cr_expect_str_eq(text, "1000 e9/4 mov x9, x30\n1004 00/4 .inst 0x00000000\n1008 04/4 bl #0x1018\n"
			       "100c c0/4 ret \n");
}

#else

Test(site, other_architectures_say_so)
{
	cr_expect_eq(site_offset("\x00\x00\x00\x00", 4), -EOPNOTSUPP);
}

#endif
