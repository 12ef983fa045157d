/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges rules by steps. Pure: steps in, result out; the caller tells the time.
 *
 * Theory of operation. A packet enters a scope with its first step that matches the scope's addresses, and stays in it
 * even if a NAT rewrites it later. Filters beside the rules decide there, too: a packet is in or out as a whole,
 * whatever its headers say afterwards. For each packet (or once for a flow) the engine keeps which expect comes next,
 * what was counted, what was captured and which forbids were broken. A packet without a step for ENGINE_IDLE_NS is
 * done: it is added to the counters, and its memory is free for another one.
 *
 * Some packets are left out, because steps that they lack prove nothing:
 *   - packets first seen before attached_ns, while probes were still being attached, and packets first seen within
 *     ENGINE_EARLY_NS after it that lack the first expect: they may have been under way;
 *   - packets still under way at the end;
 *   - packets that vanished: their end was not seen, and what sees steps goes by headers, which may have changed. A
 *     scope with such a packet is not judged.
 * What such a packet was seen to do against a rule counts all the same.
 *
 * A copy that something makes on the way (struct step) is no packet of its own: nothing is expected of it, and it is
 * not counted. But what it does against a forbid breaks it, and if it takes a step that an expect asks for, it is not
 * known what the packet itself did: then nothing is concluded.
 *
 * When every scope has a packet that took all expected steps (or failed to), no further packets enter a scope, so that
 * a check ends even if traffic goes on: see engine_done().
 *
 * A finding that leans on absence (a forbid kept, an expect missed or late, a count that further steps would change)
 * is believed only if no event was lost and the kernel could have told. One that leans on presence is always believed:
 * see engine_judge.c.
 */
#pragma once

#include "event/lost_events.h"
#include "filter/event_match.h"
#include "rules/model.h"
#include "rules/step.h"
#include "rules/verdict.h"

#define ENGINE_IDLE_NS	    1000000000ull
#define ENGINE_EARLY_NS	    100000000ull
#define ENGINE_UNDER_WAY_NS 200000000ull /* a packet seen within this time before the end may still be under way */
/* Packets at a time. About 150 bytes each, 5 more for each rule and 32 for each capture of the largest scope; memory is
 * used only as packets come. */
#define ENGINE_PACKETS_DEFAULT 16384u

struct engine_opts {
	uint32_t host_netns;	 /* inode of the namespace that `netns host` means; 0: unknown */
	uint64_t attached_ns;	 /* CLOCK_MONOTONIC: all probes were attached; 0: all packets are complete */
	size_t max_packets;	 /* at a time; 0: ENGINE_PACKETS_DEFAULT */
	uint64_t enough_packets; /* of each scope, until engine_done(); 0: 1 */
	uint64_t wanted_packets; /* of each scope, for a PASS; 0: 1 */
	/* Filters of addresses, protocol and ports that a packet must pass beside its scope's; NULL: none. Borrowed. */
	const struct event_match *match;
	/* For steps that are known by a packet's headers: whether the packet was seen to end. One that was not may have
	 * got other headers, and then its further steps were not seen. NULL: packets are followed in any case. */
	bool (*ended)(const void *ctx, uint64_t pkt);
	const void *ctx;
};

/* A step as reports show it. */
struct reported_step {
	uint64_t ts_ns, pkt;
	const char *func, *drop_reason; /* borrowed, as in struct step; NULL: unknown, or none */
	bool has_netns, has_dev, dropped;
	bool in_host; /* in the namespace that `netns host` means */
	uint32_t netns, ifindex;
	char netns_name[32], ifname[16]; /* truncated; empty: unknown */
};

/* RULE_NOT_JUDGED also if the finding leans on an absence that is not proven. */
enum rule_state { RULE_SATISFIED, RULE_VIOLATED, RULE_NOT_JUDGED };

struct rule_result {
	enum rule_state state;
	uint64_t satisfied, violated, not_judged; /* packets; a flow counts as one */
	bool has_step;
	struct reported_step
		step;	/* the first violation, or else the first match; of a missed expect that packet's last step */
	uint64_t count; /* of a count rule: the count of the packet that decided */
};

struct scope_result {
	uint64_t packets;		     /* packets that were judged; of a flow: all its packets */
	uint64_t early, under_way, vanished; /* packets left out */
};

