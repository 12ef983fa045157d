/* SPDX-License-Identifier: GPL-2.0-only */
/* why: traces drops, and names for each who on this node decided it. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/child.h"
#include "cli/confine.h"
#include "cli/exit.h"
#include "cli/filter_options.h"
#include "cli/ready_file.h"
#include "cli/trace_options.h"
#include "cmd/commands.h"
#include "live/owners.h"
#include "live/session.h"
#include "live/surroundings_config.h"
#include "render/event/lost_events.h"
#include "sink/drop_view.h"
#include "sink/emit.h"

#define POLL_MS	   100
#define BYTES	   128 /* of each packet, for rules that look at more than addresses and ports */
#define RING_BYTES (32u << 20)

/* Where a socket takes a packet (path/delivery.h), and where the end of a packet is seen (path/death.h): without these
 * the next packet in the same memory would pass for the same one. */
#define QUEUES "(__)?sock_queue_rcv_skb(_reason)?|__udp_enqueue_schedule_skb|tcp_queue_rcv|raw_rcv"
#define DEATHS                                                                                                         \
	"__kfree_skb(_defer)?|__napi_kfree_skb|kfree_skb_partial|kfree_skbmem|napi_reuse_skb|napi_skb_cache_put|"      \
	"napi_skb_free_stolen_head|skb_release_(all|head_state)"
/* Where packets are decided of: the last one of these before a drop tells which hook or which part of the kernel it was
 * in. */
#define FUNCS                                                                                                          \
	"ip_rcv(_core|_finish|_finish_core)?|ip_local_deliver(_finish)?|ip_forward(_finish)?|ip_(mc_)?output|"         \
	"ip_finish_output2?|__ip_local_out|ip_local_out|ip_error|ip6?_route_input(_noref)?|"                           \
	"ipv6_rcv|ip6_rcv_core|ip6_rcv_finish|ip6_input(_finish)?|ip6_forward|ip6_output|ip6_finish_output2?|"         \
	"__ip6_local_out|ip6_local_out|ip6_xmit|ip6_pkt_(discard|prohibit)(_out)?|"                                    \
	"nf_conntrack_in|__?nf_conntrack_confirm|__dev_queue_xmit|dev_hard_start_xmit|__netif_receive_skb_core|"       \
	"br_handle_frame(_finish)?|br_forward|__br_forward|tcp_v[46]_rcv|(__)?udp[46]?(_lib)?_rcv|"                    \
	"__neigh_event_send|neigh_resolve_output|xfrm[46]?_(policy_check|route_forward|input|output)|"                 \
	"__xfrm_policy_check|veth_xmit|tcf_(classify|classify_ingress|gact_act|police|police_act)|" QUEUES "|" DEATHS

struct why_opts {
	struct trace_options trace; /* filters, and what the trace must know */
};

struct why {
	struct why_opts *o;
	struct expr expr; /* valid with has_expr */
	struct buf expr_text;
	bool has_expr;
	struct emit *emit;
	struct session *session;
	struct owners *owners;
	struct child *child; /* NULL: no command */
	struct out out;
	uint64_t end_ns; /* CLOCK_MONOTONIC, 0: no end is set */
	int error;	 /* of the first failed write, -EPIPE: the reader is gone */
};

static void why_clear(struct why *w)
{
	emit_free(w->emit);
	session_free(w->session);
	owners_free(w->owners);
	child_free(w->child);
	expr_free(&w->expr);
	buf_free(&w->expr_text);
	out_free(&w->out);
}

static void show(struct why *w, const struct event *ev)
{
	const struct owner_list *l = owners_of(w->owners, ev->seq);

	if (w->o->trace.json)
		drop_json(ev, l, &w->out);
	else
		drop_text(ev, l, &w->out);
}

/* From emit, which knows which drops lost a packet. */
static int on_drop(void *ctx, const struct event *ev)
{
	if (event_is_loss(ev))
		show(ctx, ev);
	return 0;
}

static int on_event(void *ctx, struct event *ev)
{
	struct why *w = ctx;
	int r = owners_event(w->owners, ev);

	if (r >= 0)
		r = emit_event(w->emit, ev);
	if (r >= 0 && ev->prog.xdp && owners_of(w->owners, ev->seq))
		show(w, ev); /* there is no skb that could be freed */
	return r < 0 ? r : 0;
}

static int flush(struct why *w)
{
	int r = w->error ? w->error : out_flush_fd(&w->out, STDOUT_FILENO);

	if (r < 0)
		w->error = r;
	return r;
}

static int open_session(struct why *w, struct reason *reason)
{
	struct trace_options *o = &w->o->trace;
	struct session_opts opts = {
		.env = {.select = {.filter_func = FUNCS}, .kernel_btf = o->kernel_btf},
		.backend = o->backend,
		.trace_tc = PROGRAMS_ATTACHED,
		.trace_xdp = PROGRAMS_ATTACHED,
		.ring_bytes = o->ring_bytes,
		.parts = PART_BIT(ST_PART_NETFILTER) | PART_BIT(ST_PART_CT) | PART_BIT(ST_PART_ROUTE),
		.payload_max_bytes = BYTES,
		.pcap = w->has_expr ? &w->expr : NULL,
		.on_event = on_event,
		.ctx = w,
	};
	int r;

	trace_options_filter(o, &opts.filter);
	r = surroundings_config(o, &opts.filter.surroundings, reason);
	return r < 0 ? r : session_open(&opts, &w->session, reason);
}

