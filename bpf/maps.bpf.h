/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Theory of operation: what BPF programs do with their maps on behalf of a packet (--output-bpfmap).
 *
 * The maps' operations have neither a packet nor the program among their arguments. Whose packet it is tells the stack,
 * as for other functions without one (stack.bpf.h); the context of a program at a function's entry or exit lies on that
 * stack, and so says where on it the function is.
 *
 * Our own programs use maps as well, also while they handle a probe, and a program at an operation that used an
 * operation itself would run into itself, which the kernel counts as a loss. So these use arrays only, whose elements
 * are found without a call, and what is done to our own maps is told by their names.
 *
 * Programs that are compiled call __htab_map_lookup_elem() for hash maps (htab_map_gen_lookup(), kernel/bpf/hashtab.c),
 * since 6.10 also for those with a value for each CPU, and nothing at all for arrays.
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

/* Eight characters of a name as they are in memory. */
#define NAME8(text)                                                                                                    \
	({                                                                                                             \
		__u64 v;                                                                                               \
		__builtin_memcpy(&v, text, sizeof(v));                                                                 \
		v;                                                                                                     \
	})

/* Of this instance or another that runs beside it: those of our maps that are not arrays. */
static __always_inline int is_own_map(const struct bpf_map *map)
{
	__u64 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name), __builtin_preserve_access_index(&map->name));
	return name == NAME8("st_stacks") || name == NAME8("st_calls") || name == NAME8("st_tracked") ||
	       name == NAME8("st_heads") || name == NAME8("st_exchanged");
}

/* A pointer as a number, which the verifier does not let it be else. */
static __always_inline __u64 as_number(const void *p)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), &p);
	return v;
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
	struct place at = place_in_trampoline(as_number(ctx));
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

/* Kernels before 6.10: these are looked up by a function of their own, which gives this CPU's value. */
const volatile _Bool st_percpu_apart;

SEC("st_fexit/htab_percpu_map_lookup_elem")
int map_htab_percpu_lookup(__u64 *ctx)
{
	return map_access(ctx, (const void *)ctx[0], ST_MAP_LOOKUP, (const void *)ctx[1], (const void *)ctx[2]);
}

/* Arguments, and behind them the result. */
SEC("st_fexit/__htab_map_lookup_elem")
int map_htab_lookup(__u64 *ctx)
{
	const struct bpf_map *map = (const void *)ctx[0];
	enum bpf_map_type type = BPF_CORE_READ(map, map_type);
	const char *value = (const char *)ctx[2];

	if (type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH) {
		if (st_percpu_apart)
			return 0;
		value = value ? (const char *)1 : 0; /* it is but a pointer to that of each CPU */
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
