/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/wide.h"

#include <errno.h>

#include "cmd/drop_site.h"
#include "cmd/ifnames.h"
#include "cmd/name_parts.h"
#include "cmd/netns_names.h"
#include "cmd/progress.h"
#include "kern/drop_reasons.h"
#include "kern/vmbtf.h"
#include "path/ident.h"
#include "render/escape.h"

#define FUNC_SPAN_BYTES 32 /* a probe stands at most this far into its function */

struct wide {
	struct wide_opts opts;
	struct probe_env env;
	struct drop_reasons *reasons;
	struct drop_sites *sites;
	struct dumper *dumper; /* NULL: no structure is shown */
	struct netns_names *names;
	struct ifnames *ifnames;
	struct ident *ident;
	struct trace *trace;
	struct progress progress;
};

void wide_free(struct wide *w)
{
	if (!w)
		return;
	trace_free(w->trace);
	ident_free(w->ident);
	ifnames_free(w->ifnames);
	netns_names_free(w->names);
	drop_reasons_free(w->reasons);
	drop_sites_free(w->sites);
	dumper_free(w->dumper);
	probe_env_free(&w->env);
	free(w);
}

/* The program's names are set. A helper takes its target from the namespace of the packet's device. */
static void name_prog_event(struct wide *w, struct event *ev)
{
	if (!ev->prog.has_target)
		return;
	ev->func = event_call_name(ev->prog.call);
	if (ev->has_netns)
		ifnames_find(w->ifnames, ev->netns, ev->prog.ifindex, ev->prog.ifname);
}

static void name_chain_event(struct event *ev)
{
	bool v6 = ev->source == ST_SRC_IP6TABLES;

	if (ev->source == ST_SRC_NETFILTER) {
		ev->func = "nft_do_chain";
		ev->module = "nf_tables";
	} else {
		ev->func = v6 ? "ip6t_do_table" : "ipt_do_table";
		ev->module = v6 ? "ip6_tables" : "ip_tables";
	}
}

/* By the helper that programs call for it. */
static void name_map_event(struct event *ev)
{
	static const char *const helpers[] = {"bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem"};

	if (ev->parts && ev->parts->has & PART_BIT(ST_PART_MAP))
		ev->func = helpers[ev->parts->map.op];
}

/* The register, as the function's type says. */
static void name_return(struct event_return *r, const struct func *f)
{
	static const enum return_kind kinds[] = {
		[FUNC_RETURNS_UNKNOWN] = RETURN_UNKNOWN, [FUNC_RETURNS_VOID] = RETURN_UNKNOWN,
		[FUNC_RETURNS_POINTER] = RETURN_POINTER, [FUNC_RETURNS_BOOL] = RETURN_BOOL,
		[FUNC_RETURNS_SIGNED] = RETURN_SIGNED,	 [FUNC_RETURNS_UNSIGNED] = RETURN_UNSIGNED,
	};
	unsigned unused_bits = 64 - 8u * f->result.bytes;

	r->kind = kinds[f->result.kind];
	if (r->kind == RETURN_BOOL)
		r->value = (uint8_t)r->value != 0;
	else if (r->kind == RETURN_SIGNED)
		r->value = (uint64_t)((int64_t)(r->value << unused_bits) >> unused_bits);
	else if (r->kind == RETURN_UNSIGNED)
		r->value = r->value << unused_bits >> unused_bits;
}

/* What the kernel gave as numbers. */
static void name_event(struct wide *w, struct event *ev)
{
	if (ev->prog.id) {
		name_prog_event(w, ev);
	} else if (ev->source == ST_SRC_KFREE) {
		ev->func = "kfree_skb";
	} else if (event_ends_chain(ev)) {
		name_chain_event(ev);
	} else if (ev->source == ST_SRC_MAP) {
		name_map_event(ev);
	} else {
		const struct func *f = func_set_find(&w->env.funcs, ev->addr, FUNC_SPAN_BYTES);

		ev->func = f ? f->name : NULL;
		ev->module = f ? f->module : NULL;
		if (f && ev->ret.here)
			name_return(&ev->ret, f);
	}
	if (ev->has_netns)
		ev->netns_name = netns_names_find(w->names, ev->netns);
	if (ev->has_location)
		drop_sites_name(w->sites, ev);
	if (ev->has_reason)
		ev->drop_reason_name = drop_reasons_name(w->reasons, ev->drop_reason);
	name_parts(w->env.ksyms, w->dumper, ev);
}

