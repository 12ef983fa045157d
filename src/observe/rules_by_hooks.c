/* SPDX-License-Identifier: GPL-2.0-only */
/* check path by the evidence programs. On every kernel they prove that what they did not see did not happen. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "check/evidence_table.h"
#include "check/hooks.h"
#include "check/packet_index.h"
#include "cli/ready_file.h"
#include "kern/evidence.h"
#include "kern/tracefs/stale_events.h"
#include "net/snapshot.h"
#include "observe/rules_observe.h"

struct hooks_run {
	const struct rules_run *path;
	struct st_flow flow;
	struct evidence_table packets; /* gives packets their numbers */
	struct packet_index datagrams; /* first fragments that were seen → their ports, as ports_value() */
	struct net_snapshot *names;    /* namespaces, their devices and addresses; NULL: unknown */
	uint32_t dst_netns,
		src_netns;	 /* inodes of the namespaces that have the flow's addresses; 0: none, or several */
	struct packet_set ended; /* packets that were seen to end with the flow's own headers */
	struct evidence *evidence;
	struct engine *engine;
	struct portless portless; /* later fragments whose first one was not seen */
	uint64_t attached_ns;
};

static void run_clear(struct hooks_run *run)
{
	engine_free(run->engine);
	evidence_free(run->evidence);
	net_snapshot_free(run->names);
	evidence_table_free(&run->packets);
	packet_index_free(&run->datagrams);
	portless_clear(&run->portless);
	packet_set_free(&run->ended);
}

static uint32_t netns_of(const struct net_snapshot *names, unsigned family, const void *addr_be)
{
	_cleanup_(endpoint_clear) struct endpoint e = {0};
	struct net_ip ip = {.family = (uint8_t)family};

	memcpy(ip.bytes, addr_be, family == 4 ? 4 : 16);
	return endpoint_find(names, &ip, &e, NULL) < 0 ? 0 : e.netns;
}

static const struct net_link *link_of(const struct hooks_run *run, const struct hook_event *ev)
{
	const struct netns *ns = run->names ? netns_list_find(&run->names->list, ev->netns) : NULL;

	return ns ? net_tables_find(&run->names->tables[ns - run->names->list.v], ev->ifindex) : NULL;
}

/* Whether the flow's packet ends here: it is dropped, enters IP in the namespace that has its destination, or leaves
 * the node by a real device. Elsewhere it goes on, and if it is not seen there, its headers may have been translated.
 */
static bool is_end(const struct hooks_run *run, const struct hook_event *ev)
{
	uint32_t netns = ev->reverse ? run->src_netns : run->dst_netns;
	const struct net_link *link;

	if (ev->hook == ST_HOOK_DROP)
		return true;
	if (ev->hook == ST_HOOK_IP_RCV)
		return netns && ev->netns == netns;
	link = ev->hook == ST_HOOK_XMIT && !netns ? link_of(run, ev) : NULL;
	return link && !link->kind[0];
}

static bool has_ended(const void *ctx, uint64_t pkt)
{
	return packet_set_has(&((const struct hooks_run *)ctx)->ended, pkt);
}

static void name_step(const struct hooks_run *run, struct step *s)
{
	const struct netns *ns = run->names ? netns_list_find(&run->names->list, s->netns) : NULL;
	const struct net_link *link;

	if (!ns)
		return;
	s->netns_name = ns->name;
	link = net_tables_find(&run->names->tables[ns - run->names->list.v], s->ifindex);
	s->ifname = link ? link->ifname : NULL;
}

/* Of a first fragment; not 0: that of both ports 0 is that of a port 0 and a port 1. */
static uint32_t ports_value(const struct hook_event *ev)
{
	uint32_t ports = (uint32_t)ev->sport << 16 | ev->dport;

	return ports ? ports : 1;
}

/* A later fragment belongs to its first one, which shows the ports. 0: the tuple has its ports, or they do not matter;
 * 1: they are not known, so whose the packet is is not. */
static int complete_tuple(struct hooks_run *run, const struct hook_event *ev, struct tuple *tuple)
{
	struct packet_key key = packet_key_of_datagram(ev->reverse, ev->ip_id, ev->fragment_id);
	uint32_t ports;

	if (!run->portless.asked || !ev->is_fragment)
		return 0;
	if (ev->has_l4)
		return packet_index_set(&run->datagrams, &key, ports_value(ev));
	ports = packet_index_get(&run->datagrams, &key);
	if (!ports)
		return 1;
	tuple->has_ports = true;
	tuple->sport = ports >> 16;
	tuple->dport = (uint16_t)ports;
	return 0;
}

