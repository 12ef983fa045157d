/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame of an event: the header of LINKTYPE_LINUX_SLL2, then the packet from its network header on, if known. */
#pragma once

#include "event/event.h"

#define FRAME_LINKTYPE	 276 /* LINKTYPE_LINUX_SLL2, www.tcpdump.org/linktypes.html */
#define FRAME_HEAD_BYTES 20
#define FRAME_MADE_MAX	 (FRAME_HEAD_BYTES + 40 + 20) /* IPv6 and TCP */

/* Writes the header, and headers of IP and above that are made from the tuple. Returns the number of bytes;
 * *ret_wire_bytes is their number if the packet were whole. */
size_t frame_make(const struct event *ev, uint8_t ret[static FRAME_MADE_MAX], uint32_t *ret_wire_bytes);
/* Writes the header alone: FRAME_HEAD_BYTES. */
void frame_head(const struct event *ev, uint8_t *ret);
