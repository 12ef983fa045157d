/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/halve.h"

#include <errno.h>

int halve(const struct halving *h, size_t from, size_t n)
{
	int refusal = 0, r = h->attempt(h->ctx, from, n, &refusal);

	if (r < 0 || !refusal)
		return r;
	if (n == 1)
		return h->refused(h->ctx, from, refusal);
	/* refused as a whole: not for one entry's sake */
	if (refusal == -EPERM || refusal == -EACCES || refusal == -EOPNOTSUPP || refusal == -ENOMEM)
		return refusal;
	r = halve(h, from, n / 2);
	return r < 0 ? r : halve(h, from + n / 2, n - n / 2);
}
