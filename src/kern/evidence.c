/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/evidence.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/evidence.skel.h"
#include "kern/account.h"
#include "kern/loader.h"
#include "kern/refusal.h"
#include "kern/ring.h"
#include "kern/switches.h"
#include "kern/vmbtf.h"

/* Which program arms which hook. */
struct hook_prog {
	const char *prog;
	enum st_hook hook;
	unsigned family; /* only for this family; 0: both */
	bool in_module;	 /* its function is in a module, where that is not built in */
};

#define ST_HOOK_HELPER ST_HOOK_MAX /* feeds ST_HOOK_REDIRECT, has no records of its own */

static const struct hook_prog hook_progs[] = {
	{"start_xmit", ST_HOOK_XMIT, 0},
	{"receive", ST_HOOK_RECEIVE, 0},
	{"drop", ST_HOOK_DROP, 0},
	{"redirect", ST_HOOK_REDIRECT, 0},
	{"peer", ST_HOOK_PEER, 0},
	{"ip_rcv", ST_HOOK_IP_RCV, 4},
	{"ipv6_rcv", ST_HOOK_IP_RCV, 6},
	{"ip_forward", ST_HOOK_FORWARD, 4},
	{"ip6_forward", ST_HOOK_FORWARD, 6},
	{"netfilter", ST_HOOK_NETFILTER, 0},
	{"bridge", ST_HOOK_BRIDGE, 0},
	{"bridge_entry", ST_HOOK_BRIDGE, 0, .in_module = true},
	{"veth", ST_HOOK_VETH, 0, .in_module = true},
	{"netkit", ST_HOOK_NETKIT, 0},
	{"helper_redirect", ST_HOOK_HELPER, 0},
	{"helper_redirect_peer", ST_HOOK_HELPER, 0},
	{"helper_redirect_neigh", ST_HOOK_HELPER, 0},
};

struct evidence {
	struct evidence_bpf *skel;
	struct prog_log *log; /* NULL but in evidence_verify() */
	struct bpf_link *links[ARRAY_SIZE(hook_progs)];
	struct ring_buffer *ring;
	struct ring_turn turn;
	struct switches switches;
	struct seq_track seq;
	evidence_fn fn;
	void *ctx;
	uint64_t events, malformed, started_ns;
	uint32_t aside;					 /* 1 << enum st_hook: whose skips do not count */
	uint64_t skipped_before[ARRAY_SIZE(hook_progs)]; /* while the later programs were still being attached */
	unsigned requested, armed, failed;
};

static int on_record(void *ctx, void *data, size_t size)
{
	struct evidence *ev = ctx;
	struct witness w;
	int r;

	if (witness_decode(data, size, &w) < 0) {
		ev->malformed++;
		return 0;
	}
	ev->events++;
	seq_note(&ev->seq, w.hook, w.cpu, w.cpu_seq);
	r = ev->fn(ev->ctx, &w);
	return r < 0 ? r : ring_turn_over(&ev->turn);
}

static struct bpf_program *find_prog(struct evidence *ev, const struct hook_prog *h)
{
	return bpf_object__find_program_by_name(ev->skel->obj, h->prog);
}

/* A program whose target the kernel lacks would fail the load of all. */
static void choose_programs(struct evidence *ev, struct sections *sections, unsigned family, bool modules)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		const struct hook_prog *h = &hook_progs[i];
		struct bpf_program *prog = find_prog(ev, h);
		bool wanted = (!h->family || h->family == family) && (!h->in_module || modules);

		bpf_program__set_autoload(prog, wanted && sections_has(sections, prog));
	}
	/* one program per hook */
	if (bpf_program__autoload(ev->skel->progs.bridge_entry))
		bpf_program__set_autoload(ev->skel->progs.bridge, false);
}

