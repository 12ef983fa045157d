/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/progs/progs.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "kern/progs/prog_helpers.h"
#include "kern/progs/prog_info.h"
#include "net/netns.h"

#define STEPS_MAX      2048   /* programs of one walk; with 20 pods Cilium has 582 */
#define ENTRIES_MAX    131072 /* entries of program arrays read in one walk; Cilium's policy map has 65,536 */
#define MAPS_MAX       256    /* program arrays of one walk */
#define QUERY_MAX      64     /* programs at one attach point: BPF_MPROG_MAX (include/linux/bpf_mprog.h) */
#define NAME_CUT_CHARS (BPF_OBJ_NAME_LEN - 1)

/* enum bpf_attach_type of include/uapi/linux/bpf.h, 6.6 and 6.7. */
#define ATTACH_TYPE_TCX_INGRESS	   46
#define ATTACH_TYPE_TCX_EGRESS	   47
#define ATTACH_TYPE_NETKIT_PRIMARY 54
#define ATTACH_TYPE_NETKIT_PEER	   55

/* What BPF_PROG_QUERY takes (6.6): union bpf_attr's `query`, up to count. */
struct query_attr {
	uint32_t target_ifindex;
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t prog_ids;
	uint32_t count; /* in: the capacity of prog_ids; out: how many programs there are */
	uint32_t pad;
};

struct progs {
	struct prog_helpers *helpers; /* owned; NULL until needed */
	struct btf *btf;	      /* owned; the BTF used last, since programs of a datapath share theirs */
	uint32_t btf_id;
};

int progs_new(struct progs **ret)
{
	struct progs *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*ret = p;
	return 0;
}

void progs_free(struct progs *p)
{
	if (!p)
		return;
	prog_helpers_free(p->helpers);
	btf__free(p->btf);
	free(p);
}

int progs_prepare(struct progs *p)
{
	return p->helpers ? 0 : prog_helpers_new(&p->helpers);
}

struct query {
	const uint32_t *ifindexes;
	size_t n;
	struct net_programs *programs;
};

static int query_one(const struct query *q, uint32_t ifindex, uint32_t attach_type, enum net_attach attach)
{
	uint32_t ids[QUERY_MAX] = {0};
	struct query_attr attr = {
		.target_ifindex = ifindex, .attach_type = attach_type, .prog_ids = (uintptr_t)ids, .count = QUERY_MAX};

	if (syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return errno == EPERM
			       ? -EPERM
			       : 0; /* the kernel or the device has no such attach point, or no program is there */
	for (uint32_t i = 0; i < attr.count && i < QUERY_MAX; i++) {
		struct net_program p = {.attach = attach, .id = ids[i], .ifindex = ifindex};
		int r = net_programs_add(q->programs, &p);

		if (r < 0)
			return r;
	}
	return 0;
}

static int query_all(void *ctx)
{
	static const struct {
		uint32_t type;
		enum net_attach attach;
	} points[] = {
		{ATTACH_TYPE_TCX_INGRESS, NET_ATTACH_TCX_INGRESS},
		{ATTACH_TYPE_TCX_EGRESS, NET_ATTACH_TCX_EGRESS},
		{ATTACH_TYPE_NETKIT_PRIMARY, NET_ATTACH_NETKIT_PRIMARY},
		{ATTACH_TYPE_NETKIT_PEER, NET_ATTACH_NETKIT_PEER},
	};
	const struct query *q = ctx;
	int r = 0;

	for (size_t d = 0; d < q->n; d++)
		for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(points); i++)
			r = query_one(q, q->ifindexes[d], points[i].type, points[i].attach);
	return r;
}

/* Visits the namespace, because the kernel looks the ifindex up in the caller's one (kernel/bpf/tcx.c,
 * drivers/net/netkit.c). */
int progs_query(const struct netns *ns, const uint32_t *ifindexes, size_t n, struct net_programs *programs)
{
	struct query q = {.ifindexes = ifindexes, .n = n, .programs = programs};

	return netns_visit(ns, query_all, &q);
}

static const struct btf *btf_of(struct progs *p, uint32_t id)
{
	if (!p->btf || p->btf_id != id) {
		btf__free(p->btf);
		p->btf = btf__load_from_kernel_by_id(id);
		p->btf_id = id;
	}
	return p->btf;
}

/* The name in BTF, borrowed from p, if it begins with the one that the kernel kept; else NULL. */
static const char *longer_name(struct progs *p, int prog_fd, const struct bpf_prog_info *info)
{
	const struct btf *btf = info->btf_id ? btf_of(p, info->btf_id) : NULL;
	const struct btf_type *t;
	const char *name;
	uint32_t type_id = 0;

	if (!btf || prog_info_main_type(prog_fd, &type_id) < 0 || !type_id)
		return NULL;
	t = btf__type_by_id(btf, type_id);
	name = t && btf_is_func(t) ? btf__name_by_offset(btf, t->name_off) : NULL;
	return name && *name && strncmp(name, info->name, strlen(info->name)) == 0 ? name : NULL;
}

