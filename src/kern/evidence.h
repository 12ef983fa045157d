/* SPDX-License-Identifier: GPL-2.0-only */
/* The evidence programs of a check, bpf/evidence.bpf.c: loaded, attached, read and detached. */
#pragma once

#include "base/reason.h"
#include "bpf/config.h"
#include "event/hook_event.h"
#include "event/lost_events.h"

struct evidence;
struct verifier_log;
struct btf_index;

/* Returns 0, or -errno to stop polling with that error. */
typedef int (*evidence_fn)(void *ctx, const struct hook_event *w);

/* Loads and attaches the programs. A hook that this kernel lacks or refuses stays unattached, see evidence_attached().
 * ring_bytes is rounded up by ring_round(). fn is called from evidence_poll() and evidence_finish(). -errno with a
 * reason, and nothing left attached, if the kernel refuses the load or every hook. */
int evidence_open(const struct st_flow *flow, uint64_t ring_bytes, evidence_fn fn, void *ctx, struct evidence **ret,
		  struct reason *reason);
/* Loads the programs of both families and unloads them. The log gets the verifier's account. 0 or -errno with a reason.
 */
int evidence_verify(const struct btf_index *vmlinux, struct verifier_log *log, struct reason *reason);
/* Whether a program is attached to the hook. */
bool evidence_attached(const struct evidence *ev, enum st_hook hook);
/* Whether the silence of the hook proves that nothing passed it: all programs at its functions are attached, and the
 * kernel counts what each of them misses. */
bool evidence_proves(const struct evidence *ev, enum st_hook hook);
/* Whether a program is attached that tells with what bpf_redirect_peer() was called. */
bool evidence_sees_peer_flags(const struct evidence *ev);
/* Readable while records wait: for poll(2). */
int evidence_fd(const struct evidence *ev);
/* Waits up to timeout_ms for records and hands them to fn. 0, -EINTR, or an error of fn. */
int evidence_poll(struct evidence *ev, int timeout_ms);
/* How many transmissions of flow.watch[which] one of the programs has seen since it was attached, of all flows. 0 or
 * -errno. */
int evidence_tx_seen(const struct evidence *ev, unsigned which, enum st_tx_seen_by by, uint64_t *ret_packets);
/* How many packets of a direction became packets of the flow on their way, or ceased to be; addresses and ports in
 * network byte order. It explains what is missing, and proves nothing. 0 or -errno. */
int evidence_translated(const struct evidence *ev, bool reverse, enum st_translation how, struct st_translated *ret);
/* The caller concludes nothing from missing records of this hook: calls that the kernel skips there do not count as
 * lost. For hooks in preemptible context, where a busy node skips many. To be called before evidence_finish(). */
void evidence_ignore_skips(struct evidence *ev, enum st_hook hook);
/* Detaches all programs, hands the last records to fn, and fills the ledger. 0 or -errno. */
int evidence_finish(struct evidence *ev, struct lost_events *ret);
/* Detaches and frees everything; NULL is fine. */
void evidence_free(struct evidence *ev);

DEFINE_CLEANUP(struct evidence *, evidence_free)
