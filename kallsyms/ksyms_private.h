/* SPDX-License-Identifier: GPL-2.0-only */
/* The members of struct ksyms, for ksyms_build.c and ksyms.c only. */
#pragma once

#include <string.h>

#include "base/hash.h"
#include "base/symbol.h"
#include "kallsyms/ksyms.h"

#define NO_SYM	     UINT32_MAX
#define TYPE_PADDING '_' /* nm(1) has no such type */

struct sym { /* 16 bytes: there are some 100,000 */
	uint64_t addr;
	uint32_t name;	 /* offset into names; only text has one */
	uint16_t module; /* 1 + index into modules; 0: vmlinux */
	char type;
};

struct ksyms {
	struct buf names; /* each with its NUL; the first one is "" */
	struct sym *syms; /* owned; sorted by address */
	size_t n;
	uint32_t *modules; /* owned; offsets into names */
	size_t n_modules;
	uint32_t *heads; /* owned; first text symbol by hash of the name before its suffix, or NO_SYM */
	uint32_t *next;	 /* owned; the next symbol in the bucket, by symbol */
	uint32_t mask;	 /* number of buckets - 1 */
};

static inline const char *sym_name(const struct ksyms *ks, const struct sym *s)
{
	return ks->names.data + s->name;
}
