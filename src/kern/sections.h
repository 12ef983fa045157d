/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sections of our programs. libbpf has handlers of its own for most, but not for what is wanted here:
 *   st_fentry/FUNCTION, st_fexit/FUNCTION (or .../MODULE/FUNCTION), st_iter/FUNCTION
 *     at a kernel function, by the number of its type. libbpf finds that too, but for each program it reads and goes
 *     through the BTF of vmlinux, and of every module that is loaded.
 *   st_fentry.multi, st_fexit.multi   see src/kern/fentry_multi.h
 *   st_kprobe, st_raw_tp/NAME   as without the st_
 * and all of these programs are made lean (lean.h) before they are loaded. Private to this room.
 */
#pragma once

#include "base/cleanup.h"
#include "kern/vmbtf.h"

/* enum bpf_attach_type of include/uapi/linux/bpf.h, 7.2; older headers lack it. */
#define BPF_TRACE_FENTRY_MULTI_ 59
#define BPF_TRACE_FEXIT_MULTI_	60

struct bpf_object;
struct bpf_program;
struct sections;

/* What this kernel has, for one object. vmlinux is borrowed, and the running kernel's. 0, -ENOMEM or -errno. */
int sections_new(const struct vmbtf *vmlinux, struct sections **ret);
void sections_free(struct sections *e);
DEFINE_CLEANUP(struct sections *, sections_free)

/* Whether a program has its function here; one of another section asks for none. A module's is looked for in the
 * module's own BTF (5.11 and newer), or in vmlinux for one that is built in. */
bool sections_has(struct sections *e, const struct bpf_program *prog);

/* Between the two, libbpf loads obj, which has programs of these sections. */
void sections_begin(struct sections *e, const struct bpf_object *obj);
void sections_end(void);
