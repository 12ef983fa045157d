/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network namespaces of this machine, and their names. A namespace is identified by its inode number: st_ino of
 * its ns file, which is net->ns.inum in the kernel (include/linux/ns_common.h) and fits in 32 bits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/reason.h"

struct netns {
	uint32_t inode;
	pid_t pid;	  /* the lowest known process in it; 0: none */
	bool own;	  /* the namespace this program runs in: the host side */
	bool initial;	  /* the namespace of process 1 */
	char *path;	  /* owned; of its ns file; NULL for our own namespace */
	const char *name; /* its name under /run/netns, which points into path; NULL: none */
};

struct netns_list {
	struct netns *v; /* owned, sorted by inode */
	size_t n;
	size_t own;	     /* index of our own namespace */
	size_t n_unreadable; /* processes and namespaces that we had no privilege to read */
};

/* All namespaces that have a name or a process, and always our own. Keeps no file descriptors open. A namespace that
 * vanishes while the list is made is left out. -errno with a reason; *ret is then unchanged. */
int netns_list_load(struct netns_list *ret, struct reason *reason);
void netns_list_free(struct netns_list *list);
/* Borrowed from the list; NULL: not in the list. */
const struct netns *netns_list_find(const struct netns_list *list, uint32_t inode);

/* Opens the ns file (O_CLOEXEC) and checks that its inode is still this one. -ENOENT: the namespace is gone; -EPERM or
 * -EACCES: no privilege. */
int netns_open(const struct netns *ns, int *ret_fd);

/* Calls fn(ctx) while the calling thread is in ns, and then moves the thread back. Returns the value of fn, or the
 * error of entering ns. -ENOTRECOVERABLE: the thread could not return to its own namespace; end the program then. Meant
 * for a single socket(2): a socket stays in the namespace that it was created in. */
int netns_visit(const struct netns *ns, int (*fn)(void *ctx), void *ctx);

/* Whether this program runs in the kernel's first PID namespace: only then its numbers of processes are those that the
 * kernel shows, and it sees all of them. */
bool netns_pids_are_hosts(void);

/* The inode of a namespace given as a path (with a slash), as inode:N (decimal; it need not exist), or as a name under
 * /run/netns. -EINVAL or -ENOENT with a reason. */
int netns_resolve(const char *text, uint32_t *ret_inode, struct reason *reason);

/* The name within a path below /run/netns or /var/run/netns, borrowed from path. NULL: another path. */
const char *netns_name_of_path(const char *path);

#define NETNS_TEXT_MAX 272 /* bytes, with the NUL */
/* The shortest text that netns_resolve() accepts: the name, else inode:N. */
void netns_format(const struct netns *ns, char ret[static NETNS_TEXT_MAX]);
