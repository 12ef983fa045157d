/* SPDX-License-Identifier: GPL-2.0-only */
/* The copies of the templates of bpf/progs.bpf.h that are attached to functions of BPF programs. Private to this room.
 */
#pragma once

#include "kern/progs/prog_target.h"

struct bpf_program;
struct prog_copies;

/* Loaded templates; NULL: programs of that kind are not followed. Borrowed. */
struct prog_templates {
	const struct bpf_program *tc_entry, *tc_exit, *xdp_entry, *xdp_exit;
};

/* Copies the templates. 0 or -ENOMEM. */
int prog_copies_new(const struct prog_templates *t, struct prog_copies **ret);
/* Whether there are templates of this kind. */
bool prog_copies_take(const struct prog_copies *c, bool xdp);
/* Attaches to the entry and the exit of a function of the program behind prog_fd. 1; 0 if it cannot be followed, and
 * *ret_why is one clause, static; -ENOMEM. */
int prog_copies_attach(struct prog_copies *c, const struct prog_target *t, const struct prog_func *f, int prog_fd,
		       const char **ret_why);
/* Adds how long the copies ran, in nanoseconds. 0 or -errno. */
int prog_copies_run_time(const struct prog_copies *c, uint64_t *ns);
/* Adds how often the kernel skipped one of the copies. 1 if this kernel counts that, 0 if not, or -errno. */
int prog_copies_account(const struct prog_copies *c, uint64_t *lost);
void prog_copies_detach(struct prog_copies *c);
void prog_copies_free(struct prog_copies *c); /* detaches; NULL is fine */

DEFINE_CLEANUP(struct prog_copies *, prog_copies_free)
