/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's symbols: which function holds an address, and at which addresses a name stands.
 *
 * Theory of operation. They come as the text of /proc/kallsyms (kernel/kallsyms.c: "%px %c %s\t[%s]\n"), which is
 * parsed as it is read, or one by one (ksyms_builder.h). Of text the names are kept; of data, and of what pads
 * functions in front, no more than marks where text ends, without name. Symbols are sorted by address. Text symbols are
 * hashed by their stripped name (what stands before the first
 * '.'), so one index answers both "foo" and "foo.*", and a name that exists ten times has ten entries.
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
	const char *module; /* likewise; NULL: vmlinux. "bpf" for JITed programs and trampolines */
	char type;	    /* as nm(1) prints it; t, T, w and W are text, whatever else has no name here */
};

/* Parses the text of /proc/kallsyms, which is not needed afterwards.
 * -EPERM if all addresses are zero (kernel.kptr_restrict, or no CAP_SYSLOG), -EBADMSG if a line is malformed or there
 * is none, -E2BIG above 4 GiB of names or 65,535 modules, -ENOMEM. */
int ksyms_new(const char *text, size_t len, struct ksyms **ret, struct reason *reason);
/* Reads /proc/kallsyms. Errors as above, or those of opening and reading it. */
int ksyms_load(struct ksyms **ret, struct reason *reason);
void ksyms_free(struct ksyms *ks);

/* Gives back what ksyms_find() does not need: padding, aliases, the index by name. From then on
 * ksyms_named() and ksyms_variants() find nothing, and the count is smaller. */
void ksyms_shrink(struct ksyms *ks);

/* Number of symbols and marks kept; index them with ksyms_at(), in the order of addresses. */
size_t ksyms_count(const struct ksyms *ks);
struct ksym ksyms_at(const struct ksyms *ks, size_t i);

/* The function that holds addr: the nearest text symbol at or below it. Among aliases, global ones win. -ENOENT when no
 * symbol is below, or the nearest one is data. */
int ksyms_find(const struct ksyms *ks, uint64_t addr, struct ksym *ret, uint64_t *ret_offset_bytes);

/* Bytes from addr to the next symbol that stands higher: how long a function can be at most. 0: addr is beyond all. */
uint64_t ksyms_extent_bytes(const struct ksyms *ks, uint64_t addr);

/* Walks the text symbols of one name, in the order of addresses. name must outlive the walk. */
struct ksyms_iter {
	const struct ksyms *ks;
	const char *name;
	size_t name_len;
	uint32_t at;
	bool variants;
};

/* Those called exactly so. */
struct ksyms_iter ksyms_named(const struct ksyms *ks, const char *name);
/* Those called name.SUFFIX: copies the compiler made, like foo.constprop.0.isra.1 of foo. */
struct ksyms_iter ksyms_variants(const struct ksyms *ks, const char *name);
bool ksyms_next(struct ksyms_iter *it, struct ksym *ret);
/* The first text symbol called exactly so; false: there is none. */
bool ksyms_first(const struct ksyms *ks, const char *name, struct ksym *ret);

bool ksym_is_text(char type);

DEFINE_CLEANUP(struct ksyms *, ksyms_free)
#define _cleanup_ksyms_ _cleanup_(ksyms_freep)
