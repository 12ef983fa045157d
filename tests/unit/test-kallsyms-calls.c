/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kallsyms/calls.h"

#ifdef __x86_64__

#define BASE 0xffffffffc0001000ull

struct seen {
	uint64_t at[8], target[8];
	size_t n, stop_after;
};

static int note(void *ctx, uint64_t at, uint64_t target)
{
	struct seen *s = ctx;

	s->at[s->n] = at;
	s->target[s->n] = target;
	return ++s->n == s->stop_after ? 7 : 0;
}

/* As a JIT writes it: nop, push, call forward, a load whose constant looks like a call, call backward, exit. */
static const uint8_t code[] = {
	0x0f, 0x1f, 0x44, 0x00, 0x00,				    /* +0 nopl */
	0x55,							    /* +5 push %rbp */
	0xe8, 0x00, 0x01, 0x00, 0x00,				    /* +6 call +0x10b */
	0x48, 0xb8, 0xe8, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* +11 movabs; +13 would be a call to +0x22 */
	0xff, 0xd0,						    /* +21 call *%rax */
	0xe8, 0xf0, 0xff, 0xff, 0xff,				    /* +23 call +0xc */
	0xe9, 0x00, 0x01, 0x00, 0x00,				    /* +28 jmp: no call */
	0xc3,							    /* +33 ret */
};

/* A copy of exactly that size, so that ASan sees reads past the end. */
static uint8_t *copy(size_t n)
{
	uint8_t *p = malloc(n);

	cr_assert(p);
	memcpy(p, code, n);
	return p;
}

Test(kallsyms_calls, walk_tells_of_direct_calls_only)
{
	struct seen s = {0};

	cr_assert_eq(calls_walk(code, sizeof(code), BASE, note, &s), 0);
	cr_assert_eq(s.n, 2);
	cr_assert_eq(s.at[0], BASE + 6);
	cr_assert_eq(s.target[0], BASE + 0x10b);
	cr_assert_eq(s.at[1], BASE + 23);
	cr_assert_eq(s.target[1], BASE + 12);
}

Test(kallsyms_calls, walk_is_stopped)
{
	struct seen s = {.stop_after = 1};

	cr_assert_eq(calls_walk(code, sizeof(code), BASE, note, &s), 7);
	cr_assert_eq(s.n, 1);
}

/* A call with a prefix: the target counts from the instruction's end all the same. */
Test(kallsyms_calls, walk_takes_prefixes)
{
	static const uint8_t prefixed[] = {0x2e, 0xe8, 0x0a, 0x00, 0x00, 0x00, 0xc3};
	struct seen s = {0};

	cr_assert_eq(calls_walk(prefixed, sizeof(prefixed), BASE, note, &s), 0);
	cr_assert_eq(s.n, 1);
	cr_assert_eq(s.target[0], BASE + 6 + 10);
}

Test(kallsyms_calls, walk_steps_over_what_decodes_to_nothing)
{
	static const uint8_t broken[] = {0x06, 0x06, 0xe8, 0x01, 0x00, 0x00, 0x00, 0xe8, 0x01};
	struct seen s = {0};

	cr_assert_eq(calls_walk(broken, sizeof(broken), BASE, note, &s), 0);
	cr_assert_eq(s.n, 1); /* the last one is cut off */
	cr_assert_eq(s.target[0], BASE + 8);
}

Test(kallsyms_calls, find_tells_which)
{
	const uint64_t targets[] = {BASE + 1, BASE + 0x10b, 0, BASE + 12};
	uint32_t found = 99;

	cr_assert_eq(calls_find(code, sizeof(code), BASE, targets, ARRAY_SIZE(targets), &found), 0);
	cr_assert_eq(found, 1u << 1 | 1u << 3);
	cr_assert_eq(calls_find(code, sizeof(code), BASE, targets, 1, &found), 0);
	cr_assert_eq(found, 0);
	cr_assert_eq(calls_find(code, sizeof(code), BASE, targets, 0, &found), 0);
	cr_assert_eq(found, 0);
}

/* +13 is a call only to who does not decode from the beginning. */
Test(kallsyms_calls, find_is_not_taken_in_by_constants)
{
	const uint64_t target = BASE + 13 + 5 + 0x10;
	uint32_t found = 99;

	cr_assert_eq(calls_find(code, sizeof(code), BASE, &target, 1, &found), 0);
	cr_assert_eq(found, 0);
}

Test(kallsyms_calls, zero_is_no_target)
{
	static const uint8_t to_zero[] = {0xe8, 0xfb, 0xff, 0xff, 0xff, 0xc3};
	const uint64_t target = 0;
	uint32_t found = 99;

	cr_assert_eq(calls_find(to_zero, sizeof(to_zero), 0, &target, 1, &found), 0);
	cr_assert_eq(found, 0);
}

Test(kallsyms_calls, any_length_is_read_to_its_end_only)
{
	const uint64_t targets[] = {BASE + 0x10b, BASE + 12};

	for (size_t n = 1; n <= sizeof(code); n++) {
		_cleanup_free_ uint8_t *p = copy(n);
		uint32_t found = 99;

		cr_assert_eq(calls_find(p, n, BASE, targets, 2, &found), 0);
		cr_assert_eq(found, (n >= 11 ? 1u : 0) | (n >= 28 ? 2u : 0), "%zu bytes: %u", n, found);
	}
}

#else

Test(kallsyms_calls, other_architectures_say_so)
{
	uint32_t found = 99;

	cr_assert_eq(calls_find("", 1, 0, NULL, 0, &found), -EOPNOTSUPP);
	cr_assert_eq(found, 99);
}

#endif
