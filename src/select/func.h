/* SPDX-License-Identifier: GPL-2.0-only */
/* A function's signature, mostly from BTF (struct sig), and a function that is selected for probing (struct func). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

/* A slot is the index of an argument, from 1. Packets are looked for in the first five arguments. */
#define SLOT_MAX 5

/* The type of a function's return value. */
enum func_returns {
	FUNC_RETURNS_UNKNOWN,
	FUNC_RETURNS_VOID,
	FUNC_RETURNS_POINTER,
	FUNC_RETURNS_BOOL,
	FUNC_RETURNS_SIGNED,
	FUNC_RETURNS_UNSIGNED
};

struct func_result {
	uint8_t kind;  /* enum func_returns */
	uint8_t bytes; /* of the register that hold a signed or unsigned value, else 0 */
};

/* The signature of a function. */
struct sig {
	char *name;	    /* owned by the set */
	char *module;	    /* owned by the set; NULL: vmlinux */
	uint8_t slot;	    /* 1..SLOT_MAX: the first argument that is a packet; 0: none is */
	bool indirect;	    /* the argument is struct sk_buff **, not struct sk_buff * */
	const char *reason; /* static text: why the argument may be in another register; NULL: it is not */
	bool unchecked;	    /* not from BTF: see select/known.h */
	bool netlink;	    /* the packet is a netlink message, as the other arguments show */
	struct func_result result;
	bool asked; /* the user asked for it: filters of functions do not apply */
	bool named; /* the user named it: select/deny.h does not apply either */
};

struct sig_set {
	struct sig *items; /* owned */
	size_t n;
};

/* Appends a copy of s, its strings included. 0 or -ENOMEM. */
int sig_set_add(struct sig_set *set, const struct sig *s);
void sig_set_free(struct sig_set *set);
#define _cleanup_sigs_ _cleanup_(sig_set_free)

/* Whether two modules are the same one; NULL: vmlinux. */
static inline bool func_same_module(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A function that was selected. name and module are borrowed from the ksyms, or from the sigs if addr is 0, until
 * func_set_own_names(). */
struct func {
	const char *name;   /* as in kallsyms, with the compiler's suffix */
	const char *module; /* NULL: vmlinux */
	uint64_t addr;	    /* of its first byte; 0: there is no such text symbol */
	uint8_t slot;	    /* 1..SLOT_MAX: the argument that is a packet; 0: none is */
	bool indirect;	    /* the argument is struct sk_buff ** */
	bool attachable;
	bool ftrace;	      /* it is in available_filter_functions, so kprobe.multi and fentry can attach to it */
	bool has_offset;      /* offset_bytes is valid: the code could be read */
	uint8_t offset_bytes; /* from addr: where a kprobe is cheap (kallsyms/site.h); 0: at the first byte */
	struct func_result result;
	const char *reason; /* static text: why it is not attachable; NULL: it is */
};

struct func_set {
	struct func *items; /* owned; sorted by address, then by name; those without an address are first */
	size_t n;
	size_t n_attachable;
	char *names; /* owned; NULL until func_set_own_names() */
};

/* Appends a copy of f; its strings stay borrowed. 0 or -ENOMEM. */
int func_set_add(struct func_set *set, const struct func *f);
/* Copies all names, so that nothing is borrowed any more. 0, or -ENOMEM with the set unchanged. */
int func_set_own_names(struct func_set *set);
void func_set_free(struct func_set *set);
#define _cleanup_funcs_ _cleanup_(func_set_free)

/* The attachable function that starts at addr or at most span_bytes before it; NULL: none. Borrowed. */
const struct func *func_set_find(const struct func_set *set, uint64_t addr, uint64_t span_bytes);
