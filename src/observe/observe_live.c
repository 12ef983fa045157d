/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence from the running kernel: finds the endpoints, attaches the evidence programs, lets the flow run. */
#include "observe/observe.h"

#include <errno.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/child.h"
#include "cli/confine.h"
#include "cli/ready_file.h"
#include "event/tuple.h"
#include "kern/error/kern_error.h"
#include "kern/evidence.h"
#include "kern/progs/progs.h"
#include "kern/tracefs/stale_events.h"
#include "net/ping.h"
#include "net/rtnl.h"
#include "net/snapshot.h"
#include "observe/function_trace.h"

#define REPLY_WAIT_NS 1000000000ull /* for each ping, as ping(8) waits */
#define SETTLE_NS     500000000ull  /* for packets still under way when both directions have been seen */
#define LOOK_NS	      100000000ull  /* how often evidence_poll() also checks that the programs still work */
#define NSEC_PER_MSEC 1000000ull

/* What one run owns; the observation is given away at the end. */
struct live_run {
	const struct check_options *o;
	struct net_snapshot *snapshot;
	struct ping *ping;
	struct evidence *evidence;
	struct function_trace *trace; /* NULL without --trace */
	struct observation *obs;
};

static void run_clear(struct live_run *run)
{
	evidence_free(run->evidence);
	function_trace_free(run->trace);
	ping_close(run->ping);
	net_snapshot_free(run->snapshot);
}

static int on_hook_event(void *ctx, const struct hook_event *ev)
{
	struct live_run *run = ctx;

	return evidence_table_add(&run->obs->evidence, ev);
}

/* The host-side devices whose counters are compared, in the order of st_flow.watch and evidence_tx_seen(). */
static const enum point watched[ST_WATCH_MAX] = {POINT_SRC_HOST, POINT_DST_HOST};

/* Adds (sign 1) or subtracts (sign -1) the devices' tx counters. Both readings lie between attaching and detaching,
 * so the program must have seen at least what they count. */
static void read_counters(struct live_run *run, int sign)
{
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		struct tx_account *tx = &run->obs->account.tx[watched[i]];
		const struct iface *dev = &run->obs->evidence.setup.points[watched[i]];
		const struct netns *ns = netns_list_find(&run->snapshot->list, dev->netns);
		_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
		struct net_link link;

		tx->known = ns && rtnl_open(ns, &rtnl) == 0 && rtnl_get_link(rtnl, dev->ifindex, &link) == 0 &&
			    link.has_stats && (sign < 0 || tx->known);
		if (tx->known)
			tx->own_packets += sign * link.stats.tx_packets;
	}
}

static void read_seen(struct live_run *run)
{
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		struct tx_account *tx = &run->obs->account.tx[watched[i]];

		for (enum st_tx_seen_by by = 0; by < ST_TX_SEEN_MAX; by++)
			tx->known &= evidence_tx_seen(run->evidence, i, by, &tx->seen_by[by]) == 0;
		tx->unread = !tx->known;
	}
}

static int attach(struct live_run *run, struct reason *reason)
{
	struct st_flow flow = {.family = run->obs->src.ip.family};
	int r;

	flow.l4 = run->obs->evidence.setup.l4;
	flow.port_be = htons(run->o->port);
	flow.pods[0] = run->obs->src.netns;
	flow.pods[1] = run->obs->dst.netns;
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		const struct iface *dev = &run->obs->evidence.setup.points[watched[i]];

		flow.watch[i] = (struct st_device){.netns = dev->netns, .ifindex = dev->ifindex};
	}
	memcpy(flow.src_be, run->obs->src.ip.bytes, sizeof(flow.src_be));
	memcpy(flow.dst_be, run->obs->dst.ip.bytes, sizeof(flow.dst_be));
	stale_events_clean_up();
	r = evidence_open(&flow, run->o->ring_bytes, on_hook_event, run, &run->evidence, reason);
	if (r < 0)
		return r;
	/* the number of hooks is shown for information only; other programs say where a packet went */
	evidence_ignore_skips(run->evidence, ST_HOOK_NETFILTER);
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++)
		run->obs->evidence.setup.attached[h] = evidence_attached(run->evidence, h);
	run->obs->evidence.setup.flags_unseen = !evidence_sees_peer_flags(run->evidence);
	run->obs->evidence.setup.attached_ns = clock_monotonic_ns();
	read_counters(run, -1);
	return ready_file_create(run->o->ready_file, reason);
}

static bool is_done(struct live_run *run)
{
	struct evidence_table *f = &run->obs->evidence;
	int status;

	if (run->ping)
		return false;
	if (!f->frozen && run->o->command)
		return child_has_ended(run->o->command, &status);
	if (!f->frozen)
		return !run->o->for_ns && same_node_complete(f);
	return segments_settle(f) >= 0 && !evidence_table_under_way(f);
}

