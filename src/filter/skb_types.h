/* SPDX-License-Identifier: GPL-2.0-only */
/* The types of kernel structures, for expressions over them. The callbacks of struct skb_types look them up, in the
 * kernel's BTF or in a table of a test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum skb_kind {
	SKB_INT, /* also bool, char and enumerations */
	SKB_PTR,
	SKB_STRUCT, /* also unions */
	SKB_ARRAY,
	SKB_OTHER, /* void, functions, floating point, forward declarations */
};

struct skb_type {
	enum skb_kind kind;
	uint32_t id;	     /* of the type without qualifiers and typedefs */
	uint32_t size_bytes; /* 0: not known */
	bool is_signed;	     /* SKB_INT */
	uint32_t target;     /* SKB_PTR, SKB_ARRAY: id of the type that it points to, or of its elements */
	const char *name;    /* borrowed; NULL or "": none */
};

struct skb_member {
	uint32_t type; /* id */
	uint32_t off_bits;
	uint32_t bits; /* of a bit field; 0: not a bit field */
};

/* kind: 'e' enum, 's' struct, 'u' union, 't' typedef or a type of one word. */
struct skb_types {
	/* -ENOENT: no such type; -EINVAL: a broken type. */
	int (*find)(void *ctx, char kind, const char *name, size_t len, uint32_t *ret_id);
	int (*type)(void *ctx, uint32_t id, struct skb_type *ret);
	/* Finds members of anonymous structs and unions within the type, too. -ENOENT: no such member. */
	int (*member)(void *ctx, uint32_t id, const char *name, size_t len, struct skb_member *ret);
	void *ctx;
};
