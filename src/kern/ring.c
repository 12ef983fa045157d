/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/ring.h"

#include <unistd.h>

#define RING_MAX_BYTES (1u << 30)

uint32_t ring_round(uint64_t bytes)
{
	uint32_t size = sysconf(_SC_PAGESIZE);

	while (size < bytes && size < RING_MAX_BYTES)
		size *= 2;
	return size;
}