/* Reads evidence until the deadline, or until is_done(); when pinging, until the reply to seq. 1: the reply came, or
 * all is done; 0: the deadline, or a signal. */
static int wait_until(struct live_run *run, uint64_t deadline_ns, uint16_t seq)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = evidence_fd(run->evidence), .events = POLLIN},
				       {.fd = run->ping ? ping_fd(run->ping) : -1, .events = POLLIN}};
		uint64_t now = clock_monotonic_ns(), rest_ns;
		uint16_t got;
		int r;

		if (signals_stop_asked() || now >= deadline_ns)
			return 0;
		rest_ns = deadline_ns - now < LOOK_NS ? deadline_ns - now : LOOK_NS;
		r = poll(fds, ARRAY_SIZE(fds), rest_ns / NSEC_PER_MSEC + 1);
		if (r < 0 && errno != EINTR)
			return -errno;
		r = evidence_poll(run->evidence, 0);
		if ((r >= 0 || r == -EINTR) && run->trace)
			r = function_trace_poll(run->trace);
		if (r < 0 && r != -EINTR)
			return r;
		while (run->ping && (r = ping_receive(run->ping, &got)) != 0) {
			if (r < 0)
				return r;
			if (got == seq)
				return 1;
		}
		if (is_done(run))
			return 1;
	}
}

/* Others go on sending. When both directions have been seen, or at the end of --for, only packets that are still under
 * way are followed. */
static int watch(struct live_run *run, uint64_t deadline_ns)
{
	struct check_run *account = &run->obs->account;
	int r = wait_until(run, deadline_ns, 0);
	uint64_t now = clock_monotonic_ns(), settled_ns = now + SETTLE_NS;

	account->watched_ns = now - run->obs->evidence.setup.attached_ns;
	account->ended_when_seen = r > 0 && !run->o->command;
	if (r < 0 || (r == 0 && !run->o->for_ns) || signals_stop_asked())
		return r;
	run->obs->evidence.frozen = true;
	return wait_until(run, settled_ns < deadline_ns || run->o->for_ns ? settled_ns : deadline_ns, 0);
}

static void tuple_text(uint8_t family, const struct st_tuple *t, char ret[static TRANSLATION_TUPLE_MAX])
{
	struct net_ip src = {.family = family}, dst = {.family = family};
	char a[NET_IP_TEXT_MAX], b[NET_IP_TEXT_MAX];
	const char *open = family == 6 ? "[" : "", *close = family == 6 ? "]" : "";

	memcpy(src.bytes, t->src_be, sizeof(src.bytes));
	memcpy(dst.bytes, t->dst_be, sizeof(dst.bytes));
	net_ip_text(&src, a);
	net_ip_text(&dst, b);
	snprintf(ret, TRANSLATION_TUPLE_MAX, "%s%s%s:%u -> %s%s%s:%u", open, a, close, ntohs(t->sport_be), open, b,
		 close, ntohs(t->dport_be));
}

/* It only explains: what cannot be read is left out. */
static void read_translated(struct live_run *run)
{
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		for (enum st_translation how = 0; how < ST_TRANSLATED_MAX; how++) {
			struct translation *t = &run->obs->account.translated[dir][how];
			struct st_translated got;

			if (evidence_translated(run->evidence, dir == DIRECTION_REPLY, how, &got) < 0)
				continue;
			t->n = got.n;
			tuple_text(run->obs->src.ip.family, &got.from, t->from);
			tuple_text(run->obs->src.ip.family, &got.to, t->to);
		}
	}
}

static void note_ping_error(struct live_run *run)
{
	struct icmp_error *e = &run->obs->account.ping_error;
	const struct ping_error *got;

	if (!run->ping)
		return;
	got = ping_error(run->ping);
	*e = (struct icmp_error){.n = got->n, .family = run->obs->src.ip.family, .type = got->type, .code = got->code};
	net_ip_text(&got->from, e->from);
}

