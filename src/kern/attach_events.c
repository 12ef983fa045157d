/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: many kprobes behind one tracefs event.
 *
 * Without kprobe.multi, one perf event per function costs seconds to minutes, most of it waiting for grace periods.
 * Instead one event per argument slot is defined in kprobe_events, and every function of that slot is appended to it as
 * one more probe point: then one perf event and one program serve them all, and closing it disarms all at once.
 *
 * How a point is spelled decides the cost. SYMBOL+OFFSET makes the kernel walk its whole symbol table for namesakes
 * (number_of_same_symbols(), in 6.1 and in Debian's later 5.10: 10 to 40 ms a point under emulation). A bare address
 * does not, but the kernel tells the points of one event apart by symbol, offset and arguments only, so a second bare
 * address would be refused (EEXIST; kernel/trace/trace_kprobe.c, trace_kprobe_has_same_kprobe()). An argument settles
 * it: an immediate value of its own for each point (\N, 5.5 and newer). It is never fetched, for our program answers
 * first and asks for no record.
 *
 * The point is just past the ftrace call site where there is one: that is an ordinary kprobe, which the kernel arms in
 * well under a millisecond and mostly turns into a jump; one on the first byte goes through ftrace, 15 ms each. No
 * argument register has changed there yet. Where such a point is refused the first byte is tried.
 *
 * Where functions return there are kretprobes, behind one event likewise. They stand on the first byte.
 *
 * The events' group carries our number, the lock of which we hold (kern/instances.h), so that what a killed instance
 * left behind is recognised and removed at the next start. The kernel itself protects no event from that: of one in use
 * it lets all points but the last be deleted (kernel/trace/trace_kprobe.c, unregister_trace_kprobe()). So in the end
 * the points are counted once more, for somebody else may have deleted some.
 */
#include "kern/attach.h"

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
#include "base/signals.h"
#include "kern/account.h"
#include "kern/expedite.h"
#include "kern/instances.h"
#include "kern/refusal.h"
#include "kern/tracefs.h"

/* kernel/trace/trace.c, trace_parse_run_command(): lines are taken from chunks of a page; whole lines only. */
#define WRITE_MAX_BYTES 4000
#define GROUPS_MAX	16
#define LINE_BYTES	96

struct events {
	int tracefs, definitions; /* directory; kprobe_events, which holds our lock */
	uint64_t number;	  /* ours: that of the lock and in the group's name */
	int perf[GROUPS_MAX];	  /* -1: none */
	size_t points[GROUPS_MAX];
	bool at_return[GROUPS_MAX];
	size_t n_groups, attached, without_return;
};

#define KRETPROBE_CALLS 32 /* of one function that run at a time; more are counted as missed */

/* Past the ftrace site, or on the first byte. index is the function's within its group g, which is the group'th. */
static int format_point(const struct events *e, const struct attach_group *g, size_t group, size_t index, bool entry,
			char *line, size_t size)
{
	const struct func *f = g->funcs[index];
	char kind[16] = "p";

	if (g->at_return)
		snprintf(kind, sizeof(kind), "r%d", KRETPROBE_CALLS);
	return snprintf(line, size, "%s:" INSTANCES_PREFIX "%" PRIu64 "/s%zu 0x%" PRIx64 " i=\\%zu:u32\n", kind,
			e->number, group, f->addr + (entry || g->at_return ? 0 : f->offset_bytes), index * 2 + entry);
}

static int write_all(int fd, const char *data, size_t len)
{
	return write(fd, data, len) == (ssize_t)len ? 0 : -errno;
}

static void count_points(struct events *e, size_t group, const struct attach_group *g, size_t n)
{
	e->points[group] += n;
	e->attached += g->at_return ? 0 : n;
}

/* One function by itself, after its batch was refused. Its point may have been defined before the batch failed. */
static int define_one(struct events *e, size_t group, const struct attach_group *g, size_t index,
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

/* The functions [from, to) of the group, whose lines are given. */
static int define_batch(struct events *e, size_t group, const struct attach_group *g, size_t from, size_t to,
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

/* Told to end, we arm no more: a thousand points take some kernels seconds, which nobody waits for then. */
static int leave_out(struct events *e, const struct attach_group *g, size_t from, struct attach_failures *failures)
{
	for (size_t i = from; i < g->n; i++) {
		int r = g->at_return ? 0 : attach_failed(failures, g->funcs[i], -ECANCELED);

		if (r < 0)
			return r;
		e->without_return += g->at_return;
	}
	return 0;
}

static int define_group(struct events *e, size_t group, const struct attach_group *g, struct attach_failures *failures,
			struct attach_progress *progress)
{
	_cleanup_buf_ struct buf lines = {0};
	size_t from = 0;

	if (group && stop_asked())
		return leave_out(e, g, 0, failures);
	for (size_t i = 0; i < g->n; i++) {
		char line[LINE_BYTES];
		int len = format_point(e, g, group, i, false, line, sizeof(line)), r = 0;

		if (lines.len + len > WRITE_MAX_BYTES) {
			r = define_batch(e, group, g, from, i, &lines, failures, progress);
			lines.len = 0;
			from = i;
			if (r >= 0 && stop_asked())
				return leave_out(e, g, from, failures);
		}
		if (r < 0 || (r = buf_append(&lines, line, len)) < 0)
			return r;
	}
	return lines.len ? define_batch(e, group, g, from, g->n, &lines, failures, progress) : 0;
}

static int event_id(const struct events *e, size_t group, uint64_t *ret_id)
{
	_cleanup_buf_ struct buf b = {0};
	char path[96];
	int r;

	snprintf(path, sizeof(path), "events/" INSTANCES_PREFIX "%" PRIu64 "/s%zu/id", e->number, group);
	r = tracefs_read(e->tracefs, path, &b);
	if (r < 0)
		return r;
	*ret_id = strtoull(b.data, NULL, 10);
	return 0;
}

/* One event on one CPU arms the probes everywhere: the program runs before the event looks at the CPU. */
static int arm_group(struct events *e, size_t group, int prog_fd)
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

DEFINE_CLEANUP(struct events *, events_detach)

static int open_definitions(struct events *e, struct reason *reason)
{
	e->tracefs = tracefs_open(reason);
	if (e->tracefs < 0)
		return e->tracefs;
	e->definitions = instances_open(e->tracefs, reason);
	return e->definitions < 0 ? e->definitions : 0;
}

int events_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
		  struct attach_progress *progress, struct events **ret, struct reason *reason)
{
	_cleanup_(events_detachp) struct events *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->tracefs = e->definitions = -1;
	for (size_t i = 0; i < GROUPS_MAX; i++)
		e->perf[i] = -1;
	e->n_groups = n_groups;
	if (n_groups > GROUPS_MAX)
		return -E2BIG;
	r = open_definitions(e, reason);
	if (r < 0)
		return r;
	r = instances_join(e->tracefs, e->definitions, &e->number);
	if (r < 0)
		return kern_refuse(r, "lock kprobe_events in tracefs", reason);
	/* all are defined before one is armed: of those the kernel then makes jumps, and defines nothing meanwhile */
	for (size_t i = 0; r >= 0 && i < n_groups; i++) {
		e->at_return[i] = groups[i].at_return;
		r = define_group(e, i, &groups[i], failures, progress);
	}
	for (size_t i = 0; r >= 0 && i < n_groups; i++)
		r = e->points[i] ? arm_group(e, i, groups[i].prog_fd) : 0;
	if (r < 0)
		return kern_refuse(r, "arm the probes", reason);
	*ret = TAKE_PTR(e);
	return 0;
}

size_t events_attached(const struct events *e)
{
	return e->attached;
}

size_t events_without_return(const struct events *e)
{
	return e->without_return;
}

/* Takes from the ledger the functions whose points somebody else deleted. 0 or -errno. */
static int account_deleted(const struct events *e, struct ledger *ledger)
{
	_cleanup_buf_ struct buf b = {0};
	size_t standing[GROUPS_MAX] = {0};
	int r = tracefs_read(e->tracefs, "kprobe_events", &b);

	if (r < 0)
		return r;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t number;
		size_t group;

		if (instances_parse_event(line, &number, &group) && number == e->number && group < e->n_groups)
			standing[group]++;
	}
	for (size_t i = 0; i < e->n_groups; i++) {
		size_t deleted = e->points[i] > standing[i] ? e->points[i] - standing[i] : 0;

		if (!deleted)
			continue;
		ledger->unprovable_why = "somebody else deleted kprobe events of this trace while it ran";
		if (e->at_return[i])
			continue;
		if (deleted > ledger->attached) /* with those of a module that is gone */
			deleted = ledger->attached;
		ledger->attached -= deleted;
		ledger->failed += deleted;
	}
	return 0;
}

/* kprobe_profile: "  GROUP/EVENT or EVENT   HITS   MISSES"; ours are the lines of events named s0, s1…; the group is
 * not shown by every kernel, so two instances at once see each other's sums: too many, never too few. */
int events_account(const struct events *e, struct ledger *ledger)
{
	_cleanup_buf_ struct buf b = {0};
	int r = tracefs_read(e->tracefs, "kprobe_profile", &b);

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
	/* what the guard shared by all kprobe programs skips is counted since 6.7 (recursion_misses) */
	return kernel_at_least(6, 7) && !ledger->unprovable_why;
}

void events_disarm(struct events *e)
{
	for (size_t i = 0; i < GROUPS_MAX; i++) {
		if (e->perf[i] >= 0)
			close(e->perf[i]);
		e->perf[i] = -1;
	}
}

void events_detach(struct events *e)
{
	if (!e)
		return;
	events_disarm(e);
	if (e->number) {
		int knob = expedite_begin(e->tracefs);

		for (size_t i = 0; i < e->n_groups; i++) {
			char name[64];

			snprintf(name, sizeof(name), INSTANCES_PREFIX "%" PRIu64 "/s%zu", e->number, i);
			instances_delete_event(e->definitions, name);
		}
		expedite_end(knob);
	}
	closep(&e->definitions);
	closep(&e->tracefs);
	free(e);
}
