/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's insides. Private to this room. */
#pragma once

#include "rules/engine.h"
#include "rules/match.h"

#define NO_ENTRY UINT32_MAX

/* struct track.flags, per rule */
#define TRACK_BROKEN  (1u << 0) /* forbid: a forbidden step was seen */
#define TRACK_UNKNOWN (1u << 1) /* a step may have been the rule's, what was seen does not tell */

/* How one packet, or one flow, stands with the rules of its scope. Arrays are by the scope's rules and captures. */
struct track {
	uint64_t first_ns, expect_ns; /* first step; the last expect's match, or the first step */
	uint64_t n_steps;
	size_t expect; /* the expect waited for; the scope's n_rules: none is left */
	bool late;     /* that expect came, but too late */
	struct sighting last;
	uint8_t *flags;
	uint32_t *counts; /* saturating */
	struct capture *captures;
};

/* A packet in a scope. For a flow only its membership counts; its track is not used. */
struct entry {
	uint64_t pkt, last_ns;
	uint32_t scope;
	uint32_t hash_next, lru_prev, lru_next; /* entry numbers or NO_ENTRY; a free entry uses lru_next */
	bool reverse;
	bool candidate; /* has come the whole expected way: counted in its scope */
	struct track track;
};

/* All packets in memory, found by number and scope, and in order of use. */
struct table {
	struct entry *entries; /* owned */
	uint32_t *buckets;     /* owned */
	uint8_t *flags;	       /* owned: of all tracks, like the next two */
	uint32_t *counts;
	struct capture *captures;
	size_t max_rules, max_captures;
	uint32_t n_buckets, n_entries, used; /* entries from `used` on were never used */
	uint32_t free, newest, oldest;	     /* entry numbers or NO_ENTRY */
	uint32_t live;
};

int table_init(struct table *t, uint32_t max_entries, size_t max_rules, size_t max_captures);
void table_free(struct table *t);
struct entry *table_find(const struct table *t, uint32_t scope, uint64_t pkt);
/* A zeroed entry; NULL: the table is full. */
struct entry *table_add(struct table *t, uint32_t scope, uint64_t pkt);
void table_touch(struct table *t, struct entry *e);
struct entry *table_oldest(const struct table *t);
void table_remove(struct table *t, struct entry *e);

/* What packets came to under one rule. "Certain": more steps would not change it. */
struct tally {
	uint64_t satisfied, satisfied_certain, violated, violated_certain, not_judged;
	bool has_match, has_violation, late;
	struct sighting match, violation; /* the first each */
	uint64_t count;
	uint32_t armed_alternatives; /* bits of the function pattern's alternatives */
	const char *refused;	     /* a function it matches that could not be armed; NULL: none */
};

struct scope_state {
	uint64_t packets, early, under_way;
	uint64_t candidates; /* packets that went, or go, the whole expected way, and those that were judged */
	struct track track;  /* of a flow */
};

struct engine {
	const struct rules *rules;
	struct engine_opts opts;
	struct table table;
	struct tally *tallies;	    /* owned, by rule */
	struct scope_state *scopes; /* owned, by scope */
	uint8_t *flow_flags;	    /* owned: of the flows' tracks, like the next two */
	uint32_t *flow_counts;
	struct capture *flow_captures;
	uint64_t overflow; /* steps of packets for which there was no room */
};

/* Starts a track whose arrays are zeroed. */
void track_start(struct track *t, const struct engine *e, const struct scope *s, const struct step *step);
/* One step: track.c. */
void track_step(struct engine *e, const struct scope *s, struct track *t, const struct step *step, bool reverse);
/* Whether all expects were met. */
bool track_is_through(const struct scope *s, const struct track *t);
/* Whether nothing that may still come can change what the track comes to. */
bool track_is_decided(const struct engine *e, const struct scope *s, const struct track *t);
/* Adds what the track came to to the tallies. partial: what is missing of it means nothing, so only what it was
 * positively seen to do against a rule is added. */
void track_fold(struct engine *e, const struct scope *s, const struct track *t, bool partial);

/* The verdict over the tallies: judge.c. */
void judge(const struct engine *e, const struct engine_account *account, struct rules_result *ret);
