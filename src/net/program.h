/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs on a network device, and those they may hand a packet on to. Plain models, no I/O. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a program sits, in the order in which a packet meets them. */
enum net_attach {
	NET_ATTACH_XDP,
	NET_ATTACH_TCX_INGRESS,
	NET_ATTACH_INGRESS, /* the qdisc before clsact, which has no egress */
	NET_ATTACH_CLSACT_INGRESS,
	NET_ATTACH_NETKIT_PEER,	   /* runs on what the peer device sends, that is, what the pod sends */
	NET_ATTACH_NETKIT_PRIMARY, /* runs on what this device sends */
	NET_ATTACH_TCX_EGRESS,
	NET_ATTACH_CLSACT_EGRESS,
	NET_ATTACH_N_,
};

/* "tcx/ingress"; static. */
const char *net_attach_name(enum net_attach a);
/* Whether a packet from the pod meets it on the host's end of the pair. */
bool net_attach_from_pod(enum net_attach a);

#define NET_PROGRAM_NAME_LEN 64

struct net_program {
	enum net_attach attach;
	uint32_t id;
	char name[NET_PROGRAM_NAME_LEN]; /* what a tc filter calls it, cut to fit; empty: nothing known */
};

struct net_programs {
	struct net_program *v; /* owned */
	size_t n;
};

void net_programs_free(struct net_programs *p);
int net_programs_add(struct net_programs *p, const struct net_program *program); /* 0 or -ENOMEM */
/* By attach; those of one place stay in the order in which they run. */
void net_programs_sort(struct net_programs *p);

#define PROGRAM_ATTACHED SIZE_MAX /* for caller */

/* A program that may run on a packet. */
struct program_step {
	uint32_t id;
	char *name;	  /* owned, the full name; NULL unknown */
	size_t caller;	  /* index of the program whose program array holds this one, or PROGRAM_ATTACHED */
	bool known;	  /* its code could be read */
	uint32_t helpers; /* which redirect helpers it calls, bits 1 << enum st_helper; valid with known */
};

/* An attached program and all that it may tail-call, nearest first; each program once. */
struct program_walk {
	struct program_step *v; /* owned */
	size_t n;
	bool cut; /* there are more: a bound was reached, or a program or map could not be opened */
};

void program_walk_free(struct program_walk *w);
/* Takes over name, also on failure. 0 or -ENOMEM. */
int program_walk_add(struct program_walk *w, uint32_t id, char *name, size_t caller);
/* The nearest program that calls one of the helpers; NULL: none is known to. Borrowed. */
const struct program_step *program_walk_find(const struct program_walk *w, uint32_t helpers);
