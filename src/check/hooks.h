/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The evidence programs' records as steps that rules are held against, so that a file which speaks of their hooks, as
 * --print-rules prints it, is judged by the very programs that a same-node check stands on.
 */
#pragma once

#include "bpf/config.h"
#include "event/witness.h"
#include "rules/model.h"
#include "rules/step.h"

/* Whether the evidence programs can judge these rules: functions are hooks by their whole names, places are interfaces
 * and namespaces by number, and all scopes are of one protocol between one pair of addresses. *ret is that flow, in the
 * direction of the first scope; it is left alone otherwise. */
bool hooks_can_judge(const struct rules *rules, struct st_flow *ret);

/* What rules call the hook. family: 4 or 6. NULL: they cannot speak of it. */
const char *hook_func(enum st_hook hook, unsigned family);

/* The witness as a step of packet pkt. ret_tuple is what the step points to; names are left for the caller. False: of a
 * hook that no rule can speak of. */
bool hook_step(const struct st_flow *flow, const struct witness *w, uint64_t pkt, struct tuple *ret_tuple,
	       struct step *ret);
