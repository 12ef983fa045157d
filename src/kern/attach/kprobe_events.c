/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: many kprobes behind one tracefs event.
 *
 * Without kprobe.multi, one perf event per function costs seconds to minutes, most of it spent on grace periods. So
 * there is one event in kprobe_events for each group of functions, and every function of the group is appended to it as
 * one more probe point. One perf event and one program then serve all of them, and closing the perf event disables all
 * at once.
 *
 * How a line names its point decides the cost. For SYMBOL+OFFSET the kernel walks its whole symbol table to look for
 * another symbol of that name (number_of_same_symbols(), in 6.1 and in Debian's later 5.10: 10 to 40 ms a point under
 * emulation). For an address it does not. But the kernel tells the points of one event apart by symbol, offset and
 * arguments only, so it refuses a second address (EEXIST; kernel/trace/trace_kprobe.c, trace_kprobe_has_same_kprobe()).
 * Therefore each point has an argument that differs: an immediate value (\N, 5.5 and newer). The kernel never fetches
 * it, because our program runs first and asks for no record.
 *
 * The point is just past the ftrace call site, if the function has one: there it is an ordinary kprobe, which the
 * kernel sets in well under a millisecond and mostly turns into a jump. A kprobe on the first byte goes through ftrace
 * and takes 15 ms. Past the site no argument register has changed yet. If the kernel refuses such a point, the first
 * byte is tried.
 *
 * Returns are kretprobes, which are on the first byte. All of them share one event.
 *
 * The group name of our events contains our instance number, whose lock we hold (kern/tracefs/instance_lock.h). By that
 * name the next start recognises and removes the events of a killed instance. The kernel does not protect events in
 * use: anybody may delete all points of one but the last (kernel/trace/trace_kprobe.c, unregister_trace_kprobe()). So
 * at the end the points are counted again.
 */
#include "kern/attach/kprobe_events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/kernel_version.h"
#include "base/signals.h"
#include "kern/error/kern_error.h"
#include "kern/progs/account.h"
#include "kern/tracefs/instance_lock.h"
#include "kern/tracefs/rcu_expedited.h"
#include "kern/tracefs/tracefs.h"

/* The kernel reads lines from chunks of one page (kernel/trace/trace.c, trace_parse_run_command()), so a write has
 * whole lines of less than a page. */
#define WRITE_MAX_BYTES 4000
#define EVENTS_MAX	16
#define LINE_BYTES	96

struct kprobe_events {
	int tracefs, definitions;  /* the directory; kprobe_events, which holds our lock */
	uint64_t number;	   /* of this instance: of its lock and in its events' names; 0: none yet */
	int perf[EVENTS_MAX];	   /* the perf events; -1: none */
	size_t points[EVENTS_MAX]; /* defined */
	bool at_return[EVENTS_MAX];
	size_t n_groups, attached, without_return;
};

#define KRETPROBE_CALLS 32 /* of one function at a time; the kernel counts further calls as missed */

/* The line of kprobe_events for function `index` of g, which is group number `group`. entry: on the first byte instead
 * of past the ftrace site. Returns its length in bytes. */
static int format_point(const struct kprobe_events *e, const struct attach_group *g, size_t group, size_t index,
			bool entry, char *line, size_t size)
{
	const struct func *f = g->funcs[index];
	char kind[16] = "p";

	if (g->at_return)
		snprintf(kind, sizeof(kind), "r%d", KRETPROBE_CALLS);
	return snprintf(line, size, "%s:" INSTANCE_GROUP_PREFIX "%" PRIu64 "/s%zu 0x%" PRIx64 " i=\\%zu:u32\n", kind,
			e->number, group, f->addr + (entry || g->at_return ? 0 : f->offset_bytes), index * 2 + entry);
}

static int write_all(int fd, const char *data, size_t len)
{
	return write(fd, data, len) == (ssize_t)len ? 0 : -errno;
}

static void count_points(struct kprobe_events *e, size_t group, const struct attach_group *g, size_t n)
{
	e->points[group] += n;
	e->attached += g->at_return ? 0 : n;
}

/* Defines the point of a single function, after its batch was refused. The batch may have defined it before it failed:
 * then the kernel says EEXIST. */
