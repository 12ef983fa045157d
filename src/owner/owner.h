/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who on this node decided that a packet is dropped: a rule, a route, a setting, a queue, a program. Pure: the facts of
 * the drop come from the trace, the state of the namespace from whoever read it (live/owners.h).
 *
 * An owner is named only if what is known leaves no other. If several are left, all are given: one of them it is. If
 * none is left, or the kind of drop has no owner here, the list is empty.
 */
#pragma once

#include "event/event.h"
#include "event/parts.h"
#include "owner/state.h"
#include "render/out/out.h"

/* What a drop is about, which says what must be read of the node. */
enum owner_topic {
	TOPIC_NONE, /* of no kind that has an owner here */
	TOPIC_NETFILTER,
	TOPIC_ROUTE,
	TOPIC_SOURCE,  /* a source address that is not believed */
	TOPIC_FORWARD, /* while it was forwarded: forwarding, TTL, MTU */
	TOPIC_QDISC,
	TOPIC_TC,
	TOPIC_XDP,
	TOPIC_NEIGHBOUR,
	TOPIC_SOCKET, /* nobody listens */
	TOPIC_BUFFER, /* a socket's receive buffer */
	TOPIC_XFRM,
	TOPIC_DEVICE, /* it is down, or has no carrier */
	TOPIC_MTU,
	TOPIC_BRIDGE,
	TOPIC_MAX,
};

enum owner_kind {
	OWNER_NFT_RULE,
	OWNER_NFT_POLICY,
	OWNER_IPTABLES_RULE,
	OWNER_IPTABLES_POLICY,
	OWNER_CONNTRACK_TABLE,
	OWNER_IP_RULE,
	OWNER_ROUTE,
	OWNER_NO_ROUTE,
	OWNER_SYSCTL,
	OWNER_QDISC,
	OWNER_TC_FILTER,
	OWNER_BPF_PROGRAM,
	OWNER_NEIGHBOUR,
	OWNER_NO_SOCKET,
	OWNER_SOCKET_BUFFER,
	OWNER_XFRM,
	OWNER_DEVICE,
	OWNER_MTU,
	OWNER_TTL,
	OWNER_BRIDGE,
	OWNER_KIND_MAX,
};
/* "nft_rule", "sysctl". */
const char *owner_kind_name(enum owner_kind kind);

#define OWNER_FIELDS_MAX 10

struct owner_field {
	const char *name; /* a literal */
	char *text;	  /* owned; NULL: number */
	uint64_t number;
};

struct owner {
	enum owner_kind kind;
	char *text; /* owned; one line for people */
	struct owner_field fields[OWNER_FIELDS_MAX];
	unsigned n_fields;
};

#define OWNERS_MAX 16

struct owner_list {
	struct owner v[OWNERS_MAX];
	size_t n;
	bool more;   /* there are more than fit */
	bool failed; /* out of memory: the list is not complete */
};
void owner_list_clear(struct owner_list *l);

/* The drop. Everything is borrowed. */
struct owner_facts {
	const struct event *ev;		   /* of the tracepoint kfree_skb, or the end of an XDP program that dropped */
	const char *after;		   /* the last function before; NULL unknown */
	const char *hook_func;		   /* the last one before of owner_is_hook_func(); NULL unknown */
	bool in_conntrack;		   /* conntrack looked at it after that, and no chain of a later hook did */
	const struct st_netfilter *chain;  /* the chain that ended with a drop just before; NULL: none was seen */
	const struct st_netfilter *passed; /* the last chain of nftables that it passed; NULL: none was seen */
	bool iptables;		       /* the chain is one of the older iptables, else of nftables; valid with chain */
	bool sees_chains;	       /* every chain's end is seen, so NULL means that no chain dropped it */
	const struct event_prog *prog; /* the program whose verdict dropped it; NULL: none was seen */
};

/* Whether the function hands packets to the chains of a netfilter hook. */
bool owner_is_hook_func(const char *func);
enum owner_topic owner_topic(const struct owner_facts *f);
/* *ret is empty before; free it with owner_list_clear(). */
void owner_find(const struct owner_facts *f, const struct node_state *s, struct owner_list *ret);
/* "nft rule …"; "one of: … | …"; "" for an empty list. */
void owner_list_text(const struct owner_list *l, struct out *o);
