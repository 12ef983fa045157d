/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/owners.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/symbol.h"
#include "live/node_read.h"
#include "names/netns_names.h"
#include "path/death.h"

/* A state is believed until owners_tick(); one that took long to read, COST_FACTOR times as long as that took, less
 * COST_FREE_NS: then reading takes no more than a part of one CPU's time. */
#define COST_FACTOR  10
#define COST_FREE_NS 500000000u
#define TRACKS	     4096 /* packets that are remembered; a power of two */
#define RESULTS	     1024 /* drops whose owners are kept */

/* A namespace. */
struct space {
	uint32_t netns;
	struct node_state before; /* its counters when the trace began */
	bool has_before;
	struct node_state now;
	unsigned parts;		    /* of now: NODE_* */
	uint64_t batch;		    /* in which now was read */
	uint64_t until_ns;	    /* how long now is believed, CLOCK_MONOTONIC */
	char device[ST_IFNAME_LEN]; /* whose settings are in now */
};

/* What a packet passed last. */
struct track {
	uint64_t skb;
	const char *func, *hook_func;			/* borrowed, live as long as the trace */
	bool has_chain, has_passed, has_prog, iptables; /* iptables: the chain is one of the older iptables */
	struct st_netfilter chain;			/* the chain that just ended with a drop */
	struct event_prog prog; /* the program that just said that the packet is to be dropped */
};

struct result {
	uint64_t seq;
	bool used;
	struct owner_list owners;
};

struct owners {
	bool sees_chains;
	uint64_t batch;		   /* number of owners_tick() calls, from 1 */
	struct netns_names *names; /* owned */
	struct space *spaces;	   /* owned */
	size_t n_spaces;
	struct track tracks[TRACKS];
	struct result results[RESULTS];
	size_t next_result;
};

static void space_clear(struct space *s)
{
	node_state_clear(&s->before);
	node_state_clear(&s->now);
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->n_spaces; i++)
		space_clear(&o->spaces[i]);
	for (size_t i = 0; i < RESULTS; i++)
		owner_list_clear(&o->results[i].owners);
	netns_names_free(o->names);
	free(o->spaces);
	free(o);
}

/* NULL: out of memory. The pointers that were returned before become invalid. */
static struct space *space_of(struct owners *o, uint32_t netns)
{
	for (size_t i = 0; i < o->n_spaces; i++)
		if (o->spaces[i].netns == netns)
			return &o->spaces[i];
	if (ARRAY_GROW(o->spaces, o->n_spaces) < 0)
		return NULL;
	o->spaces[o->n_spaces] = (struct space){.netns = netns};
	return &o->spaces[o->n_spaces++];
}

static int note_counters(struct owners *o)
{
	_cleanup_(netns_list_free) struct netns_list list = {0};
	int r = netns_list_load(&list, NULL);

	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct space *s = space_of(o, list.v[i].inode);

		if (!s)
			return -ENOMEM;
		s->has_before = node_read(&list.v[i], NODE_NFT | NODE_IPTABLES | NODE_QDISCS | NODE_FILTERS, NULL,
					  &s->before) >= 0;
	}
	return r;
}

void owners_tick(struct owners *o)
{
	o->batch++;
}

void owners_see_chains(struct owners *o)
{
	o->sees_chains = true;
}

int owners_new(struct owners **ret, struct reason *reason)
{
	_cleanup_(owners_freep) struct owners *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	o->batch = 1;
	r = netns_names_new(&o->names, reason);
	if (r >= 0)
		r = note_counters(o);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(o);
	return 0;
}

static unsigned parts_of(enum owner_topic topic)
{
	static const unsigned parts[TOPIC_MAX] = {
		[TOPIC_NETFILTER] = NODE_NFT | NODE_IPTABLES | NODE_CONNTRACK,
		[TOPIC_ROUTE] = NODE_FIB | NODE_SYSCTLS,
		[TOPIC_SOURCE] = NODE_FIB | NODE_SYSCTLS | NODE_LINKS,
		[TOPIC_FORWARD] = NODE_SYSCTLS | NODE_LINKS,
		[TOPIC_QDISC] = NODE_QDISCS | NODE_LINKS,
		[TOPIC_TC] = NODE_QDISCS | NODE_FILTERS,
		[TOPIC_MTU] = NODE_LINKS,
		[TOPIC_SOCKET] = NODE_SOCKETS,
		[TOPIC_XFRM] = NODE_POLICIES,
		[TOPIC_NEIGHBOUR] = NODE_NEIGHBOURS | NODE_LINKS,
	};

	return parts[topic];
}

