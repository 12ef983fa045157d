/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation. A relocation names a structure of the object and a path of members in it. libbpf looks for the
 * same names in the kernel's types, and compares the kinds of the types it finds; it does not look behind a pointer. So
 * this BTF needs the structures with these names, of their members those with these names, and the members' types up to
 * the next pointer. Members without a name (anonymous structures and unions) stay, for they lead to members with one.
 */
#include "btf/min_core.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"

#define FLAVOR "___" /* begins a suffix that libbpf ignores, so that an object can have variants of a type */

struct min_core {
	int fd;
	char path[32];
};

int min_core_new(struct min_core **ret)
{
	_cleanup_(min_core_freep) struct min_core *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->fd = memfd_create("st_min_core", MFD_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	snprintf(c->path, sizeof(c->path), "/proc/self/fd/%d", c->fd);
	*ret = TAKE_PTR(c);
	return 0;
}

void min_core_free(struct min_core *c)
{
	if (!c)
		return;
	closep(&c->fd);
	free(c);
}

const char *min_core_path(const struct min_core *c)
{
	return c->path;
}

/* Sorted; a name may be there several times. */
struct member_names {
	const char **v; /* owned; the names are borrowed from the object's BTF */
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int names_add(struct member_names *names, const struct btf *btf, uint32_t name_off)
{
	const char *name = btf__str_by_offset(btf, name_off);

	if (!name || !*name)
		return 0;
	if (ARRAY_GROW(names->v, names->n) < 0)
		return -ENOMEM;
	names->v[names->n++] = name;
	return 0;
}

static bool names_have(const struct member_names *names, const char *name)
{
	return bsearch(&name, names->v, names->n, sizeof(*names->v), by_name);
}

/* The names of the members of all structures of the object. */
static int names_of_members(const struct btf *own, struct member_names *ret)
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

/* Types copied from the kernel's BTF. A type gets its new id when something first refers to it; types are added in the
 * order of these ids. */
struct copy {
	const struct btf *from;
	struct btf *to;
	struct member_names members;
	uint32_t *number; /* owned; by id in from: the id in to, or 0 if it is not copied */
	uint32_t *order;  /* owned; the ids in from of the copied types, in the order of their new ids */
	size_t n;	  /* of order */
	uint32_t base;	  /* how many types `to` had before */
};

static void copy_free(struct copy *c)
{
	free(c->members.v);
	free(c->number);
	free(c->order);
}

/* The id in c->to of the type `id` of c->from, which will be copied; 0 for void; -EINVAL if there is no such type. */
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

/* Without its values, which no relocation of ours uses. */
static int add_enum(struct copy *c, const struct btf_type *t, const char *name)
{
	return btf_is_enum(t) ? btf__add_enum(c->to, name, t->size)
			      : btf__add_enum64(c->to, name, t->size, btf_kflag(t));
}

/* The id of the type that was added, or -errno. */
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
	/* libbpf skips all qualifiers, so which one it is does not matter */
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

/* A module has few types of its own, so they have no index. */
static int want_own(struct copy *c, const struct btf_index *vmlinux, unsigned kind, const char *name)
{
	uint32_t first = btf__type_cnt(btf_index_types(vmlinux));

	for (uint32_t id = first; id < btf__type_cnt(c->from); id++) {
		const struct btf_type *t = btf__type_by_id(c->from, id);
		const char *s = btf__str_by_offset(c->from, t->name_off);
		int r = btf_kind(t) == kind && s && strcmp(s, name) == 0 ? want(c, id) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int want_name(struct copy *c, const struct btf_index *vmlinux, bool module, unsigned kind, const char *name)
{
	uint32_t id = btf_index_find(vmlinux, kind, name);

	if (!id && module)
		return want_own(c, vmlinux, kind, name);
	for (; id; id = btf_index_find_next(vmlinux, id)) {
		int r = want(c, id);

		if (r < 0)
			return r;
	}
	return 0;
}

/* "sk_buff" for "sk_buff___pre62"; the caller frees it. NULL without memory. */
static char *without_flavor(const char *name)
{
	const char *flavor = strstr(name, FLAVOR);

	return flavor && flavor != name ? strndup(name, (size_t)(flavor - name)) : strdup(name);
}

static int want_all(struct copy *c, const struct btf *own, const struct btf_index *vmlinux, bool module)
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

int min_core_collect(const struct btf *own, const struct btf_index *vmlinux, const struct btf *module, struct btf *ret)
{
	const struct btf *from = module ? module : btf_index_types(vmlinux);
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

int min_core_fill(struct min_core *c, const struct btf *own, const struct btf_index *vmlinux, const char *module)
{
	_cleanup_(btf__freep) struct btf *to = btf__new_empty();
	_cleanup_(btf__freep) struct btf *split = NULL;
	const void *raw;
	uint32_t size;
	int r;

	if (!to || !own)
		return -ENOMEM; /* all our objects have BTF: without memory for it, libbpf opens them all the same */
	if (module)
		split = btf__load_module_btf(module, btf_index_types(vmlinux)); /* NULL: the module is built in */
	r = min_core_collect(own, vmlinux, split, to);
	if (r < 0)
		return r;
	raw = btf__raw_data(to, &size);
	return raw ? file_write(c->fd, raw, size) : -ENOMEM;
}
