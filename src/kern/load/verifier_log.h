/* SPDX-License-Identifier: GPL-2.0-only */
/* The statistics that the kernel's verifier gives for each program that is loaded. */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

struct bpf_object;
struct verifier_log;

struct verifier_stats {
	const char *object, *prog; /* "trace", "kfree" */
	uint32_t insns;		   /* of the program, as loaded */
	uint32_t processed;	   /* instructions that the verifier looked at, on all paths together */
};

/* s is valid during the call only. */
typedef void (*verifier_stats_fn)(void *ctx, const struct verifier_stats *s);

/* verifier_log_end() calls fn for each program. 0 or -ENOMEM. */
int verifier_log_new(verifier_stats_fn fn, void *ctx, struct verifier_log **ret);
void verifier_log_free(struct verifier_log *l);
DEFINE_CLEANUP(struct verifier_log *, verifier_log_free)

/* Around the load of an object: the first has the kernel write a log for each program, the second reads those of the
 * selected programs. object: its name for struct verifier_stats. If l is NULL both do nothing. 0; -ENOMEM; -EBADMSG if
 * the log has an unknown format. */
int verifier_log_begin(struct verifier_log *l, struct bpf_object *obj);
int verifier_log_end(struct verifier_log *l, struct bpf_object *obj, const char *object);

/* Finds "processed N insns" in a verifier's log (kernel/bpf/verifier.c, print_verification_stats()). 0 or -EBADMSG. */
int verifier_log_parse(const char *log, uint32_t *ret_processed);
