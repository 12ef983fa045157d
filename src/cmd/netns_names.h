/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of namespaces by inode, kept up to date while new ones appear. */
#pragma once

#include "net/netns.h"

struct netns_names;

int netns_names_new(struct netns_names **ret, struct reason *reason);
void netns_names_free(struct netns_names *n);
/* "host" for the machine's first namespace if it has no other name; NULL if it has none. Valid until the next call: an
 * unknown inode makes the list be read again, at most ten times a second. */
const char *netns_names_find(struct netns_names *n, uint32_t inode);
/* The namespace itself; NULL if it is not known. Valid as above. */
const struct netns *netns_names_netns(struct netns_names *n, uint32_t inode);
