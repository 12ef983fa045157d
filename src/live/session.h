/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace of functions in the running kernel: functions are chosen and attached, each event is named and its packet
 * numbered. Whoever shows or judges events sees the kernel through this interface alone.
 */
#pragma once

#include "cli/trace_options.h"
#include "event/lost_events.h"
#include "event/parts.h"
#include "kern/attach/attach.h"
#include "live/targets.h"

struct session_opts {
	struct targets_opts env;
	enum backend_choice backend;
	enum program_choice trace_tc, trace_xdp; /* also BPF programs of this kind */
	uint64_t ring_bytes;
	bool run_time;		  /* session_run_time() will be asked; it costs a little */
	bool node_facts;	  /* a drop's event has facts about the node; session_poll() visits namespaces */
	uint32_t parts;		  /* PART_BIT()s of event/parts.h */
	size_t payload_max_bytes; /* of each packet that its events carry; at most ST_PAYLOAD_MAX, 0: none */
	struct st_config filter;
	/* All of these are as in struct trace_opts, and borrowed until session_open() returns. */
	const struct ebpf_prog *skb_match, *skb_values;
	const struct ebpf_prog *tunnel_l2, *tunnel_l3;
	uint32_t n_values;
	const struct expr *pcap;		       /* NULL: none */
	bool (*keep)(void *ctx, const struct func *f); /* whether to probe it; NULL: all that are selected */
	/* 0, or -errno to end session_poll() with that error. The event's names and its packet's number are set. */
	int (*on_event)(void *ctx, struct event *ev);
	void *ctx;
};

/* What came of session_open(); strings and failures are borrowed from the session. */
struct session_status {
	size_t attached; /* functions */
	const struct trace_failure *failures;
	size_t n_failures;
	bool cut_short;	       /* by a signal, before all functions were attached */
	size_t without_return; /* functions that are not attached where they return, although that was asked for */
	bool follows_programs; /* BPF programs: the two numbers are of those that there are now */
	size_t n_programs, n_program_funcs;
	bool sees_chains;	 /* of netfilter */
	const char *maps_unseen; /* operations of BPF maps that are asked for and not seen, as a list; NULL: none */
};

struct session;

/* Whether this user may trace this kernel: privileges and BTF. Before everything else. 0, -EPERM or -ENOENT with a
 * reason. */
int session_preflight(struct reason *reason);
/* Selects and attaches; shows progress on a terminal. -errno with a reason; nothing stays attached then, and *ret is
 * left alone. */
int session_open(const struct session_opts *opts, struct session **ret, struct reason *reason);
void session_status(const struct session *s, struct session_status *ret);
/* Hands waiting events to on_event, waiting up to timeout_ms for some. 0, -EINTR, or an error of on_event's. */
int session_poll(struct session *s, int timeout_ms);
/* Detaches, hands over what is left, fills the ledger. 0 or -errno. */
int session_finish(struct session *s, struct lost_events *ret);
void session_free(struct session *s);
DEFINE_CLEANUP(struct session *, session_free)

/* The functions that were to be attached, those that the kernel refused among them. */
const struct func_set *session_funcs(const struct session *s);
/* Packets whose identity was lost: packet_number_evicted(). */
uint64_t session_forgotten(const struct session *s);
/* How long the programs have run in all, nanoseconds on all CPUs together. 0 or -errno. */
int session_run_time(const struct session *s, uint64_t *ret_ns);
/* How many functions were attached in a module that was unloaded just now; told once. */
size_t session_module_gone(const struct session *s, const char *module);
