/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/verify.h"

#include <string.h>

#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "event/parts.h"
#include "filter/expr.h"
#include "kern/attach/kprobe_multi.h"
#include "kern/evidence.h"
#include "kern/load/verifier_log.h"
#include "kern/symbol_iter.h"
#include "kern/trace.h"
#include "kern/trace_load.h"

/* Functions whose programs differ: without a packet, with one, with a pointer to one, and with one in an argument for
 * which kprobe.multi has a separate program. The programs for the other arguments only read another register. */
struct kinds {
	struct func items[4];
};

static struct func_set all_kinds(struct kinds *k)
{
	*k = (struct kinds){.items = {{.name = "", .attachable = true},
				      {.name = "ip_rcv", .attachable = true, .slot = 1},
				      {.name = "", .attachable = true, .slot = 1, .indirect = true},
				      {.name = "", .attachable = true, .slot = SLOT_MAX}}};
	return (struct func_set){.items = k->items, .n = ARRAY_SIZE(k->items), .n_attachable = ARRAY_SIZE(k->items)};
}

/* A trace that follows packets and asks for all there is; one that does neither, with filters of one value. */
enum trace_kind { TRACE_FOLLOWS, TRACE_PLAIN };

/* Takes as much of the stack as any expression may, with all other options on. */
#define EXPRESSION "tcp port 80"

static int verify_trace(const struct ksyms *ks, const struct btf_index *vmlinux, enum trace_backend backend,
			enum trace_kind kind, struct verifier_log *log, struct reason *reason)
{
	_cleanup_expr_ struct expr expr = {0};
	struct trace_opts opts = {
		.filter = {.n_src = ST_FILTER_VALUES,
			   .n_sports = 2,
			   .surroundings = {.n_ifnames = 2, .n_pods = ST_FILTER_VALUES},
			   .need_l3 = 1,
			   .need_l4 = 1,
			   .track = 1,
			   .returns = 1,
			   .maps = 1,
			   .by_stack = 1,
			   .sample = 2,
			   .rate_events = 1,
			   .rate_window_ns = 1},
		.ksyms = ks,
		.btf = vmlinux,
		.pcap = &expr,
		.tunnel_l2 = &expr.l2,
		.tunnel_l3 = &expr.l3,
		.backend = backend,
		.parts = PART_BIT(ST_PART_MAX) - 1,
		.sizes = {.skb = ST_DUMP_MAX, .shinfo = ST_DUMP_MAX, .snap = ST_PAYLOAD_MAX},
		.trace_tc = true,
		.trace_xdp = true,
		.ring_bytes = 4096,
		.log = log,
	};
	struct trace_bpf *skel = NULL;
	struct kinds kinds;
	struct func_set funcs = all_kinds(&kinds);
	int r = expr_compile(EXPRESSION, &expr, reason);

	if (kind == TRACE_PLAIN)
		opts.filter = (struct st_config){
			.v4 = {{.mask_be = 1, .addrs_be = 1}, {.mask_be = 1, .addrs_be = 1}},
			.any = {{.family = 6, .mask_be = {1}, .addr_be = {1}}},
			.n_any = 1,
			.need_l3 = 1,
		};
	if (r >= 0)
		r = trace_load(&opts, &funcs, &skel, reason);
	if (r >= 0)
		trace_bpf__destroy(skel);
	return r;
}

int verify_programs(const struct ksyms *ks, const struct btf_index *vmlinux, verifier_stats_fn fn, void *ctx,
		    struct reason *reason)
{
	_cleanup_(verifier_log_freep) struct verifier_log *log = NULL;
	int r = verifier_log_new(fn, ctx, &log);

	if (r >= 0)
		r = evidence_verify(vmlinux, log, reason);
	if (r >= 0)
		r = verify_trace(ks, vmlinux, TRACE_BACKEND_KPROBE, TRACE_FOLLOWS, log, reason);
	if (r >= 0)
		r = verify_trace(ks, vmlinux, TRACE_BACKEND_KPROBE, TRACE_PLAIN, log, reason);
	if (r >= 0 && kprobe_multi_supported(ks))
		r = verify_trace(ks, vmlinux, TRACE_BACKEND_KPROBE_MULTI, TRACE_FOLLOWS, log, reason);
	if (r >= 0)
		r = symbol_iter_verify(vmlinux, log, reason);
	return r;
}
