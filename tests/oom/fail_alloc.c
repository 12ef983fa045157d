// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: one allocation of a program finds no memory. FAIL_AT=N fails the Nth, and 0 none; with
 * FAIL_COUNT=FILE the number of all is written to FILE at the end. What the C library takes within itself is not seen.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong seen;
static unsigned long fail_at;

static bool fails(void)
{
	if (atomic_fetch_add(&seen, 1) + 1 != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

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

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

void *malloc(size_t size)
{
	static typeof(&malloc) next;

	if (!next)
		next = NEXT(malloc);
	return fails() ? NULL : next(size);
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
	return fails() ? NULL : next(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	static typeof(&realloc) next;

	if (!next)
		next = NEXT(realloc);
	return fails() ? NULL : next(ptr, size);
}

void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	static typeof(&reallocarray) next;

	if (!next)
		next = NEXT(reallocarray);
	return fails() ? NULL : next(ptr, nmemb, size);
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

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAIL_AT");

	fail_at = at ? strtoul(at, NULL, 10) : 0;
	atomic_store(&seen, 0);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAIL_COUNT");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%lu\n", atomic_load(&seen));
	close(fd);
}
