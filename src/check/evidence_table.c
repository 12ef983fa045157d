/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A packet is known by what its headers say (packet_key_of()), and by the skb that it is in. The
 * headers alone are not enough: datagrams over IPv6, pure ACKs, retransmissions and somebody else's echoes may have the
 * same. The skb's address alone is not enough either, because addresses are reused. So:
 *   - A packet begins when it is transmitted on its pod's device. If that happens again with the same headers, another
 *     packet begins (a retransmission is one). Before that, netfilter's hooks in the pod may have seen it.
 *   - What follows belongs to the packet if it has the same headers and is in the same skb.
 *   - A device may hand a packet on in a new skb. That is believed only of a packet that was just transmitted, is
 *     received next, and is the only one of these headers that is under way.
 *   - The same headers in any other skb are a copy, made on the way (by a tap, a packet socket, a clone). It never is
 *     evidence of what carried the packet, but on the veth to be skipped it counts as a crossing.
 * Real flows make more difficulties:
 *   - Packets are under way when the programs are attached, and when the check ends. Those without a beginning right
 *     after attaching are left out (EVIDENCE_TABLE_EARLY_NS). A frozen table only follows the packets that it knows,
 *     and larger or smaller ones that these are merged into or cut to.
 *   - A NAT rewrites the echo id on the way. If a hook event has an unknown id, and its skb is the one in which an
 *     unfinished packet with the same sequence number is, then it is that packet, and the new id becomes an alias. A
 *     packet that begins is never one that has left its pod, and nothing is rewritten between two ends of a veth.
 *   - Only a first fragment shows ports. The programs record those of other ports, too, so that a later fragment can be
 *     told to belong to one of these.
 * What netfilter's hooks see in the sender's pod is not what the pod sends: segmentation and fragmentation come later.
 * So such a hook event does file a packet, for the sake of NAT, but the packet counts only once another hook has seen
 * it.
 *
 * The records of one packet come in the order in which they were made: all hooks write to one ring, and a packet is at
 * one place at a time.
 */
#include "check/evidence_table.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

void evidence_table_init(struct evidence_table *table, const struct check_setup *setup)
{
	*table = (struct evidence_table){.setup = *setup};
}

void evidence_table_free(struct evidence_table *table)
{
	free(table->packets);
	packet_index_free(&table->index);
	*table = (struct evidence_table){.setup = table->setup};
}

static bool is_echo(const struct hook_event *ev)
{
	return ev->has_l4 && (ev->l4 == IPPROTO_ICMP || ev->l4 == IPPROTO_ICMPV6);
}

/* The newest packet with that key. */
static struct packet_evidence *find_newest(const struct evidence_table *table, const struct packet_key *key)
{
	uint32_t value = packet_index_get(&table->index, key);

	return value && value != PACKET_INDEX_NOBODY ? &table->packets[value - 1] : NULL;
}

/* The packet that is in the hook event's skb as far as is known. */
static struct packet_evidence *find_in_skb(const struct evidence_table *table, const struct hook_event *ev)
{
	struct packet_key key = packet_key_of_skb(ev->skb);
	struct packet_evidence *p = find_newest(table, &key);

	return p && p->skb == ev->skb ? p : NULL;
}

/* Whether a packet may begin here: it leaves its pod, or netfilter sees it before, mostly without a device yet. */
static bool begins(const struct evidence_table *table, const struct packet_evidence *p, const struct hook_event *ev)
{
	return packet_evidence_leaves(p, ev, &table->setup) ||
	       (ev->hook == ST_HOOK_NETFILTER && !packet_evidence_outside_sender(ev, &table->setup));
}

/* Whether the hook event can be p's next one, p being in the same skb, or known to have been. */
static bool may_continue(const struct evidence_table *table, const struct packet_evidence *p,
			 const struct hook_event *ev)
{
	return !p->dropped && !p->dropped_late && !(p->met && begins(table, p, ev));
}

/* Whether another packet begins than p, which has the same headers. Where the setup names no pods, the device on which
 * the first of them was transmitted stands for the pod's. */
static bool begins_another(const struct evidence_table *table, const struct packet_evidence *p,
			   const struct hook_event *ev)
{
	return begins(table, p, ev) || (ev->hook == ST_HOOK_XMIT && !p->first_ifindex &&
					!table->setup.points[direction_point(packet_evidence_direction(p), 0)].ifindex);
}

