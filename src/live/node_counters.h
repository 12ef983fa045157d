/* SPDX-License-Identifier: GPL-2.0-only */
/* Which counters of a namespace have moved since the trace began. */
#pragma once

#include "base/cleanup.h"
#include "event/facts.h"

struct node_counters;

int node_counters_new(struct node_counters **ret); /* 0 or -ENOMEM */
void node_counters_free(struct node_counters *n);
DEFINE_CLEANUP(struct node_counters *, node_counters_free)

/* Reads the counters of the namespace that the calling thread is in. The first time they only are kept; later sets the
 * facts from FACT_MOVED on. */
void node_counters_look(struct node_counters *n, uint32_t netns, struct facts *f);
