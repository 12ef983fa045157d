/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/packet_index.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void packet_index_free(struct packet_index *index)
{
	free(index->values);
	free(index->keys);
	*index = (struct packet_index){0};
}

/* Echoes are told apart by id and sequence number, TCP also by its sequence number, others by ports. The IPv4
 * identification tells retransmissions apart, and it or the id of IPv6's fragment header the fragments. It is not used
 * for echoes, because the kernel may build a reply from the request and set the identification on the way. */
struct packet_key packet_key_of(const struct hook_event *ev)
{
	bool echo = ev->has_l4 && (ev->l4 == IPPROTO_ICMP || ev->l4 == IPPROTO_ICMPV6);

	return (struct packet_key){
		.reverse = ev->reverse,
		.has_l4 = ev->has_l4,
		.l4 = ev->l4,
		.tcp_flags = ev->tcp_flags,
		.sport = ev->sport,
		.dport = ev->dport,
		.ip_id = echo ? 0 : ev->ip_id,
		.frag_off = ev->frag_off,
		.l4_seq = ev->has_l4 ? ev->l4_seq : ev->fragment_id,
		.nth = ev->nth,
	};
}

/* Keys of other things in the same index, which no packet has: no flow has these protocols. */
#define L4_SKB	    254
#define L4_FRAGMENT 255

struct packet_key packet_key_of_skb(uint64_t skb)
{
	return (struct packet_key){.l4 = L4_SKB, .sport = skb >> 48, .dport = skb >> 32, .l4_seq = (uint32_t)skb};
}

struct packet_key packet_key_of_datagram(bool reverse, uint16_t ip_id, uint32_t fragment_id)
{
	return (struct packet_key){.l4 = L4_FRAGMENT, .reverse = reverse, .ip_id = ip_id, .l4_seq = fragment_id};
}

/* The slot that holds the key, or the free one where it belongs. At least half of the slots are free. */
static size_t find_slot(const struct packet_index *index, const struct packet_key *key)
{
	size_t at = hash_bytes(key, sizeof(*key)) & (index->cap - 1);

	while (index->values[at] && memcmp(&index->keys[at], key, sizeof(*key)) != 0)
		at = (at + 1) & (index->cap - 1);
	return at;
}

static int grow(struct packet_index *index)
{
	struct packet_index old = *index, grown = {.cap = old.cap ? old.cap * 2 : 64, .used = old.used};

	grown.values = calloc(grown.cap, sizeof(*grown.values));
	grown.keys = calloc(grown.cap, sizeof(*grown.keys));
	if (!grown.values || !grown.keys) {
		packet_index_free(&grown);
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.cap; i++) {
		size_t at;

		if (!old.values[i])
			continue;
		at = find_slot(&grown, &old.keys[i]);
		grown.values[at] = old.values[i];
		grown.keys[at] = old.keys[i];
	}
	packet_index_free(&old);
	*index = grown;
	return 0;
}

int packet_index_set(struct packet_index *index, const struct packet_key *key, uint32_t value)
{
	size_t at;

	if ((index->used + 1) * 2 > index->cap && grow(index) < 0)
		return -ENOMEM;
	at = find_slot(index, key);
	index->used += !index->values[at];
	index->values[at] = value;
	index->keys[at] = *key;
	return 0;
}

uint32_t packet_index_get(const struct packet_index *index, const struct packet_key *key)
{
	return index->cap ? index->values[find_slot(index, key)] : 0;
}
