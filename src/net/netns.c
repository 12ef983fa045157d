/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/netns.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"

#define OWN_NETNS "/proc/thread-self/ns/net"

/* Inode of the kernel's first PID namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
#define INIT_PID_INODE 0xeffffffcu

/* ip-netns(8); the second is a symbolic link to the first on most systems. */
static const char *const name_dirs[] = {"/run/netns", "/var/run/netns"};

static void netns_clear(struct netns *ns)
{
	free(ns->path);
	*ns = (struct netns){0};
}

void netns_list_free(struct netns_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		netns_clear(&list->v[i]);
	free(list->v);
	*list = (struct netns_list){0};
}

/* Appends an entry; the list then owns its path, which is freed on failure. */
static int list_add(struct netns_list *list, struct netns ns)
{
	if (ARRAY_GROW(list->v, list->n) < 0) {
		netns_clear(&ns);
		return -ENOMEM;
	}
	list->v[list->n++] = ns;
	return 0;
}

static bool is_permission(int err)
{
	return err == EACCES || err == EPERM;
}

/* Inode of an ns file. -ENOENT for a file on another device than nsfs: no namespace is mounted over it, or no longer.
 */
static int inode_of(int dirfd, const char *path, dev_t nsfs_dev, uint32_t *ret)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, 0) < 0)
		return -errno;
	if (st.st_dev != nsfs_dev || st.st_ino > UINT32_MAX)
		return -ENOENT;
	*ret = (uint32_t)st.st_ino;
	return 0;
}

