/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of struct ksyms, for the two files that build it and look things up in it. */
#pragma once

#include <string.h>

#include "base/hash.h"
#include "kallsyms/ksyms.h"

#define NO_SYM	     UINT32_MAX
#define TYPE_PADDING '_' /* no type of nm(1)'s */

struct sym { /* 16 bytes: there are some 100,000 */
	uint64_t addr;
	uint32_t name;	 /* offset into names; only text has one */
	uint16_t module; /* 1 + index into modules; 0: vmlinux */
	char type;
};

struct ksyms {
	struct buf names; /* each with its NUL; the first one is "" */
	struct sym *syms; /* by address */
	size_t n, cap;
	uint32_t *modules; /* offsets into names */
	size_t n_modules, cap_modules;
	uint32_t *heads; /* hash of the stripped name → first text symbol, or NO_SYM */
	uint32_t *next;	 /* symbol → next one in its bucket */
	uint32_t mask;
};

static inline const char *sym_name(const struct ksyms *ks, const struct sym *s)
{
	return ks->names.data + s->name;
}

/* Length of the name before its suffixes. A leading dot belongs to the name. */
static inline size_t stripped_len(const char *name)
{
	const char *dot = *name ? strchr(name + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) : strlen(name);
}
