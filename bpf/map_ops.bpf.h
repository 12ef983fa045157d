/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: what BPF programs do with their maps on behalf of a packet (--output-bpfmap).
 *
 * The functions of map operations have neither the packet nor the calling program among their arguments. The stack says
 * which packet they work for, as for other functions without a packet argument (bpf/stack.bpf.h). The context of a
 * fentry or fexit program lies on the same stack, so its address gives the function's position there.
 *
 * Our own programs use maps, also while they handle a probe. A program attached to a map operation that used this
 * operation itself would recurse, which the kernel counts as a loss. So the programs here use only arrays, whose
 * elements are found without a function call. Operations on our own maps are recognised by the name of the map and left
 * out.
 *
 * To look up a key in a hash map, a JIT-compiled program calls __htab_map_lookup_elem() (htab_map_gen_lookup(),
 * kernel/bpf/hashtab.c), since 6.10 also if the map has a value for each CPU. To look up an array it calls no function.
 */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/bpf.h, kernel/bpf/hashtab.c */
struct bpf_map {
	enum bpf_map_type map_type;
	__u32 key_size, value_size;
	__u32 id;
	char name[16];
};

struct htab_elem {
	char key[0];
};

#pragma clang attribute pop

/* The first eight characters of a name as one number, in the order of memory. */
#define NAME8(text)                                                                                                    \
	({                                                                                                             \
		__u64 v;                                                                                               \
		__builtin_memcpy(&v, text, sizeof(v));                                                                 \
		v;                                                                                                     \
	})

/* Whether the map belongs to this instance of skbtrail or to another that runs beside it. Arrays are not listed. */
static __always_inline int is_own_map(const struct bpf_map *map)
{
	__u64 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name), __builtin_preserve_access_index(&map->name));
	return name == NAME8("st_stacks") || name == NAME8("st_calls") || name == NAME8("st_tracked") ||
	       name == NAME8("st_heads") || name == NAME8("st_exchanged");
}

static __always_inline __u32 read_up_to(__u8 *to, const void *from, __u32 bytes)
{
	if (bytes > ST_MAP_BYTES)
		bytes = ST_MAP_BYTES;
	barrier_var(bytes);
	if (bytes > ST_MAP_BYTES || bpf_probe_read_kernel(to, bytes, from))
		return 0;
	return bytes;
}

static __always_inline void part_map(const struct bpf_map *map, enum st_map_op op, const void *key, const void *value,
				     char *rec)
{
	struct st_part *head;
	struct st_map_access *a = part_open(rec, ST_PART_MAP, &head);

	a->id = BPF_CORE_READ(map, id);
	a->op = op;
	a->found = value != 0;
	a->key_size = BPF_CORE_READ(map, key_size);
	a->value_size = BPF_CORE_READ(map, value_size);
	bpf_probe_read_kernel(a->name, sizeof(a->name), __builtin_preserve_access_index(&map->name));
	a->key_bytes = read_up_to(a->key, key, a->key_size);
	a->value_bytes = value ? read_up_to(a->value, value, a->value_size) : 0;
	head->len_bytes = sizeof(*a);
}

static __always_inline int map_access(void *ctx, const struct bpf_map *map, enum st_map_op op, const void *key,
				      const void *value)
{
	struct frame at = frame_in_trampoline(as_number(ctx));
	__u64 flags;
	struct st_counters *c;
	struct stack_call *top;
	struct stack *s;
	struct record r;
	char *to;

	if (!is_on() || is_own_map(map))
		return 0;
	s = stack_here(at.sp);
	top = s ? stack_top(s, at) : 0;
	if (!top)
		return 0;
	stack_seen(top, ST_SRC_MAP, &r);
	c = count(&r, ST_SRC_MAP, &flags);
	if (!c)
		return 0;
	to = bpf_ringbuf_reserve(&st_ring, st_out.record_bytes, 0);
	if (!to) {
		c->lost_ring++;
		return 0;
	}
	r.e.has_parts = 1;
	__builtin_memcpy(to, &r, sizeof(r));
	open_parts(to);
	part_map(map, op, key, value, to);
	bpf_ringbuf_submit(to, flags);
	return 0;
}

/* Set on kernels before 6.10: there a hash map with a value for each CPU has its own look-up function,
 * htab_percpu_map_lookup_elem(), which returns the value of this CPU. */
const volatile _Bool st_percpu_apart;

SEC("st_fexit/htab_percpu_map_lookup_elem")
int map_htab_percpu_lookup(__u64 *ctx)
{
	return map_access(ctx, (const void *)ctx[0], ST_MAP_LOOKUP, (const void *)ctx[1], (const void *)ctx[2]);
}

/* ctx has the arguments, then the return value. */
SEC("st_fexit/__htab_map_lookup_elem")
int map_htab_lookup(__u64 *ctx)
{
	const struct bpf_map *map = (const void *)ctx[0];
	enum bpf_map_type type = BPF_CORE_READ(map, map_type);
	const char *value = (const char *)ctx[2];

	if (type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH) {
		if (st_percpu_apart)
			return 0;
		value = value ? (const char *)1 : 0; /* found, but unreadable: the element points at the values */
	} else if (value)
		value += bpf_core_field_offset(struct htab_elem, key) + ((BPF_CORE_READ(map, key_size) + 7) & ~7u);
	return map_access(ctx, map, ST_MAP_LOOKUP, (const void *)ctx[1], value);
}

SEC("st_fexit/trie_lookup_elem")
int map_trie_lookup(__u64 *ctx)
{
	return map_access(ctx, (const void *)ctx[0], ST_MAP_LOOKUP, (const void *)ctx[1], (const void *)ctx[2]);
}

#define MAP_UPDATE(name)                                                                                               \
	SEC("st_fentry/" #name)                                                                                        \
	int map_##name(__u64 *ctx)                                                                                     \
	{                                                                                                              \
		return map_access(ctx, (const void *)ctx[0], ST_MAP_UPDATE, (const void *)ctx[1],                      \
				  (const void *)ctx[2]);                                                               \
	}
#define MAP_DELETE(name)                                                                                               \
	SEC("st_fentry/" #name)                                                                                        \
	int map_##name(__u64 *ctx)                                                                                     \
	{                                                                                                              \
		return map_access(ctx, (const void *)ctx[0], ST_MAP_DELETE, (const void *)ctx[1], 0);                  \
	}

MAP_UPDATE(htab_map_update_elem)
MAP_UPDATE(htab_lru_map_update_elem)
MAP_UPDATE(trie_update_elem)
MAP_UPDATE(array_map_update_elem)
MAP_DELETE(htab_map_delete_elem)
MAP_DELETE(htab_lru_map_delete_elem)
MAP_DELETE(trie_delete_elem)
