/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/reader_nice.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Steps of less are not worth a system call. */
#define STEP 2

struct reader_nice {
	/* What kernel/bpf/ringbuf.c keeps in the map's first two pages: bytes since the start, by who reads and by who
	 * writes. */
	const uint64_t *read, *written;
	uint64_t size;
	int base, now;
};

/* 20 stands for nice 0, 40 for -20, of which getpriority(2) speaks. */
static bool may_return_to(int nice)
{
	rlim_t needed = (rlim_t)(20 - nice);
	struct rlimit l;

	if (getrlimit(RLIMIT_NICE, &l) < 0)
		return false;
	if (l.rlim_cur >= needed)
		return true;
	l.rlim_cur = needed;
	l.rlim_max = l.rlim_max < needed ? needed : l.rlim_max;
	return setrlimit(RLIMIT_NICE, &l) == 0;
}

static const uint64_t *map_page(int fd, off_t page, size_t page_bytes)
{
	void *p = mmap(NULL, page_bytes, PROT_READ, MAP_SHARED, fd, page * (off_t)page_bytes);

	return p == MAP_FAILED ? NULL : p;
}

static void unmap_page(const uint64_t *p, size_t page_bytes)
{
	if (p)
		munmap((void *)p, page_bytes);
}

static void be(struct reader_nice *n, int nice)
{
	if (nice != n->now && setpriority(PRIO_PROCESS, 0, nice) == 0)
		n->now = nice;
}

int reader_nice_level(int base, uint64_t waiting, uint64_t size)
{
	uint64_t half = size / 2;

	if (waiting >= half)
		return base;
	return NICE_MAX - (int)((uint64_t)(NICE_MAX - base) * waiting / half);
}

int reader_nice_start(int ring_fd, uint32_t ring_bytes, struct reader_nice **ret)
{
	_cleanup_(reader_nice_freep) struct reader_nice *n = NULL;
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	int base;

	*ret = NULL;
	errno = 0;
	base = getpriority(PRIO_PROCESS, 0);
	if ((base == -1 && errno) || base >= NICE_MAX || !may_return_to(base))
		return 0;
	n = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct reader_nice){.size = ring_bytes, .base = base, .now = base};
	n->read = map_page(ring_fd, 0, page_bytes);
	n->written = n->read ? map_page(ring_fd, 1, page_bytes) : NULL;
	if (!n->written)
		return -errno;
	reader_nice_look(n);
	*ret = TAKE_PTR(n);
	return 0;
}

void reader_nice_look(struct reader_nice *n)
{
	uint64_t read;
	int nice;

	if (!n)
		return;
	/* in this order: what is written never falls behind what is read */
	read = __atomic_load_n(n->read, __ATOMIC_ACQUIRE);
	nice = reader_nice_level(n->base, __atomic_load_n(n->written, __ATOMIC_ACQUIRE) - read, n->size);
	if (abs(nice - n->now) >= STEP || nice == n->base)
		be(n, nice);
}

void reader_nice_free(struct reader_nice *n)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);

	if (!n)
		return;
	be(n, n->base);
	unmap_page(n->read, page_bytes);
	unmap_page(n->written, page_bytes);
	free(n);
}
