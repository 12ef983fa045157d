/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/trace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bpf/trace.skel.h"
#include "event/parts.h"
#include "kern/account.h"
#include "kern/attach.h"
#include "kern/chains.h"
#include "kern/fentry_multi.h"
#include "kern/follow.h"
#include "kern/groups.h"
#include "kern/leftovers.h"
#include "kern/load.h"
#include "kern/maps.h"
#include "kern/modules.h"
#include "kern/reader_nice.h"
#include "kern/refusal.h"
#include "kern/returns.h"
#include "kern/ring.h"
#include "kern/switches.h"
#include "kern/track.h"

#define RECORDS_PER_LOOK 64

struct trace {
	struct trace_opts opts;
	struct trace_bpf *skel;
	struct bpf_link *kfree;
	struct fentry_multi *fentry; /* NULL but for its backend, which may have multi beside it */
	struct multi *multi;
	struct events *events;
	struct modules *modules;
	struct track *track;
	struct maps *maps;
	struct chains *chains; /* NULL: netfilter's are not shown */
	struct follow *follow; /* NULL: no BPF programs */
	struct ring_buffer *ring;
	struct ring_turn turn;
	struct reader_nice *nice; /* while records are read as they come; NULL: it is not to be had */
	struct switches switches;
	struct seq_track seq;
	struct attach_failures failures;
	struct event_parts parts; /* of the event that is told of */
	uint64_t received, malformed, started_ns;
	size_t selected;
	int stats; /* while open, the kernel times programs; or negative */
};

int attach_failed(struct attach_failures *f, const struct func *func, int err)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		struct trace_failure *v = reallocarray(f->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n++] = (struct trace_failure){.func = func, .err = err};
	return 0;
}

void attach_advance(struct attach_progress *p, size_t n)
{
	p->done += n;
	if (p->fn)
		p->fn(p->ctx, p->done, p->total);
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct trace *t = ctx;
	struct event ev;
	int r;

	if (t->received % RECORDS_PER_LOOK == 0)
		reader_nice_look(t->nice);
	if (event_decode(data, size, &ev) < 0 || (t->opts.parts && event_parts_decode(data, size, &t->parts) < 0)) {
		t->malformed++;
		return 0;
	}
	ev.parts = t->opts.parts ? &t->parts : NULL;
	if (t->opts.sizes.snap && t->parts.bytes) {
		ev.bytes = t->parts.bytes;
		ev.n_bytes = t->parts.n_bytes;
		ev.wire_bytes = t->parts.wire_bytes;
	}
	ev.seq = t->received++;
	seq_note(&t->seq, ev.source, ev.cpu, ev.cpu_seq);
	if (ev.prog.id && t->follow)
		prog_watch_name(follow_watch(t->follow), &ev);
	r = t->opts.on_event(t->opts.ctx, &ev);
	return r < 0 ? r : ring_turn_over(&t->turn);
}

/* What is refused is left for kprobe.multi. slots: room for all functions twice. */
static int attach_fentry(struct trace *t, const struct func_set *funcs, const struct func **slots,
			 struct attach_progress *progress)
{
	struct attach_group groups[GROUPS_MAX], returns;
	size_t n;
	int r = 0;

	returns_make_fentry(t->skel->obj, &t->opts, t->fentry, funcs, slots, &returns);
	progress->total += returns.n;
	if (returns.n)
		r = fentry_multi_attach(t->fentry, &returns, progress);
	n = groups_make_fentry(t->skel->obj, t->fentry, funcs, slots + returns.n, groups);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = fentry_multi_attach(t->fentry, &groups[i], progress);
	return r;
}

