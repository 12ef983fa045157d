/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/fentry_multi.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kern/sections.h"
#include "kern/halve.h"

#define SLOT_LAST 3 /* bpf/trace.bpf.c has a program for each slot up to this one */

/* What BPF_LINK_CREATE reads of union bpf_attr: link_create.tracing_multi of include/uapi/linux/bpf.h, 7.2. The headers
 * of older libraries lack it. */
struct link_create_tracing_multi {
	uint32_t prog_fd, target_fd, attach_type, flags;
	uint64_t ids, cookies;
	uint32_t cnt, pad;
};

struct fentry_multi {
	const struct func_set *funcs;
	uint32_t *ids; /* owned; by function of the set, 0: not taken */
	int *links;    /* owned */
	size_t n_links, cap;
	size_t attached;
};

bool trace_can_fentry_multi(const struct ksyms *ks)
{
	struct ksym sym;

	/* not compiled where trampolines or ftrace cannot do it (kernel/bpf/trampoline.c) */
	return ksyms_first(ks, "bpf_trampoline_multi_attach", &sym);
}

static uint32_t id_of(const struct vmbtf *vmlinux, const struct func *f)
{
	uint32_t id;

	if (!f->attachable || f->module || f->namesake || f->indirect || !f->slot || f->slot > SLOT_LAST)
		return 0;
	id = vmbtf_find(vmlinux, BTF_KIND_FUNC, f->name);
	return id && !vmbtf_find_next(vmlinux, id) ? id : 0;
}

int fentry_multi_new(const struct vmbtf *vmlinux, const struct func_set *funcs, struct fentry_multi **ret)
{
	_cleanup_(fentry_multi_freep) struct fentry_multi *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->funcs = funcs;
	m->ids = calloc(funcs->n + 1, sizeof(*m->ids));
	if (!m->ids)
		return -ENOMEM;
	for (size_t i = 0; i < funcs->n; i++)
		m->ids[i] = id_of(vmlinux, &funcs->items[i]);
	*ret = TAKE_PTR(m);
	return 0;
}

bool fentry_multi_takes(const struct fentry_multi *m, const struct func *f)
{
	return m->ids[f - m->funcs->items];
}

static int add_link(struct fentry_multi *m, int fd)
{
	if (m->n_links == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 8;
		int *links = reallocarray(m->links, cap, sizeof(*links));

		if (!links) {
			close(fd);
			return -ENOMEM;
		}
		m->links = links;
		m->cap = cap;
	}
	m->links[m->n_links++] = fd;
	return 0;
}

static int create(const struct attach_group *g, const uint32_t *ids, size_t n)
{
	struct link_create_tracing_multi attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)g->prog_fd;
	attr.attach_type = g->at_return ? BPF_TRACE_FEXIT_MULTI_ : BPF_TRACE_FENTRY_MULTI_;
	attr.ids = (uintptr_t)ids;
	attr.cnt = (uint32_t)n;
	fd = (int)syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

struct batch {
	struct fentry_multi *m;
	const struct attach_group *group;
	struct attach_progress *progress;
	const uint32_t *ids;
};

static int attempt(void *ctx, size_t from, size_t n, int *ret_refusal)
{
	const struct batch *b = ctx;
	int fd = create(b->group, b->ids + from, n);

	if (fd < 0) {
		*ret_refusal = fd;
		return 0;
	}
	b->m->attached += b->group->at_return ? 0 : n;
	attach_advance(b->progress, n);
	return add_link(b->m, fd);
}

static int refused(void *ctx, size_t at, int err _unused_)
{
	const struct batch *b = ctx;

	b->m->ids[b->group->funcs[at] - b->m->funcs->items] = 0;
	return 0;
}

int fentry_multi_attach(struct fentry_multi *m, const struct attach_group *g, struct attach_progress *progress)
{
	_cleanup_free_ uint32_t *ids = calloc(g->n, sizeof(*ids));
	struct batch b = {.m = m, .group = g, .progress = progress, .ids = ids};

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++)
		ids[i] = m->ids[g->funcs[i] - m->funcs->items];
	return halve(&(struct halving){.attempt = attempt, .refused = refused, .ctx = &b}, 0, g->n);
}

size_t fentry_multi_attached(const struct fentry_multi *m)
{
	return m->attached;
}

void fentry_multi_detach(struct fentry_multi *m)
{
	for (size_t i = 0; i < m->n_links; i++)
		close(m->links[i]);
	m->n_links = 0;
}

void fentry_multi_free(struct fentry_multi *m)
{
	if (!m)
		return;
	fentry_multi_detach(m);
	free(m->links);
	free(m->ids);
	free(m);
}
