/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two files share that make code of an expression: skb_gen.c, which begins with how, and skb_place.c. */
#pragma once

#include <errno.h>
#include <linux/bpf.h>

#include "filter/code.h"
#include "filter/skb_node.h"

#define SKB   BPF_REG_6
#define ACC   BPF_REG_7
#define OTHER BPF_REG_8
#define WHICH BPF_REG_9

#define FETCHED	   (-8)
#define SLOTS_MAX  8
#define LABELS_MAX (NODES_MAX * SKB_VALUES_MAX + 4 * SKB_VALUES_MAX)

struct value {
	bool pointer, is_signed, wide; /* wide: all of its 64 bits may be in use */
	uint32_t target;	       /* pointer: id of what is there */
};

struct place {
	struct skb_type type;
	uint32_t bits, shift; /* of a bit field, from the address on; bits 0: none */
};

struct gen {
	const struct skb_types *types;
	struct skb_error *error;
	struct code code;
	size_t where[LABELS_MAX];
	size_t n_labels, fault;
	unsigned slots; /* in use */
};

/* All leave what they give in ACC. -EINVAL with the error set. */
int skb_gen_value(struct gen *g, const struct node *n, struct value *ret);
/* Its address, so that members of it can be reached. */
int skb_gen_place(struct gen *g, const struct node *n, struct place *ret);
/* The value of the place at ACC. */
int skb_gen_load(struct gen *g, const struct node *n, const struct place *p, struct value *ret);
/* A value that points to something; at: what is said of it when it does not. */
int skb_gen_pointer(struct gen *g, const struct node *n, const struct node *at, struct value *ret);
bool skb_is_place(const struct node *n);

/* Widens ACC's lower bits. */
void skb_gen_extend(struct gen *g, unsigned bits, bool is_signed);
int skb_gen_fail_type(struct gen *g, const struct node *n, const char *what, const struct skb_type *t);
int skb_gen_type(struct gen *g, const struct node *n, uint32_t id, struct skb_type *ret);
