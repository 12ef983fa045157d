/* SPDX-License-Identifier: GPL-2.0-only */
/* Golden files: what a test rendered, held against tests/golden/NAME. With UPDATE=1 in the environment the files are
 * written instead (tests/golden/update.sh); read the diff before committing it. */
#pragma once

#include <criterion/criterion.h>
#include <stdlib.h>

#include "render/out/out.h"

/* Compares the buffer with the golden file, or writes it. */
static inline void golden(const char *name, struct out *o)
{
	_cleanup_buf_ struct buf want = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, name);
	if (getenv("UPDATE")) {
		_cleanup_(fclosep) FILE *f = fopen(path, "we");

		cr_assert_not_null(f, "%s", path);
		cr_assert_eq(out_flush_file(o, f), 0);
		return;
	}
	cr_assert_eq(buf_read_file(path, &want), 0, "%s", path);
	cr_expect(want.len == o->buf.len && memcmp(want.data, o->buf.data, want.len) == 0,
		  "%s differs; what is rendered now:\n%.*s", name, (int)o->buf.len, o->buf.data);
}
