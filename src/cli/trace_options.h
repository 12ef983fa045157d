/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of trace, as parsed. */
#pragma once

#include "bpf/config.h"
#include "bpf/event.h"
#include "cli/func_options.h"
#include "cli/options.h"
#include "cli/output_options.h"
#include "filter/event_match.h"
#include "filter/expr.h"
#include "record/record.h"
#include "render/event/columns.h"

/* The most options of a trace that its recording tells of. */
#define TRACE_OPTIONS_TOLD_MAX 64

enum backend_choice { BACKEND_AUTO, BACKEND_KPROBE, BACKEND_KPROBE_MULTI };
/* Which BPF programs of a kind are followed: none, those that are attached, or all that are loaded. */
enum program_choice { PROGRAMS_NONE, PROGRAMS_ATTACHED, PROGRAMS_ALL };

struct trace_options {
	struct event_match match; /* what FILTER_OPTION_ROWS and SURROUNDINGS_OPTION_ROWS fill */
	bool track_skb, track_by_stack;
	const char *tunnel_l2, *tunnel_l3; /* pcap-filter expressions; NULL: no such filter */
	const char *skb_expr;		   /* NULL: no such filter */
	struct {
		const char *texts[ST_VALUES_MAX];
		unsigned n;
	} skb_metadata;
	const char *cgroup; /* NULL: no such filter */
	struct match_names pods;
	const char *filter_func, *filter_func_not;
	struct func_options funcs;
	const char *kernel_btf;
	enum backend_choice backend;
	enum program_choice trace_tc, trace_xdp;
	bool timestamp;
	enum timestamp_mode timestamp_mode;
	const char *columns;
	struct output_options output;
	bool json, tuple, verbose, returns, maps;
	bool path, diagram, summary; /* packets instead of events */
	enum color_mode color;
	const char *profile; /* NULL: none; its options are parsed already */
	const char *write;   /* NULL: no recording */
	const char *pcapng;  /* NULL: none */
	uint64_t snaplen;    /* bytes of each packet to record; 0: none */
	bool print;
	const char *ready_file;
	uint64_t ring_bytes;
	uint64_t duration_ns;	   /* 0: until a signal or the reader ends the trace */
	uint64_t sample, max_rate; /* 0: all, no limit */
	uint64_t budget_permille;  /* 0: none */
	/* Options that say which packets or which functions, as typed; borrowed. Of more than fit, the last one stands
	 * for the others. */
	struct record_option told[TRACE_OPTIONS_TOLD_MAX];
	size_t n_told;
};

extern const struct opt trace_option_table[];

/* Rows of an option table that trace and report share; at is the offset of the struct trace_options. */
#define EVENT_OPTION_ROWS(at)                                                                                          \
	TRACE_ROW("output-tuple", NULL, "show addresses and ports; always on, accepted for pwru's command lines",      \
		  opt_flag, at, tuple),                                                                                \
		OPT_ROW("timestamp", "[=current|relative|absolute|none]", "show the time (default: current)",          \
			opt_timestamp, at),                                                                            \
		TRACE_ROW("columns", "LIST", "which columns, in which order; 'help' lists them", opt_string, at,       \
			  columns)
#define VIEW_OPTION_ROWS(at)                                                                                           \
	OUTPUT_FORM_ROWS((at) + offsetof(struct trace_options, output)),                                               \
		OPT_ALIAS_ROW("json", "output-json", NULL, "JSON lines instead of text", opt_flag,                     \
			      (at) + offsetof(struct trace_options, json)),                                            \
		TRACE_ROW("path", NULL, "packets instead of events: each as a block, by namespace, device and stage",  \
			  opt_flag, at, path),                                                                         \
		OPT_ALIAS_ROW("diagram", "wide", NULL,                                                                 \
			      "packets instead of events: each as a diagram of namespaces and devices", opt_flag,      \
			      (at) + offsetof(struct trace_options, diagram)),                                         \
		TRACE_ROW("summary", NULL, "at the end, for each flow: packets, drops, times of stages; no events",    \
			  opt_flag, at, summary)
#define PROFILE_OPTION_ROW(at)                                                                                         \
	TRACE_ROW("profile", "NAME",                                                                                   \
		  "options by one name: drops, dns, tcp-connect, same-node, or a FILE; 'help' prints them",            \
		  opt_string, at, profile)
#define TRACE_ROW(name, arg, help, set, at, field)                                                                     \
	OPT_ROW(name, arg, help, set, (at) + offsetof(struct trace_options, field))

/* Setter for opt.set: enum backend_choice. */
int opt_backend(void *dst, const char *value, struct reason *reason);

/* dst is the struct trace_options itself. */
int opt_timestamp(void *dst, const char *value, struct reason *reason);

/* Whether an option chooses packets; an expression is none. */
bool trace_options_choose_packets(const struct trace_options *o);
void trace_options_init(void *opts);
/* For command.note: keeps what a recording tells of its options. */
void trace_options_note(void *opts, const struct opt *o, const char *value);
/* The same for an option or an expression by its name. Both are borrowed. */
void trace_options_tell(struct trace_options *o, const char *name, const char *value);
/* The filter as the BPF programs' configuration has it. */
void trace_options_filter(const struct trace_options *o, struct st_config *ret);
/* Sets the columns of --columns, or the default columns and those of the output options, and the blocks below a line.
 * 0, or -EINVAL with a reason; *ret is unchanged then. */
int trace_options_format(const struct trace_options *o, struct text_format *ret, struct reason *reason);
/* Compiles the arguments after the options, joined with blanks, as one pcap-filter expression. 1; 0 if there are no
 * arguments, *ret and *ret_text are unchanged then; or -errno with a reason. *ret_text: the expression. */
int trace_options_expr(int argc, char **argv, struct expr *ret, struct buf *ret_text, struct reason *reason);
