/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation
 *
 * Finds the shortest edit script by E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), forward and
 * greedy: for d = 0, 1, … differences it keeps how far each diagonal reaches, and at the end walks back through what
 * was kept. That is linear if two paths are much the same, and quadratic if they have nothing in common. So after
 * WINDOW differences the furthest point is fixed, and the search starts again from there. Each window costs at most
 * WINDOW² steps and as many as it advances, which is at least WINDOW. So the whole costs (n + m) · WINDOW.
 */
#include "path/packet_diff.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

#define WINDOW 192 /* differences in one window */

struct keys {
	const uint32_t *keys;
	size_t n;
	bool *differs; /* owned; by step: it is not matched */
};

struct diff_search {
	struct keys a, b;
	size_t x0, y0;			  /* beginning of the window */
	size_t reach[2 * WINDOW + 3];	  /* at diagonal + WINDOW + 1: the x reached, from x0 */
	uint32_t (*kept)[2 * WINDOW + 3]; /* owned; by number of differences: reach before them */
};

#define AT(k) ((k) + WINDOW + 1)

/* Follows the diagonal over equal steps. x and the result count from x0. */
static size_t slide(const struct diff_search *s, size_t x, long k)
{
	size_t i = s->x0 + x, j = s->y0 + (size_t)((long)x - k);

	while (i < s->a.n && j < s->b.n && s->a.keys[i] == s->b.keys[j])
		i++, j++;
	return i - s->x0;
}

static bool step_down(const struct diff_search *s, long d, long k)
{
	return k == -d || (k != d && s->reach[AT(k - 1)] < s->reach[AT(k + 1)]);
}

/* The x that diagonal k reaches with d differences, from x0. */
static size_t reach_of(const struct diff_search *s, long d, long k)
{
	size_t x = d == 0 ? 0 : step_down(s, d, k) ? s->reach[AT(k + 1)] : s->reach[AT(k - 1)] + 1;

	return slide(s, x, k);
}

/* Marks the d differences between the window's beginning and (x, y). */
static void walk_back(struct diff_search *s, long d, size_t x, long k)
{
	for (; d > 0; d--) {
		const uint32_t *before = s->kept[d];
		bool down = k == -d || (k != d && before[AT(k - 1)] < before[AT(k + 1)]);
		size_t i;

		k += down ? 1 : -1;
		x = before[AT(k)];
		i = down ? s->y0 + (size_t)((long)x - k) : s->x0 + x;
		if (down && i < s->b.n)
			s->b.differs[i] = true;
		else if (!down && i < s->a.n)
			s->a.differs[i] = true;
	}
}

static bool outside(const struct diff_search *s, size_t x, long k)
{
	long y = (long)x - k;

	return s->x0 + x > s->a.n || y < 0 || s->y0 + (size_t)y > s->b.n;
}

/* Searches one window. True if both ends were reached. */
static bool window(struct diff_search *s)
{
	size_t best = 0;
	long best_d = 0, best_k = 0, best_sum = -1;

	memset(s->reach, 0, sizeof(s->reach));
	for (long d = 0; d <= WINDOW; d++) {
		for (size_t i = 0; i < ARRAY_SIZE(s->reach); i++)
			s->kept[d][i] = (uint32_t)s->reach[i];
		for (long k = -d; k <= d; k += 2) {
			size_t x = reach_of(s, d, k);
			long sum = 2 * (long)x - k;

			s->reach[AT(k)] = x;
			if (outside(s, x, k))
				continue;
			if (s->x0 + x == s->a.n && s->y0 + (size_t)((long)x - k) == s->b.n) {
				walk_back(s, d, x, k);
				return true;
			}
			if (sum > best_sum) {
				best = x;
				best_d = d;
				best_k = k;
				best_sum = sum;
			}
		}
	}
	walk_back(s, best_d, best, best_k);
	s->x0 += best;
	s->y0 += (size_t)((long)best - best_k);
	return false;
}

static int make_hunks(const struct diff_search *s, struct diff *ret)
{
	struct diff d = {0};
	size_t i = 0, j = 0;

	while (i < s->a.n || j < s->b.n) {
		struct diff_hunk h = {.a = i, .b = j};

		while ((i < s->a.n && s->a.differs[i]) || (j < s->b.n && s->b.differs[j])) {
			if (i < s->a.n && s->a.differs[i])
				i++;
			else
				j++;
		}
		h.a_count = i - h.a;
		h.b_count = j - h.b;
		if (!h.a_count && !h.b_count) {
			i++, j++, d.same++;
			continue;
		}
		if (ARRAY_GROW(d.hunks, d.n_hunks) < 0) {
			diff_free(&d);
			return -ENOMEM;
		}
		d.hunks[d.n_hunks++] = h;
	}
	*ret = d;
	return 0;
}

int diff_keys(const uint32_t *a, size_t n, const uint32_t *b, size_t m, struct diff *ret)
{
	struct diff_search *s;
	int r = -ENOMEM;

	if (n > INT32_MAX || m > INT32_MAX)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->a = (struct keys){a, n, calloc(n + 1, sizeof(bool))};
	s->b = (struct keys){b, m, calloc(m + 1, sizeof(bool))};
	s->kept = calloc(WINDOW + 1, sizeof(*s->kept));
	if (s->a.differs && s->b.differs && s->kept) {
		while (!window(s))
			;
		r = make_hunks(s, ret);
	}
	free(s->a.differs);
	free(s->b.differs);
	free(s->kept);
	free(s);
	return r;
}

void diff_free(struct diff *d)
{
	free(d->hunks);
	*d = (struct diff){0};
}
