/* SPDX-License-Identifier: GPL-2.0-only */
/* trace: attaches to functions, shows every event until it is told to stop, ends with the ledger. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/child.h"
#include "cli/confine.h"
#include "cli/exit.h"
#include "cli/own_connection.h"
#include "cli/ready_file.h"
#include "cli/trace_options.h"
#include "live/cpu_budget.h"
#include "live/filter_notes.h"
#include "live/module_watch.h"
#include "live/owners.h"
#include "live/session.h"
#include "live/skb_exprs.h"
#include "live/surroundings_config.h"
#include "render/out/escape.h"
#include "sink/sink.h"
#include "sink/trace_info.h"

#define POLL_MS 100 /* the longest that an event waits to be shown */

struct tracing {
	struct trace_options *o;
	struct expr expr;     /* the pcap-filter expression, if has_expr */
	struct buf expr_text; /* owned */
	bool has_expr;
	struct skb_exprs exprs;
	struct trace_info info; /* of this trace */
	struct sink *sink;
	struct session *session;
	struct owners *owners;	      /* NULL: not asked for */
	struct child *child;	      /* NULL: no command */
	struct module_watch *modules; /* NULL: the kernel does not tell us of modules */
	uint64_t end_ns;	      /* CLOCK_MONOTONIC, 0: no end is set */
	struct budget budget;
};

static void tracing_clear(struct tracing *t)
{
	sink_free(t->sink);
	trace_info_clear(&t->info);
	session_free(t->session);
	owners_free(t->owners);
	child_free(t->child);
	module_watch_free(t->modules);
	expr_free(&t->expr);
	buf_free(&t->expr_text);
	skb_exprs_clear(&t->exprs);
}

static int on_event(void *ctx, struct event *ev)
{
	struct tracing *t = ctx;

	skb_exprs_name(&t->exprs, ev->parts);
	if (t->owners)
		(void)owners_event(t->owners, ev); /* at worst nobody is named */
	sink_event(t->sink, ev);		   /* if it fails watch() ends the trace, and the ledger is complete */
	return 0;
}

static void owner_text(void *ctx, uint64_t seq, struct out *o)
{
	const struct tracing *t = ctx;
	const struct owner_list *l = t->owners ? owners_of(t->owners, seq) : NULL;

	if (l && l->n)
		owner_list_text(l, o);
}

static int open_session(struct tracing *t, struct reason *reason)
{
	struct session_opts opts = {
		.env = {.select = {.filter_func = t->o->filter_func, .filter_func_not = t->o->filter_func_not},
			.kernel_btf = t->o->kernel_btf},
		.backend = t->o->backend,
		.trace_tc = t->o->trace_tc,
		.trace_xdp = t->o->trace_xdp,
		.ring_bytes = t->o->ring_bytes,
		.run_time = t->o->budget_permille > 0,
		.node_facts = sink_wants_facts(t->sink),
		.parts = sink_parts(t->sink),
		.payload_max_bytes = t->o->snaplen,
		.pcap = t->has_expr ? &t->expr : NULL,
		.on_event = on_event,
		.ctx = t,
	};
	int r;

	trace_options_filter(t->o, &opts.filter);
	opts.filter.without_mark_mtu = !sink_uses_mark(t->sink);
	r = surroundings_config(t->o, &opts.filter.surroundings, reason);
	if (r >= 0)
		r = targets_options(&t->o->funcs, &opts.env, reason);
	if (r >= 0)
		r = skb_exprs_compile(t->o, &t->exprs, reason);
	if (r < 0)
		return r;
	if (t->o->maps)
		opts.parts |= PART_BIT(ST_PART_MAP);
	if (t->exprs.n)
		opts.parts |= PART_BIT(ST_PART_VALUES);
	opts.tunnel_l2 = t->exprs.tunnel_l2.insns ? &t->exprs.tunnel_l2 : NULL;
	opts.tunnel_l3 = t->exprs.tunnel_l3.insns ? &t->exprs.tunnel_l3 : NULL;
	opts.skb_match = t->exprs.match.insns ? &t->exprs.match : NULL;
	opts.skb_values = t->exprs.n ? &t->exprs.values : NULL;
	opts.n_values = t->exprs.n;
	(void)module_watch_new(t->o->funcs.kmods, &t->modules);
	return session_open(&opts, &t->session, reason);
}

static void say_failure(const struct trace_failure *f)
{
	_cleanup_out_ struct out o = {0};

	out_str(&o, "skbtrail: not probed: ");
	out_escaped(&o, f->func->name);
	out_str(&o, ": ");
	out_str(&o, strerror(-f->err));
	out_char(&o, '\n');
	out_flush_file(&o, stderr);
}

