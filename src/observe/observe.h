/* SPDX-License-Identifier: GPL-2.0-only */
/* Gathers the evidence of a same-node check: from the running kernel, or from files. */
#pragma once

#include "bpf/config.h"
#include "cli/check_options.h"
#include "net/snapshot.h"
#include "observe/observation.h"

/* Finds the endpoints, attaches the evidence programs and lets the flow run. -errno with a reason; *ret is left
 * alone then, but for ret->refused. */
int observe_live(const struct check_options *o, struct observation *ret, struct reason *reason);
/* Reads four captures instead; nothing but the files is used. -errno with a reason; *ret is left alone then. */
int observe_captures(const struct check_options *o, struct observation *ret, struct reason *reason);
/* Reads a recording instead; nothing but the file is used. -errno with a reason; *ret is left alone then. */
int observe_recording(const struct check_options *o, struct observation *ret, struct reason *reason);
/* The flow between the options' two addresses, for sources other than the running kernel. with: the option that
 * names the source. Sets the observation's addresses. -EINVAL with a reason. */
int pair_parse_flow(const struct check_options *o, const char *with, struct observation *obs, struct st_flow *ret,
		    struct reason *reason);
/* Finds the options' two endpoints. Each must have a host side, and they must be in different namespaces. -EINVAL,
 * -ENOENT, -ENOTUNIQ, -ENOLINK with a reason. */
int pair_find_endpoints(const struct check_options *o, struct net_snapshot *snapshot, struct observation *ret,
			struct reason *reason);
/* --print-rules: finds the endpoints and appends the same-node check of them as rules. -errno with a reason. */
int print_rules_text(struct check_options *o, struct buf *ret, struct reason *reason);
/* Sets the four points to the devices of the observation's endpoints. */
void pair_set_points(const struct observation *obs, struct check_setup *s);
