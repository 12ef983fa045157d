/* SPDX-License-Identifier: GPL-2.0-only */
/* --filter-skb-expr, --output-skb-metadata and --filter-tunnel-pcap-l2 and -l3: from text to what is loaded, and back
 * to names. */
#pragma once

#include "cmd/trace_options.h"
#include "event/parts.h"
#include "filter/skb_expr.h"

struct skb_exprs {
	struct ebpf_prog tunnel_l2, tunnel_l3; /* no instructions: no filter */
	struct ebpf_prog match;		       /* no instructions: no filter */
	struct ebpf_prog values;
	unsigned n;			   /* values */
	const char *texts[SKB_VALUES_MAX]; /* borrowed from argv */
	struct skb_value_kind kinds[SKB_VALUES_MAX];
	const char *bad; /* the text that was refused, NULL: none */
	struct skb_error error;
};

/* Compiles what the options have, with the types of the running kernel or of --kernel-btf. Nothing is read if there
 * are no expressions. -errno with a reason that names option and value; then bad and error say where. */
int skb_exprs_compile(const struct trace_options *o, struct skb_exprs *ret, struct reason *reason);
/* Sets what the record does not say of its values. parts may be NULL. */
void skb_exprs_name(const struct skb_exprs *e, struct event_parts *parts);
/* If a text was refused: shows it, and below it where. */
void skb_exprs_caret(const struct skb_exprs *e, FILE *f);
void skb_exprs_clear(struct skb_exprs *e);
