/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/evidence.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/evidence.skel.h"
#include "btf/index.h"
#include "kern/attach/kill_switches.h"
#include "kern/error/kern_error.h"
#include "kern/load/loader.h"
#include "kern/progs/account.h"
#include "kern/ring.h"

/* Which program is at which hook. */
struct hook_prog {
	const char *prog;
	enum st_hook hook;
	unsigned family; /* 4 or 6: for flows of this family only; 0: for both */
	bool in_module;	 /* its function is in a module, unless that is built in */
};

/* explains a verdict, and has no records: not counted, whether it is attached, skipped or neither */
#define ST_HOOK_EXPLAINS (ST_HOOK_MAX + 1)
#define ST_HOOK_HELPER	 ST_HOOK_MAX /* tells the program at ST_HOOK_REDIRECT of a call; has no records of its own */

static const struct hook_prog hook_progs[] = {
	{"start_xmit", ST_HOOK_XMIT, 0},
	{"receive", ST_HOOK_RECEIVE, 0},
	{"drop", ST_HOOK_DROP, 0},
	{"redirect", ST_HOOK_REDIRECT, 0},
	{"peer", ST_HOOK_PEER, 0},
	{"ip_rcv", ST_HOOK_IP_RCV, 4},
	{"ipv6_rcv", ST_HOOK_IP_RCV, 6},
	{"ip_list_rcv", ST_HOOK_IP_RCV, 4},
	{"ipv6_list_rcv", ST_HOOK_IP_RCV, 6},
	{"ip_forward", ST_HOOK_FORWARD, 4},
	{"ip6_forward", ST_HOOK_FORWARD, 6},
	{"netfilter", ST_HOOK_NETFILTER, 0},
	{"bridge", ST_HOOK_BRIDGE, 0},
	{"bridge_entry", ST_HOOK_BRIDGE, 0, .in_module = true},
	{"veth", ST_HOOK_VETH, 0, .in_module = true},
	{"netkit", ST_HOOK_NETKIT, 0},
	{"translated_xmit", ST_HOOK_EXPLAINS, 0},
	{"translated_ip_rcv", ST_HOOK_EXPLAINS, 4},
	{"translated_ipv6_rcv", ST_HOOK_EXPLAINS, 6},
	{"helper_redirect", ST_HOOK_HELPER, 0},
	{"helper_redirect_peer", ST_HOOK_HELPER, 0},
	{"helper_redirect_neigh", ST_HOOK_HELPER, 0},
};

struct evidence {
	struct evidence_bpf *skel;
	struct verifier_log *log; /* borrowed; NULL except in evidence_verify() */
	struct bpf_link *links[ARRAY_SIZE(hook_progs)];
	struct ring *ring;
	struct kill_switches switches;
	evidence_fn fn;
	void *ctx;
	uint32_t ignored;				 /* bits 1 << enum st_hook: of evidence_ignore_skips() */
	uint64_t skipped_before[ARRAY_SIZE(hook_progs)]; /* before all programs were attached and recording began */
	unsigned requested, attached, failed;
};

static int on_record(void *ctx, void *data, size_t size)
{
	struct evidence *ev = ctx;
	struct hook_event w;

	if (hook_event_decode(data, size, &w) < 0)
		return ring_malformed(ev->ring);
	ring_count(ev->ring, w.hook, w.cpu, w.cpu_seq);
	return ev->fn(ev->ctx, &w);
}

static struct bpf_program *find_prog(const struct evidence *ev, const struct hook_prog *h)
{
	return bpf_object__find_program_by_name(ev->skel->obj, h->prog);
}

/* Selects the programs. One whose function the kernel lacks would fail the load of all. */
static void choose_programs(struct evidence *ev, struct prog_handlers *handlers, unsigned family, bool modules)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		const struct hook_prog *h = &hook_progs[i];
		struct bpf_program *prog = find_prog(ev, h);
		bool wanted = (!h->family || h->family == family) && (!h->in_module || modules);

		bpf_program__set_autoload(prog, wanted && prog_handlers_has(handlers, prog));
	}
	/* one program for each hook */
	if (bpf_program__autoload(ev->skel->progs.bridge_entry))
		bpf_program__set_autoload(ev->skel->progs.bridge, false);
}

static int load_with(struct evidence *ev, const struct st_flow *flow, uint64_t ring_bytes,
		     const struct btf_index *vmlinux, bool modules, struct reason *reason)
{
	_cleanup_(loader_freep) struct loader *loader = NULL;
	int r = loader_new(vmlinux, &loader);

	if (r < 0)
		return kern_error_set(r, "open the evidence programs", reason);
	evidence_bpf__destroy(ev->skel);
	ev->skel = evidence_bpf__open_opts(loader_open_opts(loader));
	if (!ev->skel)
		return kern_error_set(-errno, "open the evidence programs", reason);
	ev->skel->rodata->st_flow = *flow;
	ev->skel->rodata->st_flow.has_drop_reason = btf_index_has_drop_reason(vmlinux);
	choose_programs(ev, loader_handlers(loader), flow->family, modules);
	r = bpf_map__set_max_entries(ev->skel->maps.st_ring, ring_bytes);
	if (r == 0)
		r = loader_load(loader, ev->skel->skeleton, NULL, ev->log, "evidence");
	return r < 0 ? kern_error_set(r, "load the evidence programs", reason) : 0;
}

/* The verdict does not depend on the programs at functions of modules: if they cannot be loaded, the others are. */
static int load(struct evidence *ev, const struct st_flow *flow, uint64_t ring_bytes, const struct btf_index *vmlinux,
		struct reason *reason)
{
	int r = loader_check_ring(vmlinux, reason);

