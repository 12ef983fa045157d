/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of interfaces that an event gives by namespace and number alone, as they are when it is shown. */
#pragma once

#include <net/if.h>

#include "cmd/netns_names.h"

struct ifnames;

/* names must outlive it. -ENOMEM. */
int ifnames_new(struct netns_names *names, struct ifnames **ret);
void ifnames_free(struct ifnames *n);
/* "" if there is no such interface, or no way into the namespace. */
void ifnames_find(struct ifnames *n, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE]);
