/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching many functions by few links. One bad entry fails a whole batch, and the kernel does not say which one it
 * was. So a failed batch is halved until each bad entry is alone: k bad entries among n cost about k * log2(n)
 * attempts, and every half without a bad entry becomes one link. Private to this room.
 */
#pragma once

#include <stddef.h>

struct bisect {
	/* Tries one link for n entries from `from` on; *ret_error is the kernel's -errno if it fails. Returns 0, or
	 * -errno to stop. */
	int (*attempt)(void *ctx, size_t from, size_t n, int *ret_error);
	/* The entry `at` alone failed with err. Returns 0, or -errno to stop. */
	int (*failed)(void *ctx, size_t at, int err);
	void *ctx;
};

/* 0; -errno of a callback; or the kernel's -EPERM, -EACCES, -EOPNOTSUPP or -ENOMEM, which no single entry causes. */
int bisect(const struct bisect *b, size_t from, size_t n);
