/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of a loaded BPF program, from its BTF: their full names, and which argument is the packet. Private to
 * this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/reason.h"

#define PROG_ARGS_MAX 5 /* of a function of a BPF program */

struct prog_func {
	char *name;	  /* owned; the full name, from BTF */
	uint32_t type_id; /* in the program's BTF */
	uint32_t index;	  /* among the program's functions; 0: its main one */
	uint8_t ctx_arg;  /* the argument that is the context, __sk_buff or xdp_md; from 0 on */
	uint8_t n_args;
};

struct prog_target {
	uint32_t id;
	bool xdp;		 /* else tc */
	bool has_prog_array;	 /* uses a program array: may make tail calls */
	char *name;		 /* owned; of its main function; only 15 characters of it if it has no BTF */
	struct prog_func *funcs; /* owned; those that take the context; the main one first */
	size_t n_funcs;
};

/* Whether programs of this type (enum bpf_prog_type) are tc or XDP programs. */
bool prog_target_type(uint32_t type);
/* Reads the program behind prog_fd. 1, and the caller frees *ret; 0 if the program is neither tc nor XDP; -ENODATA with
 * a reason if it has no BTF: *ret then has its id, kind and name only; -ENOMEM or another -errno. */
int prog_target_load(int prog_fd, struct prog_target *ret, struct reason *reason);
void prog_target_free(struct prog_target *t);
