/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "owner/ipt.h"

/* Reads the tables of the older iptables and ip6tables in the namespace that the thread is in. A question for a table
 * that is not there would create it, so those that the kernel lists are read. 0 or -errno; none is no error. The caller
 * frees *ret also on failure. */
int node_read_iptables(struct legacy_tables *ret);
