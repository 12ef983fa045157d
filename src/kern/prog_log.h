/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's verifier says of the programs that are loaded. Private to this room. */
#pragma once

#include "base/cleanup.h"
#include "kern/verify.h"

struct bpf_object;
struct prog_log;

/* fn is called for each program, from prog_log_end(). -ENOMEM. */
int prog_log_new(prog_stats_fn fn, void *ctx, struct prog_log **ret);
void prog_log_free(struct prog_log *l);
DEFINE_CLEANUP(struct prog_log *, prog_log_free)

/* Around the load of an object: has the kernel write down its account of each program that is chosen, and reads it.
 * l NULL: does nothing. -ENOMEM; -EBADMSG if the kernel's account is in an unknown format. */
int prog_log_begin(struct prog_log *l, struct bpf_object *obj);
int prog_log_end(struct prog_log *l, struct bpf_object *obj, const char *object);

/* "processed N insns" anywhere in the verifier's log (kernel/bpf/verifier.c, print_verification_stats()). -EBADMSG. */
int prog_log_parse(const char *log, uint32_t *ret_processed);