static void say_attached(const struct tracing *t, const struct session_status *s)
{
	fprintf(stderr, "skbtrail: %zu functions armed", s->attached);
	if (s->n_failures)
		fprintf(stderr, ", %zu refused%s", s->n_failures, t->o->verbose ? "" : " (--verbose lists them)");
	if (s->follows_programs)
		fprintf(stderr, "; %zu BPF programs followed (%zu functions), later ones will be", s->n_programs,
			s->n_program_funcs);
	if (s->without_return)
		fprintf(stderr, "; %zu of them not where they return", s->without_return);
	fputs("; waiting for packets\n", stderr);
	if (t->o->output.netfilter && !s->sees_chains)
		fputs("skbtrail: --output-netfilter: no chain can be shown: neither nf_tables nor ip_tables is loaded, "
		      "or this kernel has no BTF of modules (5.11)\n",
		      stderr);
	if (s->maps_unseen)
		fprintf(stderr, "skbtrail: --output-bpfmap: not seen, as this kernel does not let them be traced: %s\n",
			s->maps_unseen);
	for (size_t i = 0; t->o->verbose && i < s->n_failures; i++)
		say_failure(&s->failures[i]);
}

static bool is_over(struct tracing *t)
{
	int status;

	return signals_stop_asked() || t->budget.spent || (t->end_ns && clock_monotonic_ns() >= t->end_ns) ||
	       sink_is_over(t->sink) || (t->child && child_has_ended(t->child, &status));
}

