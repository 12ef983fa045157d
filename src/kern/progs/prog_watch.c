/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A datapath has many more programs than attached ones: the others are the targets of tail calls.
 * A tail call enters a program behind the place where fentry is attached (bpf/progs.bpf.h), so to follow a target shows
 * nothing, save for its functions. So only attached programs are followed, unless all are asked for.
 *
 * Neither clsact nor tcx says when a program is attached. But a program is loaded shortly before, and the kernel
 * assigns program ids in ascending order: whether there is a new one takes one system call. To look for attached
 * programs takes some milliseconds. So that is done again and again for a while after a program was loaded; otherwise,
 * as programs that were loaded long ago may be attached too, at intervals. The intervals depend on how long a look
 * takes, so that this never takes more than a given part of a CPU's time.
 *
 * A link to a program keeps that program loaded. If a datapath replaces its programs during a long trace, the old ones
 * stay in memory until the trace ends.
 */
#include "kern/progs/prog_watch.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/array.h"
#include "base/clock.h"
#include "kern/error/kern_error.h"
#include "kern/progs/prog_info.h"
#include "kern/progs/prog_places.h"

#define NS_PER_S    1000000000ull
#define BUSY_NS	    (10 * NS_PER_S) /* after a program was loaded: looks follow each other more closely */
#define BUSY_SHARE  5		    /* then a look may take one part in so many of a CPU's time */
#define IDLE_SHARE  100
#define IDLE_MIN_NS NS_PER_S

struct prog_watch {
	struct prog_watch_opts opts;
	struct prog_copies *copies;
	struct prog_places places;
	struct prog_target *targets; /* owned; the followed programs, sorted by id */
	size_t n_targets;
	uint32_t *done; /* owned, sorted: programs that are followed or cannot be */
	size_t n_done;
	size_t n_funcs;
	uint32_t last_id;	   /* the highest one seen */
	uint64_t look_ns, took_ns; /* when the last look for attached programs ended, and how long it took */
	uint64_t busy_until_ns;
	bool is_full;		       /* PROG_WATCH_FUNCS_MAX is reached, and that was reported */
	struct prog_watch_error error; /* the first of those that were not reported yet; n 0: none. Owns its strings */
};

static void clear_error(struct prog_watch_error *e)
{
	free((char *)e->name);
	free((char *)e->func);
	free((char *)e->why);
	*e = (struct prog_watch_error){0};
}

static int keep_error(struct prog_watch *w, const struct prog_target *t, const struct prog_func *f, const char *why)
{
	struct prog_watch_error *e = &w->error;

	if (e->n++)
		return 0;
	e->id = t->id;
	e->xdp = t->xdp;
	e->name = strdup(t->name);
	e->func = f && f->index ? strdup(f->name) : NULL;
	e->why = strdup(why);
	return e->name && e->why && (!f || !f->index || e->func) ? 0 : -ENOMEM;
}

static void report_errors(struct prog_watch *w)
{
	if (w->error.n && w->opts.on_error)
		w->opts.on_error(w->opts.ctx, &w->error);
	clear_error(&w->error);
}

/* Where id is in the sorted list, or where it belongs. */
static size_t find_id(const uint32_t *ids, size_t n, uint32_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* 1: it is new in the list; 0: it was in it; -ENOMEM. */
static int note_done(struct prog_watch *w, uint32_t id)
{
	size_t at = find_id(w->done, w->n_done, id);

	if (at < w->n_done && w->done[at] == id)
		return 0;
	if (ARRAY_GROW(w->done, w->n_done) < 0)
		return -ENOMEM;
	memmove(w->done + at + 1, w->done + at, (w->n_done++ - at) * sizeof(*w->done));
	w->done[at] = id;
	return 1;
}

/* Takes over what *t owns; leaves *t empty. */
static int keep_target(struct prog_watch *w, struct prog_target *t)
{
	size_t at = w->n_targets;

	if (ARRAY_GROW(w->targets, w->n_targets) < 0)
		return -ENOMEM;
	for (; at > 0 && w->targets[at - 1].id > t->id; at--)
		w->targets[at] = w->targets[at - 1];
	w->targets[at] = *t;
	w->n_targets++;
	*t = (struct prog_target){0};
	return 0;
}

static int follow_funcs(struct prog_watch *w, struct prog_target *t, int prog_fd)
{
	bool followed = false;

	w->is_full = t->n_funcs > PROG_WATCH_FUNCS_MAX - w->n_funcs;
	if (w->is_full)
		return keep_error(w, t, NULL,
				  "as many functions of programs are followed as there may be; no later one is");
	for (size_t i = 0; i < t->n_funcs; i++) {
		const char *why = NULL;
		int r = prog_copies_attach(w->copies, t, &t->funcs[i], prog_fd, &why);

		if (r == 0)
			r = keep_error(w, t, &t->funcs[i], why);
		else if (r > 0)
			followed = ++w->n_funcs;
		if (r < 0)
			return r;
	}
	return followed ? keep_target(w, t) : 0;
}

/* 0, also if the program is gone, of another kind, or cannot be followed, which is kept for report_errors(); -ENOMEM.
 */
static int follow(struct prog_watch *w, uint32_t id)
{
	_cleanup_(prog_target_free) struct prog_target t = {0};
	_cleanup_close_ int fd = -1;
	struct reason reason = {0};
	int r = w->is_full ? 0 : note_done(w, id);

	if (r <= 0)
		return r;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return 0;
	r = prog_target_load(fd, &t, &reason);
	if (r == 0 || r == -ENOMEM || !t.id || !prog_copies_take(w->copies, t.xdp))
		return r == -ENOMEM ? r : 0;
	if (r < 0)
		return keep_error(w, &t, NULL, reason.text[0] ? reason.text : strerror(-r));
	return follow_funcs(w, &t, fd);
}

static int follow_attached(struct prog_watch *w)
{
	struct prog_places found = {0};
	uint64_t start_ns = clock_monotonic_ns();
	int r = prog_places_load(&found);

	if (r >= 0)
		r = prog_places_update(&w->places, &found);
	prog_places_free(&found);
	w->look_ns = clock_monotonic_ns();
	w->took_ns = w->look_ns - start_ns;
	for (size_t i = 0; r >= 0 && i < w->places.n; i++)
		r = follow(w, w->places.v[i].id);
	return r;
}

/* 1: a program of a kind that is followed; 0: not, or it is gone; -errno. */
static int is_wanted(const struct prog_watch *w, uint32_t id, bool *ret_all)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {0};
	int r = fd < 0 ? 0 : prog_info(fd, &info);
	bool xdp = info.type == BPF_PROG_TYPE_XDP;

	if (fd < 0 || r < 0 || !prog_target_type(info.type) || !prog_copies_take(w->copies, xdp))
		return r;
	*ret_all = xdp ? w->opts.all_xdp : w->opts.all_tc;
	return 1;
}

