/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of trace, as parsed. */
#pragma once

#include "bpf/config.h"
#include "bpf/event.h"
#include "cmd/cmd.h"
#include "cmd/func_options.h"
#include "cmd/output_options.h"
#include "filter/event_match.h"
#include "filter/expr.h"
#include "filter/prefix.h"
#include "render/columns.h"

enum backend_choice { BACKEND_AUTO, BACKEND_KPROBE, BACKEND_KPROBE_MULTI, BACKEND_FENTRY_MULTI };

struct trace_options {
	struct prefix src, dst, any;
	uint16_t sport, dport, port; /* host byte order, 0: no filter */
	uint8_t l4;		     /* IPPROTO_*, 0: no filter */
	struct event_match match;    /* of it what meta_options.h has */
	bool track_skb, track_by_stack;
	const char *tunnel_l2, *tunnel_l3; /* pcap-filter expressions; NULL: no such filter */
	const char *skb_expr;		   /* NULL: no such filter */
	struct {
		const char *texts[ST_VALUES_MAX];
		unsigned n;
	} skb_metadata;
	const char *cgroup, *pod; /* NULL: no such filter */
	const char *filter_func, *filter_func_not;
	struct func_options funcs;
	const char *kernel_btf;
	enum backend_choice backend;
	bool trace_tc, trace_xdp;
	bool timestamp;
	enum timestamp_mode timestamp_mode;
	const char *columns;
	struct output_options output;
	bool json, tuple, verbose, returns, maps;
	bool path, wide, summary; /* packets instead of events */
	enum color_mode color;
	const char *profile; /* NULL: none; its options were parsed as if typed */
	const char *write;   /* NULL: no recording */
	const char *pcapng;  /* NULL: none */
	uint64_t snaplen;    /* bytes of each packet to keep; 0: none */
	bool print;
	const char *ready_file;
	uint64_t ring_bytes;
	uint64_t duration_ns;	   /* 0: until told to stop */
	uint64_t sample, max_rate; /* 0: all, no limit */
	uint64_t budget_permille;  /* 0: none */
};

extern const struct opt trace_option_table[];

/* Setters for opt.set: struct prefix, uint8_t (IPPROTO_*), enum backend_choice. */
int opt_prefix(void *dst, const char *value, struct reason *reason);
int opt_proto(void *dst, const char *value, struct reason *reason);
int opt_backend(void *dst, const char *value, struct reason *reason);

/* dst is the struct trace_options itself. */
int opt_timestamp(void *dst, const char *value, struct reason *reason);

void trace_options_init(void *opts);
/* The filter in the programs' terms. */
void trace_options_filter(const struct trace_options *o, struct st_config *ret);
/* The columns asked for, or the default ones with those of the output options, and what stands below the lines.
 * -EINVAL with a reason; *ret is then left alone. */
int trace_options_format(const struct trace_options *o, struct text_format *ret, struct reason *reason);
/* The arguments after the options, joined with blanks, as one pcap-filter expression; *ret is left alone if there are
 * none. 1 if there is an expression, 0, or -errno with a reason. */
int trace_options_expr(int argc, char **argv, struct expr *ret, struct reason *reason);
