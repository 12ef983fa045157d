/* SPDX-License-Identifier: GPL-2.0-only */
/* Matches a pcap-filter expression with recorded events: with the bytes of their packets if those were kept, otherwise
 * with headers made from their addresses. */
#pragma once

#include "event/event.h"
#include "filter/cbpf.h"

bool event_expr_matches(const struct cbpf_prog *p, const struct event *ev);
/* Setter for opt.set: struct cbpf_prog. */
int opt_expression(void *dst, const char *value, struct reason *reason);
