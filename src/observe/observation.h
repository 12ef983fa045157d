/* SPDX-License-Identifier: GPL-2.0-only */
/* What a check has gathered, from whatever source, before it is judged and shown. */
#pragma once

#include "cli/child.h"
#include "check/same_node.h"
#include "net/endpoint.h"
#include "observe/recorded_flow.h"
#include "render/out/out.h"

struct observation {
	struct evidence_table evidence;
	struct check_run account;
	bool refused;	     /* there is no evidence, because the kernel refused the evidence programs */
	bool live;	     /* of this kernel: its symbols and programs may be looked up */
	struct progs *progs; /* owned, prepared; NULL unless live */
	bool has_endpoints;  /* src and dst are known, or at least their addresses */
	struct endpoint src, dst;
	char command_failed[CHILD_FAILURE_MAX]; /* of child_failure() */
	const char *proto;			/* "icmp"; static */
	struct out trace;			/* owned; the function trace as text; empty without --trace */
	struct recorded_flow *recording;	/* owned; NULL unless a recording was read, as are the next two */
	struct recorded_points recorded;	/* its devices */
	struct st_flow flow;
};

void observation_clear(struct observation *obs);
