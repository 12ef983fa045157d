/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before 5.15 a kprobe has no cookie, so for kprobes there is one program for each argument that can be the packet. A
 * kprobe.multi link gives each function a cookie, from which a single program reads the number of that argument. One
 * program is less work for the verifier, and faster to attach and detach. But in each run the kernel searches for the
 * cookie. So the functions that have the packet among their first three arguments, nearly all, have programs that need
 * no cookie.
 */
#include "kern/attach/groups.h"

#include <stdio.h>
#include <string.h>

/* By group of kprobe.multi: the packet is argument 1, 2 or 3; all other functions with a packet; functions without. */
static const char *const multi_progs[] = {"multi1", "multi2", "multi3", "any_arg", "multi_no_skb"};

enum { MULTI_ANY = 3, MULTI_NO_SKB = 4, NO_SKB = SLOT_MAX * 2, NO_GROUP = GROUPS_MAX };

static size_t kprobe_group(const struct func *f)
{
	return f->slot ? (f->slot - 1u) + (f->indirect ? SLOT_MAX : 0) : NO_SKB;
}

static size_t multi_group(const struct func *f)
{
	if (!f->slot)
		return MULTI_NO_SKB;
	return f->slot <= MULTI_ANY && !f->indirect ? f->slot - 1u : MULTI_ANY;
}

static size_t group_of(enum trace_backend backend, const struct func *f)
{
	if (!f->attachable)
		return NO_GROUP;
	return backend == TRACE_BACKEND_KPROBE ? kprobe_group(f) : multi_group(f);
}

static struct bpf_program *kprobe_prog(struct bpf_object *obj, size_t group)
{
	char name[8];

	if (group == NO_SKB)
		return bpf_object__find_program_by_name(obj, "no_skb");
	snprintf(name, sizeof(name), "%s%zu", group < SLOT_MAX ? "skb" : "pskb", group % SLOT_MAX + 1);
	return bpf_object__find_program_by_name(obj, name);
}

/* NULL: the backend has no such group. */
static struct bpf_program *group_prog(struct bpf_object *obj, enum trace_backend backend, size_t group)
{
	if (backend == TRACE_BACKEND_KPROBE)
		return kprobe_prog(obj, group);
	return group < ARRAY_SIZE(multi_progs) ? bpf_object__find_program_by_name(obj, multi_progs[group]) : NULL;
}

static void count(enum trace_backend backend, const struct func_set *funcs, size_t n[GROUPS_MAX + 1])
{
	memset(n, 0, (GROUPS_MAX + 1) * sizeof(*n));
	for (size_t i = 0; i < funcs->n; i++)
		n[group_of(backend, &funcs->items[i])]++;
}

static void choose(struct bpf_object *obj, enum trace_backend backend, bool used, const struct func_set *funcs)
{
	size_t n[GROUPS_MAX + 1];

	count(backend, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		struct bpf_program *prog = group_prog(obj, backend, g);

		if (!prog)
			continue;
		bpf_program__set_autoload(prog, used && n[g] > 0);
		if (backend == TRACE_BACKEND_KPROBE_MULTI)
			bpf_program__set_expected_attach_type(prog, BPF_TRACE_KPROBE_MULTI);
	}
}

void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs)
{
	choose(obj, TRACE_BACKEND_KPROBE, backend == TRACE_BACKEND_KPROBE, funcs);
	choose(obj, TRACE_BACKEND_KPROBE_MULTI, backend == TRACE_BACKEND_KPROBE_MULTI, funcs);
}

size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs,
		   const struct func **members, struct attach_group ret[GROUPS_MAX])
{
	size_t n[GROUPS_MAX + 1], n_groups = 0;

	count(backend, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		struct attach_group *group = &ret[n_groups];

		if (!n[g])
			continue;
		*group = (struct attach_group){.prog = group_prog(obj, backend, g), .funcs = members};
		group->prog_fd = bpf_program__fd(group->prog);
		for (size_t i = 0; i < funcs->n; i++) {
			if (group_of(backend, &funcs->items[i]) == g)
				group->funcs[group->n++] = &funcs->items[i];
		}
		members += group->n;
		n_groups++;
	}
	return n_groups;
}
