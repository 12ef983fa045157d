/* SPDX-License-Identifier: GPL-2.0-only */
/* A pcap-filter expression held against recorded events: on their packets' bytes if these were kept, else on the
 * headers that can be made from their addresses. */
#pragma once

#include "event/event.h"
#include "filter/cbpf.h"

bool event_expr_matches(const struct cbpf_prog *p, const struct event *ev);
/* Setter for opt.set: struct cbpf_prog. */
int opt_expression(void *dst, const char *value, struct reason *reason);
