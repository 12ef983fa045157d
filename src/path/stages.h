/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel function does to a packet, in the words of the field. stages_table.c has the functions and their
 * sources. A function that is not in the table has no stage, and is shown by its own name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum stage {
	STAGE_NONE,   /* not in the table */
	STAGE_WITHIN, /* a helper, called in any stage: it belongs to the stage that called it */
	STAGE_SOCKET,
	STAGE_IP_OUTPUT,
	STAGE_FRAGMENT,
	STAGE_NETFILTER,
	STAGE_CGROUP_BPF,
	STAGE_XFRM,
	STAGE_TUNNEL,
	STAGE_NEIGHBOUR,
	STAGE_QDISC,
	STAGE_TC_EGRESS,  /* of no function: tc ingress on the way out, see stage_is_output() */
	STAGE_TCX_EGRESS, /* of BPF programs only: the kernel's part of tcx is inlined */
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
	STAGE_TCX_INGRESS, /* of BPF programs only */
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

/* For people; "" for STAGE_NONE and STAGE_WITHIN. */
const char *stage_name(enum stage stage);
/* For JSON: lower case, words joined with _. */
const char *stage_key(enum stage stage);
/* Whether the packet is on its way out of the stack, so that a tc filter that comes next is one of egress. */
bool stage_is_output(enum stage stage);

/* A row of the table: these functions of that kernel file belong to this stage. */
struct stage_row {
	enum stage stage;
	const char *source; /* the kernel's file, and the version if the name is not in all of 5.10 to 7.2 */
	/* Names, separated by blanks. A name may begin or end with a *. An exact name goes before a pattern, and a
	 * longer pattern before a shorter one. */
	const char *funcs;
};
/* The last row's funcs is NULL. */
extern const struct stage_row stage_table[];

/* An index of the table. */
struct stages;

/* 0, -ENOMEM, or -EEXIST if a name is in the table twice. *ret is left alone on failure. */
int stages_new(struct stages **ret);
/* An index of another table, which must outlive it. Errors as of stages_new(). */
int stages_new_from(const struct stage_row *table, struct stages **ret);
void stages_free(struct stages *s);
DEFINE_CLEANUP(struct stages *, stages_free)

/* The stage of a function, whatever suffix the compiler appended (.isra.0, .constprop.0). STAGE_NONE for NULL. */
enum stage stages_find(const struct stages *s, const char *func);

/* What a function tells of a packet, by all tables. */
struct func_facts {
	enum stage stage;
	uint8_t queue; /* enum queue */
	uint8_t marks; /* bits of enum free_mark */
};

/* The indexes of all tables. */
struct func_tables;

/* 0, -ENOMEM, or -EEXIST if a name is in a table twice. *ret is left alone on failure. */
int func_tables_new(struct func_tables **ret);
void func_tables_free(struct func_tables *t);
DEFINE_CLEANUP(struct func_tables *, func_tables_free)
/* Finds as stages_find() does. */
struct func_facts func_tables_find(struct func_tables *t, const char *func);