static int name_of(struct progs *p, int prog_fd, char **ret)
{
	struct bpf_prog_info info = {0};
	const char *name = NULL;
	char *copy = NULL;
	int r = prog_info(prog_fd, &info);

	if (r < 0)
		return r;
	info.name[NAME_CUT_CHARS] = '\0';
	if (strlen(info.name) == NAME_CUT_CHARS || !info.name[0])
		name = longer_name(p, prog_fd, &info);
	if (!name && info.name[0])
		name = info.name;
	if (name && !(copy = strdup(name)))
		return -ENOMEM;
	*ret = copy;
	return 0;
}

int progs_name(struct progs *p, uint32_t id, char **ret)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);

	return fd < 0 ? fd : name_of(p, fd, ret);
}

struct program_search {
	struct progs *progs;
	struct program_walk *out;
	uint32_t maps[MAPS_MAX]; /* ids of the program arrays that were read */
	size_t n_maps;
	uint32_t entries_left;
};

static bool has_step(const struct program_walk *w, uint32_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].id == id)
			return true;
	return false;
}

static int add_step(struct program_search *w, uint32_t id, size_t caller)
{
	if (has_step(w->out, id))
		return 0;
	if (w->out->n == STEPS_MAX) {
		w->out->cut = true;
		return 0;
	}
	return program_walk_add(w->out, id, NULL, caller);
}

/* The kernel empties a program array when its last descriptor is closed (kernel/bpf/syscall.c, bpf_map_put_uref()). Our
 * descriptor is the last one only if nobody else had one, and then the array was empty before. */
static int read_array(struct program_search *w, int map_fd, uint32_t n_entries, size_t caller)
{
	for (uint32_t key = 0; key < n_entries; key++) {
		uint32_t id = 0;
		int r;

		if (!w->entries_left--) {
			w->entries_left = 0;
			w->out->cut = true;
			return 0;
		}
		if (bpf_map_lookup_elem(map_fd, &key, &id) < 0 || !id)
			continue;
		r = add_step(w, id, caller);
		if (r < 0)
			return r;
	}
	return 0;
}

static int follow_map(struct program_search *w, uint32_t id, size_t caller)
{
	_cleanup_close_ int fd = -1;
	struct bpf_map_info info = {0};
	uint32_t size_bytes = sizeof(info);

	for (size_t i = 0; i < w->n_maps; i++)
		if (w->maps[i] == id)
			return 0;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size_bytes) < 0) {
		w->out->cut = true;
		return 0;
	}
	if (info.type != BPF_MAP_TYPE_PROG_ARRAY)
		return 0;
	if (w->n_maps == MAPS_MAX) {
		w->out->cut = true;
		return 0;
	}
	w->maps[w->n_maps++] = id;
	return read_array(w, fd, info.max_entries, caller);
}

static int look_at(struct program_search *w, size_t i, int prog_fd)
{
	_cleanup_(prog_code_free) struct prog_code code = {0};
	_cleanup_free_ uint32_t *maps = NULL;
	struct program_step *s = &w->out->v[i];
	size_t n_maps = 0;
	int r = name_of(w->progs, prog_fd, &s->name);

	if (r >= 0)
		r = prog_info_code(prog_fd, &code);
	if (r < 0)
		return r;
	r = prog_helpers_find(w->progs->helpers, &code, &s->helpers);
	if (r == -ENOMEM)
		return r;
	s->known = r >= 0;
	r = prog_info_maps(prog_fd, &maps, &n_maps);
	for (size_t m = 0; r >= 0 && m < n_maps; m++)
		r = follow_map(w, maps[m], i); /* may reallocate the steps: s is invalid now */
	return r;
}

int progs_walk(struct progs *p, uint32_t id, struct program_walk *ret)
{
	_cleanup_(program_walk_free) struct program_walk out = {0};
	struct program_search w = {.progs = p, .out = &out, .entries_left = ENTRIES_MAX};
	int r = progs_prepare(p);

	if (r >= 0)
		r = add_step(&w, id, PROGRAM_ATTACHED);
	for (size_t i = 0; r >= 0 && i < out.n; i++) {
		_cleanup_close_ int fd = bpf_prog_get_fd_by_id(out.v[i].id);

		if (fd < 0 && (i == 0 || fd != -ENOENT))
			r = fd;
		else if (fd < 0)
			out.cut = true; /* unloaded since */
		else
			r = look_at(&w, i, fd);
	}
	if (r < 0)
		return r;
	*ret = out;
	out = (struct program_walk){0};
	return 0;
}
