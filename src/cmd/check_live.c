/* SPDX-License-Identifier: GPL-2.0-only */
/* A check on the running kernel: find the endpoints, arm the evidence, let the flow run. */
#include "cmd/check_observe.h"

#include <errno.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cmd/check_trace.h"
#include "cmd/confine.h"
#include "cmd/ready.h"
#include "event/tuple.h"
#include "kern/evidence.h"
#include "kern/leftovers.h"
#include "kern/progs.h"
#include "kern/refusal.h"
#include "net/ping.h"
#include "net/rtnl.h"
#include "net/snapshot.h"

#define REPLY_WAIT_NS 1000000000ull /* per ping, as ping(8) waits */
#define SETTLE_NS     500000000ull  /* for packets under way when both legs have been seen */
#define LOOK_NS	      100000000ull  /* evidence_poll() also looks whether the probes still work */
#define NSEC_PER_MSEC 1000000ull

/* Everything one run owns; the observation is given away at its end. */
struct run {
	const struct check_options *o;
	struct net_snapshot *snapshot;
	struct ping *ping;
	struct evidence *evidence;
	struct check_trace *trace; /* NULL: not asked for */
	struct observation *obs;
};

static void run_clear(struct run *run)
{
	evidence_free(run->evidence);
	check_trace_free(run->trace);
	ping_close(run->ping);
	net_snapshot_free(run->snapshot);
}

static int on_witness(void *ctx, const struct witness *w)
{
	struct run *run = ctx;

	return flow_add(&run->obs->flow, w);
}

/* The host-side devices, whose counters are compared: evidence_tx_seen() goes by this order. */
static const enum point watched[ST_WATCH_MAX] = {POINT_SRC_HOST, POINT_DST_HOST};

/* The devices' tx counters, added to (sign 1) or taken off (sign -1). Both readings lie between arming and disarming,
 * so the program must have seen at least what they count. */
static void read_counters(struct run *run, int sign)
{
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		struct tx_account *tx = &run->obs->account.tx[watched[i]];
		const struct iface *dev = &run->obs->flow.setup.points[watched[i]];
		const struct netns *ns = netns_list_find(&run->snapshot->list, dev->netns);
		_cleanup_(rtnl_closep) struct rtnl *rtnl = NULL;
		struct net_link link;

		tx->known = ns && rtnl_open(ns, &rtnl) == 0 && rtnl_get_link(rtnl, dev->ifindex, &link) == 0 &&
			    link.has_stats && (sign < 0 || tx->known);
		if (tx->known)
			tx->own_packets += sign * link.stats.tx_packets;
	}
}

static void read_seen(struct run *run)
{
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		struct tx_account *tx = &run->obs->account.tx[watched[i]];

		tx->known &= evidence_tx_seen(run->evidence, i, &tx->seen_packets) == 0;
	}
}

static int arm(struct run *run, struct reason *reason)
{
	struct st_flow flow = {.family = run->obs->src.ip.family};
	int r;

	flow.l4 = run->obs->flow.setup.l4;
	flow.port_be = htons(run->o->port);
	for (unsigned i = 0; i < ST_WATCH_MAX; i++) {
		const struct iface *dev = &run->obs->flow.setup.points[watched[i]];

		flow.watch[i] = (struct st_device){.netns = dev->netns, .ifindex = dev->ifindex};
	}
	memcpy(flow.src_be, run->obs->src.ip.bytes, sizeof(flow.src_be));
	memcpy(flow.dst_be, run->obs->dst.ip.bytes, sizeof(flow.dst_be));
	leftovers_sweep();
	r = evidence_open(&flow, run->o->ring_bytes, on_witness, run, &run->evidence, reason);
	if (r < 0)
		return r;
	/* how many hooks ran is shown for information; where a packet went, the devices' programs say */
	evidence_leave_aside(run->evidence, ST_HOOK_NETFILTER);
	for (enum st_hook h = 0; h < ST_HOOK_MAX; h++)
		run->obs->flow.setup.armed[h] = evidence_armed(run->evidence, h);
	run->obs->flow.setup.armed_ns = clock_monotonic_ns();
	read_counters(run, -1);
	return ready_file_create(run->o->ready_file, reason);
}

static bool is_done(struct run *run)
{
	struct flow *f = &run->obs->flow;

	if (run->ping)
		return false;
	if (!f->frozen)
		return same_node_complete(f);
	return flow_settle(f) >= 0 && !flow_under_way(f);
}

/* Waits for evidence and, when pinging, for a reply; at most until the deadline. 1: the reply to seq came. */
static int wait_until(struct run *run, uint64_t deadline_ns, uint16_t seq)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = evidence_fd(run->evidence), .events = POLLIN},
				       {.fd = run->ping ? ping_fd(run->ping) : -1, .events = POLLIN}};
		uint64_t now = clock_monotonic_ns(), rest_ns;
		uint16_t got;
		int r;

		if (stop_asked() || now >= deadline_ns)
			return 0;
		rest_ns = deadline_ns - now < LOOK_NS ? deadline_ns - now : LOOK_NS;
		r = poll(fds, ARRAY_SIZE(fds), rest_ns / NSEC_PER_MSEC + 1);
		if (r < 0 && errno != EINTR)
			return -errno;
		r = evidence_poll(run->evidence, 0);
		if ((r >= 0 || r == -EINTR) && run->trace)
			r = check_trace_poll(run->trace);
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

