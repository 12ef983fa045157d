/* SPDX-License-Identifier: GPL-2.0-only */
/* The evidence programs of a check, from load to close: bpf/evidence.bpf.c. */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "event/ledger.h"
#include "event/witness.h"

struct evidence;
struct prog_log;
struct vmbtf;

/* 0, or -errno to stop polling with that error. */
typedef int (*evidence_fn)(void *ctx, const struct witness *w);

/* Loads and attaches. A hook that this kernel lacks, or that cannot be armed, is left unarmed: ask evidence_armed().
 * -errno with a reason if none could be armed or the kernel refuses; nothing is left attached then.
 * ring_bytes is rounded up to a power of two of whole pages. fn is called from evidence_poll(). */
int evidence_open(const struct st_flow *flow, uint64_t ring_bytes, evidence_fn fn, void *ctx, struct evidence **ret,
		  struct reason *reason);
/* Loads them all and unloads them, of either family, and tells the log. -errno with a reason. */
int evidence_verify(const struct vmbtf *vmlinux, struct prog_log *log, struct reason *reason);
bool evidence_armed(const struct evidence *ev, enum st_hook hook);
/* Readable when records wait: for poll(2). */
int evidence_fd(const struct evidence *ev);
/* Waits up to timeout_ms for records and hands them to fn. 0, -EINTR, or an error of fn's. */
int evidence_poll(struct evidence *ev, int timeout_ms);
/* Transmissions of flow.watch[which] seen since arming, whatever the packet. 0 or -errno. */
int evidence_tx_seen(const struct evidence *ev, unsigned which, uint64_t *ret_packets);
/* Nothing will be concluded from this hook's silence: what the kernel skips there counts as no loss. Of use for hooks
 * that run in preemptible context, where a busy node's skips are many. Before evidence_finish(). */
void evidence_leave_aside(struct evidence *ev, enum st_hook hook);
/* Detaches all programs, drains what is left, and closes the account. 0 or -errno. */
int evidence_finish(struct evidence *ev, struct ledger *ret);
/* Detaches what is attached and frees everything; NULL is fine. */
void evidence_free(struct evidence *ev);

DEFINE_CLEANUP(struct evidence *, evidence_free)