static void say_attached(struct why *w)
{
	struct session_status status;

	session_status(w->session, &status);
	if (status.sees_chains)
		owners_see_chains(w->owners);
	fprintf(stderr, "skbtrail: %zu functions armed; waiting for drops\n", status.attached);
}

static bool is_over(const struct why *w, int *status)
{
	return w->error || signals_stop_asked() || (w->end_ns && clock_monotonic_ns() >= w->end_ns) ||
	       (w->child && child_has_ended(w->child, status));
}

static int watch(struct why *w, int *ret_status)
{
	while (!is_over(w, ret_status)) {
		int r = session_poll(w->session, POLL_MS);

		owners_tick(w->owners);
		if (r >= 0)
			r = emit_tick(w->emit, clock_monotonic_ns());
		(void)flush(w);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

static int finish(struct why *w, int status, struct reason *reason)
{
	_cleanup_out_ struct out notes = {0};
	struct lost_events ledger;
	int r = session_finish(w->session, &ledger);

	if (r >= 0)
		r = emit_end(w->emit);
	if (r < 0)
		return r;
	if (w->o->trace.json)
		lost_events_json(&ledger, &w->out);
	else
		lost_events_text(&ledger, &notes);
	(void)flush(w);
	out_flush_file(&notes, stderr);
	if (w->child)
		child_say(w->child, status);
	if (w->error && w->error != -EPIPE)
		return reason_set(reason, w->error, "writing to standard output failed: %s", strerror(-w->error));
	return 0;
}

static int trace(struct why *w, struct reason *reason)
{
	struct guard_needs needs = {.attaches_more = true, .asks_devices = true};
	struct trace_options *o = &w->o->trace;
	int status = 0, r = owners_new(&w->owners, reason);

	if (r >= 0)
		r = open_session(w, reason);
	if (r < 0)
		return r;
	say_attached(w);
	r = ready_file_create(o->ready_file, reason);
	if (o->duration_ns)
		w->end_ns = clock_monotonic_ns() + o->duration_ns;
	if (r >= 0)
		r = confine(&needs, reason);
	if (r >= 0 && w->child)
		r = child_start(w->child);
	if (r >= 0)
		r = watch(w, &status);
	return r < 0 ? r : finish(w, status, reason);
}

/* The arguments before "--" are a pcap-filter expression, those behind it the command. */
static int read_arguments(struct why *w, int argc, char **argv, struct reason *reason)
{
	int r = child_from_arguments(argc, argv, &w->child, reason);

	if (r >= 0)
		r = trace_options_expr(r, argv, &w->expr, &w->expr_text, reason);
	w->has_expr = r > 0;
	return r < 0 ? r : 0;
}

static int run_why(void *dst, int argc, char **argv)
{
	_cleanup_(why_clear) struct why w = {.o = dst};
	struct emit_opts emit = {.output = &w.o->trace.output, .put = on_drop, .ctx = &w};
	struct reason reason = {0};
	int r = read_arguments(&w, argc, argv, &reason);

	w.o->trace.output.drops = true;
	if (r >= 0)
		r = session_preflight(&reason);
	if (r >= 0)
		r = emit_new(&emit, &w.emit);
	if (r >= 0) {
		signals_catch_stop();
		r = trace(&w, &reason);
	}
	return r < 0 ? exit_refuse(r, &reason) : ST_EXIT_OK;
}

#define T(field) offsetof(struct why_opts, trace.field)
static const struct opt why_options[] = {
	OPT_GROUP("Which packets"),
	FILTER_OPTION_ROWS(T(match)),
	SURROUNDINGS_OPTION_ROWS(T(match)),
	{"filter-cgroup", 0, "PATH", "packets while a process of this cgroup (v2) or below runs", opt_string,
	 T(cgroup)},
	OPT_REPEATED_ROW("filter-pod", "POD", "packets of this pod: its addresses or its namespace", opt_names,
			 T(pods)),
	OPT_GROUP("Form of the output"),
	{"json", 0, NULL, "JSON lines instead of text", opt_flag, T(json)},
	OPT_GROUP("End of the trace"),
	{"duration", 0, "TIME", "end after this long", opt_duration, T(duration_ns)},
	OPT_GROUP("Running"),
	{"backend", 0, "BACKEND", "auto, kprobe or kprobe-multi", opt_backend, T(backend)},
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default: 32M)", opt_bytes, T(ring_bytes)},
	{"ready-file", 0, "FILE", "create FILE once every probe is attached", opt_string, T(ready_file)},
	OPT_END,
};

static void init(void *opts)
{
	struct why_opts *o = opts;

	o->trace.ring_bytes = RING_BYTES;
}

const struct command cmd_why = {
	.name = "why",
	.usage = "[OPTIONS] [PCAP-FILTER] [-- COMMAND [ARGUMENT]...]",
	.summary = "Names for each dropped packet who on this node decided it.",
	.opts = why_options,
	.opts_size = sizeof(struct why_opts),
	.init = init,
	.run = run_why,
	.takes_command = true,
};