static int watch(struct tracing *t)
{
	while (!is_over(t)) {
		int r = session_poll(t->session, POLL_MS);

		if (r >= 0)
			r = budget_look(&t->budget, t->session);
		if (t->owners)
			owners_tick(t->owners);
		sink_tick(t->sink, clock_monotonic_ns());
		if (t->modules)
			module_watch_look(t->modules, t->session);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

static int finish(struct tracing *t, struct reason *reason)
{
	struct lost_events ledger;
	int status, r = session_finish(t->session, &ledger);

	if (r >= 0)
		r = sink_end(t->sink, &ledger, reason);
	if (t->child && child_has_ended(t->child, &status))
		child_say(t->child, status);
	return r;
}

static bool was_refused(const struct session_status *s, const struct func *f)
{
	for (size_t i = 0; i < s->n_failures; i++) {
		if (s->failures[i].func == f)
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tells the sink what can be seen. If the attaching was cut short, which functions were tried is not known. */
static int tell_coverage(const struct tracing *t, const struct session_status *s)
{
	const struct func_set *set = session_funcs(t->session);
	_cleanup_free_ const char **attached = calloc(set->n + 1, sizeof(*attached));
	_cleanup_free_ const char **refused = calloc(set->n + 1, sizeof(*refused));
	struct record_coverage c = {.options = t->o->told,
				    .n_options = t->o->n_told,
				    .has_funcs = !s->cut_short,
				    .attached = attached,
				    .refused = refused};

	if (!attached || !refused)
		return -ENOMEM;
	for (size_t i = 0; c.has_funcs && i < set->n; i++) {
		if (!set->items[i].attachable)
			continue;
		if (was_refused(s, &set->items[i]))
			refused[c.n_refused++] = set->items[i].name;
		else
			attached[c.n_attached++] = set->items[i].name;
	}
	qsort(attached, c.n_attached, sizeof(*attached), by_name);
	return sink_coverage(t->sink, &c);
}

static void say_filter_notes(const struct tracing *t)
{
	_cleanup_out_ struct out notes = {0};

	filter_notes(&t->o->match, &notes);
	out_flush_file(&notes, stderr);
}

static int trace(struct tracing *t, struct reason *reason)
{
	struct guard_needs needs = {.opens_files = t->o->output.file != NULL,
				    .attaches_more = t->o->trace_tc || t->o->trace_xdp,
				    .visits_netns = sink_wants_facts(t->sink),
				    .asks_devices = t->o->path};
	struct session_status status;
	int r = t->o->path && !t->o->json ? owners_new(&t->owners, reason) : 0;

	if (r >= 0)
		r = open_session(t, reason);
	/* not before all is known to be right: an older file is emptied here */
	if (r >= 0)
		r = sink_begin(t->sink, &t->info.info, reason);
	if (r < 0)
		return r;
	session_status(t->session, &status);
	if (t->owners && status.sees_chains)
		owners_see_chains(t->owners);
	if (status.cut_short)
		fprintf(stderr, "skbtrail: interrupted while attaching: %zu of %zu functions armed\n", status.attached,
			session_funcs(t->session)->n_attachable);
	else
		say_attached(t, &status);
	say_filter_notes(t);
	r = tell_coverage(t, &status);
	if (r >= 0)
		r = ready_file_create(t->o->ready_file, reason);
	if (t->o->duration_ns)
		t->end_ns = clock_monotonic_ns() + t->o->duration_ns;
	if (r >= 0)
		r = confine(&needs, reason);
	if (r >= 0 && t->child)
		r = child_start(t->child);
	if (r >= 0)
		r = watch(t);
	return r < 0 ? r : finish(t, reason);
}

/* Without a filter, the connection that carries the output is left out: it would feed the trace. */
static int leave_own_out(struct tracing *t, struct reason *reason)
{
	_cleanup_buf_ struct buf text = {0};
	const char *ssh = getenv("SSH_CONNECTION");
	char *argv[1];
	int r;

	if (t->has_expr || trace_options_choose_packets(t->o) || t->o->output.file || (t->o->write && !t->o->print) ||
	    !own_connection_carries(STDOUT_FILENO))
		return 0;
	r = own_connection_expr(ssh, &text);
	if (r > 0)
		r = buf_append(&text, "", 1);
	if (r < 0 || !text.len)
		return r;
	argv[0] = text.data;
	r = trace_options_expr(1, argv, &t->expr, &t->expr_text, reason);
	t->has_expr = r > 0;
	if (r > 0)
		fprintf(stderr,
			"skbtrail: no filter is given: the ssh connection %s, which carries this output, is left out\n",
			ssh);
	return r < 0 ? r : 0;
}

/* Checks what can be checked without privileges. */
static int read_options(struct tracing *t, int argc, char **argv, struct reason *reason)
{
	struct sink_opts opts = {
		.options = t->o, .exports = {.pcapng = t->o->pcapng}, .owner = owner_text, .owner_ctx = t};
	int r = sink_new(&opts, &t->sink, reason);

	if (r >= 0)
		r = child_from_arguments(argc, argv, &t->child, reason);
	if (r >= 0) {
		argc = r;
		r = trace_options_expr(argc, argv, &t->expr, &t->expr_text, reason);
	}
	if (r < 0 && argc == 1 && access(argv[0], F_OK) == 0) {
		*reason = (struct reason){0};
		reason_set(reason, r, "%s: is a file, and no filter expression; 'skbtrail report %s' shows a recording",
			   argv[0], argv[0]);
	}
	t->has_expr = r > 0;
	if (r == 0)
		r = leave_own_out(t, reason);
	if (t->has_expr)
		trace_options_tell(t->o, "pcap-filter", t->expr_text.data);
	t->budget = (struct budget){.permille = t->o->budget_permille, .n_cpus = get_nprocs()};
	return r;
}

static int run_trace(void *dst, int argc, char **argv)
{
	_cleanup_(tracing_clear) struct tracing t = {.o = dst};
	struct reason reason = {0};
	int r;

	if (sink_help(t.o, &r))
		return r;
	trace_info_fill(clock_realtime_ns() - clock_monotonic_ns(), &t.info);
	r = read_options(&t, argc, argv, &reason);
	if (r >= 0)
		r = session_preflight(&reason);
	if (r >= 0)
		r = sink_open(t.sink, &reason);
	if (r >= 0) {
		signals_catch_stop();
		r = trace(&t, &reason);
	}
	if (r >= 0)
		return ST_EXIT_OK;
	r = exit_refuse(r, &reason);
	skb_exprs_caret(&t.exprs, stderr);
	return r;
}

static const char *const examples[] = {
	"trace --filter-ip 10.0.0.67 --path",
	"trace --drops 'tcp port 443'",
	"trace --filter-pod default/client --filter-trace-tc --duration 10",
	"trace --filter-ip 10.0.0.67 -w lost.skbt",
	NULL,
};

const struct command cmd_trace = {
	.name = "trace",
	.usage = "[OPTIONS] [PCAP-FILTER] [-- COMMAND [ARGUMENT]...]",
	.takes_command = true,
	.summary = "Shows every kernel function that a matching packet passes.",
	.opts = trace_option_table,
	.examples = examples,
	.opts_size = sizeof(struct trace_options),
	.init = trace_options_init,
	.note = trace_options_note,
	.run = run_trace,
};
