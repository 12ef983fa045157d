/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/trace_load.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/trace.skel.h"
#include "btf/index.h"
#include "event/parts.h"
#include "insn/elf_patch.h"
#include "kern/attach/bpf_map_ops.h"
#include "kern/attach/groups.h"
#include "kern/attach/nf_chains.h"
#include "kern/attach/returns.h"
#include "kern/attach/skb_tracking.h"
#include "kern/error/kern_error.h"
#include "kern/load/loader.h"
#include "kern/load/rdonly_cast.h"
#include "kern/progs/prog_follow.h"
#include "kern/ring.h"

static void trace_bpf_destroyp(struct trace_bpf **skel)
{
	trace_bpf__destroy(*skel);
}

/* Puts the user's expressions into the functions that the object has for them; those without an expression become
 * empty. */
static int patch_all(const struct trace_opts *o, void *object, size_t size, struct reason *reason)
{
	const struct elf_patch all[] = {
		{"st_pcap_l2", o->pcap ? &o->pcap->l2 : NULL},
		{"st_pcap_l3", o->pcap ? &o->pcap->l3 : NULL},
		{"st_tunnel_match_l2", o->tunnel_l2},
		{"st_tunnel_match_l3", o->tunnel_l3},
		{"st_skb_match", o->skb_match},
		{"st_skb_value", o->skb_values},
	};

	return elf_patch(object, size, all, ARRAY_SIZE(all), reason);
}

/* Does what trace_bpf__open_opts() does, but with the user's expressions in the object. */
static int open_patched(const struct trace_opts *o, const struct bpf_object_open_opts *open, struct trace_bpf **ret,
			struct reason *reason)
{
	_cleanup_(trace_bpf_destroyp) struct trace_bpf *skel = calloc(1, sizeof(*skel));
	_cleanup_free_ void *object = NULL;
	size_t size;
	int r;

	if (!skel)
		return -ENOMEM;
	r = trace_bpf__create_skeleton(skel);
	if (r < 0)
		return r;
	size = skel->skeleton->data_sz;
	object = malloc(size);
	if (!object)
		return -ENOMEM;
	memcpy(object, skel->skeleton->data, size);
	r = patch_all(o, object, size, reason);
	if (r < 0)
		return r;
	skel->skeleton->data = object; /* freed at the end: only the next line reads it */
	r = bpf_object__open_skeleton(skel->skeleton, open);
	if (r < 0)
		return r;
	skel->rodata->st_pcap = o->pcap != NULL;
	skel->rodata->st_tunnel_l2 = o->tunnel_l2 != NULL;
	skel->rodata->st_tunnel_l3 = o->tunnel_l3 != NULL;
	skel->rodata->st_skb_expr = o->skb_match != NULL;
	skel->rodata->st_n_values = o->n_values;
	*ret = TAKE_PTR(skel);
	return 0;
}

/* The addresses that kretprobes (under two names), rethook and the function graph tracer put in place of a return
 * address. */
static void find_trampolines(const struct ksyms *ks, uint64_t ret[ST_TRAMPOLINES_MAX])
{
	static const char *const names[ST_TRAMPOLINES_MAX] = {"__kretprobe_trampoline", "kretprobe_trampoline",
							      "arch_rethook_trampoline", "return_to_handler"};

	for (size_t i = 0; i < ST_TRAMPOLINES_MAX; i++) {
		struct ksym sym;

		if (ksyms_first(ks, names[i], &sym))
			ret[i] = sym.addr;
	}
}

/* Maps that are not needed get one element, so that they take little memory. */
static int size_maps(const struct trace_opts *o, const struct trace_bpf *skel)
{
	const struct st_config *f = &o->filter;
	const struct {
		struct bpf_map *map;
		bool needed;
	} maps[] = {
		{skel->maps.st_tracked, f->track},   {skel->maps.st_heads, f->track},
		{skel->maps.st_exchanged, f->track}, {skel->maps.st_stacks, f->by_stack},
		{skel->maps.st_calls, f->returns},   {skel->maps.st_chains, o->parts & PART_BIT(ST_PART_NETFILTER)},
	};
	int r = bpf_map__set_max_entries(skel->maps.st_ring, ring_round(o->ring_bytes));

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(maps); i++)
		r = maps[i].needed ? 0 : bpf_map__set_max_entries(maps[i].map, 1);
	return r;
}

/* Whether something other than a packet's headers decides whether it is recorded: see struct st_config. */
static bool has_early(const struct st_config *c)
{
	const struct st_surroundings *m = &c->surroundings;

	return c->track || c->by_stack || m->has_pid || m->comm.mask[0] || m->cgroup || m->has_mark;
}

/* Whether any other filter but those on addresses is set. */
static bool has_late(const struct trace_opts *o)
{
	const struct st_surroundings *m = &o->filter.surroundings;

	return o->filter.need_l4 || o->filter.sample > 1 || o->pcap || o->tunnel_l2 || o->tunnel_l3 || o->skb_match ||
	       m->netns || m->n_ifnames || m->n_pods;
}