/* Whoever sends the traffic goes on sending: when both legs have been seen, only the packets under way are followed to
 * their end. */
static int watch(struct run *run, uint64_t deadline_ns)
{
	uint64_t settled_ns;
	int r = wait_until(run, deadline_ns, 0);

	if (r <= 0)
		return r;
	run->obs->flow.frozen = true;
	settled_ns = clock_monotonic_ns() + SETTLE_NS;
	return wait_until(run, settled_ns < deadline_ns ? settled_ns : deadline_ns, 0);
}

static int let_flow_run(struct run *run, struct reason *reason)
{
	uint64_t deadline_ns = clock_monotonic_ns() + run->o->timeout_ns;

	if (!run->ping)
		return watch(run, deadline_ns);
	for (uint32_t i = 1; i <= run->o->pings && !stop_asked() && clock_monotonic_ns() < deadline_ns; i++) {
		uint64_t until_ns = clock_monotonic_ns() + REPLY_WAIT_NS;
		int r = ping_send(run->ping, i);

		if (r < 0)
			return reason_set(reason, r, "--ping: sending from the source failed: %s", strerror(-r));
		run->obs->flow.setup.pings_sent = i;
		r = wait_until(run, until_ns < deadline_ns ? until_ns : deadline_ns, i);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Renamed, moved, deleted: then the four points were not those devices all the time. */
static bool endpoint_changed(const struct run *run)
{
	_cleanup_(net_snapshot_freep) struct net_snapshot *snapshot = NULL;
	_cleanup_(observation_clear) struct observation now = {0};
	struct check_setup setup = {0};

	if (net_snapshot_load(&snapshot, NULL) < 0 || check_find_endpoints(run->o, snapshot, &now, NULL) < 0)
		return true;
	check_set_points(&now, &setup);
	return memcmp(setup.points, run->obs->flow.setup.points, sizeof(setup.points)) != 0;
}

static int open_ping(struct run *run, struct reason *reason)
{
	const struct netns *ns = netns_list_find(&run->snapshot->list, run->obs->src.netns);
	int r;

	if (!ns)
		return -ENOENT;
	r = ping_open(ns, &run->obs->src.ip, &run->obs->dst.ip, &run->ping, reason);
	if (r < 0)
		return r;
	run->obs->flow.setup.ping_id = ping_id(run->ping);
	run->obs->flow.setup.pings_asked = run->o->pings;
	run->obs->flow.setup.pings_sent = 1; /* from now on only our own echoes count */
	return 0;
}

static uint8_t flow_l4(const struct run *run)
{
	return run->o->l4 == IPPROTO_ICMP && run->obs->src.ip.family == 6 ? IPPROTO_ICMPV6 : run->o->l4;
}

static int prepare(struct run *run, struct reason *reason)
{
	int r = net_snapshot_load(&run->snapshot, reason);

	if (r >= 0)
		r = check_find_endpoints(run->o, run->snapshot, run->obs, reason);
	if (r < 0)
		return r;
	run->obs->live = run->obs->has_endpoints = true;
	run->obs->proto = l4_name(flow_l4(run));
	r = progs_new(&run->obs->progs);
	if (r < 0)
		return r;
	(void)progs_prepare(run->obs->progs); /* nothing is said of helpers then */
	flow_init(&run->obs->flow, &(struct check_setup){.expect = run->o->expect, .l4 = flow_l4(run)});
	check_set_points(run->obs, &run->obs->flow.setup);
	return run->o->pings ? open_ping(run, reason) : 0;
}

/* What is still asked at the end: the devices' counters, whether the endpoints are the same, the programs on them. With
 * --watch all that a round takes. */
static int give_up(const struct run *run, struct reason *reason)
{
	const struct check_options *o = run->o;
	struct guard_needs needs = {
		.asks_devices = true,
		.arms_on = o->watch_ns,
		.pings = o->watch_ns && o->pings,
		.arms_trace = o->watch_ns && o->trace,
		.opens_files = o->junit,
	};

	return o->confined ? 0 : confine(&needs, reason);
}

static int observe(struct run *run, struct reason *reason)
{
	int r = prepare(run, reason);

	/* first the slow and dispensable part: the evidence is armed last and watched from its first moment */
	if (r >= 0 && run->o->trace)
		r = check_trace_open(&run->obs->src.ip, &run->obs->dst.ip, &run->trace, reason);
	if (r >= 0)
		r = arm(run, reason);
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
	read_counters(run, 1);
	read_seen(run);
	run->obs->account.interrupted = stop_asked();
	r = evidence_finish(run->evidence, &run->obs->account.ledger);
	if (r >= 0 && run->trace)
		r = check_trace_finish(run->trace, &run->obs->trace);
	if (r < 0)
		return r;
	run->obs->account.endpoint_changed = endpoint_changed(run);
	return 0;
}

int check_observe_live(const struct check_options *o, struct observation *ret, struct reason *reason)
{
	_cleanup_(observation_clear) struct observation obs = {0};
	_cleanup_(run_clear) struct run run = {.o = o, .obs = &obs};
	int r = observe(&run, reason);

	if (r < 0)
		return r;
	*ret = obs;
	obs = (struct observation){0};
	return 0;
}
