/* SPDX-License-Identifier: GPL-2.0-only */
/* Information on a loaded program. Private to this room. */
#pragma once

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "net/program.h"

/* Fills *ret; its array pointers and sizes are input, as in BPF_OBJ_GET_INFO_BY_FD. 0 or -errno. */
int prog_info(int prog_fd, struct bpf_prog_info *ret);
/* The ids of the maps it uses; the caller frees *ret. 0 or -errno. */
int prog_info_maps(int prog_fd, uint32_t **ret, size_t *ret_n);
/* The id of its main function in its BTF; 0: unknown. 0 or -errno. */
int prog_info_main_type(int prog_fd, uint32_t *ret_type_id);

struct prog_code {
	uint8_t *bytes;	      /* owned; JITed code of all functions, one after the other */
	size_t n_bytes;	      /* 0: not JITed, or hidden */
	uint64_t *addrs;      /* owned; the address of each function */
	uint32_t *lens_bytes; /* owned; the size of each function */
	size_t n_funcs;
	struct bpf_insn *insns; /* owned; as rewritten by the verifier */
	size_t n_insns;		/* 0: hidden */
};

void prog_code_free(struct prog_code *c);
/* The code that the kernel shows of the program; what it hides is missing, without an error. 0 or -errno. */
int prog_info_code(int prog_fd, struct prog_code *ret);
