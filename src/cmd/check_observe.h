/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a check's evidence comes from: the running kernel, or files. */
#pragma once

#include "bpf/config.h"
#include "check/same_node.h"
#include "cmd/check_options.h"
#include "net/snapshot.h"
#include "render/out.h"

struct check_file;

struct observation {
	struct flow flow;
	struct check_run account;
	bool live;	     /* of this kernel, just now: its symbols and programs may be asked for */
	struct progs *progs; /* owned, prepared; NULL unless live */
	bool has_endpoints;  /* src and dst are known, at least their addresses */
	struct endpoint src, dst;
	const char *proto;	 /* "icmp"; static */
	struct out trace;	 /* owned; the function trace as text, empty unless asked for */
	struct check_file *file; /* owned; the recording that was read, for its names; NULL: none */
};

/* Finds the endpoints, arms the evidence programs, lets the flow run. -errno with a reason; *ret holds nothing then. */
int check_observe_live(const struct check_options *o, struct observation *ret, struct reason *reason);
/* Reads four captures instead. The same; nothing but the files is asked. */
int check_observe_pcap(const struct check_options *o, struct observation *ret, struct reason *reason);
/* Reads a recording instead. Likewise. */
int check_observe_file(const struct check_options *o, struct observation *ret, struct reason *reason);
/* Names of what the recording knows by number, as check_view has them; ctx is a struct check_file. */
const char *check_file_symbol(void *ctx, uint64_t addr, uint64_t *ret_offset);
const char *check_file_drop_reason(void *ctx, uint32_t reason);
void check_file_free(struct check_file *f); /* NULL is fine */
DEFINE_CLEANUP(struct check_file *, check_file_free)
/* The flow between two addresses as the options spell it, for what is no running kernel; with: the option that says so.
 * Fills the observation's addresses. -EINVAL with a reason. */
int check_parse_flow(const struct check_options *o, const char *with, struct observation *obs, struct st_flow *ret,
		     struct reason *reason);
/* The two endpoints that the options spell, each with a host side, in different namespaces. -EINVAL, -ENOENT,
 * -ENOTUNIQ, -ENOLINK with a reason. */
int check_find_endpoints(const struct check_options *o, struct net_snapshot *snapshot, struct observation *ret,
			 struct reason *reason);
/* --print-rules: finds the endpoints and prints the built-in check for them. -errno with a reason. */
int check_print_rules(struct check_options *o, struct reason *reason);
/* The four capture points of the endpoints found. */
void check_set_points(const struct observation *obs, struct check_setup *s);
void observation_clear(struct observation *obs);