static int let_flow_run(struct live_run *run, struct reason *reason)
{
	uint64_t deadline_ns = clock_monotonic_ns() + run->o->timeout_ns;
	int started = run->o->command ? child_start(run->o->command) : 0;

	if (started < 0)
		return reason_set(reason, started, "the command cannot be run: %s", strerror(-started));
	if (!run->ping)
		return watch(run, deadline_ns);
	for (uint32_t i = 1; i <= run->o->pings && !signals_stop_asked() && clock_monotonic_ns() < deadline_ns; i++) {
		uint64_t until_ns = clock_monotonic_ns() + REPLY_WAIT_NS;
		int r = ping_send(run->ping, i);

		/* dropped on the pod's own device, by its queue or a tc program: sent, and judged as such */
		if (r < 0 && r != -ENOBUFS)
			return reason_set(reason, r, "--ping: sending from the source failed: %s", strerror(-r));
		run->obs->evidence.setup.pings_sent = i;
		r = wait_until(run, until_ns < deadline_ns ? until_ns : deadline_ns, i);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether a device was renamed, moved or deleted: then it was not at its point all the time. */
static bool endpoint_changed(const struct live_run *run)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *now = NULL;

	if (net_snapshot_load(&now, NULL) < 0)
		return true;
	return endpoint_is_unchanged(now, &run->obs->src) <= 0 || endpoint_is_unchanged(now, &run->obs->dst) <= 0;
}

static int open_ping(struct live_run *run, struct reason *reason)
{
	const struct netns *ns = netns_list_find(&run->snapshot->list, run->obs->src.netns);
	int r;

	if (!ns)
		return -ENOENT;
	r = ping_open(ns, &run->obs->src.ip, &run->obs->dst.ip, &run->ping, reason);
	if (r < 0)
		return r;
	run->obs->evidence.setup.ping_id = ping_id(run->ping);
	run->obs->evidence.setup.pings_asked = run->o->pings;
	run->obs->evidence.setup.pings_sent = 1; /* from now on only our own echoes count */
	return 0;
}

static uint8_t flow_l4(const struct live_run *run)
{
	return run->o->l4 == IPPROTO_ICMP && run->obs->src.ip.family == 6 ? IPPROTO_ICMPV6 : run->o->l4;
}

static int prepare(struct live_run *run, struct reason *reason)
{
	int r = net_snapshot_load(&run->snapshot, reason);

	if (r >= 0)
		r = pair_find_endpoints(run->o, run->snapshot, run->obs, reason);
	if (r < 0)
		return r;
	run->obs->live = run->obs->has_endpoints = true;
	run->obs->proto = l4_name(flow_l4(run));
	r = progs_new(&run->obs->progs);
	if (r < 0)
		return r;
	(void)progs_prepare(run->obs->progs); /* without it, helpers are not named */
	evidence_table_init(
		&run->obs->evidence,
		&(struct check_setup){.expect = run->o->expect, .l4 = flow_l4(run), .has_port = run->o->port});
	pair_set_points(run->obs, &run->obs->evidence.setup);
	return run->o->pings ? open_ping(run, reason) : 0;
}

/* What is still needed at the end: the devices' counters, whether the endpoints are the same, the programs on them.
 * With --watch, all that a round needs. */
static int give_up(const struct live_run *run, struct reason *reason)
{
	const struct check_options *o = run->o;
	struct guard_needs needs = {
		.asks_devices = true,
		.attaches_more = o->watch_ns,
		.pings = o->watch_ns && o->pings,
		.attaches_funcs = o->watch_ns && o->trace,
		.opens_files = o->junit,
	};

	return o->confined ? 0 : confine(&needs, reason);
}

static int observe(struct live_run *run, struct reason *reason)
{
	int r = prepare(run, reason);

	/* first what is slow and optional: the evidence programs are attached last, and read from then on */
	if (r >= 0 && run->o->trace)
		r = function_trace_open(&run->obs->src.ip, &run->obs->dst.ip, &run->trace, reason);
	if (r >= 0) {
		r = attach(run, reason);
		run->obs->refused = r < 0;
	}
	if (r < 0)
		return r;
	if (run->o->verbose)
		fprintf(stderr, "skbtrail: armed, watching %s and %s\n", run->obs->src.host_ifname,
			run->obs->dst.host_ifname);
	r = give_up(run, reason);
	if (r >= 0)
		r = let_flow_run(run, reason);
	if (r < 0)
		return r;
	note_ping_error(run);
	read_translated(run);
	read_counters(run, 1);
	read_seen(run);
	run->obs->account.interrupted = signals_stop_asked();
	child_failure(run->o->command, run->obs->command_failed);
	r = evidence_finish(run->evidence, &run->obs->account.ledger);
	if (r >= 0 && run->trace)
		r = function_trace_finish(run->trace, &run->obs->trace);
	if (r < 0)
		return r;
	run->obs->account.endpoint_changed = endpoint_changed(run);
	return 0;
}

int observe_live(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	_cleanup_(run_clear) struct live_run run = {.o = o, .obs = &obs};
	int r = observe(&run, reason);

	if (r < 0) {
		ret->refused = obs.refused;
		return r;
	}
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}