static int on_event(void *ctx, struct event *ev)
{
	struct wide *w = ctx;

	name_event(w, ev);
	ev->pkt = ident_assign(w->ident, ev);
	return w->opts.on_event(w->opts.ctx, ev);
}

static void on_progress(void *ctx, size_t done, size_t total)
{
	struct wide *w = ctx;

	progress_update(&w->progress, done, total);
}

static void say_prog_refusal(void *ctx _unused_, const struct prog_refusal *r)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "skbtrail: not followed: ");
	if (r->func) {
		out_escaped(&o, r->func);
		out_str(&o, "() of ");
	}
	out_str(&o, r->xdp ? "XDP program " : "tc program ");
	out_escaped(&o, r->name[0] ? r->name : "-");
	out_char(&o, '#');
	out_u64(&o, r->id);
	out_str(&o, ": ");
	out_escaped(&o, r->why);
	out_char(&o, '\n');
	out_flush_file(&o, stderr);
}

/* What fentry programs cannot give; NULL: nothing of it is asked for. */
static const char *needs_kprobes(const struct wide *w)
{
	const struct wide_opts *o = &w->opts;

	if (o->parts & PART_BIT(ST_PART_CALLER))
		return "--output-caller needs registers";
	if (o->parts & PART_BIT(ST_PART_STACK))
		return "--output-stack needs registers";
	if (o->filter.by_stack)
		return "functions without a packet need the stack's registers";
	return vmbtf_is_running(w->env.btf) ? NULL : "--kernel-btf has other types than the kernel";
}

static int choose_fentry(const struct wide *w, enum trace_backend *ret, struct reason *reason)
{
	const char *why = needs_kprobes(w);

	if (!w->env.fentry_multi)
		return reason_set(reason, -EOPNOTSUPP,
				  "--backend=fentry-multi: this kernel has no links of one fentry program to many "
				  "functions (seen in 7.2); use --backend=auto");
	if (why)
		return reason_set(reason, -EOPNOTSUPP, "--backend=fentry-multi: %s; use --backend=kprobe-multi", why);
	*ret = TRACE_BACKEND_FENTRY_MULTI;
	return 0;
}

static int choose_backend(const struct wide *w, enum trace_backend *ret, struct reason *reason)
{
	bool multi = w->env.kprobe_multi;

	if (w->opts.backend == BACKEND_FENTRY_MULTI)
		return choose_fentry(w, ret, reason);
	if (w->opts.backend == BACKEND_KPROBE_MULTI && !multi)
		return reason_set(reason, -EOPNOTSUPP,
				  "--backend=kprobe-multi: this kernel has no kprobe.multi (5.18, on arm64 6.14, with "
				  "CONFIG_FPROBE); use "
				  "--backend=kprobe");
	*ret = multi && w->opts.backend != BACKEND_KPROBE ? TRACE_BACKEND_KPROBE_MULTI : TRACE_BACKEND_KPROBE;
	return 0;
}

static void keep_wanted(struct wide *w)
{
	struct func_set *set = &w->env.funcs;
	size_t n = 0;

	if (!w->opts.keep)
		return;
	set->n_attachable = 0;
	for (size_t i = 0; i < set->n; i++) {
		if (!w->opts.keep(w->opts.ctx, &set->items[i]))
			continue;
		set->n_attachable += set->items[i].attachable;
		set->items[n++] = set->items[i];
	}
	set->n = n;
}

