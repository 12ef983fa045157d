/* SPDX-License-Identifier: GPL-2.0-only */
/* The wide trace as commands use it: functions selected, armed, and every event named and numbered. */
#pragma once

#include "cmd/probe_env.h"
#include "cmd/trace_options.h"
#include "kern/trace.h"

struct wide_opts {
	struct probe_env_opts env;
	enum backend_choice backend;
	bool trace_tc, trace_xdp; /* also BPF programs of this kind */
	uint64_t ring_bytes;
	bool stand_back;   /* reading its events is all that this thread does */
	bool run_time;	   /* trace_run_time() is to work */
	uint32_t parts;	   /* PART_BIT()s of event/parts.h */
	size_t snap_bytes; /* of each packet that its events carry; at most ST_SNAP_MAX, 0: none */
	struct st_config filter;
	const struct ebpf_prog *skb_match, *skb_values; /* as in struct trace_opts, borrowed likewise */
	const struct ebpf_prog *tunnel_l2, *tunnel_l3;
	uint32_t n_values;
	const struct expr *pcap;		       /* borrowed until wide_open() returns; NULL: none */
	bool (*keep)(void *ctx, const struct func *f); /* whether to probe it; NULL: all that are selected */
	/* 0, or -errno to end wide_poll() with that error. The event's names are set, and its packet's number. */
	int (*on_event)(void *ctx, struct event *ev);
	void *ctx;
};

struct wide;

/* Selects and arms; shows progress on a terminal. -errno with a reason; nothing is left attached then. */
int wide_open(const struct wide_opts *opts, struct wide **ret, struct reason *reason);
/* Hands waiting events to on_event, waiting up to timeout_ms for some. 0, -EINTR, or an error of on_event's. */
int wide_poll(struct wide *w, int timeout_ms);
/* Disarms, hands over what is left, closes the account. 0 or -errno. */
int wide_finish(struct wide *w, struct ledger *ret);
void wide_free(struct wide *w);
DEFINE_CLEANUP(struct wide *, wide_free)

const struct trace *wide_trace(const struct wide *w);
/* The functions that were to be armed; those that were refused are trace_failures(). */
const struct func_set *wide_funcs(const struct wide *w);
/* Packets whose identity was lost: ident_evicted(). */
uint64_t wide_forgotten(const struct wide *w);
