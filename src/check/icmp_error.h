/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMP errors that the check's own pings got: who rejects a flow often says so to its sender. */
#pragma once

#include "check/check.h"

/* The last error, and how many there were. */
struct icmp_error {
	uint64_t n;	    /* 0: none, the others are not set */
	uint8_t family;	    /* 4 or 6 */
	uint8_t type, code; /* of ICMP (RFC 792, RFC 1812) or ICMPv6 (RFC 4443) */
	char from[46];	    /* the address of who sent it, as text */
};

/* Adds the error to the reason that it explains: what is said of the request's packets, else of a missing reply or
 * count. Without such a reason nothing is added. */
void icmp_error_explain(const struct icmp_error *e, struct check_result *r);
