/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine's state. Private to this room. */
#pragma once

#include "rules/engine.h"
#include "rules/match.h"

#define NO_PACKET UINT32_MAX

/* struct rule_progress.flags, for each rule */
#define PROGRESS_BROKEN	 (1u << 0) /* of a forbid: a forbidden step was seen */
#define PROGRESS_UNKNOWN (1u << 1) /* a step may have matched: it does not tell enough */
#define PROGRESS_SEEN	 (1u << 2) /* of a scope's last expect: its step was seen, whether it was waited for or not */

/* How far one packet, or one flow, has come with the rules of its scope. The arrays have one element for each rule, or
 * capture, of the scope. */
struct rule_progress {
	uint64_t first_ns,
		expect_ns; /* of the first step; of the step that met the last expect, or else of the first step */
	uint64_t n_steps;
	size_t expect; /* number of the rule that is waited for next; the scope's n_rules: none is left */
	bool late;     /* the expected step came too late */
	struct reported_step last;
	uint8_t *flags;
	uint32_t *counts; /* saturating */
	struct capture *captures;
};

/* A packet in a scope. Of a packet in a flow only first_ns of its progress is used. */
struct scope_packet {
	uint64_t pkt, last_ns;
	uint32_t scope;
	uint32_t hash_next, lru_prev, lru_next; /* numbers of entries, or NO_PACKET; a free entry uses lru_next */
	bool reverse;
	bool candidate; /* took all expected steps: counted in its scope's candidates */
	bool out;	/* a filter does not let it in: it is only remembered */
	struct rule_progress progress;
};

/* All packets in memory, found by number and scope, and ordered by last use. */
struct scope_packets {
	struct scope_packet *entries; /* owned */
	uint32_t *buckets;	      /* owned */
	uint8_t *flags;		      /* owned, as the next two: of all entries, which point into them */
	uint32_t *counts;
	struct capture *captures;
	size_t max_rules, max_captures;
	uint32_t n_buckets, n_entries, used; /* entries from number `used` on were never used */
	uint32_t free, newest, oldest;	     /* numbers of entries, or NO_PACKET */
	uint32_t live;
};

int scope_packets_init(struct scope_packets *t, uint32_t max_entries, size_t max_rules, size_t max_captures);
void scope_packets_free(struct scope_packets *t);
struct scope_packet *scope_packets_find(const struct scope_packets *t, uint32_t scope, uint64_t pkt);
/* Adds a zeroed entry; NULL: all are in use. */
struct scope_packet *scope_packets_add(struct scope_packets *t, uint32_t scope, uint64_t pkt);
void scope_packets_touch(struct scope_packets *t, struct scope_packet *e);
struct scope_packet *scope_packets_oldest(const struct scope_packets *t);
void scope_packets_remove(struct scope_packets *t, struct scope_packet *e);

/* The results of packets under one rule. Certain: further steps would not change it. */
struct rule_counters {
	uint64_t satisfied, satisfied_certain, violated, violated_certain, not_judged;
	bool has_match, has_violation, late;
	struct reported_step match, violation; /* the first of each */
	uint64_t count;
	uint32_t attached_alternatives; /* bits: which alternatives of the function pattern were attached */
	const char *left_out; /* why functions that the pattern may name were not attached; NULL: all were tried */
	const char *refused;  /* a function that the pattern matches and that could not be attached; NULL: none */
};

struct scope_state {
	uint64_t packets, early, under_way, vanished;
	uint64_t candidates;	       /* packets that took all expected steps, and packets that were judged */
	struct rule_progress progress; /* of a flow: the progress of all its packets together */
};

struct engine {
	const struct rules *rules;
	struct engine_opts opts;
	struct scope_packets packets;
	struct rule_counters *counters; /* owned; by rule */
	struct scope_state *scopes;	/* owned; by scope */
	uint8_t *flow_flags; /* owned, as the next two: of scopes of flows, whose progress points into them */
	uint32_t *flow_counts;
	struct capture *flow_captures;
	uint64_t overflow; /* steps of packets that there was no room for */
	uint64_t copies;   /* steps of copies that an expect asks for */
};

/* Starts a progress whose arrays are zeroed. */
void rule_progress_start(struct rule_progress *t, const struct engine *e, const struct scope *s,
			 const struct step *step);
/* Holds one step against the rules: rule_progress.c. */
void rule_progress_step(struct engine *e, const struct scope *s, struct rule_progress *t, const struct step *step,
			bool reverse);
/* Holds one step of a copy against the rules of the scope. */
void rule_progress_step_copy(struct engine *e, const struct scope *s, const struct step *step, bool reverse);
/* Whether no expect is waited for: all were met, or one came too late. */
bool rule_progress_is_through(const struct scope *s, const struct rule_progress *t);
/* Whether no further step can change the result. */
bool rule_progress_is_decided(const struct engine *e, const struct scope *s, const struct rule_progress *t);
/* What was seen of a packet or flow. */
enum rule_progress_part { PROGRESS_WHOLE, PROGRESS_NO_END, PROGRESS_NO_BEGINNING };

/* Adds the results to the counters. Of a part, steps that are missing prove nothing, so only what was seen to break a
 * rule is added. */
void rule_progress_count(struct engine *e, const struct scope *s, const struct rule_progress *t,
			 enum rule_progress_part part);

/* Gives the verdict from the counters: engine_judge.c. */
void engine_judge(const struct engine *e, const struct engine_account *account, struct rules_result *ret);
