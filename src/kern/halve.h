/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links of many functions. One bad entry fails a whole batch without saying which, so a refused batch is halved until
 * the bad ones stand alone: k bad entries among n cost about k * log2(n) attempts, and each good remainder becomes a
 * link. Private to this room.
 */
#pragma once

#include <stddef.h>

struct halving {
	/* One link for entries from, from + 1… *ret_refusal is the kernel's -errno, or 0. Itself 0 or -errno. */
	int (*attempt)(void *ctx, size_t from, size_t n, int *ret_refusal);
	/* The entry was refused with err. 0, or -errno to stop. */
	int (*refused)(void *ctx, size_t at, int err);
	void *ctx;
};

/* 0, or -errno: what a callback returned, or a refusal that is not for one entry's sake. */
int halve(const struct halving *h, size_t from, size_t n);
