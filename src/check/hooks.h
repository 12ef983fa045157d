/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes the hook events of the evidence programs steps for the rules' engine, so that a rule file that names their
 * hooks, such as --print-rules prints, is judged by the same programs as a same-node check.
 */
#pragma once

#include "bpf/config.h"
#include "check/check.h"
#include "event/hook_event.h"
#include "rules/model.h"
#include "rules/step.h"

/* Whether the evidence programs can judge these rules. They can if each function is a hook's whole name, each device
 * and namespace is given by number, and all scopes have one protocol and one pair of addresses. *ret is then that flow,
 * in the direction of the first scope; otherwise it is left alone. */
bool hooks_can_judge(const struct rules *rules, struct st_flow *ret);

/* Sets the pods' devices of the setup, where packets begin, as far as the rules tell: a scope whose first expect is a
 * transmission on a device says that its packets begin there. flow: of hooks_can_judge(). */
void hooks_set_points(const struct rules *rules, const struct st_flow *flow, struct check_setup *setup);

/* The hook's name in rules. family: 4 or 6. NULL: rules cannot name this hook. */
const char *hooks_func(enum st_hook hook, unsigned family);

/* Makes the hook event a step of packet pkt. *ret points to *ret_tuple; the names of namespace and device are left
 * NULL for the caller to set. False if rules cannot name this hook. */
bool hooks_step(const struct st_flow *flow, const struct hook_event *ev, uint64_t pkt, struct tuple *ret_tuple,
		struct step *ret);
