/* SPDX-License-Identifier: GPL-2.0-only */
/* Names the places in the running kernel where packets are dropped, as names/drop_caller.h finds them. Keeps a table of
 * answers. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"
#include "kallsyms/ksyms.h"

struct drop_sites;

/* ks is borrowed. Where the kernel's code cannot be read (lockdown), a drop is placed at the address that the kernel
 * reports. -ENOMEM. */
int drop_sites_new(const struct ksyms *ks, struct drop_sites **ret);
void drop_sites_free(struct drop_sites *d);
DEFINE_CLEANUP(struct drop_sites *, drop_sites_free)

/* Sets drop_symbol, drop_offset and drop_via of an event that has a location. */
void drop_sites_name(struct drop_sites *d, struct event *ev);
