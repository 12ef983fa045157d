/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF program on each leg's way through the host, and what its code could do: supporting evidence of a check. */
#pragma once

#include "check/check.h"
#include "net/endpoint.h"
#include "net/program.h"
#include "render/json.h"

/* All borrowed. */
struct leg_program {
	const struct endpoint_program *program; /* on the near host device; NULL: none, or not known */
	const struct program_walk *walk;	/* from that program; empty: not known. NULL only with program */
};

/* ", by NAME (id 12, clsact/ingress on lxc1)" of a leg, or nothing; "with" instead of "by" unless a helper was seen. */
void program_text(const struct leg_program *p, const struct leg_result *l, const char *ifname, struct out *o);
/* One line "static: …" on what the program's code says, or nothing. */
void program_static_text(const struct leg_program *p, const struct leg_result *l, struct out *o);
/* Fields "program" (null: none, or not known) and "static" (empty: not known). p NULL: nobody asked. */
void program_json_fields(const struct leg_program *p, struct json *j);
