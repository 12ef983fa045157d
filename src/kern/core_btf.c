/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: a relocation names a structure of the object's own, and of it a way through members, by their
 * names. What the kernel has of the same name is compared by the kinds of what it holds, and pointers are all alike. So
 * it takes the structures of these names, the members of these names, and the types of these up to the next pointer.
 * Members without a name are ways to such that have one, and stay.
 */
#include "kern/core_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

#define FLAVOR "___" /* what follows tells variants of a type apart (libbpf's bpf_core_read.h) */

struct core_btf {
	int fd;
	char path[32];
};

int core_btf_new(struct core_btf **ret)
{
	_cleanup_(core_btf_freep) struct core_btf *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->fd = memfd_create("st_core_btf", MFD_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	snprintf(c->path, sizeof(c->path), "/proc/self/fd/%d", c->fd);
	*ret = TAKE_PTR(c);
	return 0;
}

void core_btf_free(struct core_btf *c)
{
	if (!c)
		return;
	closep(&c->fd);
	free(c);
}

const char *core_btf_path(const struct core_btf *c)
{
	return c->path;
}

/* Sorted, each once or more. */
struct names {
	const char **v; /* owned; the names are the BTF's */
	size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int names_add(struct names *names, const struct btf *btf, uint32_t name_off)
{
	const char *name = btf__str_by_offset(btf, name_off);

	if (!name || !*name)
		return 0;
	if (names->n == names->cap) {
		size_t cap = names->cap ? names->cap * 2 : 256;
		const char **v = reallocarray(names->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		names->v = v;
		names->cap = cap;
	}
	names->v[names->n++] = name;
	return 0;
}

static bool names_have(const struct names *names, const char *name)
{
	return bsearch(&name, names->v, names->n, sizeof(*names->v), by_name);
}

/* The members of all structures of the object. */
static int names_of_members(const struct btf *own, struct names *ret)
{
	for (uint32_t id = 1; id < btf__type_cnt(own); id++) {
		const struct btf_type *t = btf__type_by_id(own, id);

		for (unsigned i = 0; btf_is_composite(t) && i < btf_vlen(t); i++) {
			int r = names_add(ret, own, btf_members(t)[i].name_off);

			if (r < 0)
				return r;
		}
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return 0;
}

/* Types on their way from the kernel's BTF: each gets its number when it is first asked for, and is added in that
 * order. */
struct copy {
	const struct btf *from;
	struct btf *to;
	struct names members;
	uint32_t *number; /* owned; by type of from: of to, or 0 */
	uint32_t *order;  /* owned; the types of from that have one */
	size_t n;	  /* in order */
	uint32_t base;	  /* types that `to` had before */
};

static void copy_free(struct copy *c)
{
	free(c->members.v);
	free(c->number);
	free(c->order);
}

static int want(struct copy *c, uint32_t id)
{
	if (!id)
		return 0;
	if (id >= btf__type_cnt(c->from))
		return -EINVAL;
	if (!c->number[id]) {
		c->order[c->n++] = id;
		c->number[id] = c->base + (uint32_t)c->n;
	}
	return (int)c->number[id];
}

static int add_members(struct copy *c, const struct btf_type *t)
{
	const struct btf_member *m = btf_members(t);

	for (unsigned i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__str_by_offset(c->from, m[i].name_off);
		int type, r;

		if (!name)
			return -EINVAL;
		if (*name && !names_have(&c->members, name))
			continue;
		type = want(c, m[i].type);
		if (type < 0)
			return type;
		r = btf__add_field(c->to, name, type, btf_member_bit_offset(t, i), btf_member_bitfield_size(t, i));
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_composite(struct copy *c, const struct btf_type *t, const char *name)
{
	int id = btf_is_struct(t) ? btf__add_struct(c->to, name, t->size) : btf__add_union(c->to, name, t->size);
	int r = id < 0 ? id : add_members(c, t);

	return r < 0 ? r : id;
}

static int add_array(struct copy *c, const struct btf_type *t)
{
	const struct btf_array *a = btf_array(t);
	int index = want(c, a->index_type), elem = want(c, a->type);

	return index < 0 || elem < 0 ? -EINVAL : btf__add_array(c->to, index, elem, a->nelems);
}

/* Its values are asked for by nobody. */
static int add_enum(struct copy *c, const struct btf_type *t, const char *name)
{
	return btf_is_enum(t) ? btf__add_enum(c->to, name, t->size)
			      : btf__add_enum64(c->to, name, t->size, btf_kflag(t));
}

/* The number of the type that was added, or -errno. */
static int add_type(struct copy *c, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);
	const char *name = btf__str_by_offset(c->from, t->name_off);
	int ref;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return btf__add_int(c->to, name, t->size, btf_int_encoding(t));
	case BTF_KIND_FLOAT:
		return btf__add_float(c->to, name, t->size);
	case BTF_KIND_PTR:
		return btf__add_ptr(c->to, 0);
	case BTF_KIND_ARRAY:
		return add_array(c, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return add_composite(c, t, name);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return add_enum(c, t, name);
	case BTF_KIND_FWD:
		return btf__add_fwd(c->to, name, btf_kflag(t) ? BTF_FWD_UNION : BTF_FWD_STRUCT);
	default:
		break;
	}
	if (!btf_is_mod(t) && !btf_is_typedef(t))
		return -EINVAL;
	ref = want(c, t->type);
	if (ref < 0)
		return ref;
	/* a qualifier is as good as another */
	return btf_is_typedef(t) ? btf__add_typedef(c->to, name, ref) : btf__add_const(c->to, ref);
}

static int add_wanted(struct copy *c)
{
	for (size_t done = 0; done < c->n; done++) {
		int r = add_type(c, c->order[done]);

		if (r < 0)
			return r;
		if ((uint32_t)r != c->number[c->order[done]])
			return -EINVAL;
	}
	return 0;
}

/* Those of a module are few, and have no index. */
static int want_own(struct copy *c, const struct vmbtf *vmlinux, unsigned kind, const char *name)
{
	uint32_t first = btf__type_cnt(vmbtf_types(vmlinux));

	for (uint32_t id = first; id < btf__type_cnt(c->from); id++) {
		const struct btf_type *t = btf__type_by_id(c->from, id);
		const char *s = btf__str_by_offset(c->from, t->name_off);
		int r = btf_kind(t) == kind && s && strcmp(s, name) == 0 ? want(c, id) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int want_name(struct copy *c, const struct vmbtf *vmlinux, bool module, unsigned kind, const char *name)
{
	uint32_t id = vmbtf_find(vmlinux, kind, name);

	if (!id && module)
		return want_own(c, vmlinux, kind, name);
	for (; id; id = vmbtf_find_next(vmlinux, id)) {
		int r = want(c, id);

		if (r < 0)
			return r;
	}
	return 0;
}

/* "sk_buff" of "sk_buff___pre62"; the caller's to free. */
static char *without_flavor(const char *name)
{
	const char *flavor = strstr(name, FLAVOR);

	return flavor && flavor != name ? strndup(name, (size_t)(flavor - name)) : strdup(name);
}

static int want_all(struct copy *c, const struct btf *own, const struct vmbtf *vmlinux, bool module)
{
	for (uint32_t id = 1; id < btf__type_cnt(own); id++) {
		const struct btf_type *t = btf__type_by_id(own, id);
		const char *name = btf_is_composite(t) ? btf__str_by_offset(own, t->name_off) : NULL;
		_cleanup_free_ char *plain = NULL;
		int r;

		if (!name || !*name)
			continue;
		plain = without_flavor(name);
		r = plain ? want_name(c, vmlinux, module, btf_kind(t), plain) : -ENOMEM;
		if (r < 0)
			return r;
	}
	return 0;
}

int core_btf_collect(const struct btf *own, const struct vmbtf *vmlinux, const struct btf *module, struct btf *ret)
{
	const struct btf *from = module ? module : vmbtf_types(vmlinux);
	uint32_t n = btf__type_cnt(from);
	_cleanup_(copy_free) struct copy c = {
		.from = from,
		.to = ret,
		.number = calloc(n, sizeof(*c.number)),
		.order = calloc(n, sizeof(*c.order)),
		.base = btf__type_cnt(ret) - 1,
	};
	int r = c.number && c.order ? names_of_members(own, &c.members) : -ENOMEM;

	if (r >= 0)
		r = want_all(&c, own, vmlinux, module);
	return r < 0 ? r : add_wanted(&c);
}

DEFINE_CLEANUP(struct btf *, btf__free)

int core_btf_fill(struct core_btf *c, const struct btf *own, const struct vmbtf *vmlinux, const char *module)
{
	_cleanup_(btf__freep) struct btf *to = btf__new_empty();
	_cleanup_(btf__freep) struct btf *split = NULL;
	const void *raw;
	uint32_t size;
	int r;

	if (!to || !own)
		return -ENOMEM; /* our objects have BTF: libbpf had no room for it, and went on without */
	if (module)
		split = btf__load_module_btf(module, vmbtf_types(vmlinux)); /* NULL: it is built in */
	r = core_btf_collect(own, vmlinux, split, to);
	if (r < 0)
		return r;
	raw = btf__raw_data(to, &size);
	return raw ? file_write(c->fd, raw, size) : -ENOMEM;
}
