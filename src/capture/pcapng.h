/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a pcapng file says and libpcap does not pass on: the interface of each packet, the interfaces' names, filters
 * and resolutions of time, what the capture lost. Layouts: draft-ietf-opsawg-pcapng (block and option codes in
 * pcapng.c). Either byte order; sections may differ. Pure: bytes in, struct out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/captures.h"

struct pcapng_interface {
	char ifname[16];  /* empty: the file does not say */
	uint64_t dropped; /* by the interface or the operating system, as far as the file says */
	bool counts_drops;
	uint64_t resolution_ns; /* of its packets' times, rounded up to nanoseconds */
	struct capture_filter filter;
	bool has_filter;
};

struct pcapng {
	struct pcapng_interface *interfaces; /* owned; of all sections, in the file's order */
	size_t n_interfaces;
	uint32_t *packets; /* owned; the number of each packet's interface */
	size_t n_packets;
	uint64_t gaps;	  /* packets lost between others, as the packets' options say */
	uint64_t untimed; /* packets without a time stamp (simple packet blocks) */
};

/* Whether the bytes begin like a pcapng file. */
bool pcapng_is(const void *data, size_t size);
/* Reads all blocks up to the first malformed one, so call it on a file that libpcap has read to the end. 0, -EBADMSG
 * or -ENOMEM. *ret must be freed in any case; it has what came before the fault. */
int pcapng_read(const void *data, size_t size, struct pcapng *ret);
void pcapng_free(struct pcapng *p);
