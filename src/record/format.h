/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format of a recording (man/skbtrail-recording.5).
 *
 * A recording is a header followed by blocks. Numbers of fixed width are little-endian. All other numbers are LEB128
 * varints; signed ones are zigzag-encoded (0, -1, 1, -2…).
 *
 *	header	magic[8], major u16, minor u16, CRC-32 u32 of these
 *	block	type u32, number u32, length u32, CRC-32 u32 of these and of the payload, payload[length]
 *
 * Blocks are numbered from 0, so that a missing one is detected. A block with a wrong checksum is an error. Another
 * header may follow any block: there the next recording begins (cat a b).
 */
#pragma once

#include <stdint.h>

#include "event/event.h"

/* The first byte is not ASCII, and text conversions change the last ones: as in PNG's signature. */
#define REC_MAGIC	       "\x89skbt\r\n\x1a"
#define REC_MAGIC_BYTES	       8u
#define REC_HEADER_BYTES       16u
#define REC_BLOCK_HEADER_BYTES 16u

/* Payload bytes after which the writer ends a block, and the most that a reader accepts. */
#define REC_BLOCK_BYTES	    (64u << 10)
#define REC_BLOCK_BYTES_MAX (1u << 20)

/* Entries in all lasting dictionaries together, after which the writer empties them. */
#define REC_LASTING_MAX (64u << 10)

enum rec_block {
	REC_BLOCK_INFO = 1, /* struct record_info */
	REC_BLOCK_RESTART,  /* no payload; empties the lasting dictionaries */
	REC_BLOCK_DICT,	    /* new entries of dictionaries */
	REC_BLOCK_EVENTS,   /* rows; afterwards the other dictionaries are empty, and the predictions reset */
	REC_BLOCK_LEDGER,   /* struct lost_events; the last block */
	REC_BLOCK_COVERAGE, /* since 1.2: struct record_coverage; before all events, once */
};

/*
 * Dictionaries. Values that many events share are written once; events refer to them by number, from 1, and 0 is
 * "none". The lasting dictionaries hold values of the kernel, such as functions. The others hold values of the traffic,
 * and are emptied after each block of events, so that the memory of writer and reader does not grow with the traffic.
 */
enum rec_dict {
	REC_DICT_STRING,   /* those up to and including REC_DICT_REASON are lasting */
	REC_DICT_SITE,	   /* address, function, module */
	REC_DICT_LOCATION, /* of a drop */
	REC_DICT_REASON,   /* of a drop */
	REC_DICT_CPU,
	REC_DICT_PACKET, /* number, skb, head */
	REC_DICT_NETNS,
	REC_DICT_DEV,
	REC_DICT_TASK,
	REC_DICT_TUPLE,
	REC_DICT_PARTS, /* since 1.1: struct event_parts */
	REC_DICT_BYTES, /* since 1.1: bytes of packets */
	REC_DICT_PROG,	/* struct event_prog */
	REC_DICT_RETURN,
	REC_DICT_MAX,
};

static inline int rec_dict_lasts(enum rec_dict kind)
{
	return kind <= REC_DICT_REASON;
}
