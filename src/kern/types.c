/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BTF_VMLINUX "/sys/kernel/btf/vmlinux"
#define NEST_MAX    16 /* structures without a name within each other */
#define NAME_MAX_   128

struct kern_types {
	struct btf *btf; /* owned */
	struct skb_types ops;
};

/* Takes off what does not change a type's values; bounded against a circle in broken BTF. */
static const struct btf_type *bare(const struct btf *btf, uint32_t *id)
{
	const struct btf_type *t = btf__type_by_id(btf, *id);

	for (int i = 0; t && i < 32 && (btf_is_mod(t) || btf_is_typedef(t)); i++) {
		*id = t->type;
		t = btf__type_by_id(btf, *id);
	}
	return t;
}

static int find(void *ctx, char kind, const char *name, size_t len, uint32_t *ret_id)
{
	const struct kern_types *k = ctx;
	char text[NAME_MAX_];
	int id;

	if (!len || len >= sizeof(text))
		return -ENOENT;
	memcpy(text, name, len);
	text[len] = '\0';
	if (kind == 't') {
		id = btf__find_by_name_kind(k->btf, text, BTF_KIND_TYPEDEF);
		if (id <= 0)
			id = btf__find_by_name_kind(k->btf, text, BTF_KIND_INT);
	} else {
		id = btf__find_by_name_kind(k->btf, text,
					    kind == 's'	  ? BTF_KIND_STRUCT
					    : kind == 'u' ? BTF_KIND_UNION
							  : BTF_KIND_ENUM);
	}
	if (id <= 0)
		return -ENOENT;
	*ret_id = (uint32_t)id;
	return bare(k->btf, ret_id) ? 0 : -EINVAL;
}

static int type(void *ctx, uint32_t id, struct skb_type *ret)
{
	const struct kern_types *k = ctx;
	const struct btf_type *t = bare(k->btf, &id);
	int64_t size;

	if (!t)
		return -EINVAL;
	size = btf__resolve_size(k->btf, id);
	*ret = (struct skb_type){.kind = SKB_OTHER,
				 .id = id,
				 .size_bytes = size > 0 && size <= UINT32_MAX ? (uint32_t)size : 0,
				 .name = btf__name_by_offset(k->btf, t->name_off)};
	if (btf_is_int(t)) {
		ret->kind = SKB_INT;
		ret->is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;
	} else if (btf_is_any_enum(t)) {
		ret->kind = SKB_INT;
		ret->is_signed = btf_kflag(t);
	} else if (btf_is_ptr(t)) {
		ret->kind = SKB_PTR;
		ret->target = t->type;
	} else if (btf_is_composite(t)) {
		ret->kind = SKB_STRUCT;
	} else if (btf_is_array(t)) {
		ret->kind = SKB_ARRAY;
		ret->target = btf_array(t)->type;
	}
	return 0;
}

static int member_in(const struct btf *btf, uint32_t id, const char *name, size_t len, unsigned nest,
		     struct skb_member *ret)
{
	const struct btf_type *t = bare(btf, &id);
	const struct btf_member *m = t && btf_is_composite(t) ? btf_members(t) : NULL;

	for (uint32_t i = 0; m && i < btf_vlen(t); i++) {
		const char *s = btf__name_by_offset(btf, m[i].name_off);
		uint32_t off_bits = btf_member_bit_offset(t, i);

		if (s && *s) {
			if (strlen(s) != len || memcmp(s, name, len) != 0)
				continue;
			*ret = (struct skb_member){
				.type = m[i].type, .off_bits = off_bits, .bits = btf_member_bitfield_size(t, i)};
			return 0;
		}
		if (nest && member_in(btf, m[i].type, name, len, nest - 1, ret) == 0) {
			ret->off_bits += off_bits;
			return 0;
		}
	}
	return -ENOENT;
}

static int member(void *ctx, uint32_t id, const char *name, size_t len, struct skb_member *ret)
{
	return member_in(((const struct kern_types *)ctx)->btf, id, name, len, NEST_MAX, ret);
}

int kern_types_load(const char *kernel_btf, struct kern_types **ret, struct reason *reason)
{
	const char *path = kernel_btf ? kernel_btf : BTF_VMLINUX;
	struct kern_types *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return -ENOMEM;
	errno = 0;
	k->btf = btf__parse(path, NULL);
	if (!k->btf) {
		r = errno ? -errno : -EINVAL;
		free(k);
		return reason_set(reason, r, "%s: no types of the kernel there: %s", path, strerror(-r));
	}
	k->ops = (struct skb_types){.find = find, .type = type, .member = member, .ctx = k};
	*ret = k;
	return 0;
}

void kern_types_free(struct kern_types *t)
{
	if (!t)
		return;
	btf__free(t->btf);
	free(t);
}

const struct skb_types *kern_types(const struct kern_types *t)
{
	return &t->ops;
}