static int load_with(struct evidence *ev, const struct st_flow *flow, uint64_t ring_bytes, const struct vmbtf *vmlinux,
		     bool modules, struct reason *reason)
{
	_cleanup_(loader_freep) struct loader *loader = NULL;
	int r = loader_new(vmlinux, &loader);

	if (r < 0)
		return kern_refuse(r, "open the evidence programs", reason);
	evidence_bpf__destroy(ev->skel);
	ev->skel = evidence_bpf__open_opts(loader_open_opts(loader));
	if (!ev->skel)
		return kern_refuse(-errno, "open the evidence programs", reason);
	ev->skel->rodata->st_flow = *flow;
	ev->skel->rodata->st_flow.has_drop_reason = vmbtf_has_drop_reason(vmlinux);
	choose_programs(ev, loader_sections(loader), flow->family, modules);
	r = bpf_map__set_max_entries(ev->skel->maps.st_ring, ring_bytes);
	if (r == 0)
		r = loader_load(loader, ev->skel->skeleton, NULL, ev->log, "evidence");
	return r < 0 ? kern_refuse(r, "load the evidence programs", reason) : 0;
}

/* What lies in modules adds to the evidence, but none leans on it: where it cannot be loaded the rest is. */
static int load(struct evidence *ev, const struct st_flow *flow, uint64_t ring_bytes, const struct vmbtf *vmlinux,
		struct reason *reason)
{
	int r = load_with(ev, flow, ring_bytes, vmlinux, true, NULL);
	return r < 0 ? load_with(ev, flow, ring_bytes, vmlinux, false, reason) : r;
}

static bool is_at_function(const struct bpf_program *prog)
{
	enum bpf_attach_type type = bpf_program__expected_attach_type(prog);

	return type == BPF_TRACE_FENTRY || type == BPF_TRACE_FEXIT;
}

static int attach(struct evidence *ev, struct reason *reason)
{
	unsigned n_at_functions = 0;
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		struct bpf_program *prog = find_prog(ev, &hook_progs[i]);

		if (!bpf_program__autoload(prog))
			continue;
		ev->requested++;
		ev->links[i] = bpf_program__attach(prog);
		if (ev->links[i]) {
			ev->armed++;
			n_at_functions += is_at_function(prog);
			continue;
		}
		err = -errno;
		/* the bridge may simply not be loaded: then nothing is bridged, and nothing failed; like the veth
		 * driver's it only adds to what others see */
		if (hook_progs[i].hook == ST_HOOK_BRIDGE || hook_progs[i].hook == ST_HOOK_VETH)
			ev->requested--;
		else
			ev->failed++;
	}
	if (err == -KERN_ENOTSUPP && !n_at_functions)
		return reason_set(
			reason, -EOPNOTSUPP,
			"this kernel attaches no fentry programs, on which a check stands (arm64: 6.4 and newer do); "
			"boot a newer one, or use 'skbtrail trace'");
	return ev->armed ? 0 : kern_refuse(err, "attach the evidence programs", reason);
}

/* Between true and false every program records; before and after, none does. */
static void record(struct evidence *ev, bool on)
{
	__atomic_store_n(&ev->skel->bss->st_on, on, __ATOMIC_SEQ_CST);
}

bool evidence_armed(const struct evidence *ev, enum st_hook hook)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		if (hook_progs[i].hook == hook && ev->links[i])
			return true;
	}
	return false;
}

/* How often the kernel has skipped each program because it was running on that CPU already. Before 5.12 there is no
 * count, and no guard that could skip such a program either. */
static int read_skipped(struct evidence *ev, uint64_t ret[ARRAY_SIZE(hook_progs)])
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		struct bpf_program *prog = find_prog(ev, &hook_progs[i]);
		int r;

		ret[i] = 0;
		r = bpf_program__autoload(prog) ? account_recursion(bpf_program__fd(prog), &ret[i]) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Those skipped while all were recording, but for what was left aside. */
static int count_skipped(struct evidence *ev, uint64_t *ret)
{
	uint64_t now[ARRAY_SIZE(hook_progs)];
	int r = read_skipped(ev, now);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(hook_progs); i++) {
		if (!(ev->aside & 1u << hook_progs[i].hook))
			*ret += now[i] - ev->skipped_before[i];
	}
	return r;
}

int evidence_verify(const struct vmbtf *vmlinux, struct prog_log *log, struct reason *reason)
{
	static const unsigned families[] = {4, 6};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(families); i++) {
		const struct st_flow flow = {.family = families[i], .l4 = IPPROTO_TCP};
		struct evidence ev = {.log = log};

		r = load(&ev, &flow, ring_round(0), vmlinux, reason);
		evidence_bpf__destroy(ev.skel);
	}
	return r;
}

