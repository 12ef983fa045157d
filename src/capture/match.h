/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a captured packet belongs to the flow: the rules of the evidence programs (bpf/evidence.bpf.c). */
#pragma once

#include "bpf/config.h"
#include "capture/packet.h"
#include "event/witness.h"

enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_CUT, /* between the flow's addresses, but cut before the rest: perhaps */
};

/* With MATCH_YES fills what a packet's headers say of a witness; its time, hook and device are left 0. */
enum match packet_match(const struct packet *p, const struct st_flow *flow, struct witness *ret);
