/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf/index.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define BTF_VMLINUX "/sys/kernel/btf/vmlinux"
#define N_BUCKETS   (1u << 16)

struct btf_index {
	struct btf *btf; /* owned */
	bool running;
	uint32_t *first; /* owned; by hash: the first type with it, or 0 */
	uint32_t *next;	 /* owned; by type id: the next type with the same hash, whose id is higher, or 0 */
};

static uint32_t bucket_of(unsigned kind, const char *name)
{
	return (hash_bytes(name, strlen(name)) ^ kind) & (N_BUCKETS - 1);
}

static const char *name_of(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__str_by_offset(btf, t->name_off);

	return name && *name ? name : NULL;
}

/* From the last type to the first, so that the ids of each chain ascend. */
static int make_index(struct btf_index *v)
{
	uint32_t n = btf__type_cnt(v->btf);

	v->first = calloc(N_BUCKETS, sizeof(*v->first));
	v->next = calloc(n, sizeof(*v->next));
	if (!v->first || !v->next)
		return -ENOMEM;
	for (uint32_t id = n - 1; id > 0; id--) {
		const struct btf_type *t = btf__type_by_id(v->btf, id);
		const char *name = name_of(v->btf, t);
		uint32_t *bucket;

		if (!name)
			continue;
		bucket = &v->first[bucket_of(btf_kind(t), name)];
		v->next[id] = *bucket;
		*bucket = id;
	}
	return 0;
}

int btf_index_new(struct btf *btf, struct btf_index **ret)
{
	struct btf_index *v = calloc(1, sizeof(*v));
	int r;

	if (!v) {
		btf__free(btf);
		return -ENOMEM;
	}
	v->btf = btf;
	r = make_index(v);
	if (r < 0) {
		btf_index_free(v);
		return r;
	}
	*ret = v;
	return 0;
}

static int open_error(int err, const char *path, bool own, struct reason *reason)
{
	if (err == -ENOENT && own)
		return reason_set(reason, err,
				  BTF_VMLINUX
				  ": not there: needs a kernel with CONFIG_DEBUG_INFO_BTF, or --kernel-btf FILE");
	if (err == -ENOENT || err == -EACCES || err == -EPERM || err == -ENOMEM)
		return reason_set(reason, err, "%s%s: %s", own ? "" : "--kernel-btf=", path, strerror(-err));
	return reason_set(reason, -EINVAL, "%s%s: neither BTF nor an ELF file with BTF in it",
			  own ? "" : "--kernel-btf=", path);
}

int btf_index_load(const char *kernel_btf, struct btf_index **ret, struct reason *reason)
{
	const char *path = kernel_btf ? kernel_btf : BTF_VMLINUX;
	struct btf_index *v = NULL;
	struct btf *btf;
	int r;

	errno = 0;
	btf = btf__parse(path, NULL);
	if (!btf)
		return open_error(errno ? -errno : -EINVAL, path, !kernel_btf, reason);
	r = btf_index_new(btf, &v);
	if (r < 0)
		return r;
	v->running = !kernel_btf;
	*ret = v;
	return 0;
}

void btf_index_free(struct btf_index *v)
{
	if (!v)
		return;
	btf__free(v->btf);
	free(v->first);
	free(v->next);
	free(v);
}

bool btf_index_is_running(const struct btf_index *v)
{
	return v->running;
}

struct btf *btf_index_types(const struct btf_index *v)
{
	return v->btf;
}

static uint32_t find_from(const struct btf_index *v, uint32_t id, unsigned kind, const char *name)
{
	for (; id; id = v->next[id]) {
		const struct btf_type *t = btf__type_by_id(v->btf, id);

		if (btf_kind(t) == kind && strcmp(btf__str_by_offset(v->btf, t->name_off), name) == 0)
			return id;
	}
	return 0;
}

uint32_t btf_index_find(const struct btf_index *v, unsigned kind, const char *name)
{
	return find_from(v, v->first[bucket_of(kind, name)], kind, name);
}

uint32_t btf_index_find_next(const struct btf_index *v, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(v->btf, id);

	return find_from(v, v->next[id], btf_kind(t), btf__str_by_offset(v->btf, t->name_off));
}

bool btf_index_has_func(const struct btf_index *v, const char *name)
{
	return btf_index_find(v, BTF_KIND_FUNC, name);
}

/* typedef void (*btf_trace_kfree_skb)(void *, struct sk_buff *, void *location, enum skb_drop_reason, ...) */
bool btf_index_has_drop_reason(const struct btf_index *v)
{
	uint32_t id = btf_index_find(v, BTF_KIND_TYPEDEF, "btf_trace_kfree_skb");
	const struct btf_type *t = id ? btf__type_by_id(v->btf, btf__type_by_id(v->btf, id)->type) : NULL;

	if (!t || !btf_is_ptr(t))
		return false;
	t = btf__type_by_id(v->btf, t->type);
	return t && btf_is_func_proto(t) && btf_vlen(t) >= 4;
}

/* The type of a structure's member; NULL: none. */
static const struct btf_type *member_type(const struct btf_index *v, const char *structure, const char *name)
{
	uint32_t id = btf_index_find(v, BTF_KIND_STRUCT, structure);
	const struct btf_type *t = id ? btf__type_by_id(v->btf, id) : NULL;

	for (unsigned i = 0; t && i < btf_vlen(t); i++) {
		if (strcmp(btf__str_by_offset(v->btf, btf_members(t)[i].name_off), name) == 0)
			return btf__type_by_id(v->btf, btf_members(t)[i].type);
	}
	return NULL;
}

static bool is_named(const struct btf_index *v, const struct btf_type *t, const char *name)
{
	return t && strcmp(btf__str_by_offset(v->btf, t->name_off), name) == 0;
}

bool btf_index_ring_sleeps(const struct btf_index *v)
{
	const struct btf_type *lock = member_type(v, "spinlock", "lock"), *ring;

	/* CONFIG_PREEMPT_RT: include/linux/spinlock_types.h; since 5.15 rt_mutex_base */
	if (!is_named(v, lock, "rt_mutex") && !is_named(v, lock, "rt_mutex_base"))
		return false;
	ring = member_type(v, "bpf_ringbuf", "spinlock");
	return !ring || is_named(v, ring, "spinlock_t");
}
