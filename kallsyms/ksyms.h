/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's symbols: finds the function at an address, and the addresses of a name.
 *
 * Theory of operation. The symbols are read from /proc/kallsyms (kernel/kallsyms.c: "%px %c %s\t[%s]\n"), which is
 * parsed as it is read, or given one by one (ksyms_builder.h). Text symbols are kept with their names. Of data, and of
 * the bytes that pad functions, only enough symbols are kept, without names, to know where text ends. Symbols are
 * sorted by address. Text symbols are hashed by their name up to the first '.', so that one index finds both "foo" and
 * "foo.*". A name with ten addresses has ten entries.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/reason.h"

struct ksyms;

struct ksym {
	uint64_t addr;
	const char *name;   /* borrowed from the struct ksyms */
	const char *module; /* borrowed from the struct ksyms; NULL: vmlinux. "bpf": JITed programs and trampolines */
	char type;	    /* as of nm(1): t, T, w and W are text; others have no name here */
};

/* Parses the text of /proc/kallsyms, and keeps no pointer to it. -EPERM if all addresses are zero
 * (kernel.kptr_restrict, or no CAP_SYSLOG), -EBADMSG if a line is malformed or there is none, -E2BIG above 4 GiB of
 * names or 65,535 modules, -ENOMEM; *ret is then unchanged. */
int ksyms_new(const char *text, size_t len, struct ksyms **ret, struct reason *reason);
/* Reads /proc/kallsyms. Errors as above, and of open(2) and read(2). */
int ksyms_load(struct ksyms **ret, struct reason *reason);
void ksyms_free(struct ksyms *ks);

/* Frees what ksyms_find() does not need: padding, aliases, the index by name. From then on ksyms_named(),
 * ksyms_variants() and ksyms_first() find nothing, and ksyms_count() is smaller. */
void ksyms_shrink(struct ksyms *ks);

/* The number of symbols kept, with those that have no name. ksyms_at() indexes them in the order of addresses. */
size_t ksyms_count(const struct ksyms *ks);
struct ksym ksyms_at(const struct ksyms *ks, size_t i);

/* The function at addr: the nearest text symbol at or below it. Of several symbols at one address, a global one is
 * preferred. -ENOENT if no symbol is at or below addr, or the nearest one is not text. */
int ksyms_find(const struct ksyms *ks, uint64_t addr, struct ksym *ret, uint64_t *ret_offset_bytes);

/* Bytes from addr to the next symbol above it, which is the most that a function at addr can have. 0: no symbol is
 * above. */
uint64_t ksyms_extent_bytes(const struct ksyms *ks, uint64_t addr);

/* Iterates over the text symbols of one name, in the order of addresses. name must outlive the iterator. */
struct ksyms_iter {
	const struct ksyms *ks;
	const char *name;
	size_t name_len;
	uint32_t at; /* the next symbol in the bucket */
	bool variants;
};

/* The symbols of exactly this name. */
struct ksyms_iter ksyms_named(const struct ksyms *ks, const char *name);
/* The symbols name.SUFFIX, which are copies by the compiler, such as foo.constprop.0.isra.1 of foo. */
struct ksyms_iter ksyms_variants(const struct ksyms *ks, const char *name);
/* False at the end. */
bool ksyms_next(struct ksyms_iter *it, struct ksym *ret);
/* The first text symbol of exactly this name; false: none. */
bool ksyms_first(const struct ksyms *ks, const char *name, struct ksym *ret);

bool ksym_is_text(char type);

DEFINE_CLEANUP(struct ksyms *, ksyms_free)
#define _cleanup_ksyms_ _cleanup_(ksyms_freep)
