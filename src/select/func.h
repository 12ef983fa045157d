/* SPDX-License-Identifier: GPL-2.0-only */
/* The plain models of selection: what BTF says of a function (struct sig), and what was decided about it (struct
 * func). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define SLOT_MAX 5 /* packets are looked for among the first five arguments */

/* What a function returns, and how many bytes of the register count; 0 bytes where that is plain. */
enum func_returns {
	FUNC_RETURNS_UNKNOWN,
	FUNC_RETURNS_VOID,
	FUNC_RETURNS_POINTER,
	FUNC_RETURNS_BOOL,
	FUNC_RETURNS_SIGNED,
	FUNC_RETURNS_UNSIGNED
};

struct func_result {
	uint8_t kind; /* enum func_returns */
	uint8_t bytes;
};

/* A function of BTF that takes a packet. */
struct sig {
	char *name;	    /* owned by the set */
	char *module;	    /* owned by the set; NULL: vmlinux */
	uint8_t slot;	    /* 1..SLOT_MAX: the first argument that is a packet; 0: none is */
	bool indirect;	    /* struct sk_buff **, not struct sk_buff * */
	const char *reason; /* static text: why that register is not sure; NULL: it is */
	bool unchecked;	    /* not from BTF: see select/known.h */
	bool netlink;	    /* the packet is a netlink message: what else it takes belongs to one */
	struct func_result result;
	bool asked; /* wanted by the user: no filter of functions leaves it out */
	bool named; /* by name, one by one: nor does select/deny.h */
};

struct sig_set {
	struct sig *items;
	size_t n, cap;
};

/* Appends a copy of s, its strings included. 0 or -ENOMEM. */
int sig_set_add(struct sig_set *set, const struct sig *s);
void sig_set_free(struct sig_set *set);
#define _cleanup_sigs_ _cleanup_(sig_set_free)

/* A function as selected. */
struct func {
	const char *name; /* as kallsyms has it, suffix included; borrowed from the ksyms, or the sigs where addr is 0,
			   * until func_set_own_names() */
	const char *module; /* likewise; NULL: vmlinux */
	uint64_t addr;	    /* first byte; 0: there is no such text symbol */
	uint8_t slot;	    /* 1..SLOT_MAX; 0: takes no packet */
	bool indirect;	    /* the argument is struct sk_buff ** */
	bool attachable;
	bool ftrace; /* known to stand in available_filter_functions at this address: kprobe.multi and fentry take it */
	bool namesake;	      /* the name stands at several addresses, and BTF may describe only one of them */
	bool has_offset;      /* offset is known (its code could be read) */
	uint8_t offset_bytes; /* where a single kprobe is cheap, from addr; 0: the first byte */
	struct func_result result;
	const char *reason; /* static text: why it is not attachable; NULL: it is */
};

struct func_set {
	struct func *items; /* by address; those without one come first, by name */
	size_t n, cap;
	size_t n_attachable;
	char *names; /* after func_set_own_names(); NULL before */
};

int func_set_add(struct func_set *set, const struct func *f);
/* Copies all names, so that whom they were borrowed from may go. 0, or -ENOMEM with nothing changed. */
int func_set_own_names(struct func_set *set);
void func_set_free(struct func_set *set);
#define _cleanup_funcs_ _cleanup_(func_set_free)

/* The attachable function whose code holds addr, which lies at most span_bytes past its first byte; NULL: none. */
const struct func *func_set_find(const struct func_set *set, uint64_t addr, uint64_t span_bytes);
