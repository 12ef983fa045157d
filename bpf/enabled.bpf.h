/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The switch that lets the programs record. Attaching all of them takes seconds on a busy node, and so does detaching
 * them. Events from that time would show only a part of each packet's path, and fill the ring while nobody reads it.
 */
#pragma once

/* Set by user space once every program is attached, cleared before the first is detached. */
__u32 st_on;

static __always_inline int is_on(void)
{
	return *(volatile __u32 *)&st_on;
}