static int define_one(struct kprobe_events *e, size_t group, const struct attach_group *g, size_t index,
		      struct attach_failures *failures)
{
	char line[LINE_BYTES];
	int len = format_point(e, g, group, index, false, line, sizeof(line));
	int r = write_all(e->definitions, line, len);

	if (r < 0 && r != -EEXIST && g->funcs[index]->offset_bytes && !g->at_return) {
		len = format_point(e, g, group, index, true, line, sizeof(line));
		r = write_all(e->definitions, line, len);
	}
	if (r >= 0 || r == -EEXIST) {
		count_points(e, group, g, 1);
		return 0;
	}
	e->without_return += g->at_return;
	return g->at_return ? 0 : attach_failed(failures, g->funcs[index], r);
}

/* Defines the points of the functions [from, to) of the group, whose lines are given. */
static int define_batch(struct kprobe_events *e, size_t group, const struct attach_group *g, size_t from, size_t to,
			const struct buf *lines, struct attach_failures *failures, struct attach_progress *progress)
{
	if (write_all(e->definitions, lines->data, lines->len) == 0) {
		count_points(e, group, g, to - from);
		attach_advance(progress, to - from);
		return 0;
	}
	for (size_t i = from; i < to; i++) {
		int r = define_one(e, group, g, i, failures);

		if (r < 0)
			return r;
		attach_advance(progress, 1);
	}
	return 0;
}

/* Counts the functions from `from` on as failed, because the user has asked to stop: some kernels need seconds for a
 * thousand points. */
static int leave_out(struct kprobe_events *e, const struct attach_group *g, size_t from,
		     struct attach_failures *failures)
{
	for (size_t i = from; i < g->n; i++) {
		int r = g->at_return ? 0 : attach_failed(failures, g->funcs[i], -ECANCELED);

		if (r < 0)
			return r;
		e->without_return += g->at_return;
	}
	return 0;
}

static int define_group(struct kprobe_events *e, size_t group, const struct attach_group *g,
			struct attach_failures *failures, struct attach_progress *progress)
{
	_cleanup_buf_ struct buf lines = {0};
	size_t from = 0;

	if (group && signals_stop_asked())
		return leave_out(e, g, 0, failures);
	for (size_t i = 0; i < g->n; i++) {
		char line[LINE_BYTES];
		int len = format_point(e, g, group, i, false, line, sizeof(line)), r = 0;

		if (lines.len + len > WRITE_MAX_BYTES) {
			r = define_batch(e, group, g, from, i, &lines, failures, progress);
			lines.len = 0;
			from = i;
			if (r >= 0 && signals_stop_asked())
				return leave_out(e, g, from, failures);
		}
		if (r < 0 || (r = buf_append(&lines, line, len)) < 0)
			return r;
	}
	return lines.len ? define_batch(e, group, g, from, g->n, &lines, failures, progress) : 0;
}

static int event_id(const struct kprobe_events *e, size_t group, uint64_t *ret_id)
{
	_cleanup_buf_ struct buf b = {0};
	char path[96];
	int r;

	snprintf(path, sizeof(path), "events/" INSTANCE_GROUP_PREFIX "%" PRIu64 "/s%zu/id", e->number, group);
	r = buf_read_at(e->tracefs, path, &b);
	if (r < 0)
		return r;
	*ret_id = strtoull(b.data, NULL, 10);
	return 0;
}

/* One perf event on one CPU enables the probes on all CPUs: the program runs before the event looks at the CPU. */
static int enable_group(struct kprobe_events *e, size_t group, int prog_fd)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1};
	uint64_t id;
	int r = event_id(e, group, &id);

	if (r < 0)
		return r;
	attr.config = id;
	e->perf[group] = syscall(__NR_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (e->perf[group] < 0)
		return -errno;
	if (ioctl(e->perf[group], PERF_EVENT_IOC_SET_BPF, prog_fd) < 0 ||
	    ioctl(e->perf[group], PERF_EVENT_IOC_ENABLE, 0) < 0)
		return -errno;
	return 0;
}

DEFINE_CLEANUP(struct kprobe_events *, kprobe_events_detach)

static int open_definitions(struct kprobe_events *e, struct reason *reason)
{
	e->tracefs = tracefs_open(reason);
	if (e->tracefs < 0)
		return e->tracefs;
	e->definitions = instance_lock_open(e->tracefs, reason);
	return e->definitions < 0 ? e->definitions : 0;
}

