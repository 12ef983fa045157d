/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "render/out/out.h"

static void expect(struct out *o, const char *want)
{
	cr_expect(o->buf.len == strlen(want) && memcmp(o->buf.data, want, o->buf.len) == 0, "'%.*s' for '%s'",
		  (int)o->buf.len, o->buf.data, want);
	out_clear(o);
}

Test(out, numbers_read_like_printf)
{
	static const uint64_t values[] = {0, 1, 9, 10, 255, 4026531840, UINT32_MAX, 1ull << 63, UINT64_MAX};
	_cleanup_out_ struct out o = {0};
	char want[32];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(want, sizeof(want), "%" PRIu64, values[i]);
		out_u64(&o, values[i]);
		expect(&o, want);
		snprintf(want, sizeof(want), "%" PRId64, (int64_t)values[i]);
		out_i64(&o, (int64_t)values[i]);
		expect(&o, want);
		snprintf(want, sizeof(want), "0x%" PRIx64, values[i]);
		out_hex(&o, values[i]);
		expect(&o, want);
	}
}

Test(out, leading_zeros)
{
	_cleanup_out_ struct out o = {0};

	out_u64_digits(&o, 42, 9);
	expect(&o, "000000042");
	out_u64_digits(&o, 12345, 3);
	expect(&o, "12345");
	out_hex_digits(&o, 0x806, 4);
	expect(&o, "0806");
	out_hex_digits(&o, 0xabcdef, 2);
	expect(&o, "ef");
}

Test(out, padding_counts_code_points)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "ab");
	out_pad(&o, 0, 4);
	out_char(&o, '|');
	expect(&o, "ab  |");
	out_str(&o, "\xc3\xbc");
	out_pad(&o, 0, 3);
	out_char(&o, '|');
	expect(&o, "\xc3\xbc  |");
	out_str(&o, "longer");
	out_pad(&o, 0, 3);
	expect(&o, "longer");
	out_str(&o, "xy");
	out_pad(&o, 2, 2);
	expect(&o, "xy  ");
}

Test(out, flush_hands_over_everything_and_empties)
{
	_cleanup_out_ struct out o = {0};
	char big[100000], got[8] = {0};
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	out_str(&o, "hello");
	cr_expect_eq(out_flush_fd(&o, fds[1]), 0);
	cr_expect_eq(o.buf.len, 0);
	cr_expect_eq(read(fds[0], got, sizeof(got)), 5);
	cr_expect_str_eq(got, "hello");
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 50; i++)
		out_mem(&o, big, sizeof(big));
	cr_expect_eq(o.buf.len, 50 * sizeof(big));
	close(fds[0]);
	close(fds[1]);
}

Test(out, a_failed_write_is_an_error)
{
	_cleanup_close_ int full = open("/dev/full", O_WRONLY);
	_cleanup_out_ struct out o = {0};

	cr_assert_geq(full, 0);
	out_str(&o, "lost");
	cr_expect_eq(out_flush_fd(&o, full), -ENOSPC);
	cr_expect_eq(o.buf.len, 0);
}

Test(out, a_failed_allocation_is_reported_once)
{
	_cleanup_(fclosep) FILE *f = tmpfile();
	_cleanup_out_ struct out o = {0};

	cr_assert_not_null(f);
	out_str(&o, "before");
	cr_expect_null(out_room(&o, SIZE_MAX / 2));
	out_str(&o, "after");
	cr_expect_eq(o.buf.len, strlen("before"));
	cr_expect_eq(out_flush_file(&o, f), -ENOMEM);
	cr_expect_eq(ftell(f), strlen("before"), "what was buffered is written nevertheless");
	cr_expect_eq(out_flush_file(&o, f), 0);
}

/* Found by tests/fuzz: it asked for the address of a place in no buffer. */
Test(out, nothing_needs_no_buffer)
{
	struct out o = {0};

	out_str(&o, "");
	cr_expect_null(o.buf.data);
	cr_expect(!o.failed);
	out_free(&o);
}