static int attach(struct trace *t, const struct func_set *funcs, struct reason *reason)
{
	size_t n = funcs->n_attachable, n_groups;
	_cleanup_free_ const struct func **slots = calloc(2 * n + 1, sizeof(*slots));
	struct attach_progress progress = {.fn = t->opts.on_progress, .ctx = t->opts.ctx, .total = n};
	struct attach_group groups[GROUPS_MAX + 1];
	int r = 0;

	if (!slots)
		return -ENOMEM;
	if (t->fentry)
		r = attach_fentry(t, funcs, slots, &progress);
	if (r < 0)
		return kern_refuse(r, "arm the functions", reason);
	/* returns first: of two links at one function the later one is called first, and it shall see the return
	 * address before the other replaces it */
	returns_make(t->skel->obj, &t->opts, t->fentry, funcs, slots, &groups[0]);
	n_groups = groups[0].n ? 1 : 0;
	progress.total += groups[0].n;
	n_groups += groups_make(t->skel->obj, t->opts.backend, t->fentry, funcs, slots + n, groups + n_groups);
	if (t->opts.backend != TRACE_BACKEND_KPROBE)
		r = multi_attach(groups, n_groups, &t->failures, &progress, &t->multi, reason);
	else
		r = events_attach(groups, n_groups, &t->failures, &progress, &t->events, reason);
	if (r < 0)
		return kern_refuse(r, "arm the probes", reason);
	if (!trace_attached(t))
		return reason_set(reason, -ENOENT,
				  "none of the %zu selected functions could be probed; the first was refused "
				  "with: %s",
				  t->selected, t->failures.n ? strerror(-t->failures.v[0].err) : "nothing");
	r = chains_attach(t->skel, &t->chains, reason);
	if (r < 0)
		return r;
	t->kfree = bpf_program__attach(t->skel->progs.kfree);
	if (t->kfree && t->opts.filter.track) {
		r = track_attach(t->skel->obj, &t->track, reason);
		if (r < 0)
			return r;
	}
	if (t->kfree && t->opts.filter.maps) {
		r = maps_attach(t->skel, &t->maps, reason);
		if (r < 0)
			return r;
	}
	return t->kfree ? 0 : kern_refuse(-errno, "attach to the kfree_skb tracepoint", reason);
}

const struct prog_watch *trace_progs(const struct trace *t)
{
	return t->follow ? follow_watch(t->follow) : NULL;
}

/* Between true and false every program records; before and after, none does. */
static void record(struct trace *t, bool on)
{
	__atomic_store_n(&t->skel->bss->st_on, on, __ATOMIC_SEQ_CST);
}

int trace_open(const struct trace_opts *opts, const struct func_set *funcs, struct trace **ret, struct reason *reason)
{
	_cleanup_(trace_freep) struct trace *t = calloc(1, sizeof(*t));
	int n_cpus = libbpf_num_possible_cpus(), r;

	if (!t)
		return -ENOMEM;
	t->stats = -1;
	t->switches = (struct switches){.ftrace = -1, .kprobes = -1};
	if (n_cpus < 0)
		return n_cpus;
	if (!funcs->n_attachable)
		return reason_set(reason, -ENOENT,
				  "no function to probe: the selection is empty; see 'skbtrail funcs --all'");
	t->opts = *opts;
	t->selected = funcs->n_attachable;
	r = switches_open(&t->switches, opts->backend == TRACE_BACKEND_KPROBE, reason);
	if (r < 0)
		return r;
	r = seq_init(&t->seq, ST_SRC_MAX, n_cpus);
	if (r < 0)
		return r;
	if (opts->run_time && (t->stats = bpf_enable_stats(BPF_STATS_RUN_TIME)) < 0)
		return kern_refuse(t->stats, "have the kernel time the programs", reason);
	if (opts->backend == TRACE_BACKEND_FENTRY_MULTI) {
		r = fentry_multi_new(opts->btf, funcs, &t->fentry);
		if (r < 0)
			return r;
	}
	leftovers_sweep();
	r = trace_load(&t->opts, t->fentry, funcs, &t->skel, reason);
	if (r < 0)
		return r;
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.st_ring), on_record, t, NULL);
	if (!t->ring)
		return kern_refuse(-errno, "map the ring buffer", reason);
	r = attach(t, funcs, reason);
	if (r >= 0)
		r = modules_new(funcs, t->failures.v, t->failures.n, &t->modules);
	if (r >= 0)
		r = follow_open(t->skel, &t->opts, &t->follow, reason);
	if (r < 0)
		return r;
	if (opts->stand_back)
		r = reader_nice_start(bpf_map__fd(t->skel->maps.st_ring), ring_round(opts->ring_bytes), &t->nice);
	if (r < 0)
		return kern_refuse(r, "look at the ring buffer", reason);
	record(t, true);
	t->started_ns = clock_monotonic_ns();
	*ret = TAKE_PTR(t);
	return 0;
}

