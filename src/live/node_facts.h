/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks the node, when a packet was dropped, what may have been the cause: the device, its sysctls, conntrack's table,
 * the route, counters. Reads only. */
#pragma once

#include "base/cleanup.h"
#include "event/event.h"
#include "names/netns_names.h"

struct node_facts;

/* names is borrowed. Reads the counters of the namespaces that there are, so that it can tell which move. -ENOMEM;
 * *ret is left alone then. */
int node_facts_new(struct netns_names *names, struct node_facts **ret);
void node_facts_free(struct node_facts *n);
DEFINE_CLEANUP(struct node_facts *, node_facts_free)

/* Sets the event's facts. What cannot be asked stays unknown. Answers are kept for a tenth of a second. */
void node_facts_ask(struct node_facts *n, struct event *ev);