/* Whether a NAT gave p the hook event's echo id. */
static bool was_renamed(const struct packet_evidence *p, const struct hook_event *ev)
{
	return is_echo(ev) && ev->hook != ST_HOOK_RECEIVE && p->key.has_l4 && p->key.l4 == ev->l4 &&
	       p->key.reverse == ev->reverse && p->key.dport == ev->dport && !packet_evidence_arrived(p);
}

/* Whether p, transmitted a moment ago, is received in a new skb: see the top of this file. */
static bool is_handed_on(const struct packet_evidence *p, const struct hook_event *ev)
{
	return ev->hook == ST_HOOK_RECEIVE && (p->last_hook == ST_HOOK_XMIT || p->last_hook == ST_HOOK_VETH) &&
	       !p->copy && !p->has_older && !p->dropped;
}

static int add_packet(struct evidence_table *table, const struct packet_key *key, const struct hook_event *ev,
		      bool copy, struct packet_evidence **ret)
{
	const struct packet_evidence *newest = find_newest(table, key);
	bool has_older = newest, is_of_known = copy && newest && newest->left;

	/* a copy does not take the place of the packet that left the pod */
	if (ARRAY_GROW(table->packets, table->n_packets) < 0 ||
	    (!copy && packet_index_set(&table->index, key, table->n_packets + 1) < 0))
		return -ENOMEM;
	table->packets[table->n_packets] = (struct packet_evidence){
		.key = *key,
		.copy = copy,
		.has_older = has_older,
		/* a copy of a packet that began since is not from before */
		.early = table->setup.attached_ns && !is_of_known &&
			 packet_evidence_outside_sender(ev, &table->setup) &&
			 ev->ts_ns < table->setup.attached_ns + EVIDENCE_TABLE_EARLY_NS,
	};
	*ret = &table->packets[table->n_packets++];
	return 0;
}

/* When the check sends pings, only these count. A later fragment has no id, but our pings are never fragmented. */
static bool is_foreign(const struct evidence_table *table, const struct hook_event *ev)
{
	if (!table->setup.pings_sent)
		return false;
	return !ev->has_l4 ||
	       (ev->sport != table->setup.ping_id && !(table->has_alias && ev->sport == table->alias_id));
}

/* Whether the packet may be made of segments that were filed before the table was frozen: see segments.c. */
static bool may_be_made_of_known(const struct evidence_table *table, const struct hook_event *ev)
{
	return ev->has_l4 && ev->l4 == IPPROTO_TCP && ev->payload_bytes &&
	       packet_evidence_outside_sender(ev, &table->setup);
}

/* Files a packet that is not known yet, unless it is not to be filed: then *ret is NULL. */
static int file_packet(struct evidence_table *table, const struct packet_key *key, const struct hook_event *ev,
		       bool copy, struct packet_evidence **ret)
{
	int r;

	*ret = NULL;
	if (is_foreign(table, ev)) {
		table->foreign++;
		return 0;
	}
	if (table->frozen && !copy && !may_be_made_of_known(table, ev)) {
		struct packet_key in_skb = packet_key_of_skb(ev->skb);

		/* what follows in this skb is no copy of a packet that was filed before */
		return ev->skb && find_newest(table, key)
			       ? packet_index_set(&table->index, &in_skb, PACKET_INDEX_NOBODY)
			       : 0;
	}
	if (table->n_packets == EVIDENCE_TABLE_MAX_PACKETS) {
		table->overflow += !table->frozen;
		return 0;
	}
	r = add_packet(table, key, ev, copy, ret);
	if (r >= 0)
		(*ret)->late = table->frozen && !copy;
	return r;
}

static int find_packet_in_skb(struct evidence_table *table, const struct packet_key *key, const struct hook_event *ev,
			      struct packet_evidence **ret)
{
	struct packet_evidence *newest = find_newest(table, key), *p = find_in_skb(table, ev);
	struct packet_key in_skb = packet_key_of_skb(ev->skb);
	bool copy = false, another;

	*ret = p;
	if (p && may_continue(table, p, ev)) {
		if (memcmp(&p->key, key, sizeof(*key)) == 0)
			return 0;
		if (!newest && was_renamed(p, ev)) {
			table->has_alias = true;
			table->alias_id = ev->sport;
			return packet_index_set(&table->index, key, p - table->packets + 1);
		}
		/* by its second name */
		if (newest == p)
			return 0;
	}
	if (p)
		p->skb = 0; /* somebody else is in it now */
	*ret = NULL;
	another = newest && begins_another(table, newest, ev);
	if (newest && !another) {
		copy = !is_handed_on(newest, ev);
		if (packet_index_get(&table->index, &in_skb) == PACKET_INDEX_NOBODY)
			return 0;
	}
	if (newest && !copy && !(newest->met && another)) {
		*ret = newest;
		return 0;
	}
	return file_packet(table, key, ev, copy, ret);
}

