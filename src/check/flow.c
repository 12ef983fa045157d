/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. Every witness names its packet by what stands in the headers (key_of()). The table finds the
 * packet under that key or starts a new one. Two things can go wrong in a real flow and are met here:
 *   - the probes are armed, or the check ends, while packets are under way: those that have no beginning right after
 *     arming are left out (FLOW_EARLY_NS), and a frozen table only completes what it knows, if need be by what that is
 *     merged into or cut to;
 *   - a NAT rewrites the echo id on the way: a witness under an unknown id, of an skb that an unfinished packet of the
 *     same sequence number was last seen in, is that packet, and the new id becomes an alias. The skb's address alone
 *     never identifies a packet.
 * What netfilter's hooks see in the sender's pod is not what it sends: segments are cut, and fragments made, after
 * them. So they file a packet, for its NAT, but it counts only when it was met elsewhere.
 */
#include "check/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define ALIAS_SEARCH_PACKETS 64 /* how far back an unfinished packet is looked for by its skb */

void flow_init(struct flow *f, const struct check_setup *setup)
{
	*f = (struct flow){.setup = *setup};
}

void flow_free(struct flow *f)
{
	free(f->packets);
	free(f->index);
	free(f->index_keys);
	*f = (struct flow){.setup = f->setup};
}

static bool is_echo(const struct witness *w)
{
	return w->has_l4 && (w->l4 == IPPROTO_ICMP || w->l4 == IPPROTO_ICMPV6);
}

/* For echoes id and sequence, for TCP also the segment, else the ports; the IPv4 identification tells retransmissions
 * and fragments apart. Echoes do without: a reply may be built from the request, its identification set on the way. */
static struct flow_key key_of(const struct witness *w)
{
	return (struct flow_key){
		.reverse = w->reverse,
		.has_l4 = w->has_l4,
		.l4 = w->l4,
		.tcp_flags = w->tcp_flags,
		.sport = w->sport,
		.dport = w->dport,
		.ip_id = is_echo(w) ? 0 : w->ip_id,
		.frag_off = w->frag_off,
		.l4_seq = w->l4_seq,
	};
}

static bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	return a->reverse == b->reverse && a->has_l4 == b->has_l4 && a->l4 == b->l4 && a->tcp_flags == b->tcp_flags &&
	       a->sport == b->sport && a->dport == b->dport && a->ip_id == b->ip_id && a->frag_off == b->frag_off &&
	       a->l4_seq == b->l4_seq;
}

static uint64_t key_hash(const struct flow_key *k)
{
	uint64_t h = ((uint64_t)k->sport << 48) ^ ((uint64_t)k->dport << 32) ^ k->l4_seq;

	h ^= ((uint64_t)k->ip_id << 8) ^ ((uint64_t)k->frag_off << 40) ^ ((uint64_t)k->tcp_flags << 24) ^ k->reverse;
	h *= 0x9e3779b97f4a7c15ull; /* Fibonacci hashing */
	return h ^ (h >> 29);
}

/* The slot that holds the key, or the free one where it belongs. There is always a free one. */
static size_t index_slot(const struct flow *f, const struct flow_key *key)
{
	size_t at = key_hash(key) & (f->index_cap - 1);

	while (f->index[at] && !same_key(&f->index_keys[at], key))
		at = (at + 1) & (f->index_cap - 1);
	return at;
}

static int index_grow(struct flow *f)
{
	struct flow old = *f;
	size_t cap = f->index_cap ? f->index_cap * 2 : 64;

	f->index = calloc(cap, sizeof(*f->index));
	f->index_keys = calloc(cap, sizeof(*f->index_keys));
	if (!f->index || !f->index_keys) {
		free(f->index);
		free(f->index_keys);
		f->index = old.index;
		f->index_keys = old.index_keys;
		return -ENOMEM;
	}
	f->index_cap = cap;
	for (size_t i = 0; i < old.index_cap; i++) {
		size_t at;

		if (!old.index[i])
			continue;
		at = index_slot(f, &old.index_keys[i]);
		f->index[at] = old.index[i];
		f->index_keys[at] = old.index_keys[i];
	}
	free(old.index);
	free(old.index_keys);
	return 0;
}

static int index_add(struct flow *f, const struct flow_key *key, size_t packet)
{
	size_t at;

	if ((f->index_used + 1) * 2 > f->index_cap && index_grow(f) < 0)
		return -ENOMEM;
	at = index_slot(f, key);
	f->index[at] = packet + 1;
	f->index_keys[at] = *key;
	f->index_used++;
	return 0;
}

static struct flow_packet *index_find(const struct flow *f, const struct flow_key *key)
{
	size_t at;

	if (!f->index_cap)
		return NULL;
	at = index_slot(f, key);
	return f->index[at] ? &f->packets[f->index[at] - 1] : NULL;
}

