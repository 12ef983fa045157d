/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads one counter from the text of a file below /proc/net. Pure. */
#pragma once

#include <stdint.h>

enum net_counter_layout {
	NET_COUNTER_LIST,    /* a line for each: name and value: xfrm_stat, snmp6 */
	NET_COUNTER_TABLE,   /* a line of names and one of values, both begin with "Group:": snmp, netstat */
	NET_COUNTER_COLUMNS, /* a line of names, then one for each CPU, hexadecimal, to be added: stat/nf_conntrack */
};

/* text ends with a NUL. group: only of a NET_COUNTER_TABLE, such as "Udp:". 0; -ENOENT, with *ret left alone, if it has
 * no such counter. */
int net_counter_find(enum net_counter_layout layout, const char *text, const char *group, const char *name,
		     uint64_t *ret);
