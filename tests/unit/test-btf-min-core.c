/* SPDX-License-Identifier: GPL-2.0-only */
/* The index of names, and the part of the kernel's types that is copied by it. */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "btf/min_core.h"

DEFINE_CLEANUP(struct btf *, btf__free)
#define _cleanup_btf_	_cleanup_(btf__freep)
#define _cleanup_index_ _cleanup_(btf_index_freep)

static struct btf_index *indexed(struct btf *btf)
{
	struct btf_index *v = NULL;

	cr_assert_eq(btf_index_new(btf, &v), 0);
	return v;
}

Test(btf_index, names_are_found_by_kind)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int first = btf__add_struct(btf, "packet", 4), def = btf__add_typedef(btf, "packet", u32);
	int second = btf__add_struct(btf, "packet", 8), anonymous = btf__add_struct(btf, NULL, 4);
	int func = btf__add_func(btf, "packet", BTF_FUNC_STATIC, btf__add_func_proto(btf, 0));
	_cleanup_index_ struct btf_index *v = indexed(btf);

	cr_expect_eq(btf_index_find(v, BTF_KIND_STRUCT, "packet"), (uint32_t)first);
	cr_expect_eq(btf_index_find_next(v, first), (uint32_t)second);
	cr_expect_eq(btf_index_find_next(v, second), 0u);
	cr_expect_eq(btf_index_find(v, BTF_KIND_TYPEDEF, "packet"), (uint32_t)def);
	cr_expect_eq(btf_index_find(v, BTF_KIND_FUNC, "packet"), (uint32_t)func);
	cr_expect_eq(btf_index_find(v, BTF_KIND_UNION, "packet"), 0u);
	cr_expect_eq(btf_index_find(v, BTF_KIND_STRUCT, "packets"), 0u);
	cr_expect_eq(btf_index_find(v, BTF_KIND_STRUCT, ""), 0u);
	cr_expect_gt(anonymous, 0);
	cr_expect(btf_index_has_func(v, "packet"));
	cr_expect_not(btf_index_has_func(v, "unsigned int"));
	cr_expect_not(btf_index_is_running(v));
}

Test(btf_index, all_of_many_names_are_found)
{
	struct btf *btf = btf__new_empty();
	_cleanup_index_ struct btf_index *v = NULL;
	char name[32];

	for (int i = 0; i < 100000; i++) { /* more than there are buckets */
		snprintf(name, sizeof(name), "type_%d", i);
		cr_assert_eq(btf__add_int(btf, name, 4, 0), i + 1);
	}
	v = indexed(btf);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "type_%d", i);
		cr_assert_eq(btf_index_find(v, BTF_KIND_INT, name), (uint32_t)i + 1);
	}
	cr_expect_eq(btf_index_find(v, BTF_KIND_INT, "type_100000"), 0u);
}

Test(btf_index, an_empty_kernel_has_nothing)
{
	_cleanup_index_ struct btf_index *v = indexed(btf__new_empty());

	cr_expect_eq(btf_index_find(v, BTF_KIND_FUNC, "ip_rcv"), 0u);
	cr_expect_not(btf_index_has_drop_reason(v));
}

/* A kernel whose struct spinlock has a lock of that type, and its ring buffers one of this type; NULL: there are none.
 */
static bool ring_sleeps(const char *lock, const char *of_ring)
{
	_cleanup_index_ struct btf_index *v = NULL;
	struct btf *btf = btf__new_empty();
	int mutex = btf__add_struct(btf, lock, 8), spinlock = btf__add_struct(btf, "spinlock", 8);

	btf__add_field(btf, strcmp(lock, "raw_spinlock") == 0 ? "rlock" : "lock", mutex, 0, 0);
	if (of_ring) {
		int type = btf__add_typedef(btf, of_ring, spinlock);

		btf__add_struct(btf, "bpf_ringbuf", 16);
		btf__add_field(btf, "mask", mutex, 0, 0);
		btf__add_field(btf, "spinlock", type, 64, 0);
	}
	v = indexed(btf);
	return btf_index_ring_sleeps(v);
}

Test(btf_index, the_lock_of_ring_buffers)
{
	cr_expect(ring_sleeps("rt_mutex", "spinlock_t"), "5.10-rt");
	cr_expect(ring_sleeps("rt_mutex_base", "spinlock_t"), "6.1.0-rt");
	cr_expect_not(ring_sleeps("rt_mutex_base", "raw_spinlock_t"), "6.1.192-rt");
	cr_expect_not(ring_sleeps("rt_mutex_base", "rqspinlock_t"), "6.15 and newer");
	cr_expect_not(ring_sleeps("raw_spinlock", "spinlock_t"), "not real-time");
	cr_expect(ring_sleeps("rt_mutex_base", NULL), "not known");
}

/* The object's: what it names of sk_buff, with a variant, and structures that vmlinux does not have. */
static struct btf *object(void)
{
	struct btf *own = btf__new_empty();
	int ptr = btf__add_ptr(own, 0), u32 = btf__add_int(own, "unsigned int", 4, 0);

