/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters of a trace, held against events that were recorded: what bpf/trace.bpf.c asks of a packet. Pure. */
#pragma once

#include "base/pattern.h"
#include "event/event.h"
#include "filter/prefix.h"

struct event_match {
	struct prefix src, dst, any; /* family 0: no such filter */
	uint16_t sport, dport, port; /* host byte order, 0: no such filter */
	uint8_t l4;		     /* IPPROTO_*, 0: no such filter */
	const char *ifname;	     /* borrowed, NULL: no such filter */
	const char *netns_name;	     /* borrowed, NULL: no such filter */
	const char *comm;	     /* borrowed, NULL: no such filter */
	bool has_netns, has_mark, has_pid;
	uint32_t pid;
	uint32_t netns; /* inode */
	uint32_t mark, mark_mask;
	struct pattern *func, *func_not; /* owned, NULL: no such filter */
	const char *netns_text;		 /* borrowed: the namespace as it was spelt, NULL: no such filter */
};

/* Only functions whose whole name, with or without its suffix, matches the regular expression. -EINVAL with a reason
 * if it is none, -ENOMEM; the earlier one, if any, stays then. Takes the place of an earlier one. */
int event_match_func(struct event_match *m, const char *regex, struct reason *reason);
/* No function whose whole name matches it. Likewise. */
int event_match_func_not(struct event_match *m, const char *regex, struct reason *reason);
/* A device's name, as the kernel has them: 1 to 15 bytes. -EINVAL with a reason. s is borrowed. */
int event_match_ifname(struct event_match *m, const char *s, struct reason *reason);
/* A process by its number or by its name, of 1 to 15 bytes as the kernel keeps it. Likewise. */
int event_match_pid(struct event_match *m, const char *s, struct reason *reason);
int event_match_comm(struct event_match *m, const char *s, struct reason *reason);
/* A namespace as --filter-netns takes it: inode:N, a name, or a path, of which the last part is the name. -EINVAL with
 * a reason. s is borrowed. */
int event_match_netns(struct event_match *m, const char *s, struct reason *reason);
/* NUMBER[/MASK]. -EINVAL with a reason. */
int event_match_mark(struct event_match *m, const char *s, struct reason *reason);
void event_match_free(struct event_match *m);

/* Whether all filters hold: 1, 0, -ENOMEM or -E2BIG (see pattern_why()). The kfree_skb tracepoint is always armed, so
 * the functions' filter lets its events pass. */
int event_matches(const struct event_match *m, const struct event *ev);