static bool has_several_addrs(const struct st_config *c)
{
	return c->n_src > 1 || c->n_dst > 1 || c->n_any > 1;
}

static bool has_several_ports(const struct st_config *c)
{
	return c->n_sports > 1 || c->n_dports > 1 || c->n_ports > 1;
}

static int configure(const struct trace_opts *o, const struct btf_index *vmlinux, struct trace_bpf *skel)
{
	struct st_output output;
	int r = event_parts_layout(o->parts, &o->sizes, &output);

	if (r < 0)
		return r;
	memcpy((void *)&skel->rodata->st_out, &output, sizeof(output));
	skel->rodata->st_cfg = o->filter;
	skel->rodata->st_cfg.has_several_addrs = has_several_addrs(&o->filter);
	skel->rodata->st_cfg.has_several_ports = has_several_ports(&o->filter);
	skel->rodata->st_cfg.has_early = has_early(&o->filter);
	skel->rodata->st_cfg.has_other_rule = skel->rodata->st_cfg.has_early || o->trace_tc || o->trace_xdp;
	skel->rodata->st_cfg.has_late = has_late(o);
	skel->rodata->st_cfg.returns = returns_mode(o->backend, o->filter.returns);
	skel->rodata->st_cfg.has_drop_reason = btf_index_has_drop_reason(vmlinux);
	skel->rodata->st_cfg.wakeup_bytes = ring_round(o->ring_bytes) / 8;
	find_trampolines(o->ksyms, (uint64_t *)skel->rodata->st_trampolines);
	return 0;
}

static int choose_programs(const struct trace_opts *o, const struct func_set *funcs, const struct btf_index *vmlinux,
			   struct trace_bpf *skel, struct reason *reason)
{
	int r = skb_tracking_choose(skel->obj, o->filter.track, vmlinux, o->ksyms, reason);

	if (r >= 0)
		r = bpf_map_ops_choose(skel, o->filter.maps, vmlinux, o->ksyms, reason);
	if (r >= 0)
		r = returns_choose(skel->obj, o->backend, o->filter.returns);
	if (r < 0)
		return r;
	groups_choose(skel->obj, o->backend, funcs);
	prog_follow_choose(skel, o->trace_tc, o->trace_xdp, vmlinux);
	r = nf_chains_choose(skel, o->parts & PART_BIT(ST_PART_NETFILTER), vmlinux);
	return r < 0 ? kern_error_set(r, "load the trace programs", reason) : 0;
}

/* libbpf keeps the code of all programs as long as the object, also of those that it does not load: this replaces them
 * by two instructions. That would be wrong for a program that passes a function of its own to a helper, since libbpf
 * would write behind the new end; none of ours does. */
static int drop_unselected(struct bpf_object *obj)
{
	struct bpf_insn nothing[ARRAY_SIZE(elf_patch_nothing)];
	struct bpf_program *prog;

	memcpy(nothing, elf_patch_nothing, sizeof(nothing));
	bpf_object__for_each_program(prog, obj)
	{
		int r = bpf_program__autoload(prog) ? 0 : bpf_program__set_insns(prog, nothing, ARRAY_SIZE(nothing));

		if (r < 0)
			return r;
	}
	return 0;
}

static int load_with(const struct trace_opts *opts, const struct func_set *funcs, const struct btf_index *vmlinux,
		     struct trace_bpf **ret, struct reason *reason)
{
	_cleanup_(trace_bpf_destroyp) struct trace_bpf *skel = NULL;
	_cleanup_(loader_freep) struct loader *loader = NULL;
	int r = loader_new(vmlinux, &loader);

	if (r < 0)
		return kern_error_set(r, "open the trace programs", reason);
	r = open_patched(opts, loader_open_opts(loader), &skel, reason);
	if (r < 0)
		return kern_error_set(r, "open the trace programs", reason);
	r = configure(opts, vmlinux, skel);
	if (r >= 0)
		r = choose_programs(opts, funcs, vmlinux, skel, reason);
	if (r >= 0)
		r = rdonly_cast_enable(skel, vmlinux);
	if (r >= 0)
		r = size_maps(opts, skel);
	if (r >= 0)
		r = drop_unselected(skel->obj);
	if (r < 0)
		return r;
	r = loader_load(loader, skel->skeleton, nf_chains_module(skel), opts->log, "trace");
	if (r < 0)
		return kern_error_set(r, "load the trace programs", reason);
	*ret = TAKE_PTR(skel);
	return 0;
}

int trace_load(const struct trace_opts *opts, const struct func_set *funcs, struct trace_bpf **ret,
	       struct reason *reason)
{
	_cleanup_(btf_index_freep) struct btf_index *running = NULL;
	const struct btf_index *vmlinux = opts->btf;
	int r = 0;

	/* functions may be selected by a file's types; type ids and offsets must be the running kernel's */
	if (!btf_index_is_running(opts->btf)) {
		r = btf_index_load(NULL, &running, reason);
		vmlinux = running;
	}
	if (r >= 0)
		r = loader_check_ring(vmlinux, reason);
	return r < 0 ? r : load_with(opts, funcs, vmlinux, ret, reason);
}