	btf__add_struct(own, "sk_buff", 16);
	btf__add_field(own, "head", ptr, 0, 0);
	btf__add_field(own, "mark", u32, 64, 0);
	btf__add_struct(own, "sk_buff___old", 4);
	btf__add_field(own, "flag", u32, 0, 1);
	btf__add_struct(own, "st_event", 8);
	btf__add_field(own, "head", ptr, 0, 0);
	btf__add_struct(own, "nft_pktinfo", 8);
	btf__add_field(own, "skb", ptr, 0, 0);
	return own;
}

/* A kernel's sk_buff: members that are named there, one of them in a union without a name, and one that is not. */
static struct btf *kernel(void)
{
	struct btf *btf = btf__new_empty();
	int u8 = btf__add_int(btf, "unsigned char", 1, 0), u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int head = btf__add_typedef(btf, "sk_buff_data_t", btf__add_ptr(btf, u8));
	int dev = btf__add_ptr(btf, btf__add_struct(btf, "net_device", 2000));
	int inner = btf__add_union(btf, NULL, 8);

	btf__add_field(btf, "mark", u32, 0, 0);
	btf__add_field(btf, "reserved_tailroom", u32, 0, 0);
	btf__add_struct(btf, "sk_buff", 232);
	btf__add_field(btf, "dev", dev, 0, 0);
	btf__add_field(btf, NULL, inner, 64, 0);
	btf__add_field(btf, "flag", u8, 131, 1);
	btf__add_field(btf, "head", head, 192, 0);
	return btf;
}

static const struct btf_member *member(const struct btf *btf, int id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (unsigned i = 0; i < btf_vlen(t); i++)
		if (strcmp(btf__str_by_offset(btf, btf_members(t)[i].name_off), name) == 0)
			return &btf_members(t)[i];
	return NULL;
}

Test(min_core, members_that_are_named_keep_their_places)
{
	_cleanup_btf_ struct btf *own = object(), *to = btf__new_empty();
	_cleanup_index_ struct btf_index *v = indexed(kernel());
	const struct btf_type *skb;
	const struct btf_member *m;
	int id;

	cr_assert_eq(min_core_collect(own, v, NULL, to), 0);
	id = btf__find_by_name_kind(to, "sk_buff", BTF_KIND_STRUCT);
	cr_assert_gt(id, 0);
	skb = btf__type_by_id(to, id);
	cr_expect_eq(skb->size, 232u);
	cr_assert_eq(btf_vlen(skb), 3u, "without dev, with the union");
	m = member(to, id, "head");
	cr_assert_not_null(m);
	cr_expect_eq(btf_member_bit_offset(skb, m - btf_members(skb)), 192u);
	cr_expect(btf_is_ptr(btf__type_by_id(to, btf__resolve_type(to, m->type))));
	m = member(to, id, "");
	cr_assert_not_null(m);
	cr_expect_eq(btf_member_bit_offset(skb, m - btf_members(skb)), 64u);
	cr_expect_eq(btf_vlen(btf__type_by_id(to, m->type)), 1u);
	cr_expect_not_null(member(to, m->type, "mark"));
	m = member(to, id, "flag");
	cr_assert_not_null(m);
	cr_expect_eq(btf_member_bit_offset(skb, m - btf_members(skb)), 131u);
	cr_expect_eq(btf_member_bitfield_size(skb, m - btf_members(skb)), 1u);
	cr_expect_lt(btf__find_by_name_kind(to, "net_device", BTF_KIND_STRUCT), 0, "behind a pointer");
	cr_expect_lt(btf__find_by_name_kind(to, "st_event", BTF_KIND_STRUCT), 0, "not the kernel's");
	cr_expect_lt(btf__find_by_name_kind(to, "nft_pktinfo", BTF_KIND_STRUCT), 0, "in no module here");
}

Test(min_core, types_that_vmlinux_does_not_have_come_from_the_module)
{
	_cleanup_btf_ struct btf *own = object(), *to = btf__new_empty(), *module = NULL;
	_cleanup_index_ struct btf_index *v = indexed(kernel());
	int id;

	module = btf__new_empty_split(btf_index_types(v));
	btf__add_struct(module, "nft_pktinfo", 40);
	btf__add_field(module, "skb", btf__find_by_name_kind(module, "sk_buff_data_t", BTF_KIND_TYPEDEF), 64, 0);
	btf__add_struct(module, "sk_buff", 1); /* vmlinux's is the one */
	cr_assert_eq(min_core_collect(own, v, module, to), 0);
	id = btf__find_by_name_kind(to, "nft_pktinfo", BTF_KIND_STRUCT);
	cr_assert_gt(id, 0);
	cr_assert_not_null(member(to, id, "skb"));
	cr_expect_eq(btf_member_bit_offset(btf__type_by_id(to, id), 0), 64u);
	id = btf__find_by_name_kind(to, "sk_buff", BTF_KIND_STRUCT);
	cr_assert_gt(id, 0);
	cr_expect_eq(btf__type_by_id(to, id)->size, 232u);
}

Test(min_core, malformed_types_are_an_error)
{
	_cleanup_btf_ struct btf *own = object(), *to = btf__new_empty();
	struct btf *btf = btf__new_empty();
	_cleanup_index_ struct btf_index *v = NULL;

	btf__add_struct(btf, "sk_buff", 8);
	btf__add_field(btf, "head", 77, 0, 0);
	v = indexed(btf);
	cr_expect_eq(min_core_collect(own, v, NULL, to), -EINVAL);
}
