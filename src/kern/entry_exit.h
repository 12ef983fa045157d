/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs at the entry and exit of kernel functions (fentry, fexit), by the numbers of the functions' types. libbpf
 * finds these too, but for each program it reads and goes through the BTF of vmlinux, and of every module that is
 * loaded. So the programs' sections are not its own: st_fentry/FUNCTION and st_fexit/FUNCTION, or .../MODULE/FUNCTION.
 * Attach them as any other program; but those of st_fentry.multi as src/kern/fentry_multi.h does. Private to this room.
 */
#pragma once

#include "base/cleanup.h"
#include "kern/vmbtf.h"

/* enum bpf_attach_type of include/uapi/linux/bpf.h, 7.2; older headers lack it. */
#define BPF_TRACE_FENTRY_MULTI_ 59

struct bpf_program;
struct entry_exit;

/* What this kernel has, for one object. vmlinux is borrowed, and the running kernel's. 0, -ENOMEM or -errno. */
int entry_exit_new(const struct vmbtf *vmlinux, struct entry_exit **ret);
void entry_exit_free(struct entry_exit *e);
DEFINE_CLEANUP(struct entry_exit *, entry_exit_free)

/* Whether a program has its function here; one of another section asks for none. A module's is looked for in the
 * module's own BTF (5.11 and newer), or in vmlinux for one that is built in. */
bool entry_exit_has(struct entry_exit *e, const struct bpf_program *prog);

/* Between the two, libbpf loads programs of these sections, each at its function. */
void entry_exit_begin(struct entry_exit *e);
void entry_exit_end(void);
