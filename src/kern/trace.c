/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/trace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/kernel_version.h"
#include "bpf/trace.skel.h"
#include "event/parts.h"
#include "kern/attach/bpf_map_ops.h"
#include "kern/attach/groups.h"
#include "kern/attach/kill_switches.h"
#include "kern/attach/kprobe_events.h"
#include "kern/attach/kprobe_multi.h"
#include "kern/attach/modules.h"
#include "kern/attach/nf_chains.h"
#include "kern/attach/returns.h"
#include "kern/attach/skb_tracking.h"
#include "kern/error/kern_error.h"
#include "kern/progs/account.h"
#include "kern/progs/prog_follow.h"
#include "kern/ring.h"
#include "kern/trace_load.h"
#include "kern/tracefs/stale_events.h"

struct trace {
	struct trace_opts opts;
	struct trace_bpf *skel;
	struct bpf_link *kfree;
	struct kprobe_multi *multi;
	struct kprobe_events *events;
	struct modules *modules;
	struct skb_tracking *track;
	struct bpf_map_ops *maps;
	struct nf_chains *chains;   /* NULL: none are recorded */
	struct prog_follow *follow; /* NULL: no BPF programs are followed */
	struct ring *ring;
	struct kill_switches switches;
	struct attach_failures failures;
	struct event_parts parts; /* of the event that on_event is called for */
	size_t selected;
	int stats; /* of bpf_enable_stats(): while it is open, the kernel times programs; or negative */
};

static int on_record(void *ctx, void *data, size_t size)
{
	struct trace *t = ctx;
	struct event ev;

	if (event_decode(data, size, &ev) < 0 || (t->opts.parts && event_parts_decode(data, size, &t->parts) < 0))
		return ring_malformed(t->ring);
	ev.parts = t->opts.parts ? &t->parts : NULL;
	if (t->opts.sizes.snap && t->parts.bytes) {
		ev.bytes = t->parts.bytes;
		ev.n_bytes = t->parts.n_bytes;
		ev.wire_bytes = t->parts.wire_bytes;
	}
	if (ev.source == ST_SRC_COPY) {
		ring_note(t->ring, ev.source, ev.cpu, ev.cpu_seq);
		return t->opts.on_event(t->opts.ctx, &ev);
	}
	ev.seq = ring_count(t->ring, ev.source, ev.cpu, ev.cpu_seq);
	if (ev.prog.id && t->follow)
		prog_watch_name(prog_follow_watch(t->follow), &ev);
	return t->opts.on_event(t->opts.ctx, &ev);
}

/* The selected functions, and their returns if asked for. */
static int attach_funcs(struct trace *t, const struct func_set *funcs, struct reason *reason)
{
	size_t n = funcs->n_attachable, n_groups;
	_cleanup_free_ const struct func **members = calloc(2 * n + 1, sizeof(*members));
	struct attach_progress progress = {.fn = t->opts.on_progress, .ctx = t->opts.ctx, .total = n};
	struct attach_group groups[GROUPS_MAX + 1];
	int r;

	if (!members)
		return -ENOMEM;
	/* returns first: of two links at a function the later one is called first, and it must see the return address
	 * before the link at the return replaces it */
	returns_make(t->skel->obj, t->opts.backend, t->opts.filter.returns, funcs, members, &groups[0]);
	n_groups = groups[0].n ? 1 : 0;
	progress.total += groups[0].n;
	n_groups += groups_make(t->skel->obj, t->opts.backend, funcs, members + n, groups + n_groups);
	if (t->opts.backend == TRACE_BACKEND_KPROBE_MULTI)
		r = kprobe_multi_attach(groups, n_groups, &t->failures, &progress, &t->multi);
	else
		r = kprobe_events_attach(groups, n_groups, &t->failures, &progress, &t->events, reason);
	if (r < 0)
		return kern_error_set(r, "attach the probes", reason);
	if (!trace_attached(t))
		return reason_set(reason, -ENOENT,
				  "none of the %zu selected functions could be probed; the first was refused "
				  "with: %s",
				  t->selected, t->failures.n ? strerror(-t->failures.v[0].err) : "nothing");
	return 0;
}

