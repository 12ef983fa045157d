/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/windows.h"

#include <errno.h>

#include "base/array.h"

int windows_add(struct run_windows *w, uint32_t run, uint64_t ts_ns)
{
	struct capture_window *newest;

	while (w->n_runs <= run) {
		if (ARRAY_GROW(w->newest, w->n_runs) < 0)
			return -ENOMEM;
		w->newest[w->n_runs++] = 0;
	}
	newest = w->newest[run] ? &w->v[w->newest[run] - 1].window : NULL;
	if (newest && ts_ns >= newest->last_ns) {
		newest->last_ns = ts_ns;
		return 0;
	}
	if (ARRAY_GROW(w->v, w->n) < 0)
		return -ENOMEM;
	w->v[w->n++] = (struct run_window){.run = run, .window = {ts_ns, ts_ns}};
	w->newest[run] = w->n;
	return 0;
}

static int compare(const void *x, const void *y)
{
	const struct capture_window *a = x, *b = y;

	return a->first_ns < b->first_ns ? -1 : a->first_ns > b->first_ns;
}

int windows_join(const struct run_windows *w, bool (*wanted)(const void *ctx, uint32_t run), const void *ctx,
		 struct capture_window **ret, size_t *ret_n)
{
	struct capture_window *v = calloc(w->n + 1, sizeof(*v));
	size_t n = 0, joined = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++) {
		if (wanted(ctx, w->v[i].run))
			v[n++] = w->v[i].window;
	}
	qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n; i++) {
		struct capture_window *last = joined ? &v[joined - 1] : NULL;

		if (!last || v[i].first_ns > last->last_ns)
			v[joined++] = v[i];
		else if (v[i].last_ns > last->last_ns)
			last->last_ns = v[i].last_ns;
	}
	*ret = v;
	*ret_n = joined;
	return 0;
}

void windows_free(struct run_windows *w)
{
	free(w->v);
	free(w->newest);
	*w = (struct run_windows){0};
}
