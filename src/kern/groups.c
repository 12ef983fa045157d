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

enum { MULTI_ANY = 3, MULTI_ASIDE = 4, ASIDE = SLOT_MAX * 2 };

static size_t group_of(enum trace_backend backend, const struct func *f)
{
	bool multi = backend == TRACE_BACKEND_KPROBE_MULTI;

	if (!f->slot)
		return multi ? MULTI_ASIDE : ASIDE;
	if (multi)
		return f->slot <= MULTI_ANY && !f->indirect ? f->slot - 1u : MULTI_ANY;
	return (f->slot - 1) + (f->indirect ? SLOT_MAX : 0);
}

static struct bpf_program *slot_prog(struct bpf_object *obj, size_t group)
{
	char name[8];

	if (group == ASIDE)
		return bpf_object__find_program_by_name(obj, "aside");
	snprintf(name, sizeof(name), "%s%zu", group < SLOT_MAX ? "skb" : "pskb", group % SLOT_MAX + 1);
	return bpf_object__find_program_by_name(obj, name);
}

static struct bpf_program *group_prog(struct bpf_object *obj, enum trace_backend backend, size_t group)
{
	return backend == TRACE_BACKEND_KPROBE_MULTI ? bpf_object__find_program_by_name(obj, multi_progs[group])
						     : slot_prog(obj, group);
}

static void count(enum trace_backend backend, const struct func_set *funcs, size_t n[GROUPS_MAX])
{
	memset(n, 0, GROUPS_MAX * sizeof(*n));
	for (size_t i = 0; i < funcs->n; i++) {
		if (funcs->items[i].attachable)
			n[group_of(backend, &funcs->items[i])]++;
	}
}

void groups_choose(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs)
{
	bool multi = backend == TRACE_BACKEND_KPROBE_MULTI;
	size_t n[GROUPS_MAX];

	count(backend, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++)
		bpf_program__set_autoload(slot_prog(obj, g), !multi && n[g] > 0);
	for (size_t g = 0; g < ARRAY_SIZE(multi_progs); g++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(obj, multi_progs[g]);

		bpf_program__set_autoload(prog, multi && n[g] > 0);
		bpf_program__set_expected_attach_type(prog, BPF_TRACE_KPROBE_MULTI);
	}
}

size_t groups_make(struct bpf_object *obj, enum trace_backend backend, const struct func_set *funcs,
		   const struct func **slots, struct attach_group ret[GROUPS_MAX])
{
	size_t n[GROUPS_MAX], n_groups = 0;

	count(backend, funcs, n);
	for (size_t g = 0; g < GROUPS_MAX; g++) {
		struct attach_group *group = &ret[n_groups];

		if (!n[g])
			continue;
		*group = (struct attach_group){.prog = group_prog(obj, backend, g), .funcs = slots};
		group->prog_fd = bpf_program__fd(group->prog);
		for (size_t i = 0; i < funcs->n; i++) {
			if (funcs->items[i].attachable && group_of(backend, &funcs->items[i]) == g)
				group->funcs[group->n++] = &funcs->items[i];
		}
		slots += group->n;
		n_groups++;
	}
	return n_groups;
}
