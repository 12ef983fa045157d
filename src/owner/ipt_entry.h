/* SPDX-License-Identifier: GPL-2.0-only */
/* One rule of a table, read with every length checked. Private to this room. */
#pragma once

#include "owner/ipt.h"

/* What ipt_entry and ip6t_entry have in common; addresses in network byte order, IPv4 in the first four bytes. */
struct legacy_rule {
	uint8_t src[16], dst[16], src_mask[16], dst_mask[16];
	char iif[16], oif[16];
	uint8_t iif_mask[16], oif_mask[16];
	uint16_t proto; /* 0: any */
	uint8_t flags, invflags;
	uint64_t packets;
	uint32_t matches, target, next; /* offsets in the table: of the matches, the target, the next rule */
	char target_name[32];		/* "": a verdict; "ERROR": the beginning of a chain, or the end of the table */
	int32_t verdict;		/* valid if target_name is "" */
	char error_name[32];		/* of ERROR: the name of the chain */
};

struct legacy_match {
	char name[32];
	uint8_t revision;
	const void *info;
	size_t size;   /* bytes of info */
	uint32_t next; /* offset in the table */
};

/* False: there is no rule at this offset. */
bool ipt_read_rule(const struct legacy_table *t, uint32_t offset, struct legacy_rule *ret);
/* The match at this offset before `end`. False: there is none. */
bool ipt_read_match(const struct legacy_table *t, uint32_t offset, uint32_t end, struct legacy_match *ret);
