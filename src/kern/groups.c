/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kprobe has no cookie before 5.15, so there is a program for each argument slot. A kprobe.multi link gives each
 * function one, and one program can read the slot from it: what the verifier has to look at, and what is slow to attach
 * and detach, is there once. But the kernel searches for the cookie in each run; so the functions that have the packet
 * among the first three arguments, which are nearly all, have programs that need none.
 */
#include "kern/groups.h"

#include <stdio.h>
#include <string.h>

/* By group of kprobe.multi: slot - 1, the others, and functions without a packet. */
static const char *const multi_progs[] = {"multi1", "multi2", "multi3", "any_slot", "multi_aside"};
/* By group of fentry.multi: slot - 1. */
static const char *const fentry_progs[] = {"fentry1", "fentry2", "fentry3"};

enum { MULTI_ANY = 3, MULTI_ASIDE = 4, ASIDE = SLOT_MAX * 2, NO_GROUP = GROUPS_MAX };

/* The programs of a way to attach, by group, and which group a function belongs to. */
struct way {
	enum trace_backend backend;
	const struct fentry_multi *fentry; /* what it takes is another way's; NULL: nothing is */
};

static size_t kprobe_group(const struct func *f)
{
	return f->slot ? (f->slot - 1u) + (f->indirect ? SLOT_MAX : 0) : ASIDE;
}

static size_t multi_group(const struct func *f)
{
	if (!f->slot)
		return MULTI_ASIDE;
	return f->slot <= MULTI_ANY && !f->indirect ? f->slot - 1u : MULTI_ANY;
}

static size_t group_of(const struct way *way, const struct func *f)
{
	bool taken = way->fentry && fentry_multi_takes(way->fentry, f);

	if (!f->attachable)
		return NO_GROUP;
	if (way->backend == TRACE_BACKEND_FENTRY_MULTI)
		return taken ? f->slot - 1u : NO_GROUP;
	if (taken)
		return NO_GROUP;
	return way->backend == TRACE_BACKEND_KPROBE ? kprobe_group(f) : multi_group(f);
}

static struct bpf_program *kprobe_prog(struct bpf_object *obj, size_t group)
{
	char name[8];

	if (group == ASIDE)
		return bpf_object__find_program_by_name(obj, "aside");
	snprintf(name, sizeof(name), "%s%zu", group < SLOT_MAX ? "skb" : "pskb", group % SLOT_MAX + 1);
	return bpf_object__find_program_by_name(obj, name);
}

/* NULL: the way has no such group. */
static struct bpf_program *group_prog(struct bpf_object *obj, enum trace_backend backend, size_t group)
{
	switch (backend) {
	case TRACE_BACKEND_KPROBE:
		return kprobe_prog(obj, group);
	case TRACE_BACKEND_KPROBE_MULTI:
		return group < ARRAY_SIZE(multi_progs) ? bpf_object__find_program_by_name(obj, multi_progs[group])
						       : NULL;
	case TRACE_BACKEND_FENTRY_MULTI:
		return group < ARRAY_SIZE(fentry_progs) ? bpf_object__find_program_by_name(obj, fentry_progs[group])
							: NULL;
	}
	return NULL;
}

static void count(const struct way *way, const struct func_set *funcs, size_t n[GROUPS_MAX + 1])
{
	memset(n, 0, (GROUPS_MAX + 1) * sizeof(*n));
	for (size_t i = 0; i < funcs->n; i++)
		n[group_of(way, &funcs->items[i])]++;
}

static void choose(struct bpf_object *obj, const struct way *way, bool used, const struct func_set *funcs)
{
	size_t n[GROUPS_MAX + 1];

	count(way, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		struct bpf_program *prog = group_prog(obj, way->backend, g);

		if (!prog)
			continue;
		bpf_program__set_autoload(prog, used && n[g] > 0);
		if (way->backend == TRACE_BACKEND_KPROBE_MULTI)
			bpf_program__set_expected_attach_type(prog, BPF_TRACE_KPROBE_MULTI);
	}
}

void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct fentry_multi *fentry,
		   const struct func_set *funcs)
{
	/* what fentry.multi is refused goes to kprobe.multi: so that has programs for all */
	const struct way ways[] = {
		{TRACE_BACKEND_KPROBE, NULL}, {TRACE_BACKEND_KPROBE_MULTI, NULL}, {TRACE_BACKEND_FENTRY_MULTI, fentry}};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		choose(obj, &ways[i],
		       ways[i].backend == backend || (fentry && ways[i].backend == TRACE_BACKEND_KPROBE_MULTI), funcs);
}

static size_t make(struct bpf_object *obj, const struct way *way, const struct func_set *funcs,
		   const struct func **slots, struct attach_group ret[GROUPS_MAX])
{
	size_t n[GROUPS_MAX + 1], n_groups = 0;

	count(way, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		struct attach_group *group = &ret[n_groups];

		if (!n[g])
			continue;
		*group = (struct attach_group){.prog = group_prog(obj, way->backend, g), .funcs = slots};
		group->prog_fd = bpf_program__fd(group->prog);
		for (size_t i = 0; i < funcs->n; i++) {
			if (group_of(way, &funcs->items[i]) == g)
				group->funcs[group->n++] = &funcs->items[i];
		}
		slots += group->n;
		n_groups++;
	}
	return n_groups;
}

size_t groups_make_fentry(struct bpf_object *obj, const struct fentry_multi *fentry, const struct func_set *funcs,
			  const struct func **slots, struct attach_group ret[GROUPS_MAX])
{
	return make(obj, &(struct way){TRACE_BACKEND_FENTRY_MULTI, fentry}, funcs, slots, ret);
}

size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct fentry_multi *fentry,
		   const struct func_set *funcs, const struct func **slots, struct attach_group ret[GROUPS_MAX])
{
	if (backend == TRACE_BACKEND_FENTRY_MULTI)
		backend = TRACE_BACKEND_KPROBE_MULTI;
	return make(obj, &(struct way){backend, fentry}, funcs, slots, ret);
}