static int attach(struct trace *t, const struct func_set *funcs, struct reason *reason)
{
	int r = attach_funcs(t, funcs, reason);

	if (r >= 0)
		r = nf_chains_attach(t->skel, &t->chains, reason);
	if (r < 0)
		return r;
	t->kfree = bpf_program__attach(t->skel->progs.kfree);
	if (!t->kfree)
		return kern_error_set(-errno, "attach to the kfree_skb tracepoint", reason);
	r = skb_tracking_attach(t->skel->obj, &t->track, reason);
	if (r >= 0 && t->opts.filter.maps)
		r = bpf_map_ops_attach(t->skel, &t->maps, reason);
	return r;
}

const struct prog_watch *trace_progs(const struct trace *t)
{
	return t->follow ? prog_follow_watch(t->follow) : NULL;
}

static int open_ring(struct trace *t, struct reason *reason)
{
	struct ring_opts opts = {.records = t->skel->maps.st_ring,
				 .counters = t->skel->maps.st_count,
				 .on = &t->skel->bss->st_on,
				 .on_record = on_record,
				 .ctx = t};

	return ring_new(&opts, &t->ring, reason);
}

static int open_follow(struct trace *t, struct reason *reason)
{
	struct prog_follow_opts opts = {.tc = t->opts.trace_tc,
					.xdp = t->opts.trace_xdp,
					.all_tc = t->opts.all_tc,
					.all_xdp = t->opts.all_xdp,
					.on_error = t->opts.on_prog_error,
					.ctx = t->opts.ctx};

	return prog_follow_open(t->skel, &opts, &t->follow, reason);
}

int trace_open(const struct trace_opts *opts, const struct func_set *funcs, struct trace **ret, struct reason *reason)
{
	_cleanup_(trace_freep) struct trace *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->stats = -1;
	t->switches = (struct kill_switches){.ftrace = -1, .kprobes = -1};
	if (!funcs->n_attachable)
		return reason_set(reason, -ENOENT,
				  "no function to probe: the selection is empty; see 'skbtrail funcs --all'");
	t->opts = *opts;
	t->selected = funcs->n_attachable;
	r = kill_switches_open(&t->switches, opts->backend == TRACE_BACKEND_KPROBE, reason);
	if (r < 0)
		return r;
	if (opts->run_time && (t->stats = bpf_enable_stats(BPF_STATS_RUN_TIME)) < 0)
		return kern_error_set(t->stats, "have the kernel time the programs", reason);
	stale_events_clean_up();
	r = trace_load(&t->opts, funcs, &t->skel, reason);
	if (r >= 0)
		r = open_ring(t, reason);
	if (r >= 0)
		r = attach(t, funcs, reason);
	if (r >= 0)
		r = modules_new(funcs, t->failures.v, t->failures.n, &t->modules);
	if (r >= 0)
		r = open_follow(t, reason);
	if (r < 0)
		return r;
	ring_start(t->ring);
	*ret = TAKE_PTR(t);
	return 0;
}

size_t trace_without_return(const struct trace *t)
{
	return t->multi	   ? kprobe_multi_without_return(t->multi)
	       : t->events ? kprobe_events_without_return(t->events)
			   : 0;
}

const char *trace_maps_unseen(const struct trace *t)
{
	return bpf_map_ops_unseen(t->maps);
}

bool trace_sees_chains(const struct trace *t)
{
	return t->chains;
}

size_t trace_module_gone(const struct trace *t, const char *module)
{
	return modules_report_gone(t->modules, module);
}

size_t trace_attached(const struct trace *t)
{
	return (t->multi ? kprobe_multi_attached(t->multi) : 0) + (t->events ? kprobe_events_attached(t->events) : 0);
}

const struct trace_failure *trace_failures(const struct trace *t, size_t *ret_n)
{
	*ret_n = t->failures.n;
	return t->failures.v;
}

