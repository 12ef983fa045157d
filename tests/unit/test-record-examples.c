/* SPDX-License-Identifier: GPL-2.0-only */
/* The recordings that ship: real traces, readable by everyone, in the size that was promised. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>

#include "recordings.h"

#define EXAMPLES      EXAMPLES_DIR "/*.skbt"
#define DROP_EXAMPLES EXAMPLES_DIR "/drops/*.skbt"

/* Whether the packet passes the function in the namespace. */
static bool passes(const struct told *told, const char *func, const char *netns)
{
	for (size_t i = 0; i < told->n_events; i++) {
		const struct event *ev = &told->events[i];

		if (same_text(ev->func, func) && same_text(ev->netns_name, netns))
			return true;
	}
	return false;
}

/* Whether it tells of a drop with that reason. */
static bool has_drop(const struct told *told, const char *reason)
{
	for (size_t i = 0; i < told->n_events; i++) {
		if (same_text(told->events[i].drop_reason_name, reason))
			return true;
	}
	return false;
}

/* What all examples have in common; its size in bytes. */
static size_t read_example(const char *path, struct told *ret)
{
	_cleanup_buf_ struct buf bytes = {0};

	cr_assert_eq(buf_read_file(path, &bytes), 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, ret), 0, "%s: %s", path, ret->reason.text);
	cr_expect_eq(ret->ledger.events, ret->n_events, "%s", path);
	cr_expect_str_eq(ret->info.machine, "x86_64");
	return bytes.len;
}

Test(record_examples, whole_and_small)
{
	glob_t found;

	cr_assert_eq(glob(EXAMPLES, 0, NULL, &found), 0);
	cr_assert_geq(found.gl_pathc, 10);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		_cleanup_told_ struct told told = {0};
		size_t n_bytes = read_example(path, &told);

		cr_expect_lt(n_bytes, 10000, "%s", path);
		cr_expect_gt(told.n_events, 10, "%s", path);
		cr_expect_lt(n_bytes, 40 * told.n_events + 1000, "%s", path);
		cr_expect(passes(&told, "ip_output", "pod1"), "%s", path);
		cr_expect_eq(passes(&told, "icmp_rcv", "pod2"), !strstr(path, "policy-drop"), "%s", path);
	}
	globfree(&found);
}

/* examples/drops/REASON.skbt shows what its name says, for docs/drops/. */
Test(record_examples, drops)
{
	glob_t found;

	cr_assert_eq(glob(DROP_EXAMPLES, 0, NULL, &found), 0);
	cr_assert_geq(found.gl_pathc, 40);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		_cleanup_told_ struct told told = {0};
		char reason[64] = "";

		sscanf(strrchr(path, '/') + 1, "%63[^.]", reason);
		cr_expect_leq(read_example(path, &told), 5000, "%s", path);
		cr_expect(has_drop(&told, reason), "%s", path);
	}
	globfree(&found);
}