	if (r < 0)
		return r;
	r = load_with(ev, flow, ring_bytes, vmlinux, true, NULL);
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
		ev->links[i] = bpf_program__attach(prog);
		if (hook_progs[i].hook == ST_HOOK_EXPLAINS)
			continue;
		ev->requested++;
		if (ev->links[i]) {
			ev->attached++;
			n_at_functions += is_at_function(prog);
			continue;
		}
		err = -errno;
		/* without the bridge module nothing is bridged, so nothing failed; the verdict does not depend on the
		 * veth driver's program */
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
	return ev->attached ? 0 : kern_error_set(err, "attach the evidence programs", reason);
}

bool evidence_attached(const struct evidence *ev, enum st_hook hook)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		if (hook_progs[i].hook == hook && ev->links[i])
			return true;
	}
	return false;
}

bool evidence_proves(const struct evidence *ev, enum st_hook hook)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		const struct bpf_program *prog = find_prog(ev, &hook_progs[i]);

		if (hook_progs[i].hook != hook || !bpf_program__autoload(prog))
			continue;
		/* a kprobe's program is skipped while any other one runs on its CPU */
		if (!ev->links[i] || bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE)
			return false;
		n++;
	}
	return n;
}

bool evidence_sees_peer_flags(const struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_progs); i++) {
		if (strcmp(hook_progs[i].prog, "helper_redirect_peer") == 0)
			return ev->links[i];
	}
	return false;
}

/* How often the kernel has skipped each program because it was running on that CPU already. Before 5.12 the kernel has
 * no such count, and never skips a program. */
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

/* Adds the calls skipped since recording began, except at the hooks of evidence_ignore_skips(). 0 or -errno. */
static int count_skipped(struct evidence *ev, uint64_t *ret)
{
	uint64_t now[ARRAY_SIZE(hook_progs)];
	int r = read_skipped(ev, now);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(hook_progs); i++) {
		if (!(ev->ignored & 1u << hook_progs[i].hook))
			*ret += now[i] - ev->skipped_before[i];
	}
	return r;
}

int evidence_verify(const struct btf_index *vmlinux, struct verifier_log *log, struct reason *reason)
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
	_cleanup_(btf_index_freep) struct btf_index *vmlinux = NULL;
	struct ring_opts ring = {.on_record = on_record, .ctx = ev};
	int r;

	if (!ev)
		return -ENOMEM;
	ev->fn = fn;
	ev->ctx = ctx;
	ev->ignored = 1u << ST_HOOK_EXPLAINS;
	ev->switches = (struct kill_switches){.ftrace = -1, .kprobes = -1};
	r = kill_switches_open(&ev->switches, false, reason);
	if (r < 0)
		return r;
	r = btf_index_load(NULL, &vmlinux, reason);
	if (r >= 0)
		r = load(ev, flow, ring_round(ring_bytes), vmlinux, reason);
	if (r < 0)
		return r;
	ring.records = ev->skel->maps.st_ring;
	ring.counters = ev->skel->maps.st_count;
	ring.on = &ev->skel->bss->st_on;
	r = ring_new(&ring, &ev->ring, reason);
	if (r >= 0)
		r = attach(ev, reason);
	if (r >= 0)
		r = read_skipped(ev, ev->skipped_before);
	if (r < 0)
		return r;
	ring_start(ev->ring);
	*ret = TAKE_PTR(ev);
	return 0;
}

int evidence_tx_seen(const struct evidence *ev, unsigned which, enum st_tx_seen_by by, uint64_t *ret_packets)
{
	_cleanup_free_ uint64_t *seen = NULL;
	int n_cpus = libbpf_num_possible_cpus(), r;
	uint32_t key = by * ST_WATCH_MAX + which;
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

int evidence_translated(const struct evidence *ev, bool reverse, enum st_translation how, struct st_translated *ret)
{
	uint32_t key = (reverse ? ST_TRANSLATED_MAX : 0) + how;

	return bpf_map__lookup_elem(ev->skel->maps.st_translated, &key, sizeof(key), ret, sizeof(*ret), 0);
}

int evidence_fd(const struct evidence *ev)
{
	return ring_fd(ev->ring);
}

int evidence_poll(struct evidence *ev, int timeout_ms)
{
	kill_switches_look(&ev->switches);
	return ring_poll(ev->ring, timeout_ms);
}

static void detach(struct evidence *ev)
{
	for (size_t i = 0; i < ARRAY_SIZE(ev->links); i++) {
		bpf_link__destroy(ev->links[i]);
		ev->links[i] = NULL;
	}
}

void evidence_ignore_skips(struct evidence *ev, enum st_hook hook)
{
	ev->ignored |= 1u << hook;
}

int evidence_finish(struct evidence *ev, struct lost_events *ret)
{
	int r;

	*ret = (struct lost_events){
		.selected = ev->requested,
		.attached = ev->attached,
		.failed = ev->failed,
		.backend = "fentry",
		.unprovable_why = kill_switches_silenced(&ev->switches),
	};
	ret->provable = !ret->unprovable_why;
	ring_stop(ev->ring, ret);
	r = count_skipped(ev, &ret->lost_recursion);
	if (r < 0)
		return r;
	detach(ev);
	return ring_finish(ev->ring, ret);
}

void evidence_free(struct evidence *ev)
{
	if (!ev)
		return;
	detach(ev);
	ring_free(ev->ring);
	evidence_bpf__destroy(ev->skel);
	kill_switches_close(&ev->switches);
	free(ev);
}
