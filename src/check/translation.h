/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets whose addresses or ports were translated between the pods, as a reason for what is missing of the flow. */
#pragma once

#include "check/check.h"

#define TRANSLATION_TUPLE_MAX 112 /* "[ADDR]:PORT -> [ADDR]:PORT" of IPv6 */

/* Packets of one direction that became packets of the flow on their way, or ceased to be. */
struct translation {
	uint64_t n;						     /* 0: none */
	char from[TRANSLATION_TUPLE_MAX], to[TRANSLATION_TUPLE_MAX]; /* of the first one, as text */
};

/* Puts REASON_ADDRESS_TRANSLATED in the place of the reasons that only say what is missing: packets without a
 * beginning, and packets that were not seen to arrive. Only where translated packets account for all that is missing;
 * otherwise it is added. The verdict is never better than it was. */
void translation_explain(const struct translation translated[DIRECTION_MAX][ST_TRANSLATED_MAX], struct check_result *r);
