/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network namespaces of this machine, and how users spell one. A namespace is its inode: st_ino of its ns file,
 * which is net->ns.inum in the kernel (include/linux/ns_common.h) and fits 32 bits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/reason.h"

struct netns {
	uint32_t inode;
	pid_t pid;	  /* one process in it, the lowest known; 0: none */
	bool own;	  /* the namespace this program runs in: the host side */
	bool initial;	  /* the namespace of process 1 */
	char *path;	  /* owned; its ns file, to open it again; NULL for the host side */
	const char *name; /* name under /run/netns, within path; NULL: none */
};

struct netns_list {
	struct netns *v; /* owned, sorted by inode */
	size_t n;
	size_t own;	     /* index of the host side */
	size_t n_unreadable; /* processes and namespaces that could not be looked at for lack of privilege */
};

/* All namespaces that have a name or a process, always with the host side. Holds no descriptors. What vanishes
 * meanwhile is left out. -errno with a reason; *ret is then left alone. */
int netns_list_load(struct netns_list *ret, struct reason *reason);
void netns_list_free(struct netns_list *list);
/* NULL if it is not in the list; borrowed from it. */
const struct netns *netns_list_find(const struct netns_list *list, uint32_t inode);

/* Opens the namespace (O_CLOEXEC) and makes sure it is still the same one. -ENOENT: it is gone; -EPERM or -EACCES: no
 * privilege. */
int netns_open(const struct netns *ns, int *ret_fd);

/* A path (with a slash), inode:N (decimal, need not exist) or a name under /run/netns, to the inode. -EINVAL or -ENOENT
 * with a reason. */
int netns_resolve(const char *spelling, uint32_t *ret_inode, struct reason *reason);

#define NETNS_SPELLING_MAX 272
/* The shortest spelling netns_resolve() understands: the name, else inode:N. */
void netns_spell(const struct netns *ns, char ret[static NETNS_SPELLING_MAX]);
