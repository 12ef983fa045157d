/* SPDX-License-Identifier: GPL-2.0-only */
/* Applies the filters of a trace to recorded events, as bpf/trace.bpf.c does to packets. Pure. */
#pragma once

#include "base/pattern.h"
#include "bpf/config.h"
#include "event/event.h"
#include "filter/prefix.h"

/* The values of a filter that may be given several times: one of them must hold. n 0: no such filter. */
struct match_prefixes {
	unsigned n;
	struct prefix v[ST_FILTER_VALUES];
};

struct match_ports {
	unsigned n;
	uint16_t v[ST_FILTER_VALUES]; /* host byte order */
};

struct match_names {
	unsigned n;
	const char *v[ST_FILTER_VALUES]; /* borrowed */
};

struct event_match {
	struct match_prefixes src, dst, any;
	struct match_ports sport, dport, port;
	uint8_t l4; /* IPPROTO_*, 0: no such filter */
	struct match_names ifname;
	const char *netns_name; /* borrowed, NULL: no such filter */
	const char *comm;	/* borrowed, NULL: no such filter */
	bool has_netns, has_mark, has_pid;
	uint32_t pid;
	uint32_t netns; /* inode */
	uint32_t mark, mark_mask;
	struct pattern *func, *func_not; /* owned, NULL: no such filter */
	const char *netns_text;		 /* borrowed: the namespace as the user typed it, NULL: no such filter */
};

/* Allows only functions whose whole name, with or without the compiler's suffix, matches the regular expression.
 * Replaces an earlier expression. -EINVAL with a reason if it is invalid, -ENOMEM; the filter is then unchanged. */
int event_match_func(struct event_match *m, const char *regex, struct reason *reason);
/* Excludes functions whose whole name matches. Names, replacement and errors as for event_match_func(). */
int event_match_func_not(struct event_match *m, const char *regex, struct reason *reason);
/* Add a value. -EINVAL with a reason if it is none, or if there are ST_FILTER_VALUES already. */
int match_prefixes_add(struct match_prefixes *p, const char *s, struct reason *reason);
int match_ports_add(struct match_ports *p, const char *s, struct reason *reason);     /* 1 to 65535 */
int match_names_add(struct match_names *names, const char *s, struct reason *reason); /* s is borrowed */
/* The name of a network device, of 1 to 15 bytes. s is borrowed. -EINVAL with a reason, also if there are
 * ST_FILTER_VALUES names already. */
int event_match_ifname(struct event_match *m, const char *s, struct reason *reason);
/* A process by its number. -EINVAL with a reason. */
int event_match_pid(struct event_match *m, const char *s, struct reason *reason);
/* A process by its name in the kernel, of 1 to 15 bytes. s is borrowed. -EINVAL with a reason. */
int event_match_comm(struct event_match *m, const char *s, struct reason *reason);
/* A network namespace as for --filter-netns: inode:N, a name, or a path, whose last component is the name. s is
 * borrowed. -EINVAL with a reason. */
int event_match_netns(struct event_match *m, const char *s, struct reason *reason);
/* A packet's mark: NUMBER or NUMBER/MASK. -EINVAL with a reason. */
int event_match_mark(struct event_match *m, const char *s, struct reason *reason);
void event_match_free(struct event_match *m);

/* Those filters on addresses that have one value each, as the trace programs compare them with an IPv4 packet: one of
 * the two must hold (bpf/config.h). */
void event_match_pairs(const struct event_match *m, struct st_pair ret[static 2]);

/* What the filters of addresses, protocol and ports say of a packet. */
enum tuple_match { TUPLE_NO, TUPLE_YES, TUPLE_UNKNOWN /* the headers do not tell yet */ };

/* l4_is_final: the L4 header is written, so that one that differs is a no; see event_is_unfinished(). */
enum tuple_match event_match_tuple(const struct event_match *m, const struct tuple *t, bool l4_is_final);
/* Whether the event passes all filters: 1, 0, -ENOMEM or -E2BIG (see pattern_why()). The filters of functions do not
 * apply to the kfree_skb tracepoint, which a trace always attaches to. */
int event_matches(const struct event_match *m, const struct event *ev);
