/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place where untrusted bytes are read: every access is checked against the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p;
	size_t left; /* bytes */
	bool failed; /* a read went past the end; all later reads fail too */
};

static inline struct rd rd_init(const void *data, size_t size)
{
	return (struct rd){.p = data, .left = size};
}

/* The next n bytes, or NULL (and failed set) when fewer are left. */
static inline const void *rd_bytes(struct rd *r, size_t n)
{
	const void *p = r->p;

	if (r->failed || n > r->left) {
		r->failed = true;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

/* Copies n bytes to dst; zeroes dst and returns false when fewer are left. */
static inline bool rd_copy(struct rd *r, void *dst, size_t n)
{
	const void *p = rd_bytes(r, n);

	if (p)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
	return p;
}