/* Reads the state of the namespace unless it was read just now. A namespace that is gone has an empty one. */
static void refresh(struct owners *o, struct space *s, unsigned parts, const struct event *ev)
{
	const struct netns *ns = netns_names_netns(o->names, s->netns);
	const char *device = ev->has_dev && parts & NODE_SYSCTLS ? ev->ifname : NULL;
	uint64_t now_ns = clock_monotonic_ns(), cost_ns;

	if ((s->batch == o->batch || now_ns < s->until_ns) && (s->parts & parts) == parts) {
		if (ns && device && strcmp(device, s->device) != 0)
			node_read_device(ns, device, &s->now);
	} else {
		node_state_clear(&s->now);
		s->parts = parts;
		if (ns)
			(void)node_read(ns, parts, device, &s->now);
		cost_ns = clock_monotonic_ns() - now_ns;
		s->batch = o->batch;
		s->until_ns = cost_ns * COST_FACTOR > COST_FREE_NS ? now_ns + cost_ns * COST_FACTOR - COST_FREE_NS : 0;
	}
	snprintf(s->device, sizeof(s->device), "%s", device ? device : "");
	s->now.before = s->has_before ? &s->before : NULL;
}

static struct owner_list *next_result(struct owners *o, uint64_t seq)
{
	struct result *r = &o->results[o->next_result++ % RESULTS];

	owner_list_clear(&r->owners);
	r->seq = seq;
	r->used = true;
	return &r->owners;
}

const struct owner_list *owners_of(const struct owners *o, uint64_t seq)
{
	for (size_t i = 0; i < RESULTS; i++)
		if (o->results[i].used && o->results[i].seq == seq)
			return &o->results[i].owners;
	return NULL;
}

static int find(struct owners *o, const struct event *ev, const struct track *t)
{
	struct owner_facts f = {.ev = ev, .sees_chains = o->sees_chains};
	struct owner_list *l = next_result(o, ev->seq);
	struct space *s;

	if (t) {
		f.after = t->func;
		f.hook_func = t->hook_func;
		f.chain = t->has_chain ? &t->chain : NULL;
		f.iptables = t->iptables;
		f.passed = t->has_passed ? &t->chain : NULL;
		f.in_conntrack = t->func && symbol_is(t->func, "nf_conntrack_in");
		f.prog = t->has_prog ? &t->prog : NULL;
	}
	s = space_of(o, ev->has_netns ? ev->netns : 0);
	if (!s)
		return -ENOMEM;
	if (parts_of(owner_topic(&f)))
		refresh(o, s, parts_of(owner_topic(&f)), ev);
	owner_find(&f, &s->now, l);
	return l->failed ? -ENOMEM : 0;
}

#define TC_ACT_SHOT_ 2 /* linux/pkt_cls.h */
#define NF_DROP_     0 /* linux/netfilter.h */
#define NF_ACCEPT_   1
#define XDP_DROP_    1 /* linux/bpf.h; XDP_ABORTED is 0 */

static void note(struct track *t, const struct event *ev)
{
	if (t->skb != ev->skb)
		*t = (struct track){.skb = ev->skb};
	if (event_ends_chain(ev) && event_has_part(ev, ST_PART_NETFILTER)) {
		t->chain = ev->parts->netfilter;
		t->iptables = ev->source != ST_SRC_NETFILTER;
		t->has_passed = !t->iptables && (t->chain.verdict & 0xff) == NF_ACCEPT_;
		t->has_chain = (t->chain.verdict & 0xff) == NF_DROP_;
		return;
	}
	if (ev->source == ST_SRC_PROG_EXIT && ev->prog.func == 0) {
		t->prog = ev->prog;
		t->has_prog = !ev->prog.xdp ? (uint32_t)ev->prog.value == TC_ACT_SHOT_
					    : (uint32_t)ev->prog.value <= XDP_DROP_;
		return;
	}
	if (ev->source != ST_SRC_KPROBE || !ev->func || event_death(ev).step != DEATH_NONE)
		return;
	t->func = ev->func;
	if (owner_is_hook_func(ev->func))
		t->hook_func = ev->func;
	t->has_chain = t->has_passed = t->has_prog = false;
}

static bool is_xdp_drop(const struct event *ev)
{
	return ev->source == ST_SRC_PROG_EXIT && ev->prog.xdp && ev->prog.func == 0 && ev->prog.has_value &&
	       (uint32_t)ev->prog.value <= XDP_DROP_;
}

int owners_event(struct owners *o, const struct event *ev)
{
	struct track *t = &o->tracks[hash_u64(ev->skb) & (TRACKS - 1)];
	int r;

	if (is_xdp_drop(ev))
		return find(o, ev, NULL);
	if (event_is_on_behalf(ev))
		return 0;
	if (!event_is_drop(ev)) {
		note(t, ev);
		return 0;
	}
	r = find(o, ev, t->skb == ev->skb ? t : NULL);
	t->skb = 0;
	return r;
}