static int prepare_parts(struct wide *w, struct trace_opts *ret, struct reason *reason)
{
	int r;

	ret->parts = w->opts.parts | (w->opts.snap_bytes ? PART_BIT(ST_PART_BYTES) : 0);
	ret->sizes.snap = w->opts.snap_bytes;
	if (!(w->opts.parts & (PART_BIT(ST_PART_SKB) | PART_BIT(ST_PART_SHINFO))))
		return 0;
	r = dumper_new(&w->dumper, reason);
	if (r < 0)
		return r;
	ret->sizes.skb = dumper_bytes(w->dumper, DUMP_SKB);
	ret->sizes.shinfo = dumper_bytes(w->dumper, DUMP_SHINFO);
	return 0;
}

static int prepare(struct wide *w, struct trace_opts *ret, struct reason *reason)
{
	int r;

	w->opts.env.quick = true;
	/* a netlink message has no header that these look for; by_stack passes what they would turn away, and who keeps
	 * only some functions has named them */
	w->opts.env.select.no_netlink =
		(w->opts.filter.need_l3 || w->opts.pcap) && !w->opts.filter.by_stack && !w->opts.keep;
	r = probe_env_load(&w->opts.env, &w->env, reason);
	if (r < 0)
		return r;
	keep_wanted(w);
	*ret = (struct trace_opts){
		.filter = w->opts.filter,
		.btf = w->env.btf,
		.ksyms = w->env.ksyms,
		.pcap = w->opts.pcap,
		.trace_tc = w->opts.trace_tc,
		.trace_xdp = w->opts.trace_xdp,
		.on_prog_refusal = say_prog_refusal,
		.tunnel_l2 = w->opts.tunnel_l2,
		.tunnel_l3 = w->opts.tunnel_l3,
		.skb_match = w->opts.skb_match,
		.skb_values = w->opts.skb_values,
		.n_values = w->opts.n_values,
		.ring_bytes = w->opts.ring_bytes,
		.run_time = w->opts.run_time,
		.stand_back = w->opts.stand_back,
		.on_event = on_event,
		.on_progress = on_progress,
		.ctx = w,
	};
	r = choose_backend(w, &ret->backend, reason);
	if (r < 0)
		return r;
	/* without the code the first bytes are probed: slower to arm, but it works */
	if (ret->backend == TRACE_BACKEND_KPROBE)
		probe_env_read_offsets(&w->env, NULL);
	r = drop_reasons_load(w->env.btf, &w->reasons);
	if (r >= 0)
		r = netns_names_new(&w->names, reason);
	if (r >= 0)
		r = drop_sites_new(w->env.ksyms, &w->sites);
	if (r >= 0)
		r = ifnames_new(w->names, &w->ifnames);
	if (r >= 0)
		r = prepare_parts(w, ret, reason);
	if (r >= 0)
		r = ident_new(IDENT_SKBS_DEFAULT, &w->ident);
	return r;
}

int wide_open(const struct wide_opts *opts, struct wide **ret, struct reason *reason)
{
	_cleanup_(wide_freep) struct wide *w = calloc(1, sizeof(*w));
	struct trace_opts trace_opts;
	int r;

	if (!w)
		return -ENOMEM;
	w->opts = *opts;
	r = prepare(w, &trace_opts, reason);
	if (r < 0)
		return r;
	w->progress = progress_start("arming");
	r = trace_open(&trace_opts, &w->env.funcs, &w->trace, reason);
	progress_end(&w->progress);
	if (r >= 0)
		r = probe_env_settle(&w->env);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(w);
	return 0;
}

int wide_poll(struct wide *w, int timeout_ms)
{
	return trace_poll(w->trace, timeout_ms);
}

int wide_finish(struct wide *w, struct ledger *ret)
{
	return trace_finish(w->trace, ret);
}

const struct trace *wide_trace(const struct wide *w)
{
	return w->trace;
}

const struct func_set *wide_funcs(const struct wide *w)
{
	return &w->env.funcs;
}

uint64_t wide_forgotten(const struct wide *w)
{
	return ident_evicted(w->ident);
}
