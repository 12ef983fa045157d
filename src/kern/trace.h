/* SPDX-License-Identifier: GPL-2.0-only */
/* The function trace: the programs of bpf/trace.bpf.c, attached to every selected function; from load to close. */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "event/event.h"
#include "event/lost_events.h"
#include "event/parts.h"
#include "filter/expr.h"
#include "kallsyms/ksyms.h"
#include "kern/attach/attach.h"
#include "kern/progs/prog_watch.h"
#include "select/func.h"

struct verifier_log;
struct btf_index;

struct trace_opts {
	/* Pointers are borrowed until trace_open() returns. */
	struct st_config filter; /* returns, has_drop_reason and wakeup_bytes are set by trace_open() */
	const struct ksyms *ksyms;
	const struct btf_index *btf;			/* the kernel's types */
	const struct ebpf_prog *skb_match, *skb_values; /* of filter/skb_expr.h; NULL: none */
	const struct ebpf_prog *tunnel_l2, *tunnel_l3;	/* filters of the packet within a tunnel; NULL: none */
	uint32_t n_values;				/* of skb_values */
	const struct expr *pcap;			/* NULL: none */
	enum trace_backend backend;
	uint32_t parts;		  /* PART_BIT()s of event/parts.h: what records have beyond their fixed part */
	struct parts_sizes sizes; /* of the parts whose size is not fixed */
	bool trace_tc, trace_xdp; /* follow the BPF programs of this kind, also those that are attached later */
	bool all_tc, all_xdp;	  /* also those that are not attached */
	void (*on_prog_error)(void *ctx, const struct prog_watch_error *r); /* some cannot be followed; may be NULL */
	bool run_time; /* have the kernel time the programs, for trace_run_time(); this costs a little time itself */
	struct verifier_log *log; /* gets the verifier's account of each program; NULL: none */
	uint64_t ring_bytes;	  /* rounded up by ring_round() */
	/* Returns 0, or -errno to stop polling with that error. Of the event's strings only those of BPF programs are
	 * set. */
	int (*on_event)(void *ctx, struct event *ev);
	/* Called while functions are attached, which may take seconds; may be NULL. */
	void (*on_progress)(void *ctx, size_t done, size_t total);
	void *ctx;
};

/* The most instructions in each of skb_match and skb_values. */
#define TRACE_EXPR_INSNS 1000

struct trace;

/* Loads the programs and attaches them to every attachable function of the set, which must outlive the trace. Functions
 * that the kernel refuses are left out, see trace_failures(). -errno with a reason, and nothing left attached, if the
 * kernel refuses the load or all functions. */
int trace_open(const struct trace_opts *opts, const struct func_set *funcs, struct trace **ret, struct reason *reason);
/* With filter.returns: how many functions could not be attached at their return. */
size_t trace_without_return(const struct trace *t);
/* With filter.maps: the operations of BPF maps that are not seen, for people: "trie_lookup_elem, …"; NULL: none. */
const char *trace_maps_unseen(const struct trace *t);
/* Whether netfilter's chains are recorded: they were asked for, and a module of them is loaded and has BTF. */
bool trace_sees_chains(const struct trace *t);
/* How many functions are attached, returns not counted. */
size_t trace_attached(const struct trace *t);
/* For a module that was unloaded just now: how many of its functions were attached. 0 if asked again: a module of that
 * name that is loaded later is another one. */
size_t trace_module_gone(const struct trace *t, const char *module);
/* The functions that the kernel refused; t owns the array. */
const struct trace_failure *trace_failures(const struct trace *t, size_t *ret_n);

/* The BPF programs that are followed, borrowed; NULL: none were to be. */
const struct prog_watch *trace_progs(const struct trace *t);

/* Waits up to timeout_ms for records and hands their events to on_event. 0, -EINTR, or an error of on_event. */
int trace_poll(struct trace *t, int timeout_ms);
/* With trace_opts.run_time: how long the programs have run on all CPUs together, in nanoseconds. 0 or -errno. */
int trace_run_time(const struct trace *t, uint64_t *ret_ns);
/* Detaches everything, hands the last events to on_event, and fills the ledger, where functions of unloaded modules
 * count as failed. 0 or -errno. */
int trace_finish(struct trace *t, struct lost_events *ret);
/* Detaches and frees everything; NULL is fine. */
void trace_free(struct trace *t);

DEFINE_CLEANUP(struct trace *, trace_free)
