/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of network namespaces by inode. Finds namespaces that are created later. */
#pragma once

#include "net/netns.h"

struct netns_names;

/* -errno with a reason; *ret is left alone then. */
int netns_names_new(struct netns_names **ret, struct reason *reason);
void netns_names_free(struct netns_names *n);
/* The namespace's name; "host" for the machine's initial namespace if it has no other; NULL if it has none. Valid until
 * the next call: for an unknown inode the list is read again, at most ten times a second. */
const char *netns_names_find(struct netns_names *n, uint32_t inode);
/* The namespace; NULL if it is unknown. Valid until the next call of one of these functions. */
const struct netns *netns_names_netns(struct netns_names *n, uint32_t inode);
