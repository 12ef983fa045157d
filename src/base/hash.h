/* SPDX-License-Identifier: GPL-2.0-only */
/* For tables in memory: a hash that nobody has to guard against, and that nothing is kept by. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* FNV-1a of 32 bits (Fowler, Noll, Vo), folded so that its low bits depend on all of it. */
static inline uint32_t hash_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return h ^ h >> 15;
}
