/* SPDX-License-Identifier: GPL-2.0-only */
/* The headers of a packet as rules see them, as far as they are known. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

#define HEADER_BYTES 64 /* of each header that are kept */

/* Bytes of one header. */
struct header {
	uint8_t data[HEADER_BYTES];
	bool known[HEADER_BYTES];
};

struct headers {
	struct header network, transport;
	bool has_transport; /* false: no byte of transport is known; a later fragment has none */
};

/* From the bytes of the packet if the event has them, else from its addresses and ports. */
void headers_of(const struct event *ev, struct headers *ret);
/* Copies len bytes from offset. False, with *ret unspecified, if one of them is not known. */
bool header_read(const struct header *h, size_t offset, size_t len, void *ret);
