/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a pcapng file says beside its packets, and libpcap does not hand on: which interface each packet came from, the
 * interfaces' names, what the capture lost. Layouts: draft-ietf-opsawg-pcapng (block and option codes in pcapng.c).
 * Either byte order; sections may differ. Pure: bytes in, struct out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapng_interface {
	char ifname[16];  /* empty: the file does not say */
	uint64_t dropped; /* by the interface or the operating system, as far as told */
	bool counts_drops;
};

struct pcapng {
	struct pcapng_interface *interfaces; /* owned; of all sections, in order */
	size_t n_interfaces, interfaces_cap;
	uint32_t *packets; /* owned; the number of each packet's interface */
	size_t n_packets, packets_cap;
	uint64_t gaps;	  /* packets lost between others, by the packets' own options */
	uint64_t untimed; /* packets without a time stamp (simple packet blocks) */
};

/* Whether the bytes start like a pcapng file. */
bool pcapng_is(const void *data, size_t size);
/* Reads all blocks up to the first malformed one: call it on what libpcap has read to the end. 0, -EBADMSG or -ENOMEM;
 * *ret is to be freed in any case, and holds what came before the fault. */
int pcapng_read(const void *data, size_t size, struct pcapng *ret);
void pcapng_free(struct pcapng *p);
