/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/attach.h"

#include "base/array.h"

int attach_failed(struct attach_failures *f, const struct func *func, int err)
{
	if (ARRAY_GROW(f->v, f->n) < 0)
		return -ENOMEM;
	f->v[f->n++] = (struct trace_failure){.func = func, .err = err};
	return 0;
}

void attach_advance(struct attach_progress *p, size_t n)
{
	p->done += n;
	if (p->fn)
		p->fn(p->ctx, p->done, p->total);
}
