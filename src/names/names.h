/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets the names of an event, of which the kernel's records have only numbers. */
#pragma once

#include <net/if.h>

#include "btf/dump.h"
#include "event/event.h"
#include "kallsyms/ksyms.h"
#include "select/func.h"

/* Where names come from; all is borrowed. names/kernel_names.h fills it for the running kernel. */
struct names {
	const struct func_set *funcs; /* the functions that are traced */
	const struct ksyms *ksyms;
	/* The name of a namespace, valid until the next call; NULL: it has none. */
	const char *(*netns)(void *ctx, uint32_t inode);
	/* The name of an interface; "": unknown. */
	void (*ifname)(void *ctx, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE]);
	/* Sets drop_symbol, drop_offset and drop_via of an event that has a location. */
	void (*drop_site)(void *ctx, struct event *ev);
	/* NULL: unknown. */
	const char *(*drop_reason)(void *ctx, uint32_t reason);
	/* A structure as text, valid until the next one of this type; NULL: the bytes are not one. */
	const char *(*structure)(void *ctx, enum dump_type type, const void *bytes, size_t len_bytes);
	void *ctx;
};

/* Sets every name that event_decode() and event_parts_decode() leave out, except that of a BPF program, and converts
 * what a function returned to the type that it returns. Names live as long as their source. */
void names_event(const struct names *n, struct event *ev);
