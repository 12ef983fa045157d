/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the packets of an evidence table: by their headers, by the skb that they are in, by the datagram of a fragment.
 */
#pragma once

#include "check/packet_evidence.h"

#define PACKET_INDEX_NOBODY UINT32_MAX /* a value: known not to be a packet of the table */

struct packet_index {
	uint32_t *values;	 /* owned; open addressing; packet number + 1, or NOBODY; 0: free */
	struct packet_key *keys; /* owned; the key of each slot */
	size_t cap, used;
};

void packet_index_free(struct packet_index *index);
/* The value of the key; 0: none. */
uint32_t packet_index_get(const struct packet_index *index, const struct packet_key *key);
/* Sets it: packet number + 1, or PACKET_INDEX_NOBODY. 0 or -ENOMEM. */
int packet_index_set(struct packet_index *index, const struct packet_key *key, uint32_t value);

/* What no hop on the node changes. */
struct packet_key packet_key_of(const struct hook_event *ev);
/* Keys that no packet has: for the packet that is in an skb, and for the first fragment of a datagram. */
struct packet_key packet_key_of_skb(uint64_t skb);
struct packet_key packet_key_of_datagram(bool reverse, uint16_t ip_id, uint32_t fragment_id);
