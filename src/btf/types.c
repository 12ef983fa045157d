/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf/types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEST_MAX  16 /* structures without a name within each other */
#define NAME_MAX_ 128

struct btf_types {
	struct btf_index *index; /* owned */
	const struct btf *btf;	 /* its types */
	struct skb_types ops;
};

/* The type behind typedefs and qualifiers. The number of steps is limited, because malformed BTF may have a loop. */
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
	const struct btf_types *k = ctx;
	char text[NAME_MAX_];
	unsigned of_kind = kind == 's'	 ? BTF_KIND_STRUCT
			   : kind == 'u' ? BTF_KIND_UNION
			   : kind == 'e' ? BTF_KIND_ENUM
					 : BTF_KIND_TYPEDEF;
	uint32_t id;

	if (!len || len >= sizeof(text))
		return -ENOENT;
	memcpy(text, name, len);
	text[len] = '\0';
	id = btf_index_find(k->index, of_kind, text);
	if (!id && kind == 't')
		id = btf_index_find(k->index, BTF_KIND_INT, text);
	if (!id)
		return -ENOENT;
	*ret_id = id;
	return bare(k->btf, ret_id) ? 0 : -EINVAL;
}

static int type(void *ctx, uint32_t id, struct skb_type *ret)
{
	const struct btf_types *k = ctx;
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
	return member_in(((const struct btf_types *)ctx)->btf, id, name, len, NEST_MAX, ret);
}

int64_t btf_types_offset(const struct btf_index *v, const char *type, const char *member)
{
	struct skb_member m;
	int r = member_in(btf_index_types(v), btf_index_find(v, BTF_KIND_STRUCT, type), member, strlen(member),
			  NEST_MAX, &m);

	return r < 0 ? r : (int64_t)m.off_bits / 8;
}

int btf_types_load(const char *kernel_btf, struct btf_types **ret, struct reason *reason)
{
	_cleanup_(btf_types_freep) struct btf_types *k = calloc(1, sizeof(*k));
	int r = k ? btf_index_load(kernel_btf, &k->index, reason) : -ENOMEM;

	if (r < 0)
		return r;
	k->btf = btf_index_types(k->index);
	k->ops = (struct skb_types){.find = find, .type = type, .member = member, .ctx = k};
	*ret = TAKE_PTR(k);
	return 0;
}

void btf_types_free(struct btf_types *t)
{
	if (!t)
		return;
	btf_index_free(t->index);
	free(t);
}

const struct skb_types *btf_types_skb(const struct btf_types *t)
{
	return &t->ops;
}
