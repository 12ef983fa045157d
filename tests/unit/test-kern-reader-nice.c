/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of a ring buffer's map are a file here, whose two pages say what a test wants. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kern/reader_nice.h"

#define RING_BYTES (1u << 20)

static void set_position(int fd, off_t page, uint64_t v)
{
	cr_assert_eq(pwrite(fd, &v, sizeof(v), page * sysconf(_SC_PAGESIZE)), (ssize_t)sizeof(v));
}

static int make_ring(void)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, 2 * sysconf(_SC_PAGESIZE)), 0);
	return fd;
}

static int niceness(void)
{
	errno = 0;
	return getpriority(PRIO_PROCESS, 0);
}

/* NULL: this machine does not let a thread come back, and so it did not go. A guest runs these tests where it does. */
static struct reader_nice *start(int fd)
{
	int base = niceness();
	struct reader_nice *n;

	cr_assert_eq(reader_nice_start(fd, RING_BYTES, &n), 0);
	cr_assert(n || !getenv("READER_NICE_MUST"), "it can come back here");
	cr_assert_eq(niceness(), n ? NICE_MAX : base);
	return n;
}

Test(reader_nice, is_less_nice_the_fuller_the_ring)
{
	int last = reader_nice_level(0, 0, RING_BYTES);

	cr_assert_eq(last, NICE_MAX);
	for (uint64_t waiting = 0; waiting <= RING_BYTES; waiting += RING_BYTES / 256) {
		int level = reader_nice_level(0, waiting, RING_BYTES);

		cr_assert_leq(level, last);
		cr_assert_eq(level == 0, waiting >= RING_BYTES / 2);
		last = level;
	}
}

Test(reader_nice, is_never_less_nice_than_it_was_started)
{
	for (int base = -20; base < NICE_MAX; base++) {
		cr_assert_eq(reader_nice_level(base, RING_BYTES, RING_BYTES), base);
		cr_assert_eq(reader_nice_level(base, RING_BYTES / 2, RING_BYTES), base);
		cr_assert_eq(reader_nice_level(base, 0, RING_BYTES), NICE_MAX);
	}
}

Test(reader_nice, follows_the_ring_and_comes_back)
{
	int fd = make_ring(), base = niceness();
	struct reader_nice *n = start(fd);

	if (!n)
		return;
	set_position(fd, 1, RING_BYTES); /* full */
	reader_nice_look(n);
	cr_assert_eq(niceness(), base);
	set_position(fd, 0, RING_BYTES); /* all read */
	reader_nice_look(n);
	cr_assert_eq(niceness(), NICE_MAX);
	/* what counts is the difference, also when the counters have gone round many times */
	set_position(fd, 0, 1000ull * RING_BYTES);
	set_position(fd, 1, 1000ull * RING_BYTES + RING_BYTES / 4);
	reader_nice_look(n);
	cr_assert(niceness() > base && niceness() < NICE_MAX);
	reader_nice_free(n);
	cr_assert_eq(niceness(), base);
	close(fd);
}

Test(reader_nice, of_who_is_nicer_anyway_nothing_changes)
{
	int fd = make_ring();
	struct reader_nice *n;

	cr_assert_eq(setpriority(PRIO_PROCESS, 0, NICE_MAX + 2), 0);
	cr_assert_eq(reader_nice_start(fd, RING_BYTES, &n), 0);
	cr_assert_null(n);
	reader_nice_look(n);
	reader_nice_free(n);
	cr_assert_eq(niceness(), NICE_MAX + 2);
	close(fd);
}

Test(reader_nice, what_is_no_ring_is_refused)
{
	struct reader_nice *n = start(make_ring());
	bool can = n;

	reader_nice_free(n);
	cr_assert_eq(reader_nice_start(-1, RING_BYTES, &n), can ? -EBADF : 0);
	cr_assert_null(n);
}
