/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes programs lean before the kernel sees them: without what their configuration leaves unused. Private to this
 * room. */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* For the load of one object, whose read-only data is set. */
struct lean {
	const struct bpf_object *obj;
	struct bpf_func_info *func_info; /* owned: the last program's */
};

/* From a handler that libbpf calls before it loads the program with opts. What opts points at afterwards is good until
 * the next call. 0 or -errno; a program that cannot be made lean stays as it is. */
int lean_program(struct lean *l, struct bpf_program *prog, struct bpf_prog_load_opts *opts);
void lean_clear(struct lean *l);
