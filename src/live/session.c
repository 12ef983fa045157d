/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/session.h"

#include <errno.h>

#include "cli/progress.h"
#include "kern/error/kern_error.h"
#include "kern/trace.h"
#include "live/node_facts.h"
#include "names/kernel_names.h"
#include "path/packet_number.h"
#include "render/out/escape.h"

struct session {
	struct session_opts opts;
	struct targets env;
	struct kernel_names names;
	struct packet_numbers *ident;
	struct node_facts *facts; /* NULL: not asked for */
	struct trace *trace;
	struct progress progress;
};

void session_free(struct session *s)
{
	if (!s)
		return;
	trace_free(s->trace);
	node_facts_free(s->facts);
	packet_number_free(s->ident);
	kernel_names_clear(&s->names);
	targets_free(&s->env);
	free(s);
}

static int on_event(void *ctx, struct event *ev)
{
	struct session *s = ctx;

	if (ev->source == ST_SRC_COPY) {
		packet_number_copy(s->ident, ev);
		return 0;
	}
	names_event(&s->names.names, ev);
	ev->pkt = packet_number_assign(s->ident, ev);
	if (s->facts && event_is_drop(ev))
		node_facts_ask(s->facts, ev);
	return s->opts.on_event(s->opts.ctx, ev);
}

static void on_progress(void *ctx, size_t done, size_t total)
{
	struct session *s = ctx;

	progress_update(&s->progress, done, total);
}

static void say_prog_refusal(void *ctx _unused_, const struct prog_watch_error *r)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "skbtrail: not followed: ");
	if (r->n > 1) {
		out_u64(&o, r->n);
		out_str(&o, " BPF programs or functions of them; the first: ");
	}
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

static int choose_backend(const struct session *s, enum trace_backend *ret, struct reason *reason)
{
	bool multi = s->env.kprobe_multi;

	if (s->opts.backend == BACKEND_KPROBE_MULTI && !multi)
		return reason_set(reason, -EOPNOTSUPP,
				  "--backend=kprobe-multi: this kernel has no kprobe.multi (5.18, on arm64 6.14, with "
				  "CONFIG_FPROBE); use "
				  "--backend=kprobe");
	*ret = multi && s->opts.backend != BACKEND_KPROBE ? TRACE_BACKEND_KPROBE_MULTI : TRACE_BACKEND_KPROBE;
	return 0;
}

static void keep_wanted(struct session *s)
{
	struct func_set *set = &s->env.funcs;
	size_t n = 0;

	if (!s->opts.keep)
		return;
	set->n_attachable = 0;
	for (size_t i = 0; i < set->n; i++) {
		if (!s->opts.keep(s->opts.ctx, &set->items[i]))
			continue;
		set->n_attachable += set->items[i].attachable;
		set->items[n++] = set->items[i];
	}
	set->n = n;
}

static int load_names(struct session *s, struct trace_opts *ret, struct reason *reason)
{
	struct kernel_names_opts opts = {
		.funcs = &s->env.funcs,
		.ksyms = s->env.ksyms,
		.btf = s->env.btf,
		.structures = s->opts.parts & (PART_BIT(ST_PART_SKB) | PART_BIT(ST_PART_SHINFO)),
	};
	int r = kernel_names_load(&opts, &s->names, reason);

	if (r < 0)
		return r;
	ret->parts = s->opts.parts | (s->opts.payload_max_bytes ? PART_BIT(ST_PART_BYTES) : 0);
	ret->sizes.snap = s->opts.payload_max_bytes;
	if (opts.structures) {
		ret->sizes.skb = dump_bytes(s->names.dumper, DUMP_SKB);
		ret->sizes.shinfo = dump_bytes(s->names.dumper, DUMP_SHINFO);
	}
	return 0;
}

