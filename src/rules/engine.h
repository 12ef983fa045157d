/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules held against steps. Pure: steps in, result out; time is what the caller says.
 *
 * Theory of operation. A packet enters a scope with the first step that fits the scope's addresses and stays in it,
 * also when a NAT rewrites it later. Per packet (or once for a flow) the engine keeps how far its expects have come,
 * what was counted, what was captured and which forbids were broken. A packet that was silent for ENGINE_IDLE_NS is
 * done: its state is summed up and given back.
 *
 * Some packets are left out, because nothing that is missing of them means anything:
 *   - those first seen before armed_ns, while probes were still being armed, and those that lack the first expect and
 *     were first seen within ENGINE_EARLY_NS after it: they may have been under way then;
 *   - those still under way at the end.
 * Even so, what they were positively seen to do against a rule counts.
 *
 * Once every scope has a packet that went all its expected way (or failed to), further packets are not taken in, so
 * that a check ends amid traffic: engine_done().
 *
 * What leans on absence (a forbid kept, an expect missed or late, a count that more steps would change) is believed
 * only if no event was lost and the kernel could have told. What leans on presence is believed anyway, see judge.c.
 */
#pragma once

#include "event/ledger.h"
#include "rules/model.h"
#include "rules/step.h"
#include "rules/verdict.h"

#define ENGINE_IDLE_NS	    1000000000ull
#define ENGINE_EARLY_NS	    100000000ull
#define ENGINE_UNDER_WAY_NS 200000000ull /* a packet seen within this before the end may not be through */
#define ENGINE_PACKETS_DEFAULT                                                                                         \
	16384u /* at a time; some 150 bytes each, and 5 per rule, 32 per capture of the largest                        \
		* scope; the memory is taken when first used */

struct engine_opts {
	uint32_t host_netns;	 /* inode of what `netns host` means; 0: unknown */
	uint64_t armed_ns;	 /* CLOCK_MONOTONIC; 0: the steps are complete from the first on */
	size_t max_packets;	 /* at a time; 0: the default */
	uint64_t enough_packets; /* per scope, see engine_done(); 0: 1 */
};

/* A step as reports show it. */
struct sighting {
	uint64_t ts_ns, pkt;
	const char *func, *drop_reason; /* borrowed as in struct step; NULL unknown or none */
	bool has_netns, has_dev, dropped;
	bool in_host; /* what `netns host` means */
	uint32_t netns, ifindex;
	char netns_name[32], ifname[16]; /* cut off; empty: none */
};

/* Not judged also where it leans on an absence that is not proven. */
enum rule_state { RULE_SATISFIED, RULE_VIOLATED, RULE_NOT_JUDGED };

struct rule_result {
	enum rule_state state;
	uint64_t satisfied, violated, not_judged; /* packets; a flow counts as one */
	bool has_step;
	struct sighting step; /* what decided it first: the violation, or the match; for an expect that was missed the
			       * last step of that packet */
	uint64_t count;	      /* count: of the packet that decided it */
};

struct scope_result {
	uint64_t packets;	   /* judged; of a flow: all of its packets */
	uint64_t early, under_way; /* left out */
};

/* Stable codes; skbtrail-rules(5) says what to do about each. */
enum path_reason {
	PATH_FORBIDDEN_STEP,
	PATH_STEP_MISSING,
	PATH_STEP_LATE,
	PATH_COUNT_MISMATCH,
	PATH_NO_TRAFFIC,
	PATH_NOT_JUDGED,
	PATH_PROBE_NOT_ARMED,
	PATH_EVENTS_LOST,
	PATH_TOO_MANY_PACKETS,
	PATH_INTERRUPTED,
	PATH_REASON_MAX,
};

struct path_reason_text {
	enum path_reason code;
	char text[512];
};

struct rules_result {
	const struct rules *rules; /* borrowed */
	enum verdict verdict;
	struct path_reason_text reasons[32];
	size_t n_reasons;
	struct rule_result *results; /* owned; as many as rules */
	struct scope_result *scopes; /* owned; as many as scopes */
	struct ledger ledger;
};

/* What happened around the steps. */
struct engine_account {
	struct ledger ledger;
	uint64_t end_ns;    /* when the last step could have come; CLOCK_MONOTONIC */
	uint64_t forgotten; /* packets whose identity was lost: ident_evicted() */
	/* Whether the packet's end was seen: then it is not under way at the end, however near that is. NULL: unknown.
	 */
	bool (*ended)(const void *ctx, uint64_t pkt);
	const void *ctx;
	bool interrupted;
};

struct engine;

/* The rules are borrowed. -ENOMEM; *ret is left alone on failure. */
int engine_new(const struct rules *rules, const struct engine_opts *opts, struct engine **ret);
void engine_free(struct engine *e);
DEFINE_CLEANUP(struct engine *, engine_free)

/* A function that was to be probed: armed, or refused. The name is borrowed for as long as the engine lives. */
void engine_func(struct engine *e, const char *func, bool armed);
/* One step, in the order of time within its packet. */
void engine_step(struct engine *e, const struct step *s);
/* All steps before now_ns have been handed in. */
void engine_tick(struct engine *e, uint64_t now_ns);
/* Whether every scope has what it needs: then no further packet is taken in. */
bool engine_has_enough(const struct engine *e);
/* Whether waiting longer cannot add to the verdict. */
bool engine_done(const struct engine *e);
/* Sums up. 0 or -ENOMEM; *ret is left alone on failure, else for rules_result_clear(). Call it once. */
int engine_finish(struct engine *e, const struct engine_account *account, struct rules_result *ret);
void rules_result_clear(struct rules_result *r);

#define SIGHTING_TEXT_SIZE 256
/* "ip_rcv on eth0 (ifindex 2) in pod2", cut off to fit; raw bytes of names. */
void sighting_text(const struct sighting *s, char ret[static SIGHTING_TEXT_SIZE]);
const char *path_reason_name(enum path_reason code); /* "forbidden-step" */
/* What it means and what to do about it: sentences. NULL for those that check same-node has under the same name. */
const char *path_reason_advice(enum path_reason code);
/* Whether it makes a verdict FAIL where it is proven; else it makes it INCONCLUSIVE. */
bool path_reason_fails(enum path_reason code);
const char *rule_state_name(enum rule_state state);  /* "satisfied" */