static int on_hook_event(void *ctx, const struct hook_event *ev)
{
	struct hooks_run *run = ctx;
	struct tuple tuple;
	struct step step;
	uint64_t pkt;
	bool copy;
	int r;

	/* a packet that would not enter a scope must not count as one too many */
	run->packets.frozen = engine_has_enough(run->engine);
	r = evidence_table_number(&run->packets, ev, &pkt, &copy);
	if (r >= 0 && pkt && !copy && is_end(run, ev))
		r = packet_set_add(&run->ended, pkt);
	if (r < 0 || !pkt || !hooks_step(&run->flow, ev, pkt, &tuple, &step))
		return r;
	r = complete_tuple(run, ev, &tuple);
	if (r != 0) {
		/* its first fragment may have passed before the programs were attached */
		if (r > 0 && ev->ts_ns >= run->attached_ns + EVIDENCE_TABLE_EARLY_NS)
			r = portless_add(&run->portless, pkt);
		return r < 0 ? r : 0;
	}
	step.copy = copy;
	name_step(run, &step);
	engine_step(run->engine, &step);
	return 0;
}

static int start_engine(struct hooks_run *run)
{
	struct engine_opts opts = {
		.host_netns = run->path->host_netns,
		.attached_ns = run->attached_ns = clock_monotonic_ns(),
		.enough_packets = run->path->o->command ? UINT64_MAX : run->path->o->packets,
		.wanted_packets = run->path->o->packets,
		.match = &run->path->o->trace.match,
		.ended = has_ended,
		.ctx = run,
	};
	int r = engine_new(run->path->rules, &opts, &run->engine);

	for (enum st_hook h = 0; r >= 0 && h < ST_HOOK_MAX; h++) {
		const char *func = hooks_func(h, run->flow.family);

		if (func)
			engine_func(run->engine, func, evidence_proves(run->evidence, h));
	}
	return r;
}

static int attach(struct hooks_run *run, struct reason *reason)
{
	const struct trace_options *t = &run->path->o->trace;
	int r;

	stale_events_clean_up();
	r = evidence_open(&run->flow, t->ring_bytes, on_hook_event, run, &run->evidence, reason);
	if (r >= 0)
		r = start_engine(run);
	if (r < 0)
		return r;
	if (t->verbose)
		fprintf(stderr, "skbtrail: the evidence programs are armed, watching\n");
	return ready_file_create(t->ready_file, reason);
}

static int poll_evidence(void *ctx, int timeout_ms)
{
	return evidence_poll(ctx, timeout_ms);
}

int rules_by_hooks(struct rules_run *path, const struct st_flow *flow, struct rules_result *ret, struct reason *reason)
{
	_cleanup_(run_clear) struct hooks_run run = {.path = path, .flow = *flow};
	struct engine_account account = {0};
	char failure[CHILD_FAILURE_MAX];
	struct check_setup setup = {.l4 = flow->l4};
	int r;

	run.portless.asked = rules_run_asks_for_ports(path);
	hooks_set_points(path->rules, flow, &setup);
	evidence_table_init(&run.packets, &setup);
	r = net_snapshot_load(&run.names, reason);
	if (r >= 0) {
		run.src_netns = netns_of(run.names, flow->family, flow->src_be);
		run.dst_netns = netns_of(run.names, flow->family, flow->dst_be);
		r = attach(&run, reason);
	}
	if (r >= 0)
		r = rules_run_confine(path, reason);
	if (r >= 0)
		r = rules_run_watch(path, run.engine, poll_evidence, run.evidence);
	if (r < 0)
		return r;
	account.interrupted = signals_stop_asked();
	child_failure(path->o->command, failure);
	account.command_failed = failure[0] ? failure : NULL;
	account.end_ns = clock_monotonic_ns();
	r = evidence_finish(run.evidence, &account.ledger);
	if (r < 0)
		return r;
	account.forgotten = run.packets.overflow;
	account.unparsed = run.packets.unparsed;
	account.portless = portless_count(&run.portless);
	return engine_finish(run.engine, &account, ret);
}
