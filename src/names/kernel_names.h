/* SPDX-License-Identifier: GPL-2.0-only */
/* Names for events of the running kernel: opens what struct names reads. */
#pragma once

#include "names/names.h"

struct btf_index;

struct kernel_names_opts {
	const struct func_set *funcs; /* borrowed */
	const struct ksyms *ksyms;    /* borrowed */
	const struct btf_index *btf;  /* the kernel's; borrowed until kernel_names_load() returns */
	bool structures;	      /* events carry sk_buff or skb_shared_info */
};

struct kernel_names {
	struct names names; /* reads the other members */
	struct drop_reasons *reasons;
	struct dump *dumper; /* NULL: no structures */
	struct drop_sites *sites;
	struct netns_names *netns;
	struct ifnames *ifnames;
};

/* *ret must be zeroed before, and must not move afterwards. -errno with a reason; kernel_names_clear() then frees what
 * was opened. */
int kernel_names_load(const struct kernel_names_opts *o, struct kernel_names *ret, struct reason *reason);
void kernel_names_clear(struct kernel_names *k);
