/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel announces modules by its device events (NETLINK_KOBJECT_UEVENT): "add@/module/NAME" or
 * "remove@/module/NAME", and then the event's variables, each ended by a NUL (lib/kobject_uevent.c). The module's BTF
 * exists before that. The devices of a node's pods make hundreds of other events, which would fill the socket while its
 * reader is busy, so a socket filter drops them.
 */
#include "live/module_watch.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "btf/signatures.h"
#include "render/out/escape.h"
#include "select/select.h"

#define ADDED	"add@/module/"
#define REMOVED "remove@/module/"

/* Four characters as a filter loads them: big endian. */
#define FOUR(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define LOAD(at)	 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define UNLESS(k, skip)	 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)

/* Passes messages by the first letters of "add@/mod…" and "remove@/modu…"; the reader compares the rest. */
static struct sock_filter of_modules[] = {
	LOAD(0),
	UNLESS(FOUR('a', 'd', 'd', '@'), 2),
	LOAD(4),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FOUR('/', 'm', 'o', 'd'), 3, 4),
	UNLESS(FOUR('r', 'e', 'm', 'o'), 3),
	LOAD(8),
	UNLESS(FOUR('m', 'o', 'd', 'u'), 1),
	BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

struct module_watch {
	const char *kmods;
	int fd;
};

int module_watch_new(const char *kmods, struct module_watch **ret)
{
	_cleanup_(module_watch_freep) struct module_watch *w = calloc(1, sizeof(*w));
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = 1}; /* the kernel's own events */
	const struct sock_fprog filter = {.len = ARRAY_SIZE(of_modules), .filter = of_modules};

	if (!w)
		return -ENOMEM;
	w->kmods = kmods;
	w->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (w->fd < 0 || setsockopt(w->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    bind(w->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*ret = TAKE_PTR(w);
	return 0;
}

static void say_removed(const struct session *s, const char *name)
{
	_cleanup_out_ struct out o = {0};
	size_t n = session_module_gone(s, name);

	if (!n)
		return;
	out_str(&o, "skbtrail: module ");
	out_escaped(&o, name);
	out_str(&o, " was unloaded, and its probes (");
	out_u64(&o, n);
	out_str(&o, ") with it\n");
	out_flush_file(&o, stderr);
}

static void say_added(const struct module_watch *w, const char *name)
{
	_cleanup_out_ struct out o = {0};
	int n;

	if (!select_module_listed(w->kmods, name))
		return;
	n = signatures_count_module(name);
	if (n == 0)
		return;
	out_str(&o, "skbtrail: module ");
	out_escaped(&o, name);
	out_str(&o, " was loaded after the start; ");
	if (n > 0) {
		out_str(&o, "its functions that take packets (");
		out_u64(&o, (uint64_t)n);
		out_str(&o, ") are not traced");
	} else {
		out_str(&o, "its functions are not traced");
	}
	out_str(&o, ": start again to trace them\n");
	out_flush_file(&o, stderr);
}

void module_watch_look(struct module_watch *w, const struct session *s)
{
	char buf[4096];
	ssize_t n;

	while ((n = recv(w->fd, buf, sizeof(buf) - 1, MSG_DONTWAIT)) > 0) {
		buf[n] = '\0';
		if (strncmp(buf, ADDED, strlen(ADDED)) == 0)
			say_added(w, buf + strlen(ADDED));
		else if (strncmp(buf, REMOVED, strlen(REMOVED)) == 0)
			say_removed(s, buf + strlen(REMOVED));
	}
}

void module_watch_free(struct module_watch *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}
