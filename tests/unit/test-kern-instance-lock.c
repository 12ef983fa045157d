/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory of our own stands for tracefs: any file can be locked. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kern/tracefs/instance_lock.h"

static int make_tracefs(void)
{
	char path[] = "/tmp/instances.XXXXXX";
	int dir;

	cr_assert(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(dir, 0);
	cr_assert_eq(mkdirat(dir, "events", 0700), 0);
	cr_assert_geq(openat(dir, "kprobe_events", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 0);
	return dir;
}

static int open_locks(int dir)
{
	int fd = instance_lock_open(dir, NULL);

	cr_assert_geq(fd, 0);
	return fd;
}

Test(instance_lock, a_lock_is_had_once)
{
	int dir = make_tracefs(), one = open_locks(dir), two = open_locks(dir);

	cr_expect_eq(instance_lock_take(one, 7), 0);
	cr_expect_eq(instance_lock_take(one, 7), 0, "once more is fine");
	cr_expect_eq(instance_lock_take(two, 7), -EAGAIN);
	cr_expect_eq(instance_lock_take(two, 8), 0);
	/* another descriptor of the same file, as every look at it has */
	close(open_locks(dir));
	cr_expect_eq(instance_lock_take(two, 7), -EAGAIN);
	close(one);
	cr_expect_eq(instance_lock_take(two, 7), 0);
}

Test(instance_lock, a_lock_goes_with_its_owner)
{
	int dir = make_tracefs(), fd = open_locks(dir), ready[2];
	pid_t owner;
	char c;

	cr_assert_eq(pipe(ready), 0);
	owner = fork();
	if (owner == 0) {
		if (instance_lock_take(open_locks(dir), 7) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]); /* else a child that failed would be waited for */
	cr_assert_eq(read(ready[0], &c, 1), 1);
	cr_expect_eq(instance_lock_take(fd, 7), -EAGAIN);
	cr_assert_eq(kill(owner, SIGKILL), 0);
	cr_assert_eq(waitpid(owner, NULL, 0), owner);
	cr_expect_eq(instance_lock_take(fd, 7), 0);
}

Test(instance_lock, each_has_a_number_of_its_own)
{
	int dir = make_tracefs(), one = open_locks(dir), two = open_locks(dir), three = open_locks(dir);
	uint64_t n, pid = getpid();
	char left[64];

	cr_expect_eq(instance_lock_join(dir, one, &n), 0);
	cr_expect_eq(n, pid);
	cr_expect_eq(instance_lock_join(dir, two, &n), 0);
	cr_expect_eq(n, pid + 1);
	/* events that could not be deleted */
	snprintf(left, sizeof(left), "events/" INSTANCE_GROUP_PREFIX "%llu", (unsigned long long)pid + 2);
	cr_assert_eq(mkdirat(dir, left, 0700), 0);
	cr_expect_eq(instance_lock_join(dir, three, &n), 0);
	cr_expect_eq(n, pid + 3);
}

Test(instance_lock, what_cannot_be_locked_is_no_instance)
{
	uint64_t n = 1;

	cr_expect_eq(instance_lock_join(make_tracefs(), -1, &n), -EBADF);
	cr_expect_eq(n, 1u);
}

Test(instance_lock, events_are_known_by_their_names)
{
	static const struct {
		const char *line, *name;
		uint64_t number;
		size_t event;
	} cases[] = {
		{"p:skbtrail_123/s0 0x000000002a8b5b1c i=\\4:u32", "skbtrail_123/s0", 123, 0},
		{"r32:skbtrail_4194304/s12 0x000000002a8b5b1c", "skbtrail_4194304/s12", 4194304, 12},
		{"p:skbtrail_0/s0 ip_rcv", NULL, 0, 0},
		{"p:skbtrail_/s0 ip_rcv", NULL, 0, 0},
		{"p:skbtrail_12x/s0 ip_rcv", NULL, 0, 0},
		{"p:skbtrail_12/p_ip_rcv_0 ip_rcv", NULL, 0, 0},
		{"p:kprobes/p_ip_rcv_0 ip_rcv", NULL, 0, 0},
		{"e:skbtrail_12/s0 syscalls.sys_enter_openat", NULL, 0, 0},
		{"", NULL, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t number = 0;
		size_t event = 0;
		char line[128], *name;

		snprintf(line, sizeof(line), "%s", cases[i].line);
		name = instance_lock_parse_event(line, &number, &event);
		cr_expect_eq(!name, !cases[i].name, "%s", cases[i].line);
		cr_expect(!name || !cases[i].name || strcmp(name, cases[i].name) == 0, "%s", cases[i].line);
		cr_expect_eq(number, cases[i].number, "%s", cases[i].line);
		cr_expect_eq(event, cases[i].event, "%s", cases[i].line);
	}
}
