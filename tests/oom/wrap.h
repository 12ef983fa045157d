/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a library that is preloaded: the calls that take memory, which find none when fails() says so. Whoever includes
 * this defines it: static bool fails(const void *caller), with the address that the call returns to.
 */
#pragma once

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static bool fails(const void *caller);

#define CALLER	   __builtin_return_address(0)
#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

/* dlsym() takes memory of its own before calloc() is known. */
static char early[4096];
static size_t early_used;

static void *take_early(size_t size)
{
	void *p = early + early_used;

	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(early) - early_used)
		return NULL;
	early_used += size;
	return p;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

void *malloc(size_t size)
{
	static typeof(&malloc) next;

	if (!next)
		next = NEXT(malloc);
	return fails(CALLER) ? NULL : next(size);
}

void *calloc(size_t nmemb, size_t size)
{
	static typeof(&calloc) next;
	static bool looking;

	if (looking && !next)
		return take_early(nmemb * size);
	looking = true;
	if (!next)
		next = NEXT(calloc);
	return fails(CALLER) ? NULL : next(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	static typeof(&realloc) next;

	if (!next)
		next = NEXT(realloc);
	return fails(CALLER) ? NULL : next(ptr, size);
}

void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	static typeof(&reallocarray) next;

	if (!next)
		next = NEXT(reallocarray);
	return fails(CALLER) ? NULL : next(ptr, nmemb, size);
}

void free(void *ptr)
{
	static typeof(&free) next;

	if (is_early(ptr))
		return;
	if (!next)
		next = NEXT(free);
	next(ptr);
}