/* Notes the datagram of a first fragment. */
static int note_fragment(struct evidence_table *table, const struct hook_event *ev, bool ours)
{
	struct packet_key key = packet_key_of_datagram(ev->reverse, ev->ip_id, ev->fragment_id);

	if (!ev->is_fragment || !ev->has_l4)
		return 0;
	/* as many as packets: what has no room is not known, and said to be so */
	if (!ours && table->other_datagrams == EVIDENCE_TABLE_MAX_PACKETS)
		return 0;
	table->other_datagrams += !ours;
	return packet_index_set(&table->index, &key, ours ? 1 : PACKET_INDEX_NOBODY);
}

/* Whether what could not be read to the end may be a packet of the check's, or a copy of one. Our pings have no header
 * between that of IP and that of the echo; of a copy even the IP header may be out of reach, then l4 is 0. */
static bool may_be_ours(const struct evidence_table *table, const struct hook_event *ev)
{
	return !table->setup.pings_sent || !ev->l4 || ev->l4 == table->setup.l4;
}

/* *ret is NULL if the packet is not to be filed. */
static int find_packet(struct evidence_table *table, const struct hook_event *ev, struct packet_evidence **ret)
{
	struct packet_key key = packet_key_of(ev);
	int r;

	*ret = NULL;
	if (ev->unparsed) {
		table->unparsed += may_be_ours(table, ev);
		return 0;
	}
	r = note_fragment(table, ev, !ev->other_port);
	if (r < 0 || ev->other_port)
		return r;
	if (ev->skb)
		return find_packet_in_skb(table, &key, ev, ret);
	*ret = find_newest(table, &key); /* captures show no skb, but number packets with the same headers */
	return *ret ? 0 : file_packet(table, &key, ev, false, ret);
}

int evidence_table_number(struct evidence_table *table, const struct hook_event *ev, uint64_t *ret, bool *ret_copy)
{
	struct packet_key in_skb = packet_key_of_skb(ev->skb);
	struct packet_evidence *p;
	int r = find_packet(table, ev, &p);

	if (r < 0)
		return r;
	if (p) {
		packet_evidence_note(p, ev, &table->setup, &table->directions[packet_evidence_direction(p)]);
		r = ev->skb ? packet_index_set(&table->index, &in_skb, p - table->packets + 1) : 0;
	}
	*ret = p ? (uint64_t)(p - table->packets) + 1 : 0;
	*ret_copy = p && p->copy;
	return r;
}

int evidence_table_add(struct evidence_table *table, const struct hook_event *ev)
{
	uint64_t number;
	bool copy;

	return evidence_table_number(table, ev, &number, &copy);
}

/* What is known of the fragment's datagram: 0, PACKET_INDEX_NOBODY (another port's) or 1. */
static uint32_t datagram_of(const struct evidence_table *table, const struct packet_evidence *p)
{
	struct packet_key key = packet_key_of_datagram(p->key.reverse, p->key.ip_id, p->key.l4_seq);

	return table->setup.has_port && !p->key.has_l4 ? packet_index_get(&table->index, &key) : 1;
}

bool evidence_table_is_stray_fragment(const struct evidence_table *table, const struct packet_evidence *p)
{
	return packet_evidence_counts(p) && !datagram_of(table, p);
}

bool evidence_table_counts(const struct evidence_table *table, const struct packet_evidence *p)
{
	return packet_evidence_counts(p) && datagram_of(table, p) == 1;
}

uint64_t evidence_table_arrived(const struct evidence_table *table, enum direction dir)
{
	uint64_t n = 0;

	for (size_t i = 0; i < table->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		n += !p->early && !p->copy && p->key.reverse == (dir == DIRECTION_REPLY) && packet_evidence_arrived(p);
	}
	return n;
}

bool evidence_table_data_arrived(const struct evidence_table *table)
{
	for (size_t i = 0; i < table->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		if (!p->early && !p->copy && p->has_data && packet_evidence_arrived(p))
			return true;
	}
	return false;
}

uint64_t evidence_table_under_way(const struct evidence_table *table)
{
	uint64_t n = 0;

	for (size_t i = 0; i < table->n_packets; i++) {
		const struct packet_evidence *p = &table->packets[i];

		n += evidence_table_counts(table, p) && !p->early && !p->copy && !packet_evidence_arrived(p) &&
		     !p->dropped;
	}
	return n;
}
