/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions of a loaded BPF program, out of its BTF: their full names and where their packet is. Private to this
 * room.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/reason.h"

#define PROG_ARGS_MAX 5 /* of a function of a BPF program */

struct prog_func {
	char *name;	  /* owned; from BTF, not cut */
	uint32_t type_id; /* in the program's BTF */
	uint32_t index;	  /* among the program's functions; 0: its main one */
	uint8_t slot;	  /* 0-based: the argument that is the packet */
	uint8_t n_args;
};

struct prog_target {
	uint32_t id;
	bool xdp;		 /* else tc */
	bool has_prog_array;	 /* it may make tail calls */
	char *name;		 /* owned; of its main function, as far as the kernel or BTF knows it */
	struct prog_func *funcs; /* owned; those that take a packet; the main one first */
	size_t n_funcs;
};

/* Asks the kernel of the program behind prog_fd. 0 if it is of another type: neither tc nor XDP; 1 if *ret was set.
 * -ENODATA with a reason if it has no BTF, *ret then has its id, kind and name; -errno of the kernel, -ENOMEM. */
int prog_target_load(int prog_fd, struct prog_target *ret, struct reason *reason);
void prog_target_free(struct prog_target *t);