int evidence_open(const struct st_flow *flow, uint64_t ring_bytes, evidence_fn fn, void *ctx, struct evidence **ret,
		  struct reason *reason)
{
	_cleanup_(evidence_freep) struct evidence *ev = calloc(1, sizeof(*ev));
	_cleanup_(vmbtf_freep) struct vmbtf *vmlinux = NULL;
	int n_cpus = libbpf_num_possible_cpus(), r;

	if (!ev)
		return -ENOMEM;
	if (n_cpus < 0)
		return n_cpus;
	ev->fn = fn;
	ev->ctx = ctx;
	ev->switches = (struct switches){.ftrace = -1, .kprobes = -1};
	r = switches_open(&ev->switches, false, reason);
	if (r < 0)
		return r;
	r = seq_init(&ev->seq, ST_HOOK_MAX, n_cpus);
	if (r < 0)
		return r;
	r = vmbtf_load(NULL, &vmlinux, reason);
	if (r >= 0)
		r = load(ev, flow, ring_round(ring_bytes), vmlinux, reason);
	if (r < 0)
		return r;
	ev->ring = ring_buffer__new(bpf_map__fd(ev->skel->maps.st_ring), on_record, ev, NULL);
	if (!ev->ring)
		return kern_refuse(-errno, "map the ring buffer", reason);
	r = attach(ev, reason);
	if (r < 0)
		return r;
	r = read_skipped(ev, ev->skipped_before);
	if (r < 0)
		return r;
	record(ev, true);
	ev->started_ns = clock_monotonic_ns();
	*ret = TAKE_PTR(ev);
	return 0;
}

int evidence_tx_seen(const struct evidence *ev, unsigned which, uint64_t *ret_packets)
{
	_cleanup_free_ uint64_t *seen = NULL;
	int n_cpus = libbpf_num_possible_cpus(), r;
	uint32_t key = which;
	uint64_t sum = 0;

	if (n_cpus < 0)
		return n_cpus;
	seen = calloc(n_cpus, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	r = bpf_map__lookup_elem(ev->skel->maps.st_tx_seen, &key, sizeof(key), seen, n_cpus * sizeof(*seen), 0);
	if (r < 0)
		return r;
	for (int cpu = 0; cpu < n_cpus; cpu++)
		sum += seen[cpu];
	*ret_packets = sum;
	return 0;
}

int evidence_fd(const struct evidence *ev)
{
	return ring_buffer__epoll_fd(ev->ring);
}

int evidence_poll(struct evidence *ev, int timeout_ms)
{
	switches_look(&ev->switches);
	return ring_poll(ev->ring, &ev->turn, timeout_ms);
}

static void detach(struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(ev->links); i++) {
		bpf_link__destroy(ev->links[i]);
		ev->links[i] = NULL;
	}
}

void evidence_leave_aside(struct evidence *ev, enum st_hook hook)
{
	ev->aside |= 1u << hook;
}

int evidence_finish(struct evidence *ev, struct ledger *ret)
{
	int r;

	*ret = (struct ledger){
		.selected = ev->requested,
		.attached = ev->armed,
		.failed = ev->failed,
		.backend = "fentry",
		.unprovable_why = switches_silenced(&ev->switches),
	};
	ret->provable = !ret->unprovable_why;
	ret->duration_ns = clock_monotonic_ns() - ev->started_ns;
	record(ev, false);
	r = count_skipped(ev, &ret->lost_recursion);
	if (r < 0)
		return r;
	detach(ev);
	r = ring_buffer__consume(ev->ring);
	if (r < 0)
		return r;
	ret->events = ev->events;
	r = account_ring(ev->skel->maps.st_count, &ev->seq, ret);
	if (r < 0)
		return r;
	ret->lost_ring += ev->malformed;
	return 0;
}

void evidence_free(struct evidence *ev)
{
	if (!ev)
		return;
	detach(ev);
	ring_buffer__free(ev->ring);
	evidence_bpf__destroy(ev->skel);
	switches_close(&ev->switches);
	seq_free(&ev->seq);
	free(ev);
}
