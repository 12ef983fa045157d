/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel function does to a packet, in the terms of the field. stages_table.c has the data and its sources;
 * a function that is not in there has no stage and is to be shown as itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum stage {
	STAGE_NONE,   /* not in the table */
	STAGE_WITHIN, /* a helper that any stage calls: it belongs to the one that runs */
	STAGE_SOCKET,
	STAGE_IP_OUTPUT,
	STAGE_FRAGMENT,
	STAGE_NETFILTER,
	STAGE_CGROUP_BPF,
	STAGE_XFRM,
	STAGE_TUNNEL,
	STAGE_NEIGHBOUR,
	STAGE_QDISC,
	STAGE_TC_EGRESS, /* no function's: tc ingress on the way out, see stage_is_output() */
	STAGE_GSO,
	STAGE_DRIVER,
	STAGE_STACKED,
	STAGE_VETH,
	STAGE_NETKIT,
	STAGE_BACKLOG,
	STAGE_GRO,
	STAGE_RECEIVE,
	STAGE_XDP,
	STAGE_TAP,
	STAGE_TC_INGRESS,
	STAGE_REDIRECT,
	STAGE_BRIDGE,
	STAGE_OVS,
	STAGE_IP_INPUT,
	STAGE_REASSEMBLY,
	STAGE_FORWARD,
	STAGE_LOCAL,
	STAGE_ICMP_ERROR, /* an answer to the sender is made; the packet itself goes no further */
	STAGE_SOCKET_QUEUE,
	STAGE_SOCKET_READ,
	STAGE_COPY,
	STAGE_DROP,
	STAGE_FREE,
	STAGE_MAX,
};

/* As shown to people; "" for STAGE_NONE and STAGE_WITHIN. */
const char *stage_name(enum stage stage);
/* As in JSON: lower case, words joined with _. */
const char *stage_key(enum stage stage);
/* The packet is on its way out of the stack: a tc filter met next is one of egress. */
bool stage_is_output(enum stage stage);

/* One row of the table: these functions, in that file of the kernel, are this stage. */
struct stage_row {
	enum stage stage;
	const char *source; /* file of the kernel, and the version where the name is not in all of 5.10 to 7.2 */
	/* Names parted by blanks. A name may begin or end with a *; the exact name goes before these, then the
	 * longer pattern before the shorter one. */
	const char *funcs;
};
/* Ends with a row whose funcs is NULL. */
extern const struct stage_row stage_table[];

/* The table, indexed: a look-up hashes the name and a prefix or suffix per length of pattern. */
struct stages;

/* -ENOMEM; -EEXIST if a name stands in the table twice. *ret is left alone on failure. */
int stages_new(struct stages **ret);
/* The same of another table, which must outlive the index. */
int stages_new_from(const struct stage_row *table, struct stages **ret);
void stages_free(struct stages *s);
DEFINE_CLEANUP(struct stages *, stages_free)

/* The stage of a function; the compiler's suffixes (.isra.0, .constprop.0) do not matter. NULL has no stage. */
enum stage stages_find(const struct stages *s, const char *func);
/* Bytes of the name without the compiler's suffix. */
size_t func_base_length(const char *func);
