/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of interfaces by namespace and ifindex, as they are when an event is shown. */
#pragma once

#include <net/if.h>

#include "names/netns_names.h"

struct ifnames;

/* names is borrowed. -ENOMEM; *ret is left alone on failure. */
int ifnames_new(struct netns_names *names, struct ifnames **ret);
void ifnames_free(struct ifnames *n);
/* Sets ret to "" if there is no such interface, or the namespace cannot be entered. */
void ifnames_find(struct ifnames *n, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE]);