static bool leaves_pod(const struct flow *f, const struct witness *w)
{
	const struct iface *i = &f->setup.points[leg_point(w->reverse ? LEG_REPLY : LEG_REQUEST, 0)];

	return w->hook == ST_HOOK_XMIT && w->netns == i->netns && w->ifindex == i->ifindex;
}

/* An unfinished packet of the same echo sequence, last seen in the witness's skb. One that has left its pod does not
 * leave it again: then the address was reused. */
static struct flow_packet *find_by_skb(struct flow *f, const struct witness *w)
{
	size_t from = f->n_packets > ALIAS_SEARCH_PACKETS ? f->n_packets - ALIAS_SEARCH_PACKETS : 0;

	for (size_t i = f->n_packets; is_echo(w) && i > from; i--) {
		struct flow_packet *p = &f->packets[i - 1];

		if (!w->skb || p->key.reverse != w->reverse || p->skb != w->skb || p->key.dport != w->dport ||
		    flow_packet_arrived(p) || p->dropped)
			continue;
		if (!p->seen || !leaves_pod(f, w))
			return p;
		p->skb = 0; /* also for what the other packet does next */
		return NULL;
	}
	return NULL;
}

bool flow_has_no_beginning(const struct flow *f, const struct witness *w)
{
	enum point start = leg_point(w->reverse ? LEG_REPLY : LEG_REQUEST, 0);

	return w->netns && w->netns != f->setup.points[start].netns;
}

static int add_packet(struct flow *f, const struct flow_key *key, const struct witness *w, struct flow_packet **ret)
{
	if (f->n_packets == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 32;
		struct flow_packet *p = reallocarray(f->packets, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		f->packets = p;
		f->cap = cap;
	}
	if (index_add(f, key, f->n_packets) < 0)
		return -ENOMEM;
	f->packets[f->n_packets] = (struct flow_packet){
		.key = *key,
		.early = f->setup.armed_ns && flow_has_no_beginning(f, w) &&
			 w->ts_ns < f->setup.armed_ns + FLOW_EARLY_NS,
	};
	*ret = &f->packets[f->n_packets++];
	return 0;
}

/* With pings of our own only they count; a later fragment has no id, and ours are never fragmented. */
static bool is_foreign(const struct flow *f, const struct witness *w)
{
	if (!f->setup.pings_sent)
		return false;
	return !w->has_l4 || (w->sport != f->setup.ping_id && !(f->has_alias && w->sport == f->alias_id));
}

/* Merged or cut on its way out of segments that were filed before the table was frozen: segments.c. */
static bool may_be_made_of_known(const struct flow *f, const struct witness *w)
{
	return w->has_l4 && w->l4 == IPPROTO_TCP && w->payload_bytes && flow_has_no_beginning(f, w);
}

/* *ret is NULL for a packet that is not to be filed. */
static int find_packet(struct flow *f, const struct witness *w, struct flow_packet **ret)
{
	struct flow_key key = key_of(w);
	int r;

	*ret = index_find(f, &key);
	if (*ret)
		return 0;
	*ret = find_by_skb(f, w);
	if (*ret) {
		f->has_alias = true;
		f->alias_id = w->sport;
		return index_add(f, &key, *ret - f->packets);
	}
	if (is_foreign(f, w)) {
		f->foreign++;
		return 0;
	}
	if (f->frozen && !may_be_made_of_known(f, w))
		return 0;
	if (f->n_packets == FLOW_MAX_PACKETS) {
		f->overflow += !f->frozen;
		return 0;
	}
	r = add_packet(f, &key, w, ret);
	if (r >= 0)
		(*ret)->late = f->frozen;
	return r;
}

int flow_add(struct flow *f, const struct witness *w)
{
	struct flow_packet *p;
	int r = find_packet(f, w, &p);

	if (r < 0)
		return r;
	if (p)
		flow_note(f, p, w);
	return 0;
}

int flow_number(struct flow *f, const struct witness *w, uint64_t *ret)
{
	struct flow_packet *p;
	int r = find_packet(f, w, &p);

	if (r >= 0)
		*ret = p ? (uint64_t)(p - f->packets) + 1 : 0;
	return r;
}

uint64_t flow_arrived(const struct flow *f, enum leg leg)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n_packets; i++) {
		const struct flow_packet *p = &f->packets[i];

		n += !p->early && p->key.reverse == (leg == LEG_REPLY) && flow_packet_arrived(p);
	}
	return n;
}

bool flow_data_arrived(const struct flow *f)
{
	for (size_t i = 0; i < f->n_packets; i++) {
		const struct flow_packet *p = &f->packets[i];

		if (!p->early && p->has_data && flow_packet_arrived(p))
			return true;
	}
	return false;
}

uint64_t flow_under_way(const struct flow *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->n_packets; i++) {
		const struct flow_packet *p = &f->packets[i];

		n += flow_packet_counts(p) && !p->early && !flow_packet_arrived(p) && !p->dropped;
	}
	return n;
}