/* Looks at the programs that were loaded since the last call, our own copies among them. */
static int look_at_new(struct prog_watch *w)
{
	uint32_t id;
	int r = 0;

	while (r >= 0 && bpf_prog_get_next_id(w->last_id, &id) == 0) {
		bool all = false;

		r = is_wanted(w, id, &all);
		if (r > 0)
			w->busy_until_ns = clock_monotonic_ns() + BUSY_NS;
		if (r > 0 && all)
			r = follow(w, id);
		w->last_id = id;
	}
	return r < 0 ? r : 0;
}

static bool look_is_due(const struct prog_watch *w)
{
	uint64_t now_ns = clock_monotonic_ns(), pause_ns = w->took_ns * BUSY_SHARE;

	if (now_ns >= w->busy_until_ns) {
		pause_ns = w->took_ns * IDLE_SHARE;
		pause_ns = pause_ns > IDLE_MIN_NS ? pause_ns : IDLE_MIN_NS;
	}
	return now_ns - w->look_ns >= pause_ns;
}

int prog_watch_look(struct prog_watch *w)
{
	int r = look_at_new(w);

	if (r >= 0 && look_is_due(w))
		r = follow_attached(w);
	report_errors(w);
	return r;
}

/* Raises the limit: each function that is followed takes two descriptors. */
static void raise_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

int prog_watch_new(const struct prog_watch_opts *opts, struct prog_watch **ret, struct reason *reason)
{
	_cleanup_(prog_watch_freep) struct prog_watch *w = calloc(1, sizeof(*w));
	uint32_t id;
	int r;

	if (!w)
		return -ENOMEM;
	w->opts = *opts;
	r = prog_copies_new(&opts->templates, &w->copies);
	if (r < 0)
		return r;
	raise_descriptors();
	r = bpf_prog_get_next_id(0, &id);
	if (r < 0 && r != -ENOENT)
		return kern_error_set(r, "list the loaded BPF programs", reason);
	r = look_at_new(w);
	if (r >= 0)
		r = follow_attached(w);
	report_errors(w);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(w);
	return 0;
}

static int compare_id(const void *id, const void *target)
{
	uint32_t a = *(const uint32_t *)id, b = ((const struct prog_target *)target)->id;

	return a < b ? -1 : a > b;
}

static const struct prog_target *find_target(const struct prog_watch *w, uint32_t id)
{
	return w->n_targets ? bsearch(&id, w->targets, w->n_targets, sizeof(*w->targets), compare_id) : NULL;
}

void prog_watch_name(const struct prog_watch *w, struct event *ev)
{
	const struct prog_target *t = find_target(w, ev->prog.id);

	if (!t)
		return;
	ev->prog.name = t->name;
	ev->prog.xdp = t->xdp;
	if (!t->xdp)
		ev->prog.hooks = prog_places_hooks(&w->places, t->id, ev->netns, ev->has_dev ? ev->ifindex : 0);
	if (ev->source == ST_SRC_PROG_CALL)
		return;
	for (size_t i = 0; i < t->n_funcs; i++)
		if (t->funcs[i].index == ev->prog.func)
			ev->func = t->funcs[i].name;
}

size_t prog_watch_programs(const struct prog_watch *w)
{
	return w->n_targets;
}

size_t prog_watch_funcs(const struct prog_watch *w)
{
	return w->n_funcs;
}

int prog_watch_run_time(const struct prog_watch *w, uint64_t *ns)
{
	return prog_copies_run_time(w->copies, ns);
}

int prog_watch_account(const struct prog_watch *w, struct lost_events *ledger)
{
	return prog_copies_account(w->copies, &ledger->lost_recursion);
}

void prog_watch_detach(struct prog_watch *w)
{
	prog_copies_detach(w->copies);
}

void prog_watch_free(struct prog_watch *w)
{
	if (!w)
		return;
	prog_copies_free(w->copies);
	prog_places_free(&w->places);
	for (size_t i = 0; i < w->n_targets; i++)
		prog_target_free(&w->targets[i]);
	free(w->targets);
	free(w->done);
	clear_error(&w->error);
	free(w);
}
