/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame of an event: LINKTYPE_LINUX_SLL2's header, and of the packet what is known from its network header on. */
#pragma once

#include "event/event.h"

#define FRAME_LINKTYPE	 276 /* LINKTYPE_LINUX_SLL2, www.tcpdump.org/linktypes.html */
#define FRAME_HEAD_BYTES 20
#define FRAME_MADE_MAX	 (FRAME_HEAD_BYTES + 40 + 20) /* IPv6 and TCP */

/* Writes the header and, from the tuple, headers of IP and what it carries. Returns how many bytes; *ret_wire_bytes is
 * how many there would be if the packet were whole. */
size_t frame_make(const struct event *ev, uint8_t ret[static FRAME_MADE_MAX], uint32_t *ret_wire_bytes);
/* The header alone, FRAME_HEAD_BYTES. */
void frame_head(const struct event *ev, uint8_t *ret);
