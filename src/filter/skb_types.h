/* SPDX-License-Identifier: GPL-2.0-only */
/* What an expression over kernel structures must know of their types, whoever knows it: the kernel's BTF (src/kern/
 * types.c), or a table in a test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum skb_kind {
	SKB_INT, /* also bool, char and enumerations */
	SKB_PTR,
	SKB_STRUCT, /* also unions */
	SKB_ARRAY,
	SKB_OTHER, /* void, functions, floating point, what is only declared */
};

struct skb_type {
	enum skb_kind kind;
	uint32_t id;	     /* qualifiers and typedefs taken off */
	uint32_t size_bytes; /* 0: not known */
	bool is_signed;	     /* SKB_INT */
	uint32_t target;     /* SKB_PTR, SKB_ARRAY: id of what it points to or is made of */
	const char *name;    /* borrowed; NULL or "": none */
};

struct skb_member {
	uint32_t type; /* id */
	uint32_t off_bits;
	uint32_t bits; /* of a bit field; 0: it is none */
};

/* 'e': an enumeration, 's': struct, 'u': union, 't': a typedef or a type of one word. */
struct skb_types {
	/* -ENOENT, or -EINVAL if it cannot be said what it is. */
	int (*find)(void *ctx, char kind, const char *name, size_t len, uint32_t *ret_id);
	int (*type)(void *ctx, uint32_t id, struct skb_type *ret);
	/* Also a member of a struct or union without a name that is a member itself. -ENOENT. */
	int (*member)(void *ctx, uint32_t id, const char *name, size_t len, struct skb_member *ret);
	void *ctx;
};
