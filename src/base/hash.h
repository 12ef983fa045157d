/* SPDX-License-Identifier: GPL-2.0-only */
/* Hashes for tables in memory. They do not resist chosen keys, and no file holds them. */
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

/* Fibonacci hashing: a number times 2^64 / golden ratio, folded so that its low bits depend on all of it. */
static inline uint64_t hash_u64(uint64_t number)
{
	number *= UINT64_C(0x9e3779b97f4a7c15);
	return number ^ number >> 32;
}
