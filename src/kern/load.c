/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/load.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/trace.skel.h"
#include "event/parts.h"
#include "kern/chains.h"
#include "kern/follow.h"
#include "kern/groups.h"
#include "kern/loader.h"
#include "kern/maps.h"
#include "kern/plain.h"
#include "kern/refusal.h"
#include "kern/returns.h"
#include "kern/ring.h"
#include "kern/splice.h"
#include "kern/track.h"
#include "kern/vmbtf.h"

static void trace_bpf_destroyp(struct trace_bpf **skel)
{
	trace_bpf__destroy(*skel);
}

/* What the user wrote, in the functions that have room for it; of the others nothing remains. */
static int splice_all(const struct trace_opts *o, void *object, size_t size, struct reason *reason)
{
	const struct splice all[] = {
		{"st_pcap_l2", o->pcap ? &o->pcap->l2 : NULL},
		{"st_pcap_l3", o->pcap ? &o->pcap->l3 : NULL},
		{"st_tunnel_match_l2", o->tunnel_l2},
		{"st_tunnel_match_l3", o->tunnel_l3},
		{"st_skb_match", o->skb_match},
		{"st_skb_value", o->skb_values},
	};

	return splice(object, size, all, ARRAY_SIZE(all), reason);
}

/* As trace_bpf__open_opts() does, but with the user's expressions in the object. */
static int open_spliced(const struct trace_opts *o, const struct bpf_object_open_opts *open, struct trace_bpf **ret,
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
	r = splice_all(o, object, size, reason);
	if (r < 0)
		return r;
	skel->skeleton->data = object; /* read by the next line only */
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

/* What kretprobes (by its older name, too), rethook and the function graph put where a return address was. */
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

/* Those that are not needed take no room. */
static int size_maps(const struct trace_opts *o, const struct trace_bpf *skel)
{
	const struct st_config *f = &o->filter;
	const struct {
		struct bpf_map *map;
		bool needed;
	} maps[] = {
		{skel->maps.st_tracked, f->track},   {skel->maps.st_heads, f->track},
		{skel->maps.st_exchanged, f->track}, {skel->maps.st_stacks, f->by_stack},
		{skel->maps.st_calls, f->returns},
	};
	int r = bpf_map__set_max_entries(skel->maps.st_ring, ring_round(o->ring_bytes));

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(maps); i++)
		r = maps[i].needed ? 0 : bpf_map__set_max_entries(maps[i].map, 1);
	return r;
}

static int configure(const struct trace_opts *o, const struct vmbtf *vmlinux, struct trace_bpf *skel)
{
	struct st_output output;
	int r = parts_layout(o->parts, &o->sizes, &output);

	if (r < 0)
		return r;
	memcpy((void *)&skel->rodata->st_out, &output, sizeof(output));
	skel->rodata->st_cfg = o->filter;
	skel->rodata->st_cfg.returns = returns_way(o);
	skel->rodata->st_cfg.has_drop_reason = vmbtf_has_drop_reason(vmlinux);
	skel->rodata->st_cfg.wakeup_bytes = ring_round(o->ring_bytes) / 8;
	find_trampolines(o->ksyms, (uint64_t *)skel->rodata->st_trampolines);
	return 0;
}

static int choose_programs(const struct trace_opts *o, const struct fentry_multi *fentry, const struct func_set *funcs,
			   const struct vmbtf *vmlinux, struct trace_bpf *skel, struct reason *reason)
{
	int r = track_choose(skel->obj, o->filter.track, vmlinux, o->ksyms, reason);

	if (r >= 0)
		r = maps_choose(skel, o->filter.maps, vmlinux, o->ksyms, reason);
	if (r >= 0)
		r = returns_choose(skel->obj, o);
	if (r < 0)
		return r;
	groups_choose(skel->obj, o->backend, fentry, funcs);
	follow_choose(skel, o, vmlinux);
	r = chains_choose(skel, o->parts & PART_BIT(ST_PART_NETFILTER), vmlinux);
	return r < 0 ? kern_refuse(r, "load the trace programs", reason) : 0;
}

/* libbpf keeps the code of all programs while the object lasts, also of those that it does not load. It would write
 * behind what is left of one that passes a function of its own to a helper, which none does. */
static int forget_others(struct bpf_object *obj)
{
	struct bpf_insn nothing[ARRAY_SIZE(splice_nothing)];
	struct bpf_program *prog;

	memcpy(nothing, splice_nothing, sizeof(nothing));
	bpf_object__for_each_program(prog, obj)
	{
		int r = bpf_program__autoload(prog) ? 0 : bpf_program__set_insns(prog, nothing, ARRAY_SIZE(nothing));

		if (r < 0)
			return r;
	}
	return 0;
}

static int load_with(const struct trace_opts *opts, const struct fentry_multi *fentry, const struct func_set *funcs,
		     const struct vmbtf *vmlinux, struct trace_bpf **ret, struct reason *reason)
{
	_cleanup_(trace_bpf_destroyp) struct trace_bpf *skel = NULL;
	_cleanup_(loader_freep) struct loader *loader = NULL;
	int r = loader_new(vmlinux, &loader);

	if (r < 0)
		return kern_refuse(r, "open the trace programs", reason);
	r = open_spliced(opts, loader_open_opts(loader), &skel, reason);
	if (r < 0)
		return kern_refuse(r, "open the trace programs", reason);
	r = configure(opts, vmlinux, skel);
	if (r >= 0)
		r = choose_programs(opts, fentry, funcs, vmlinux, skel, reason);
	if (r >= 0)
		r = plain_reads(skel, vmlinux);
	if (r >= 0)
		r = size_maps(opts, skel);
	if (r >= 0)
		r = forget_others(skel->obj);
	if (r < 0)
		return r;
	r = loader_load(loader, skel->skeleton, chains_module(skel), opts->log, "trace");
	if (r < 0)
		return kern_refuse(r, "load the trace programs", reason);
	*ret = TAKE_PTR(skel);
	return 0;
}

int trace_load(const struct trace_opts *opts, const struct fentry_multi *fentry, const struct func_set *funcs,
	       struct trace_bpf **ret, struct reason *reason)
{
	_cleanup_(vmbtf_freep) struct vmbtf *running = NULL;
	int r = 0;

	/* functions may be chosen from a file; numbers of types and offsets of members may not */
	if (!vmbtf_is_running(opts->btf))
		r = vmbtf_load(NULL, &running, reason);
	return r < 0 ? r : load_with(opts, fentry, funcs, running ? running : opts->btf, ret, reason);
}
