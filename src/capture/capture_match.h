/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a captured packet belongs to the flow. The rules are those of the evidence programs (bpf/evidence.bpf.c). */
#pragma once

#include "bpf/config.h"
#include "capture/captured_packet.h"
#include "event/hook_event.h"

enum capture_match {
	CAPTURE_MATCH_NO,
	CAPTURE_MATCH_YES,
	CAPTURE_MATCH_CUT, /* perhaps: between the flow's addresses, but cut before the rest */
};

/* With CAPTURE_MATCH_YES fills what the headers say of a hook event; its time, hook and device are 0. */
enum capture_match capture_match_packet(const struct captured_packet *p, const struct st_flow *flow,
					struct hook_event *ret);
