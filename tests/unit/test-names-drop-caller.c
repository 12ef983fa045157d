/* SPDX-License-Identifier: GPL-2.0-only */
/* Droppers in code made up for the purpose: functions at fixed addresses, 256 bytes apart. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "names/drop_caller.h"

#if defined(__x86_64__) || defined(__aarch64__)

#define BASE  UINT64_C(0xffffffff81000000)
#define AT(n) (BASE + 256 * (n))

enum { KFREE, CALLER, TAIL, CHAIN, INNOCENT, LAST };

static uint8_t memory[256 * LAST];

static ssize_t read_memory(void *ctx _unused_, uint64_t addr, void *buf, size_t len)
{
	if (addr < BASE || addr - BASE > sizeof(memory))
		return -EFAULT;
	if (len > sizeof(memory) - (addr - BASE))
		len = sizeof(memory) - (addr - BASE);
	memcpy(buf, memory + (addr - BASE), len);
	return (ssize_t)len;
}

#ifdef __x86_64__
#define CALL		     0xe8
#define JUMP		     0xe9
#define CALL_BY_REGISTER     "\xff\xd0" /* call *%rax */
#define CALL_BY_REGISTER_LEN 2

/* At that offset of a function; returns the address behind it. */
static uint64_t put(unsigned func, unsigned offset, uint8_t opcode, uint64_t target)
{
	uint64_t next = AT(func) + offset + 5;
	int32_t rel = (int32_t)(target - next);

	memory[256 * func + offset] = opcode;
	memcpy(memory + 256 * func + offset + 1, &rel, 4);
	return next;
}

static void nops(void)
{
	memset(memory, 0x90, sizeof(memory));
}
#else
#define CALL		     0x94000000		/* bl */
#define JUMP		     0x14000000		/* b */
#define CALL_BY_REGISTER     "\x00\x00\x3f\xd6" /* blr x0 */
#define CALL_BY_REGISTER_LEN 4

static uint64_t put(unsigned func, unsigned offset, uint32_t opcode, uint64_t target)
{
	uint64_t at = AT(func) + offset;
	uint32_t insn = opcode | (((target - at) / 4) & 0x03ffffff);

	memcpy(memory + 256 * func + offset, &insn, 4);
	return at + 4;
}

static void nops(void)
{
	for (size_t i = 0; i < sizeof(memory); i += 4)
		memcpy(memory + i, "\x1f\x20\x03\xd5", 4);
}
#endif

static struct ksyms *symbols(void)
{
	static const char names[][32] = {"kfree_skb_reason", "caller", "tail", "chain.cold", "innocent", "end"};
	_cleanup_buf_ struct buf text = {0};
	struct ksyms *ks = NULL;
	char line[80];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int n = snprintf(line, sizeof(line), "%016llx T %s\n", (unsigned long long)AT(i), names[i]);

		cr_assert_eq(buf_append(&text, line, (size_t)n), 0);
	}
	cr_assert_eq(ksyms_new(text.data, text.len, &ks, NULL), 0);
	return ks;
}

Test(dropper, who_calls_is_the_dropper)
{
	_cleanup_ksyms_ struct ksyms *ks = symbols();
	struct drop_caller d;
	uint64_t location;

	nops();
	location = put(CALLER, 40, CALL, AT(KFREE));
	cr_assert_eq(drop_caller_find(read_memory, NULL, ks, location, &d), 0);
	cr_expect(!d.jumped && d.addr == location);
}

Test(dropper, who_jumps_is_the_dropper)
{
	_cleanup_ksyms_ struct ksyms *ks = symbols();
	uint64_t location;
	struct drop_caller d;

	nops();
	location = put(CALLER, 40, CALL, AT(TAIL));
	put(TAIL, 8, JUMP, AT(TAIL) + 64); /* within itself */
	put(TAIL, 100, JUMP, AT(KFREE));
	cr_assert_eq(drop_caller_find(read_memory, NULL, ks, location, &d), 0);
	cr_expect(d.jumped);
	cr_expect_eq(d.addr, AT(TAIL) + 100);
}

Test(dropper, a_jump_through_one_more_function)
{
	_cleanup_ksyms_ struct ksyms *ks = symbols();
	uint64_t location;
	struct drop_caller d;

	nops();
	location = put(CALLER, 40, CALL, AT(TAIL));
	put(TAIL, 32, JUMP, AT(CHAIN) + 16);
	put(CHAIN, 16, JUMP, AT(KFREE));
	cr_assert_eq(drop_caller_find(read_memory, NULL, ks, location, &d), 0);
	cr_expect(d.jumped);
	cr_expect_eq(d.addr, AT(CHAIN) + 16);
}

Test(dropper, what_the_code_does_not_tell)
{
	_cleanup_ksyms_ struct ksyms *ks = symbols();
	uint64_t location;
	struct drop_caller d = {.addr = 7};

	nops();
	location = put(CALLER, 40, CALL, AT(INNOCENT)); /* it neither jumps nor calls */
	cr_expect_eq(drop_caller_find(read_memory, NULL, ks, location, &d), -ENOENT);
	memcpy(memory + 256 * CALLER + 60, CALL_BY_REGISTER, CALL_BY_REGISTER_LEN);
	cr_expect_eq(drop_caller_find(read_memory, NULL, ks, AT(CALLER) + 60 + CALL_BY_REGISTER_LEN, &d), -ENOENT);
	cr_expect_eq(drop_caller_find(read_memory, NULL, ks, AT(CALLER) + 42, &d), -ENOENT, "amidst an instruction");
	cr_expect_eq(d.addr, 7);
}

Test(dropper, a_function_s_own_address_is_the_place)
{
	_cleanup_ksyms_ struct ksyms *ks = symbols();
	struct drop_caller d;

	nops();
	cr_assert_eq(drop_caller_find(read_memory, NULL, ks, AT(INNOCENT), &d), 0);
	cr_expect(!d.jumped && d.addr == AT(INNOCENT));
}

#endif

Test(dropper, names_of_what_frees)
{
	cr_expect(drop_caller_frees("kfree_skb"));
	cr_expect(drop_caller_frees("sk_skb_reason_drop"));
	cr_expect(drop_caller_frees("kfree_skb_list_reason.part.0"));
	cr_expect_not(drop_caller_frees("kfree_skbmem"));
	cr_expect_not(drop_caller_frees("kfree"));
	cr_expect_not(drop_caller_frees("icmp_rcv"));
}
