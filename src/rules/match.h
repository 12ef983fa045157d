/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a step matches a rule, and a packet a scope. Private to this room. */
#pragma once

#include "rules/model.h"
#include "rules/step.h"

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN /* the step does not tell */ };

/* What `expect … as NAME` captured. */
struct capture {
	bool set;
	uint32_t netns, ifindex;
	uint64_t ts_ns;
	uint64_t step; /* the step's number within the packet or flow */
};

struct match_context {
	uint32_t host_netns;		/* inode */
	bool reverse;			/* the packet goes from dst to src */
	const struct capture *captures; /* the scope's */
};

/* A pattern that names a capture does not match before that capture is set. */
enum match match_step(const struct step_pattern *p, const struct step *s, const struct match_context *ctx);
/* Whether the tuple belongs to the scope, and in which direction. */
bool match_packet(const struct packet_match *m, const struct tuple *t, bool *ret_reverse);
