/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pod can forge its files and its environment, and it is not safe to open its files without care. So the UTS name,
 * which the kernel keeps, is read first; the files are read only if the process has our UTS namespace or host name.
 * Then a path is resolved within the root of the process (a symbolic link cannot lead out of it), only regular files
 * are opened, and reads are bounded.
 */
#include "net/hostname.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/cleanup.h"

#define NAME_BYTES_MAX	  253 /* RFC 1123 */
#define FILE_BYTES_MAX	  4096
#define ENVIRON_BYTES_MAX (128 * 1024)

static int make_name(const char *s, size_t len, char **ret)
{
	char *name = NULL;
	bool ok = len > 0 && len <= NAME_BYTES_MAX;

	for (size_t i = 0; ok && i < len; i++)
		ok = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') ||
		     s[i] == '-' || s[i] == '.' || s[i] == '_';
	if (ok) {
		name = strndup(s, len);
		if (!name)
			return -ENOMEM;
	}
	*ret = name;
	return 0;
}

int hostname_parse_file(const void *data, size_t size, char **ret)
{
	const char *p = data, *end = p + size;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		const char *stop = eol ? eol : end, *next = eol ? eol + 1 : end;

		while (p < stop && (*p == ' ' || *p == '\t'))
			p++;
		while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r'))
			stop--;
		if (p < stop && *p != '#')
			return make_name(p, (size_t)(stop - p), ret);
		p = next;
	}
	*ret = NULL;
	return 0;
}

/* The value of a variable, *ret_len bytes within data; NULL: not set. An entry without a NUL was cut off, and is
 * skipped.
 */
static const char *find_variable(const void *data, size_t size, const char *key, size_t *ret_len)
{
	size_t key_len = strlen(key);
	const char *p = data, *end = p + size, *nul;

	for (; p < end && (nul = memchr(p, '\0', (size_t)(end - p))); p = nul + 1) {
		size_t len = (size_t)(nul - p);

		if (len <= key_len || memcmp(p, key, key_len) != 0 || p[key_len] != '=')
			continue;
		*ret_len = len - key_len - 1;
		return p + key_len + 1;
	}
	return NULL;
}

int hostname_parse_environ(const void *data, size_t size, char **ret)
{
	const char *value;
	size_t len;

	*ret = NULL;
	/* Elsewhere HOSTNAME may be inherited, for instance from a login shell. */
	if (!find_variable(data, size, "KUBERNETES_SERVICE_HOST", &len))
		return 0;
	value = find_variable(data, size, "HOSTNAME", &len);
	return value ? make_name(value, len, ret) : 0;
}

/* Up to max bytes; the caller frees *ret. */
static ssize_t read_bounded(int fd, size_t max, char **ret)
{
	_cleanup_free_ char *data = malloc(max);
	size_t len = 0;

	if (!data)
		return -ENOMEM;
	while (len < max) {
		ssize_t n = read(fd, data + len, max - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret = TAKE_PTR(data);
	return (ssize_t)len;
}

/* Node name of the process's UTS namespace; NULL if it is our own. The thread is in the other namespace for one call.
 */
static int from_uts(int proc_fd, char **ret)
{
	_cleanup_close_ int away = openat(proc_fd, "ns/uts", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int home = open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC);
	struct utsname ours, theirs;
	struct stat a, h;
	int r;

	*ret = NULL;
	if (away < 0 || home < 0 || fstat(away, &a) < 0 || fstat(home, &h) < 0 || uname(&ours) < 0)
		return 0;
	if (a.st_ino == h.st_ino || setns(away, CLONE_NEWUTS) < 0)
		return 0;
	r = uname(&theirs);
	if (setns(home, CLONE_NEWUTS) < 0)
		return -ENOTRECOVERABLE;
	/* A new UTS namespace starts with a copy of the name, so an equal name does not name a pod. */
	if (r < 0 || !strcmp(ours.nodename, theirs.nodename))
		return 0;
	return make_name(theirs.nodename, strlen(theirs.nodename), ret);
}

static int open_in_root(int root_fd, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

static int from_file(int proc_fd, char **ret)
{
	_cleanup_close_ int root = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int file = root < 0 ? -1 : open_in_root(root, "etc/hostname");
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *data = NULL;
	struct stat st, ours;
	char path[64];
	ssize_t n;

	*ret = NULL;
	if (file < 0 || fstat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (stat("/etc/hostname", &ours) == 0 && ours.st_dev == st.st_dev && ours.st_ino == st.st_ino)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	n = read_bounded(fd, FILE_BYTES_MAX, &data);
	if (n < 0)
		return n == -ENOMEM ? -ENOMEM : 0;
	return hostname_parse_file(data, (size_t)n, ret);
}

static int from_environ(int proc_fd, char **ret)
{
	_cleanup_close_ int fd = openat(proc_fd, "environ", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *data = NULL;
	ssize_t n;

	*ret = NULL;
	if (fd < 0)
		return 0;
	n = read_bounded(fd, ENVIRON_BYTES_MAX, &data);
	if (n < 0)
		return n == -ENOMEM ? -ENOMEM : 0;
	return hostname_parse_environ(data, (size_t)n, ret);
}

int hostname_of_process(pid_t pid, uint32_t netns_inode, char **ret)
{
	static int (*const sources[])(int proc_fd, char **ret) = {from_uts, from_file, from_environ};
	_cleanup_close_ int proc_fd = -1;
	struct utsname ours;
	struct stat st;
	char path[32];

	*ret = NULL;
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	/* The open directory stays that of this process, even if its pid is used again. */
	proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0 || fstatat(proc_fd, "ns/net", &st, 0) < 0 || st.st_ino != netns_inode || uname(&ours) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		_cleanup_free_ char *name = NULL;
		int r = sources[i](proc_fd, &name);

		if (r < 0)
			return r;
		if (name && strcmp(name, ours.nodename) != 0) {
			*ret = TAKE_PTR(name);
			return 0;
		}
	}
	return 0;
}
