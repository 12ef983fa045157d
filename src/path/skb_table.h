/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The skbs that are alive or dying, each with the packet that it is. The table is bounded: all memory is allocated at
 * the start, and when a new skb needs room, the one that was idle longest is forgotten, and counted. Every operation is
 * O(1): two hash tables, and lists in order of use. Few packets live at a time, so entries that were never used, and
 * have no memory yet, are taken only when no skb has been dead for long.
 */
#pragma once

#include "path/death.h"

struct skb_link {
	struct skb_link *prev, *next;
};

/* One living skb, or a dying one. What packet_number.c keeps of it is zero at first. */
struct skb_binding {
	struct skb_link lru;		 /* in skb_table.lru, .dying or .unused */
	struct skb_link by_skb, by_head; /* in a bucket; by_head is in none while dying, and if head is 0 */
	uint64_t skb, head;
	uint64_t died_ns;     /* CLOCK_MONOTONIC, of the last step; valid while dying */
	enum death_step step; /* DEATH_NONE: alive */

	uint64_t pkt;
	struct tuple tuple; /* the last tuple with addresses */
	uint32_t origin;    /* as in struct st_event; 0: unknown */
	bool exchanges;	    /* it was last seen where the kernel gives an skb another head */
	uint64_t made_in;   /* address of the function that it was first seen in, unfinished; 0: finished */
};

struct skb_table {
	struct skb_link lru;   /* the most recently used first */
	struct skb_link dying; /* the oldest first */
	struct skb_link unused;
	struct skb_link *by_skb, *by_head; /* owned; buckets */
	struct skb_binding *bindings;	   /* owned; those from n_used on were never used, and have no memory yet */
	size_t n_used, n, n_dying;
	size_t bucket_mask;
	uint64_t evicted; /* living skbs that were forgotten */
};

/* Allocates all memory, for n skbs. 0, -EINVAL (n is 0 or above UINT32_MAX) or -ENOMEM; then there is nothing to clear.
 * The table must stay where it is: its lists point to it. */
int skb_table_init(struct skb_table *t, size_t n);
void skb_table_clear(struct skb_table *t);

/* NULL: none. */
struct skb_binding *skb_table_find(const struct skb_table *t, uint64_t skb);
/* The living skb that was bound to this head last; NULL: none. */
struct skb_binding *skb_table_find_head(const struct skb_table *t, uint64_t head);

/* Adds a living skb, which must not be in the table. head 0: unknown. Never NULL; may forget another one. */
struct skb_binding *skb_table_add(struct skb_table *t, uint64_t skb, uint64_t head, uint64_t now_ns);
void skb_table_remove(struct skb_table *t, struct skb_binding *b);
void skb_table_set_head(struct skb_table *t, struct skb_binding *b, uint64_t head);
/* It was seen alive. */
void skb_table_use(struct skb_table *t, struct skb_binding *b);
/* It was seen at this step of dying: it no longer holds its head. */
void skb_table_die(struct skb_table *t, struct skb_binding *b, enum death_step step, uint64_t now_ns);
