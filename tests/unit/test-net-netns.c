/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "emulated.h"
#include "net/netns.h"

Test(net_netns, own_is_always_there)
{
	_cleanup_(netns_list_free) struct netns_list list = {0};
	_cleanup_close_ int fd = -1;
	struct reason reason = {0};
	const struct netns *own;
	struct stat st;

	cr_assert_eq(netns_list_load(&list, &reason), 0, "%s", reason.text);
	cr_assert_eq(stat("/proc/self/ns/net", &st), 0);
	own = netns_list_find(&list, (uint32_t)st.st_ino);
	cr_assert(own);
	cr_assert(own->own);
	cr_assert_eq(own, &list.v[list.own]);
	for (size_t i = 1; i < list.n; i++) {
		cr_assert_lt(list.v[i - 1].inode, list.v[i].inode, "sorted, each once");
		cr_assert(list.v[i].own || list.v[i].path);
	}
	cr_assert_null(netns_list_find(&list, 1));
	if (is_emulated())
		cr_skip_test("namespaces cannot be opened under user-mode emulation");
	cr_assert_eq(netns_open(own, &fd), 0);
}

Test(net_netns, gone)
{
	struct netns stale = {.inode = 1, .pid = getpid(), .path = (char *)"/run/netns/no-such-namespace"};
	int fd = -1;

	cr_assert_eq(netns_open(&stale, &fd), -ENOENT, "the path is gone and the process is in another one");
	cr_assert_eq(fd, -1);
}

Test(net_netns, spellings)
{
	static const struct {
		const char *spelling;
		int r;
	} bad[] = {
		{"", -EINVAL},
		{"inode:", -EINVAL},
		{"inode:0", -EINVAL},
		{"inode:x", -EINVAL},
		{"inode:4294967296", -EINVAL},
		{"no-such-namespace", -ENOENT},
		{".", -ENOENT},
		{"..", -ENOENT},
		{"/proc/self/ns/none", -ENOENT},
		{"/proc/self/ns/mnt", -EINVAL}, /* a namespace, but of another type */
		{"/dev/null", -EINVAL},
		{"/", -EINVAL},
	};
	struct stat st;
	uint32_t inode = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct reason reason = {0};

		cr_assert_eq(netns_resolve(bad[i].spelling, &inode, &reason), bad[i].r, "%s", bad[i].spelling);
		cr_assert(reason.text[0], "%s", bad[i].spelling);
	}
	cr_assert_eq(inode, 7);
	cr_assert_eq(netns_resolve("inode:4026531833", &inode, NULL), 0);
	cr_assert_eq(inode, 4026531833u);
	if (is_emulated())
		cr_skip_test("namespaces cannot be told apart under user-mode emulation");
	cr_assert_eq(netns_resolve("/proc/self/ns/net", &inode, NULL), 0);
	cr_assert_eq(stat("/proc/self/ns/net", &st), 0);
	cr_assert_eq(inode, st.st_ino);
}

Test(net_netns, spell)
{
	char text[NETNS_TEXT_MAX];

	netns_format(&(struct netns){.inode = 5}, text);
	cr_assert_str_eq(text, "inode:5");
	netns_format(&(struct netns){.inode = 5, .name = "pod1"}, text);
	cr_assert_str_eq(text, "pod1");
}
