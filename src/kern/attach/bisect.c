/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/bisect.h"

#include <errno.h>

int bisect(const struct bisect *b, size_t from, size_t n)
{
	int err = 0, r = b->attempt(b->ctx, from, n, &err);

	if (r < 0 || !err)
		return r;
	if (n == 1)
		return b->failed(b->ctx, from, err);
	/* no single entry causes these: smaller batches would fail in the same way */
	if (err == -EPERM || err == -EACCES || err == -EOPNOTSUPP || err == -ENOMEM)
		return err;
	r = bisect(b, from, n / 2);
	return r < 0 ? r : bisect(b, from + n / 2, n - n / 2);
}
