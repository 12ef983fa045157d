/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace as pcapng, for Wireshark and its like: each event is a frame on the interface it was seen at, with the
 * function, the place and the end of the packet as its comment, and the packet's number as its packet id. Interfaces
 * are pairs of namespace and device; they are described when first met, so that a live trace can be written as it
 * comes.
 *
 * Frames are LINKTYPE_LINUX_SLL2, as tcpdump -i any writes them: no link-layer header has to be made up for functions
 * that run before or after there is one. Where the trace kept the packet's bytes they follow; else the headers are made
 * from the addresses it kept, with zeros where it kept nothing.
 */
#pragma once

#include "event/event.h"
#include "event/ledger.h"
#include "record/record.h"
#include "render/out.h"

#define PCAPNG_PORTS_MAX 1024 /* of a section; what comes later shares the last, which is called others */

struct pcapng_port;

struct pcapng_writer {
	struct pcapng_port *interfaces; /* owned */
	uint32_t n, last;		/* last: the one found before */
	int64_t wall_offset_ns;
};

/* Begins a section: once before the first event, and again for another recording. info may be NULL. 0 or -ENOMEM. */
int pcapng_writer_begin(struct pcapng_writer *p, const struct record_info *info, struct out *o);
void pcapng_writer_event(struct pcapng_writer *p, const struct event *ev, struct out *o);
/* Ends the section with what was lost; l may be NULL: not known. */
void pcapng_writer_end(struct pcapng_writer *p, const struct ledger *l, struct out *o);
void pcapng_writer_free(struct pcapng_writer *p);