/* Stable codes; skbtrail-rules(5) says what to do about each. */
enum rules_reason_code {
	RULES_FORBIDDEN_STEP,
	RULES_STEP_MISSING,
	RULES_STEP_LATE,
	RULES_COUNT_MISMATCH,
	RULES_NO_TRAFFIC,
	RULES_NOT_JUDGED,
	RULES_PROBE_NOT_ARMED,
	RULES_EVENTS_LOST,
	RULES_NOT_RECORDED,
	RULES_TOO_MANY_PACKETS,
	RULES_INTERRUPTED,
	RULES_COMMAND_FAILED,
	RULES_REASON_MAX,
};

struct rules_reason {
	enum rules_reason_code code;
	char text[512];
};

struct rules_result {
	const struct rules *rules; /* borrowed */
	enum verdict verdict;
	struct rules_reason reasons[32];
	size_t n_reasons;
	struct rule_result *results; /* owned; one for each rule */
	struct scope_result *scopes; /* owned; one for each scope */
	struct lost_events ledger;
};

/* What the caller knows of the run beside the steps. */
struct engine_account {
	struct lost_events ledger;
	uint64_t end_ns;    /* CLOCK_MONOTONIC: no step came later */
	uint64_t unparsed;  /* steps of packets that may be of a scope: their headers could not be read to the end */
	uint64_t portless;  /* packets that may be of a scope which asks for ports, and never showed any */
	uint64_t forgotten; /* packets forgotten while they may have been alive: packet_number_evicted() */
	/* Whether the packet was seen to end; then it is not under way, however late that was. NULL: unknown. */
	bool (*ended)(const void *ctx, uint64_t pkt);
	const void *ctx;
	/* Why steps, or whole packets, may have gone unseen although none was lost, such as "made with --sample=10";
	 * NULL: they may not. Borrowed for the call. */
	const char *hidden, *hidden_packets;
	bool interrupted;
	const char *command_failed; /* as of struct check_run */
};

struct engine;

/* Whether a tuple that shows no ports, as that of a later fragment, fits a scope but for the ports that it asks for.
 * always: a filter beside the rules asks for ports of all scopes. */
bool rules_ask_for_ports_of(const struct rules *rules, const struct tuple *t, bool always);

/* The rules are borrowed. 0 or -ENOMEM; *ret is left alone on failure. */
int engine_new(const struct rules *rules, const struct engine_opts *opts, struct engine **ret);
void engine_free(struct engine *e);
DEFINE_CLEANUP(struct engine *, engine_free)

/* Tells of a function that was to be probed whether its probe was attached. The name is borrowed for as long as the
 * engine lives. */
void engine_func(struct engine *e, const char *func, bool attached);
/* Tells that functions were left out, so that a pattern with * or ? may name one that was. why: as
 * engine_account.hidden.
 */
void engine_funcs_left_out(struct engine *e, const char *why);
/* Judges one step. The steps of a packet must come in the order of time. */
void engine_step(struct engine *e, const struct step *s);
/* Says that no step before now_ns will come. */
void engine_tick(struct engine *e, uint64_t now_ns);
/* Whether every scope has enough packets for a verdict: then no further packet enters one. */
bool engine_has_enough(const struct engine *e);
/* Whether waiting longer cannot change the verdict. */
bool engine_done(const struct engine *e);
/* Adds up what is left and gives the verdict. Call it once. 0 or -ENOMEM; *ret is left alone on failure, and otherwise
 * to be cleared by rules_result_clear(). */
int engine_finish(struct engine *e, const struct engine_account *account, struct rules_result *ret);
void rules_result_clear(struct rules_result *r);

#define REPORTED_STEP_TEXT_SIZE 256
/* "ip_rcv on eth0 (ifindex 2) in pod2", truncated to fit. Names are raw bytes. */
void rules_reported_step_text(const struct reported_step *s, char ret[static REPORTED_STEP_TEXT_SIZE]);
const char *rules_reason_code_name(enum rules_reason_code code); /* "forbidden-step" */
/* What the reason means and what to do about it, in whole sentences. NULL for a reason that check same-node has under
 * the same name. */
const char *rules_reason_code_advice(enum rules_reason_code code);
/* Whether the reason makes the verdict FAIL if it is proven; otherwise INCONCLUSIVE. */
bool rules_reason_code_fails(enum rules_reason_code code);
const char *rule_state_name(enum rule_state state); /* "satisfied" */