static int prepare(struct session *s, struct trace_opts *ret, struct reason *reason)
{
	int r;

	s->opts.env.quick = true;
	/* functions of netlink messages are left out where a filter asks for an IP header, which these do not have;
	 * not with by_stack, which takes packets that do not match, and not where the caller chooses functions */
	s->opts.env.select.no_netlink =
		(s->opts.filter.need_l3 || s->opts.pcap) && !s->opts.filter.by_stack && !s->opts.keep;
	r = targets_load(&s->opts.env, &s->env, reason);
	if (r < 0)
		return r;
	keep_wanted(s);
	*ret = (struct trace_opts){
		.filter = s->opts.filter,
		.btf = s->env.btf,
		.ksyms = s->env.ksyms,
		.pcap = s->opts.pcap,
		.trace_tc = s->opts.trace_tc != PROGRAMS_NONE,
		.trace_xdp = s->opts.trace_xdp != PROGRAMS_NONE,
		.all_tc = s->opts.trace_tc == PROGRAMS_ALL,
		.all_xdp = s->opts.trace_xdp == PROGRAMS_ALL,
		.on_prog_error = say_prog_refusal,
		.tunnel_l2 = s->opts.tunnel_l2,
		.tunnel_l3 = s->opts.tunnel_l3,
		.skb_match = s->opts.skb_match,
		.skb_values = s->opts.skb_values,
		.n_values = s->opts.n_values,
		.ring_bytes = s->opts.ring_bytes,
		.run_time = s->opts.run_time,
		.on_event = on_event,
		.on_progress = on_progress,
		.ctx = s,
	};
	r = choose_backend(s, &ret->backend, reason);
	if (r < 0)
		return r;
	/* if the code cannot be read, functions are probed at their first byte, which takes longer to attach */
	if (ret->backend == TRACE_BACKEND_KPROBE)
		targets_read_offsets(&s->env, NULL);
	r = load_names(s, ret, reason);
	if (r >= 0)
		r = packet_number_new(IDENT_SKBS_DEFAULT, &s->ident);
	if (r >= 0 && s->opts.node_facts)
		r = node_facts_new(s->names.netns, &s->facts);
	return r;
}

int session_preflight(struct reason *reason)
{
	kern_error_init();
	return kern_error_preflight(reason);
}

int session_open(const struct session_opts *opts, struct session **ret, struct reason *reason)
{
	_cleanup_(session_freep) struct session *s = calloc(1, sizeof(*s));
	struct trace_opts trace_opts;
	int r;

	if (!s)
		return -ENOMEM;
	s->opts = *opts;
	r = prepare(s, &trace_opts, reason);
	if (r < 0)
		return r;
	s->progress = progress_start("arming");
	r = trace_open(&trace_opts, &s->env.funcs, &s->trace, reason);
	progress_end(&s->progress);
	if (r >= 0)
		r = targets_settle(&s->env);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

void session_status(const struct session *s, struct session_status *ret)
{
	const struct prog_watch *progs = trace_progs(s->trace);

	*ret = (struct session_status){
		.attached = trace_attached(s->trace),
		.without_return = trace_without_return(s->trace),
		.follows_programs = progs != NULL,
		.n_programs = progs ? prog_watch_programs(progs) : 0,
		.n_program_funcs = progs ? prog_watch_funcs(progs) : 0,
		.sees_chains = trace_sees_chains(s->trace),
		.maps_unseen = trace_maps_unseen(s->trace),
	};
	ret->failures = trace_failures(s->trace, &ret->n_failures);
	/* the functions after it were not tried */
	ret->cut_short = ret->n_failures && ret->failures[ret->n_failures - 1].err == -ECANCELED;
}

int session_poll(struct session *s, int timeout_ms)
{
	return trace_poll(s->trace, timeout_ms);
}

int session_finish(struct session *s, struct lost_events *ret)
{
	return trace_finish(s->trace, ret);
}

const struct func_set *session_funcs(const struct session *s)
{
	return &s->env.funcs;
}

uint64_t session_forgotten(const struct session *s)
{
	return packet_number_evicted(s->ident);
}

int session_run_time(const struct session *s, uint64_t *ret_ns)
{
	return trace_run_time(s->trace, ret_ns);
}

size_t session_module_gone(const struct session *s, const char *module)
{
	return trace_module_gone(s->trace, module);
}
