/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The switch between arming and disarming. Attaching all programs takes seconds on a busy node, and so does detaching
 * them; what they would record meanwhile shows half a path and fills the ring with nobody reading.
 */
#pragma once

/* Set by user space once every program is attached, cleared before the first is detached. */
__u32 st_on;

static __always_inline int is_on(void)
{
	return *(volatile __u32 *)&st_on;
}
