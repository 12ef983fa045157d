/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a recording (man/skbtrail-recording.5), for the writer and the reader alike.
 *
 * A recording is a header and blocks. Numbers of fixed width are little-endian, all others are LEB128 varints; negative
 * ones are folded into them (0, -1, 1, -2…).
 *
 *	header	magic[8], major u16, minor u16, CRC-32 u32 of these
 *	block	type u32, number u32, length u32, CRC-32 u32 of these and of the payload, payload[length]
 *
 * Blocks are numbered from 0, so that one that is missing is noticed, and each is whole or refused. Another header may
 * follow any block: a recording begins anew there (cat a b).
 */
#pragma once

#include <stdint.h>

#include "event/event.h"

/* The first byte is no ASCII, the last ones are what text conversions break. */
#define REC_MAGIC	       "\x89skbt\r\n\x1a"
#define REC_MAGIC_BYTES	       8u
#define REC_HEADER_BYTES       16u
#define REC_BLOCK_HEADER_BYTES 16u

/* The writer's blocks; a reader refuses larger ones than the second before it makes room for them. */
#define REC_BLOCK_BYTES	    (64u << 10)
#define REC_BLOCK_BYTES_MAX (1u << 20)

/* Entries in the lasting dictionaries together: more make the writer begin them anew. */
#define REC_LASTING_MAX (64u << 10)

enum rec_block {
	REC_BLOCK_INFO = 1, /* struct record_info */
	REC_BLOCK_RESTART,  /* empty: the lasting dictionaries begin anew */
	REC_BLOCK_DICT,	    /* entries of dictionaries, used by what follows */
	REC_BLOCK_EVENTS,   /* rows; empties the dictionaries that are not lasting, and the predictions */
	REC_BLOCK_LEDGER,   /* struct ledger: the end */
};

/*
 * Dictionaries. What events have in common is written once and referred to by number, from 1; 0 is "none". Lasting ones
 * hold what belongs to the kernel and stay; the others hold what belongs to traffic and are emptied after each block of
 * events, so that neither side's memory grows with the traffic.
 */
enum rec_dict {
	REC_DICT_STRING, /* lasting up to and including REC_DICT_REASON */
	REC_DICT_SITE,	 /* address, function, module */
	REC_DICT_PLACE,	 /* where packets die */
	REC_DICT_REASON, /* why */
	REC_DICT_CPU,
	REC_DICT_PACKET, /* number, skb, head */
	REC_DICT_NETNS,
	REC_DICT_DEV,
	REC_DICT_TASK,
	REC_DICT_TUPLE,
	REC_DICT_PARTS, /* since 1.1: what was asked for beyond the rest */
	REC_DICT_BYTES, /* of packets; since 1.1 */
	REC_DICT_PROG,	/* a BPF program, and what it did */
	REC_DICT_RETURN,
	REC_DICT_MAX,
};

static inline int rec_dict_lasts(enum rec_dict kind)
{
	return kind <= REC_DICT_REASON;
}
