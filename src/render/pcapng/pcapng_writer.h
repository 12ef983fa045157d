/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace as pcapng, for Wireshark: each event is a frame on the interface where it was seen. Its comment names the
 * function, the device and the drop, if any; its packet id is the packet's number. An interface is a pair of namespace
 * and device. It is described before its first frame, so that a live trace can be written as it comes.
 *
 * Frames are LINKTYPE_LINUX_SLL2, as tcpdump -i any writes them, because many functions see the packet without its
 * link-layer header. The packet's bytes follow if the trace kept them; else headers that are made from the addresses,
 * with zeros for what the trace does not have.
 */
#pragma once

#include "event/event.h"
#include "event/lost_events.h"
#include "record/record.h"
#include "render/out/out.h"

#define PCAPNG_PORTS_MAX 1024 /* of a section; later interfaces share the last one, which is called "others" */

struct pcapng_port;

struct pcapng_writer {
	struct pcapng_port *interfaces; /* owned */
	uint32_t n, last;		/* last: the interface of the event before */
	int64_t wall_offset_ns;
};

/* Begins a section: before the first event, and again before each further recording. info may be NULL. 0 or -ENOMEM. */
int pcapng_writer_begin(struct pcapng_writer *p, const struct record_info *info, struct out *o);
void pcapng_writer_event(struct pcapng_writer *p, const struct event *ev, struct out *o);
/* Ends the section with the lost-events report; l may be NULL, if it is not known. */
void pcapng_writer_end(struct pcapng_writer *p, const struct lost_events *l, struct out *o);
void pcapng_writer_free(struct pcapng_writer *p);
