/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A parsed rule file: plain data, used by parser, engine and report. skbtrail-rules(5) describes the language.
 *
 * 	file  = scopes, each with the rules that follow it
 * 	scope = which packets, judged one by one (packet) or together (flow)
 * 	rule  = expect, forbid or count of a step
 * 	step  = function, device, direction, drop reason
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "filter/prefix.h"
#include "rules/glob.h"

/* Bounds, so that an engine's memory is bounded. */
#define RULES_BYTES_MAX	   (256u << 10) /* of a file */
#define RULES_LINE_MAX	   1024u	/* bytes of a line */
#define RULES_SCOPES_MAX   64u
#define RULES_MAX	   256u /* rules in a file */
#define RULES_ALIASES_MAX  128u
#define RULES_CAPTURES_MAX 16u /* set by matches, in one scope */

#define RULES_NO_CAPTURE (-1)

enum netns_kind { NETNS_ANY, NETNS_NAME, NETNS_INODE, NETNS_HOST, NETNS_CAPTURED };
enum iface_kind { IFACE_ANY, IFACE_NAME, IFACE_INDEX, IFACE_CAPTURED };

/* On which device a step happens. Whatever is not ANY must match. */
struct device_pattern {
	enum netns_kind netns_kind;
	enum iface_kind iface_kind;
	const char *netns_name, *ifname; /* patterns; with the kinds NAME */
	uint32_t netns, ifindex;	 /* with the kinds INODE and INDEX */
	const char *pod;		 /* pattern; NULL: any */
	int capture; /* with the kinds CAPTURED: index of the scope's capture; otherwise RULES_NO_CAPTURE */
};

enum step_direction { STEP_ANY_DIRECTION, STEP_FORWARD, STEP_REVERSE };

struct step_pattern {
	const char *func; /* pattern */
	struct device_pattern device;
	enum step_direction direction;
	const char *drop; /* pattern of the drop reason of a step that drops the packet; NULL: any step */
};

enum rule_kind { RULE_EXPECT, RULE_FORBID, RULE_COUNT };
enum count_op { COUNT_EQ, COUNT_NE, COUNT_LT, COUNT_LE, COUNT_GT, COUNT_GE };

struct rule {
	unsigned line;	  /* from 1 */
	const char *text; /* the line, without indentation and comment */
	enum rule_kind kind;
	struct step_pattern step;
	int binds; /* of an expect: the capture that a match sets, or RULES_NO_CAPTURE */
	bool has_within;
	uint64_t within_ns;   /* valid with has_within */
	int within_of;	      /* counted from when that capture was set; RULES_NO_CAPTURE: from the expect before */
	bool absence_is_open; /* `else inconclusive`: steps that are missing do not break the rule */
	enum count_op op;     /* of a count, as is n */
	uint64_t n;
};

/* Which packets a scope is about. Zero matches any. */
struct packet_match {
	bool has_addrs;	      /* src and dst are valid; family 0 in one of them: any address */
	bool both_directions; /* <-> */
	struct prefix src, dst;
	uint8_t l4; /* IPPROTO_* */
	/* host byte order; 0: any. Of either side; of src and dst, which with <-> are those of the forward direction */
	uint16_t port, sport, dport;
};

static inline bool packet_match_has_ports(const struct packet_match *m)
{
	return m->port || m->sport || m->dport;
}

struct scope {
	unsigned line;
	const char *text;
	const char *name; /* NULL: none */
	bool per_packet;
	struct packet_match match;
	size_t first_rule, n_rules, n_captures;
};

struct rules {
	char *text, *words; /* owned; all strings below point into these */
	struct rule *rules; /* owned */
	size_t n_rules;
	struct scope *scopes; /* owned */
	size_t n_scopes;
	size_t max_rules, max_captures; /* of the scope that has most */
};

void rules_free(struct rules *r);
DEFINE_CLEANUP(struct rules *, rules_free)

/* Whether the rule holds, or fails, for every count of at least n, so that further steps would change nothing. */
bool count_holds(enum count_op op, uint64_t count, uint64_t n);
bool count_holds_for_more(enum count_op op, uint64_t count, uint64_t n);
bool count_fails_for_more(enum count_op op, uint64_t count, uint64_t n);
/* "expect" */
const char *rule_kind_name(enum rule_kind kind);
/* Whether some rule names a function of that name. */
bool rules_want_func(const struct rules *r, const char *func);
