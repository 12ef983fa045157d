/* SPDX-License-Identifier: GPL-2.0-only */
/* The wide trace, from load to close: bpf/trace.bpf.c on every selected function. */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "event/event.h"
#include "event/parts.h"
#include "event/ledger.h"
#include "filter/expr.h"
#include "kallsyms/ksyms.h"
#include "kern/prog_watch.h"
#include "select/func.h"

enum trace_backend {
	TRACE_BACKEND_KPROBE, /* individual kprobes behind one shared tracefs event per slot */
	TRACE_BACKEND_KPROBE_MULTI,
	/* fentry.multi, and kprobe.multi for what it does not take. Has no registers: not with
	 * filter.by_stack, ST_PART_CALLER or ST_PART_STACK; btf must be the running kernel's. */
	TRACE_BACKEND_FENTRY_MULTI,
};

/* A function that was selected and could not be armed. */
struct trace_failure {
	const struct func *func; /* borrowed from the set given to trace_open() */
	int err;		 /* negative errno */
};

struct prog_log;
struct vmbtf;

struct trace_opts {
	struct st_config filter;			/* what only this room knows in it is filled here */
	const struct ksyms *ksyms;			/* borrowed until trace_open() returns */
	const struct vmbtf *btf;			/* the kernel's; borrowed until trace_open() returns */
	const struct ebpf_prog *skb_match, *skb_values; /* skb_filter_compile(), skb_values_compile(); likewise */
	const struct ebpf_prog *tunnel_l2, *tunnel_l3;	/* for the packet within a tunnel; likewise */
	uint32_t n_values;				/* of skb_values */
	const struct expr *pcap;			/* NULL: none; borrowed until trace_open() returns */
	enum trace_backend backend;
	uint32_t parts;		  /* PART_BIT()s of event/parts.h: what records carry beyond their fixed part */
	struct parts_sizes sizes; /* of the parts that have none of their own */
	bool trace_tc, trace_xdp; /* also BPF programs of this kind, now and later */
	void (*on_prog_refusal)(void *ctx, const struct prog_refusal *r); /* one of them cannot be; may be NULL */
	bool stand_back;      /* who polls does nothing else: see kern/reader_nice.h */
	bool run_time;	      /* have the kernel time the programs, for trace_run_time(); it costs a little itself */
	struct prog_log *log; /* told of each program that is loaded; NULL: none */
	uint64_t ring_bytes;  /* rounded up to a power of two of whole pages */
	/* 0, or -errno to stop polling with that error. Of the event's strings only a BPF program's are set. */
	int (*on_event)(void *ctx, struct event *ev);
	/* Told while arming takes its time; may be NULL. */
	void (*on_progress)(void *ctx, size_t done, size_t total);
	void *ctx;
};

/* Instructions that there is room for in each of skb_match and skb_values. */
#define TRACE_EXPR_INSNS 1000

struct trace;

/* Whether the kernel has kprobe.multi links: 5.18, on arm64 6.14, with CONFIG_FPROBE. */
bool trace_can_multi(const struct ksyms *ks);

/* Whether it has links of one fentry program to many functions: seen in 7.2, on x86-64. */
bool trace_can_fentry_multi(const struct ksyms *ks);

/* Loads the programs and arms every attachable function of the set, which must outlive the trace. Functions that refuse
 * are left out: see trace_failures(). -errno with a reason if the kernel refuses or not one could be armed; nothing is
 * left attached then. */
int trace_open(const struct trace_opts *opts, const struct func_set *funcs, struct trace **ret, struct reason *reason);
/* Chains of netfilter are shown: they were asked for, the module is loaded and has BTF. */
/* Functions that are not armed where they return, with filter.returns. */
size_t trace_without_return(const struct trace *t);
/* Operations of BPF maps that are not seen, with filter.maps, as a list for people; NULL: none. */
const char *trace_maps_unseen(const struct trace *t);
bool trace_sees_chains(const struct trace *t);
size_t trace_attached(const struct trace *t);
/* How many functions were armed in a module that was unloaded just now. Told once: loaded again it is another one. */
size_t trace_module_gone(const struct trace *t, const char *module);
const struct trace_failure *trace_failures(const struct trace *t, size_t *ret_n);

/* BPF programs that are followed; NULL: none were wanted. */
const struct prog_watch *trace_progs(const struct trace *t);

/* Hands waiting records to on_event, waiting up to timeout_ms for some. 0, -EINTR, or an error of on_event's. */
int trace_poll(struct trace *t, int timeout_ms);
/* How long the programs have run in all, nanoseconds on all CPUs together; with trace_opts.run_time. 0 or -errno. */
int trace_run_time(const struct trace *t, uint64_t *ret_ns);
/* Disarms everything, drains the ring, closes the account, in which probes whose module was unloaded count as failed.
 * 0 or -errno. */
int trace_finish(struct trace *t, struct ledger *ret);
/* Disarms what is armed and frees everything; NULL is fine. */
void trace_free(struct trace *t);

DEFINE_CLEANUP(struct trace *, trace_free)