int trace_poll(struct trace *t, int timeout_ms)
{
	int r = ring_poll(t->ring, timeout_ms), watched = 0;

	kill_switches_look(&t->switches);
	if ((r == 0 || r == -EINTR) && t->follow)
		watched = prog_watch_look(prog_follow_watch(t->follow));
	return watched < 0 ? watched : r;
}

static int account_programs(struct trace *t, struct lost_events *l)
{
	struct bpf_program *prog;
	int can_tell = 1;

	bpf_object__for_each_program(prog, t->skel->obj)
	{
		int r;

		if (!bpf_program__autoload(prog))
			continue;
		r = account_recursion(bpf_program__fd(prog), &l->lost_recursion);
		if (r < 0)
			return r;
		can_tell &= r;
	}
	if (t->follow) {
		int r = prog_watch_account(prog_follow_watch(t->follow), l);

		return r < 0 ? r : can_tell & r;
	}
	return can_tell;
}

int trace_run_time(const struct trace *t, uint64_t *ret_ns)
{
	struct bpf_program *prog;
	uint64_t ns = 0;
	int r = 0;

	bpf_object__for_each_program(prog, t->skel->obj)
	{
		if (r >= 0 && bpf_program__autoload(prog))
			r = account_run_time(bpf_program__fd(prog), &ns);
	}
	if (r >= 0 && t->follow)
		r = prog_watch_run_time(prog_follow_watch(t->follow), &ns);
	if (r < 0)
		return r;
	*ret_ns = ns;
	return 0;
}

/* May be called again. The kprobe events stay defined until trace_free(), because deleting them takes time. */
static void detach(struct trace *t)
{
	if (t->follow)
		prog_follow_detach(t->follow);
	bpf_link__destroy(t->kfree);
	t->kfree = NULL;
	nf_chains_free(t->chains);
	t->chains = NULL;
	skb_tracking_free(t->track);
	t->track = NULL;
	bpf_map_ops_free(t->maps);
	t->maps = NULL;
	if (t->events)
		kprobe_events_disable(t->events);
	kprobe_multi_detach(t->multi);
	t->multi = NULL;
}

/* Without those that were left out because the user interrupted. */
static size_t count_failures(const struct trace *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->failures.n; i++)
		n += t->failures.v[i].err != -ECANCELED;
	return n;
}

int trace_finish(struct trace *t, struct lost_events *ret)
{
	size_t gone = modules_count_gone(t->modules);
	int links, programs, r;

	*ret = (struct lost_events){
		.selected = t->selected,
		.attached = trace_attached(t) - gone,
		.failed = count_failures(t) + gone,
		.backend = t->multi ? "kprobe.multi" : "kprobe",
		.unprovable_why =
			gone ? "a module was unloaded, and its probes with it" : kill_switches_silenced(&t->switches),
	};
	ring_stop(t->ring, ret);
	links = t->multi ? kprobe_multi_account(t->multi, ret) : kprobe_events_account(t->events, ret);
	if (links < 0)
		return links;
	programs = account_programs(t, ret);
	if (programs < 0)
		return programs;
	detach(t);
	r = ring_finish(t->ring, ret);
	if (r < 0)
		return r;
	ret->lost_map += t->skel->bss->st_track_lost + t->skel->bss->st_track_cut + t->skel->bss->st_stack_lost +
			 t->skel->bss->st_return_lost + t->skel->bss->st_chain_lost;
	ret->unreadable = t->skel->bss->st_unreadable;
	ret->provable = links && programs && kernel_version_at_least(6, 7) && !ret->limited && !ret->unprovable_why;
	if (!ret->provable && !ret->unprovable_why)
		ret->unprovable_why =
			ret->limited ? "--max-rate held events back"
				     : "before 6.7 the kernel does not count kprobe programs it skips while another "
				       "runs on that CPU";
	return 0;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	detach(t);
	prog_follow_free(t->follow);
	kprobe_events_detach(t->events);
	modules_free(t->modules);
	closep(&t->stats);
	kill_switches_close(&t->switches);
	ring_free(t->ring);
	trace_bpf__destroy(t->skel);
	free(t->failures.v);
	free(t);
}
