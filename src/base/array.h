/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow by one element at a time. */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_FIRST_ELEMENTS 16

/*
 * Makes sure that *array, which holds n elements of elem_bytes each, has space for one more. The capacity is not kept
 * anywhere: the array is allocated for 16 elements, and doubled whenever n is a power of two from 16 on. So call this
 * before each element that is appended.
 *
 * array: the address of the pointer, which may be NULL as long as n is 0. 0, or -ENOMEM with the array as it was.
 */
static inline int array_grow(void *array, size_t n, size_t elem_bytes)
{
	void *v, *grown;

	if (n && (n < ARRAY_FIRST_ELEMENTS || n & (n - 1)))
		return 0;
	memcpy(&v, array, sizeof(v));
	grown = reallocarray(v, n ? 2 * n : ARRAY_FIRST_ELEMENTS, elem_bytes);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	return 0;
}

#define ARRAY_GROW(v, n) array_grow(&(v), (n), sizeof(*(v)))
