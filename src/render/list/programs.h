/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF program that each leg meets on the host, and what its code could do: further evidence of a check. */
#pragma once

#include "check/check.h"
#include "net/endpoint.h"
#include "net/program.h"
#include "render/out/json.h"

/* Who may have done something at a place where programs are attached. A name is only said if there is no other
 * candidate. All borrowed. */
struct program_choice {
	const struct endpoint_program *program; /* NULL: none, several, or not known */
	unsigned n;				/* candidates, tc filters that are no BPF programs included */
	const char *ifname;			/* of the device; NULL: it is not one of the host-side devices */
};

struct direction_program {
	struct program_choice helper;	 /* called the helper that was seen; if none was, is on the near host device */
	struct program_choice drop;	 /* dropped the packet, where the kernel says that tc did */
	const struct program_walk *walk; /* of helper.program: its code and tail calls; empty: not known. May be NULL */
};

/* ", by NAME (id 12, clsact/ingress on lxc1)" or ", by one of 2 programs on lxc1", or nothing without a candidate. how:
 * "by". */
void program_text(const struct program_choice *c, const char *how, struct out *o);
/* One line "static: …" with what the program's code could call, or nothing. It names the one that calls the helper only
 * if there is no other. */
void program_static_text(const struct direction_program *p, const struct direction_result *l, struct out *o);
/* Field "program": null if it is none, one of several, or not known. */
void program_json_field(const struct program_choice *c, struct json *j);
/* Fields "program" (null: none, one of several, or not known), "static" (empty: not known) and "candidates" (null: not
 * known). p NULL: not looked up. */
void program_json_fields(const struct direction_program *p, const struct direction_result *l, struct json *j);
