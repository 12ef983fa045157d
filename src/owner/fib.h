/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The routing rules and routes of one network namespace, and which of them decides of a packet. Pure. The kernel's own
 * answer to a lookup (RTM_GETROUTE) is only an error where a rule or a route says no, so the lookup is done here, as
 * net/core/fib_rules.c, net/ipv4/fib_trie.c and net/ipv6/fib6_rules.c do it.
 */
#pragma once

#include "net/link.h"
#include "net/nlmsg.h"
#include "owner/truth.h"

struct fib_prefix {
	uint8_t addr[16]; /* network byte order */
	uint8_t bits;
};

struct fib_rule {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint32_t priority, table, target;
	uint8_t action;	      /* FR_ACT_* */
	bool invert, unknown; /* unknown: it asks for something that is not known of packets here */
	struct fib_prefix src, dst;
	char iif[16], oif[16]; /* "" any */
	bool has_mark, has_l4, has_sport, has_dport, has_suppress;
	uint32_t mark, mark_mask, suppress; /* suppress: prefix length */
	uint8_t l4;
	uint16_t sport[2], dport[2]; /* host byte order, first and last */
};

struct fib_route {
	uint8_t family;
	uint8_t type; /* RTN_* */
	uint8_t tos;
	bool dead; /* its device has no carrier, or is down */
	uint32_t table, metric;
	struct fib_prefix dst, src;
	uint32_t oif; /* 0: none, or several */
	bool several; /* nexthops */
	bool has_gateway;
	uint8_t gateway[16];
};

struct fib {
	struct fib_rule *rules; /* owned, as are the routes; by priority */
	struct fib_route *routes;
	size_t n_rules, n_routes;
};

/* Takes a rule or a route; skips other messages. For nl_parse(); ctx: struct fib. */
int fib_parse_message(void *ctx, uint16_t type, struct rd *payload);
void fib_free(struct fib *f);

/* The packet that is to be routed. */
struct fib_query {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t src[16], dst[16];
	const char *iif; /* "lo": it is sent from here; NULL: unknown */
	uint32_t mark;
	bool has_l4, has_ports;
	uint8_t l4;
	uint16_t sport, dport;
};

struct fib_result {
	bool known;		       /* false: a rule asks for what is not known of the packet */
	const struct fib_rule *rule;   /* the one that decided; NULL: no table of any rule has a route */
	const struct fib_route *route; /* NULL: the rule itself decided */
};

void fib_lookup(const struct fib *f, const struct fib_query *q, struct fib_result *ret);

struct out;
/* "100: from 10.0.0.0/8 fwmark 0x1 blackhole", as ip-rule(8). */
void fib_rule_text(const struct fib_rule *r, struct out *o);
/* "blackhole 10.0.0.0/8 table 100", as ip-route(8); the name of the device is for the caller. */
void fib_route_text(const struct fib_route *r, struct out *o);
/* "main", "100". */
void fib_table_text(uint32_t table, struct out *o);
/* "unicast", "blackhole"; "?" unknown. */
const char *fib_type_name(uint8_t type);