size_t trace_without_return(const struct trace *t)
{
	return t->multi ? multi_without_return(t->multi) : t->events ? events_without_return(t->events) : 0;
}

const char *trace_maps_unseen(const struct trace *t)
{
	return maps_unseen(t->maps);
}

bool trace_sees_chains(const struct trace *t)
{
	return t->chains;
}

size_t trace_module_gone(const struct trace *t, const char *module)
{
	return modules_forget(t->modules, module);
}

size_t trace_attached(const struct trace *t)
{
	return (t->fentry ? fentry_multi_attached(t->fentry) : 0) + (t->multi ? multi_attached(t->multi) : 0) +
	       (t->events ? events_attached(t->events) : 0);
}

static const char *backend_name(const struct trace *t)
{
	if (t->fentry && fentry_multi_attached(t->fentry))
		return multi_attached(t->multi) ? "fentry.multi and kprobe.multi" : "fentry.multi";
	return t->multi ? "kprobe.multi" : "kprobe";
}

const struct trace_failure *trace_failures(const struct trace *t, size_t *ret_n)
{
	*ret_n = t->failures.n;
	return t->failures.v;
}

int trace_poll(struct trace *t, int timeout_ms)
{
	int r = ring_poll(t->ring, &t->turn, timeout_ms), watched = 0;

	switches_look(&t->switches);
	reader_nice_look(t->nice);
	if ((r == 0 || r == -EINTR) && t->follow)
		watched = prog_watch_look(follow_watch(t->follow));
	return watched < 0 ? watched : r;
}

static int account_programs(struct trace *t, struct ledger *l)
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
		int r = prog_watch_account(follow_watch(t->follow), l);

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
		r = prog_watch_run_time(follow_watch(t->follow), &ns);
	if (r < 0)
		return r;
	*ret_ns = ns;
	return 0;
}

int trace_finish(struct trace *t, struct ledger *ret)
{
	size_t gone = modules_gone(t->modules); /* of those that were attached */
	int links, programs, r;

	*ret = (struct ledger){
		.selected = t->selected,
		.attached = trace_attached(t) - gone,
		.failed = t->failures.n + gone,
		.backend = backend_name(t),
		.duration_ns = clock_monotonic_ns() - t->started_ns,
		.unprovable_why =
			gone ? "a module was unloaded, and its probes with it" : switches_silenced(&t->switches),
	};
	record(t, false);
	reader_nice_free(t->nice);
	t->nice = NULL;
	links = t->multi ? multi_account(t->multi, ret) : events_account(t->events, ret);
	if (links < 0)
		return links;
	programs = account_programs(t, ret);
	if (programs < 0)
		return programs;
	if (t->follow)
		follow_detach(t->follow);
	bpf_link__destroy(t->kfree);
	t->kfree = NULL;
	chains_free(t->chains);
	t->chains = NULL;
	track_free(t->track);
	t->track = NULL;
	maps_free(t->maps);
	t->maps = NULL;
	if (t->events)
		events_disarm(t->events);
	if (t->fentry)
		fentry_multi_detach(t->fentry);
	multi_detach(t->multi);
	t->multi = NULL;
	r = ring_buffer__consume(t->ring);
	if (r < 0)
		return r;
	ret->events = t->received;
	r = account_ring(t->skel->maps.st_count, &t->seq, ret);
	if (r < 0)
		return r;
	ret->lost_ring += t->malformed;
	ret->lost_map += t->skel->bss->st_track_lost + t->skel->bss->st_track_cut + t->skel->bss->st_stack_lost +
			 t->skel->bss->st_return_lost;
	ret->provable = links && programs && kernel_at_least(6, 7) && !ret->limited && !ret->unprovable_why;
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
	follow_free(t->follow);
	bpf_link__destroy(t->kfree);
	chains_free(t->chains);
	track_free(t->track);
	maps_free(t->maps);
	fentry_multi_free(t->fentry);
	multi_detach(t->multi);
	events_detach(t->events);
	modules_free(t->modules);
	closep(&t->stats);
	switches_close(&t->switches);
	reader_nice_free(t->nice);
	ring_buffer__free(t->ring);
	trace_bpf__destroy(t->skel);
	seq_free(&t->seq);
	free(t->failures.v);
	free(t);
}
