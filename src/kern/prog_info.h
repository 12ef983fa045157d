/* SPDX-License-Identifier: GPL-2.0-only */
/* Information on one loaded program or map. Private to this room. */
#pragma once

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "net/program.h"

/* struct bpf_prog_info with one of its arrays filled. -errno of the kernel. */
int prog_info(int prog_fd, struct bpf_prog_info *ret);
/* Its map_ids: the caller frees *ret. 0 or -errno. */
int prog_info_maps(int prog_fd, uint32_t **ret, size_t *ret_n);
/* Type of its main function in its BTF; 0: unknown. 0 or -errno. */
int prog_info_main_type(int prog_fd, uint32_t *ret_type_id);

struct prog_code {
	uint8_t *bytes;	      /* owned; JITed code of all functions, one after the other */
	size_t n_bytes;	      /* 0: not JITed, or hidden */
	uint64_t *addrs;      /* owned; where each function stands */
	uint32_t *lens_bytes; /* owned; of each function */
	size_t n_funcs;
	struct bpf_insn *insns; /* owned; as rewritten by the verifier */
	size_t n_insns;		/* 0: hidden */
};

void prog_code_free(struct prog_code *c);
/* What the kernel shows of the program's code. With kernel.kptr_restrict at 2, nothing; no error. */
int prog_info_code(int prog_fd, struct prog_code *ret);

/* Which redirect helpers it calls: bits 1 << enum st_helper. */
struct prog_helpers;
/* Learns by what number and address the kernel's helpers are called. A helper this kernel lacks is left out. */
int prog_helpers_new(struct prog_helpers **ret);
void prog_helpers_free(struct prog_helpers *h);
/* 0, -ENODATA if the kernel hides the code, or -errno. */
int prog_helpers_find(const struct prog_helpers *h, const struct prog_code *code, uint32_t *ret_helpers);
