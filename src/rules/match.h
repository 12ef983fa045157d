/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a step is the one a rule speaks of. Private to this room. */
#pragma once

#include "rules/model.h"
#include "rules/step.h"

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN /* what was seen does not tell */ };

/* What a match bound. */
struct capture {
	bool set;
	uint32_t netns, ifindex;
	uint64_t ts_ns;
	uint64_t step; /* its number within the packet or flow */
};

struct match_context {
	uint32_t host_netns;		/* inode */
	bool reverse;			/* the packet goes from dst to src */
	const struct capture *captures; /* of the scope */
};

/* A pattern on a capture that is not set matches nothing. */
enum match match_step(const struct step_pattern *p, const struct step *s, const struct match_context *ctx);
/* Whether the tuple is one of the scope's, and which way it goes. */
bool match_packet(const struct packet_match *m, const struct tuple *t, bool *ret_reverse);
