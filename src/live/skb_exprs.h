/* SPDX-License-Identifier: GPL-2.0-only */
/* The expressions of --filter-skb-expr, --output-skb-metadata and --filter-tunnel-pcap-l2 and -l3: compiled to
 * instructions, and their values named in events. */
#pragma once

#include "cli/trace_options.h"
#include "event/parts.h"
#include "filter/skb_expr.h"

struct skb_exprs {
	struct ebpf_prog tunnel_l2, tunnel_l3; /* no instructions: no filter */
	struct ebpf_prog match;		       /* no instructions: no filter */
	struct ebpf_prog values;
	unsigned n;			   /* values */
	const char *texts[SKB_VALUES_MAX]; /* borrowed from argv */
	struct skb_value_kind kinds[SKB_VALUES_MAX];
	const char *bad; /* the text with an error, borrowed from argv; NULL: none */
	struct skb_error error;
};

/* Compiles the expressions in the options, with the types of the running kernel or of --kernel-btf, which are read only
 * if needed. -errno with a reason that names the option and its value; for errors in an expression over the sk_buff,
 * bad and error tell where. *ret must be zeroed before, and cleared by skb_exprs_clear() after, also on failure. */
int skb_exprs_compile(const struct trace_options *o, struct skb_exprs *ret, struct reason *reason);
/* Sets the text and type of the values in parts, which the records do not have. parts may be NULL. */
void skb_exprs_name(const struct skb_exprs *e, struct event_parts *parts);
/* If a text has an error: prints the text, and a caret below the place of the error. */
void skb_exprs_caret(const struct skb_exprs *e, FILE *f);
void skb_exprs_clear(struct skb_exprs *e);