int kprobe_events_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
			 struct attach_progress *progress, struct kprobe_events **ret, struct reason *reason)
{
	_cleanup_(kprobe_events_detachp) struct kprobe_events *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->tracefs = e->definitions = -1;
	for (size_t i = 0; i < EVENTS_MAX; i++)
		e->perf[i] = -1;
	e->n_groups = n_groups;
	if (n_groups > EVENTS_MAX)
		return -E2BIG;
	r = open_definitions(e, reason);
	if (r < 0)
		return r;
	r = instance_lock_join(e->tracefs, e->definitions, &e->number);
	if (r < 0)
		return kern_error_set(r, "lock kprobe_events in tracefs", reason);
	/* all groups are defined before the first is enabled: the kernel then turns kprobes into jumps, and while it
	 * does so it defines no others */
	for (size_t i = 0; r >= 0 && i < n_groups; i++) {
		e->at_return[i] = groups[i].at_return;
		r = define_group(e, i, &groups[i], failures, progress);
	}
	for (size_t i = 0; r >= 0 && i < n_groups; i++)
		r = e->points[i] ? enable_group(e, i, groups[i].prog_fd) : 0;
	if (r < 0)
		return kern_error_set(r, "attach the probes", reason);
	*ret = TAKE_PTR(e);
	return 0;
}

size_t kprobe_events_attached(const struct kprobe_events *e)
{
	return e->attached;
}

size_t kprobe_events_without_return(const struct kprobe_events *e)
{
	return e->without_return;
}

/* Counts functions as failed, not as attached, whose points somebody else deleted. 0 or -errno. */
static int account_deleted(const struct kprobe_events *e, struct lost_events *ledger)
{
	_cleanup_buf_ struct buf b = {0};
	size_t found[EVENTS_MAX] = {0};
	int r = buf_read_at(e->tracefs, "kprobe_events", &b);

	if (r < 0)
		return r;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t number;
		size_t group;

		if (instance_lock_parse_event(line, &number, &group) && number == e->number && group < e->n_groups)
			found[group]++;
	}
	for (size_t i = 0; i < e->n_groups; i++) {
		size_t deleted = e->points[i] > found[i] ? e->points[i] - found[i] : 0;

		if (!deleted)
			continue;
		ledger->unprovable_why = "somebody else deleted kprobe events of this trace while it ran";
		if (e->at_return[i])
			continue;
		if (deleted > ledger->attached) /* the functions of an unloaded module were subtracted before */
			deleted = ledger->attached;
		ledger->attached -= deleted;
		ledger->failed += deleted;
	}
	return 0;
}

/* A line of kprobe_profile is "  EVENT   HITS   MISSES"; our events are named s0, s1… As the group is missing, two
 * instances that run at once also count each other's misses: too many, never too few. */
int kprobe_events_account(const struct kprobe_events *e, struct lost_events *ledger)
{
	_cleanup_buf_ struct buf b = {0};
	int r = buf_read_at(e->tracefs, "kprobe_profile", &b);

	if (r < 0)
		return r;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t hits, misses;
		unsigned group;

		if (sscanf(line, " s%u %" SCNu64 " %" SCNu64, &group, &hits, &misses) == 3)
			ledger->lost_kprobe += misses;
	}
	r = account_deleted(e, ledger);
	if (r < 0)
		return r;
	/* a kprobe program is skipped while another runs on that CPU; the kernel counts that since 6.7 */
	return kernel_version_at_least(6, 7) && !ledger->unprovable_why;
}

void kprobe_events_disable(struct kprobe_events *e)
{
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		if (e->perf[i] >= 0)
			close(e->perf[i]);
		e->perf[i] = -1;
	}
}

void kprobe_events_detach(struct kprobe_events *e)
{
	if (!e)
		return;
	kprobe_events_disable(e);
	if (e->number) {
		int knob = rcu_expedited_begin(e->tracefs);

		for (size_t i = 0; i < e->n_groups; i++) {
			char name[64];

			snprintf(name, sizeof(name), INSTANCE_GROUP_PREFIX "%" PRIu64 "/s%zu", e->number, i);
			instance_lock_delete_event(e->definitions, name);
		}
		rcu_expedited_end(knob);
	}
	closep(&e->definitions);
	closep(&e->tracefs);
	free(e);
}