static int add_named(struct netns_list *list, const char *dir, dev_t nsfs_dev)
{
	_cleanup_(closedirp) DIR *d = opendir(dir);
	struct dirent *e;

	if (!d) {
		list->n_unreadable += is_permission(errno);
		return 0;
	}
	while ((e = readdir(d))) {
		struct netns ns = {0};
		int r;

		if (e->d_name[0] == '.' && (!e->d_name[1] || !strcmp(e->d_name, "..")))
			continue;
		r = inode_of(dirfd(d), e->d_name, nsfs_dev, &ns.inode);
		if (r < 0) {
			list->n_unreadable += is_permission(-r);
			continue;
		}
		if (asprintf(&ns.path, "%s/%s", dir, e->d_name) < 0)
			return -ENOMEM;
		ns.name = ns.path + strlen(dir) + 1;
		r = list_add(list, ns);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The target of the symbolic link is "net:[INODE]" (proc(5)), so the file need not be opened. */
static int inode_of_process(int proc_fd, pid_t pid, uint32_t *ret)
{
	char path[64], target[64];
	uint64_t inode;
	ssize_t n;

	snprintf(path, sizeof(path), "%d/ns/net", (int)pid);
	n = readlinkat(proc_fd, path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (n < 7 || memcmp(target, "net:[", 5) != 0 || target[n - 1] != ']')
		return -ENOENT;
	target[n - 1] = '\0';
	if (parse_u64(target + 5, UINT32_MAX, &inode) < 0)
		return -ENOENT;
	*ret = (uint32_t)inode;
	return 0;
}

static int add_processes(struct netns_list *list)
{
	_cleanup_(closedirp) DIR *d = opendir("/proc");
	struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		struct netns ns = {0};
		uint64_t pid;
		int r;

		if (!isdigit((unsigned char)e->d_name[0]) || parse_u64(e->d_name, INT32_MAX, &pid) < 0)
			continue;
		ns.pid = (pid_t)pid;
		r = inode_of_process(dirfd(d), ns.pid, &ns.inode);
		if (r < 0) {
			list->n_unreadable += is_permission(-r);
			continue;
		}
		ns.initial = pid == 1;
		r = list_add(list, ns);
		if (r < 0)
			return r;
	}
	return 0;
}

/* By inode. Among entries of one namespace: our own, then those with a name, then by process. */
static int compare_entries(const void *a, const void *b)
{
	const struct netns *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->own != y->own)
		return x->own ? -1 : 1;
	if (!x->name != !y->name)
		return x->name ? -1 : 1;
	if (x->name)
		return strcmp(x->path, y->path);
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* Merges the sorted entries into one per namespace. */
static void merge(struct netns_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct netns *other = &list->v[i], *ns;

		if (n == 0 || list->v[n - 1].inode != other->inode) {
			struct netns moved = *other;

			*other = (struct netns){0};
			list->v[n++] = moved;
			continue;
		}
		ns = &list->v[n - 1];
		if (!ns->path && other->path) {
			ns->path = TAKE_PTR(other->path);
			ns->name = other->name;
		}
		if (!ns->pid)
			ns->pid = other->pid;
		ns->initial |= other->initial;
		netns_clear(other);
	}
	list->n = n;
}

static int add_paths(struct netns_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct netns *ns = &list->v[i];

		if (ns->own)
			list->own = i;
		else if (!ns->path && asprintf(&ns->path, "/proc/%d/ns/net", (int)ns->pid) < 0) {
			ns->path = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

int netns_list_load(struct netns_list *ret, struct reason *reason)
{
	_cleanup_(netns_list_free) struct netns_list list = {0};
	struct stat st;
	int r;

	if (stat(OWN_NETNS, &st) < 0)
		return reason_set(reason, -errno, "cannot read %s: mount /proc", OWN_NETNS);
	r = list_add(&list, (struct netns){.inode = (uint32_t)st.st_ino, .own = true});
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(name_dirs); i++)
		r = add_named(&list, name_dirs[i], st.st_dev);
	if (r >= 0)
		r = add_processes(&list);
	if (r < 0)
		return r;
	qsort(list.v, list.n, sizeof(*list.v), compare_entries);
	merge(&list);
	r = add_paths(&list);
	if (r < 0)
		return r;
	*ret = list;
	list = (struct netns_list){0};
	return 0;
}

static int compare_inode(const void *key, const void *member)
{
	uint32_t inode = *(const uint32_t *)key, other = ((const struct netns *)member)->inode;

	return inode < other ? -1 : inode > other;
}

const struct netns *netns_list_find(const struct netns_list *list, uint32_t inode)
{
	return list->n ? bsearch(&inode, list->v, list->n, sizeof(*list->v), compare_inode) : NULL;
}

static int open_checked(const char *path, uint32_t inode, int *ret_fd)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return errno == ESRCH ? -ENOENT : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_ino != inode || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -ENOENT;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int netns_open(const struct netns *ns, int *ret_fd)
{
	char path[64];
	int r;

	r = open_checked(ns->own ? OWN_NETNS : ns->path, ns->inode, ret_fd);
	if (r != -ENOENT || !ns->pid)
		return r;
	/* The name was removed, but a process may still be in the namespace. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)ns->pid);
	return open_checked(path, ns->inode, ret_fd);
}

int netns_visit(const struct netns *ns, int (*fn)(void *ctx), void *ctx)
{
	_cleanup_close_ int home = -1, away = -1;
	int r;

	if (ns->own)
		return fn(ctx);
	r = netns_open(ns, &away);
	if (r < 0)
		return r;
	home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (home < 0 || setns(away, CLONE_NEWNET) < 0)
		return -errno;
	r = fn(ctx);
	return setns(home, CLONE_NEWNET) < 0 ? -ENOTRECOVERABLE : r;
}

bool netns_pids_are_hosts(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == INIT_PID_INODE;
}

static int resolve_path(const char *path, uint32_t *ret_inode)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	*ret_inode = (uint32_t)st.st_ino;
	return 0;
}

static int resolve_name(const char *name, uint32_t *ret_inode)
{
	int r = -ENOENT;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(name_dirs) && r == -ENOENT; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", name_dirs[i], name) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		r = resolve_path(path, ret_inode);
	}
	return r;
}

int netns_resolve(const char *text, uint32_t *ret_inode, struct reason *reason)
{
	bool is_path = strchr(text, '/');
	uint64_t inode;
	int r;

	if (!*text)
		return reason_set(reason, -EINVAL,
				  "empty network namespace: give a path, inode:N or a name under /run/netns");
	if (!strncmp(text, "inode:", 6)) {
		if (parse_u64(text + 6, UINT32_MAX, &inode) < 0 || inode == 0)
			return reason_set(reason, -EINVAL, "bad network namespace %s: inode:N takes a number from 1",
					  text);
		*ret_inode = (uint32_t)inode;
		return 0;
	}
	r = is_path ? resolve_path(text, ret_inode) : resolve_name(text, ret_inode);
	if (r == -ENOENT && !is_path)
		return reason_set(reason, r, "no network namespace %s under /run/netns; ip netns lists them", text);
	if (r == -EINVAL)
		return reason_set(reason, r, "%s is not a network namespace", text);
	if (r < 0)
		return reason_set(reason, r, "cannot open network namespace %s: %s", text, strerror(-r));
	return 0;
}

const char *netns_name_of_path(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(name_dirs); i++) {
		size_t len = strlen(name_dirs[i]);

		if (strncmp(path, name_dirs[i], len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/'))
			return path + len + 1;
	}
	return NULL;
}

void netns_format(const struct netns *ns, char ret[static NETNS_TEXT_MAX])
{
	if (ns->name)
		snprintf(ret, NETNS_TEXT_MAX, "%s", ns->name);
	else
		snprintf(ret, NETNS_TEXT_MAX, "inode:%u", ns->inode);
}
