/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF programs on a network device, and the programs that they may tail-call. No I/O. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a program is attached, in the order in which they run for a packet. */
enum net_attach {
	NET_ATTACH_XDP,
	NET_ATTACH_TCX_INGRESS,
	NET_ATTACH_INGRESS, /* the ingress qdisc, which is older than clsact and has no egress */
	NET_ATTACH_CLSACT_INGRESS,
	NET_ATTACH_NETKIT_PEER,	   /* runs on packets that the peer device, in the pod, sends */
	NET_ATTACH_NETKIT_PRIMARY, /* runs on packets that this device sends */
	NET_ATTACH_TCX_EGRESS,
	NET_ATTACH_CLSACT_EGRESS,
	NET_ATTACH_QDISC,  /* a filter of another qdisc, which sorts the packets that a device sends */
	NET_ATTACH_ACTION, /* an action of tc filters; of which filters and devices is not known */
	NET_ATTACH_N_,
};

/* As users see it, such as "tcx/ingress"; static. */
const char *net_attach_name(enum net_attach a);
/* Whether a program attached there, on the host side of a pair, runs on packets from the pod. */
bool net_attach_from_pod(enum net_attach a);
/* The same for packets to the pod. XDP programs are neither: they cannot call what tc programs call. */
bool net_attach_to_pod(enum net_attach a);

#define NET_PROGRAM_NAME_LEN 64

struct net_program {
	enum net_attach attach;
	uint32_t id;
	char name[NET_PROGRAM_NAME_LEN]; /* the name that a tc filter gives, truncated if longer; "" unknown */
	uint32_t ifindex;		 /* 0: of no device */
};

struct net_programs {
	struct net_program *v; /* owned */
	size_t n;
	uint32_t others; /* bits 1 << enum net_attach: where there are tc filters that are no such programs */
};

void net_programs_free(struct net_programs *p);
int net_programs_add(struct net_programs *p, const struct net_program *program); /* 0 or -ENOMEM */
/* By attach. Programs attached at one place keep their order, in which they run. */
void net_programs_sort(struct net_programs *p);

#define PROGRAM_ATTACHED SIZE_MAX /* as caller: the program is attached to the device */

/* A program that may run on a packet. */
struct program_step {
	uint32_t id;
	char *name;	  /* owned; the full name, NULL unknown */
	size_t caller;	  /* index of the program that tail-calls this one, or PROGRAM_ATTACHED */
	bool known;	  /* its code could be read */
	uint32_t helpers; /* bits 1 << enum st_helper: the redirect helpers that it calls; valid with known */
};

/* An attached program and all programs that it may tail-call, those with the fewest calls in between first. Each
 * program is in it once. */
struct program_walk {
	struct program_step *v; /* owned */
	size_t n;
	bool cut; /* incomplete: a bound was reached, or a program or map could not be opened */
};

void program_walk_free(struct program_walk *w);
/* Takes ownership of name, also on failure. 0 or -ENOMEM. */
int program_walk_add(struct program_walk *w, uint32_t id, char *name, size_t caller);

/* The programs that may have called a helper. */
struct program_candidates {
	size_t n;			 /* programs that call one of the helpers */
	const struct program_step *only; /* borrowed: the one that did it, if any of them did; NULL: not known */
	bool complete;			 /* the walk was not cut, and all code could be read */
};

/* helpers: bits 1 << enum st_helper. */
struct program_candidates program_walk_candidates(const struct program_walk *w, uint32_t helpers);
