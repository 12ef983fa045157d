/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/kprobe_multi.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "bpf/config.h"
#include "kern/attach/bisect.h"
#include "kern/progs/account.h"

struct kprobe_multi {
	struct bpf_link **links; /* owned */
	size_t n_links;
	size_t attached, without_return;
};

/* Takes the link over, also on failure. */
static int add_link(struct kprobe_multi *m, struct bpf_link *link)
{
	if (ARRAY_GROW(m->links, m->n_links) < 0) {
		bpf_link__destroy(link);
		return -ENOMEM;
	}
	m->links[m->n_links++] = link;
	return 0;
}

/* A group, and its functions as the kernel takes them, in the same order. */
struct batch {
	struct kprobe_multi *m;
	const struct attach_group *group;
	struct attach_failures *failures;
	struct attach_progress *progress;
	unsigned long *addrs;
	uint64_t *cookies;
};

static void batch_clear(struct batch *b)
{
	free(b->addrs);
	free(b->cookies);
}

static uint64_t cookie_of(const struct func *f)
{
	uint64_t how = f->slot | (f->indirect ? ST_COOKIE_INDIRECT : 0);

	return (f->addr & ~ST_COOKIE_TOP) | how << ST_COOKIE_ARG_SHIFT;
}

static int attempt(void *ctx, size_t from, size_t n, int *ret_error)
{
	const struct batch *b = ctx;
	LIBBPF_OPTS(bpf_kprobe_multi_opts, o);
	struct bpf_link *link;

	o.addrs = b->addrs + from;
	o.cookies = (const __u64 *)b->cookies + from;
	o.cnt = n;
	o.retprobe = b->group->at_return;
	link = bpf_program__attach_kprobe_multi_opts(b->group->prog, NULL, &o);
	if (!link) {
		*ret_error = -errno;
		return 0;
	}
	b->m->attached += b->group->at_return ? 0 : n;
	attach_advance(b->progress, n);
	return add_link(b->m, link);
}

static int failed(void *ctx, size_t at, int err)
{
	const struct batch *b = ctx;

	attach_advance(b->progress, 1);
	b->m->without_return += b->group->at_return;
	return b->group->at_return ? 0 : attach_failed(b->failures, b->group->funcs[at], err);
}

static int attach_group(struct kprobe_multi *m, const struct attach_group *g, struct attach_failures *failures,
			struct attach_progress *progress)
{
	_cleanup_(batch_clear) struct batch b = {
		.m = m,
		.group = g,
		.failures = failures,
		.progress = progress,
		.addrs = calloc(g->n, sizeof(*b.addrs)),
		.cookies = calloc(g->n, sizeof(*b.cookies)),
	};

	if (!b.addrs || !b.cookies)
		return -ENOMEM;
	for (size_t i = 0; i < g->n; i++) {
		b.addrs[i] = g->funcs[i]->addr;
		b.cookies[i] = cookie_of(g->funcs[i]);
	}
	return bisect(&(struct bisect){.attempt = attempt, .failed = failed, .ctx = &b}, 0, g->n);
}

DEFINE_CLEANUP(struct kprobe_multi *, kprobe_multi_detach)

/* The first function is there without CONFIG_FPROBE as well, where it only returns an error; so this asks for a second.
 */
bool kprobe_multi_supported(const struct ksyms *ks)
{
	struct ksym sym;

	return ksyms_first(ks, "bpf_kprobe_multi_link_attach", &sym) && ksyms_first(ks, "register_fprobe_ips", &sym);
}

int kprobe_multi_attach(const struct attach_group *groups, size_t n_groups, struct attach_failures *failures,
			struct attach_progress *progress, struct kprobe_multi **ret)
{
	_cleanup_(kprobe_multi_detachp) struct kprobe_multi *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	for (size_t i = 0; i < n_groups; i++) {
		int r = attach_group(m, &groups[i], failures, progress);

		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(m);
	return 0;
}

size_t kprobe_multi_attached(const struct kprobe_multi *m)
{
	return m->attached;
}

size_t kprobe_multi_without_return(const struct kprobe_multi *m)
{
	return m->without_return;
}

int kprobe_multi_account(const struct kprobe_multi *m, struct lost_events *ledger)
{
	int can_tell = 1;

	for (size_t i = 0; i < m->n_links; i++) {
		int r = account_link_missed(bpf_link__fd(m->links[i]), &ledger->lost_kprobe);

		if (r < 0)
			return r;
		can_tell &= r;
	}
	return can_tell;
}

void kprobe_multi_detach(struct kprobe_multi *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_links; i++)
		bpf_link__destroy(m->links[i]);
	free(m->links);
	free(m);
}
