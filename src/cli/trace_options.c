/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/trace_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "cli/filter_options.h"

#define SNAPLEN_MIN	20 /* an IPv4 header */
#define RATE_WINDOW_NS	100000000u
#define RATE_PER_WINDOW 10u
/* Holds the events of a flood ping (130 per ping, 140 bytes each) for as long as a busy reader may pause. */
#define RING_BYTES (32u << 20)

int opt_backend(void *dst, const char *value, struct reason *reason)
{
	static const char *const names[] = {
		[BACKEND_AUTO] = "auto", [BACKEND_KPROBE] = "kprobe", [BACKEND_KPROBE_MULTI] = "kprobe-multi"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*(enum backend_choice *)dst = i;
		return 0;
	}
	return reason_set(reason, -EINVAL, "must be auto, kprobe or kprobe-multi");
}

/* enum program_choice */
static int opt_programs(void *dst, const char *value, struct reason *reason)
{
	if (value && strcmp(value, "attached") != 0 && strcmp(value, "all") != 0)
		return reason_set(reason, -EINVAL, "must be attached or all");
	*(enum program_choice *)dst = value && strcmp(value, "all") == 0 ? PROGRAMS_ALL : PROGRAMS_ATTACHED;
	return 0;
}

int opt_timestamp(void *dst, const char *value, struct reason *reason)
{
	struct trace_options *o = dst;
	enum timestamp_mode mode = TIMESTAMP_CURRENT;
	int r = value ? timestamp_mode_parse(value, &mode, reason) : 0;

	if (r < 0)
		return r;
	o->timestamp = mode != TIMESTAMP_NONE;
	o->timestamp_mode = mode;
	return 0;
}

static int opt_count32(void *dst, const char *value, struct reason *reason)
{
	uint64_t v;

	if (parse_u64(value, UINT32_MAX, &v) < 0 || v == 0)
		return reason_set(reason, -EINVAL, "must be a number from 1 to %u", UINT32_MAX);
	*(uint64_t *)dst = v;
	return 0;
}

/* Stores permille: 5 for "0.5". */
static int opt_percent(void *dst, const char *value, struct reason *reason)
{
	const char *dot = strchr(value, '.');
	uint64_t whole = 0, tenth = 0;
	char head[4];
	size_t len = dot ? (size_t)(dot - value) : strlen(value);
	bool bad = len >= sizeof(head) || (dot && strlen(dot) != 2);

	if (!bad) {
		memcpy(head, value, len);
		head[len] = '\0';
		bad = parse_u64(head, 100, &whole) < 0 || (dot && parse_u64(dot + 1, 9, &tenth) < 0);
	}
	if (bad || whole * 10 + tenth == 0 || whole * 10 + tenth > 1000)
		return reason_set(reason, -EINVAL, "must be a percentage from 0.1 to 100");
	*(uint64_t *)dst = whole * 10 + tenth;
	return 0;
}

static int opt_snaplen(void *dst, const char *value, struct reason *reason)
{
	uint64_t v;

	if (parse_bytes(value, &v) < 0 || v < SNAPLEN_MIN || v > ST_PAYLOAD_MAX)
		return reason_set(reason, -EINVAL, "must be from %d to %d bytes", SNAPLEN_MIN, ST_PAYLOAD_MAX);
	*(uint64_t *)dst = v;
	return 0;
}

/* dst is the struct trace_options itself. */
static int opt_skb_metadata(void *dst, const char *value, struct reason *reason)
{
	struct trace_options *o = dst;

	if (!*value)
		return reason_set(reason, -EINVAL, "is empty");
	if (o->skb_metadata.n == ST_VALUES_MAX)
		return reason_set(reason, -EINVAL, "can be given %d times at most", ST_VALUES_MAX);
	o->skb_metadata.texts[o->skb_metadata.n++] = value;
	return 0;
}

#define O(field) offsetof(struct trace_options, field)
const struct opt trace_option_table[] = {
	OPT_GROUP("Which packets"),
	FILTER_OPTION_ROWS(O(match)),
	SURROUNDINGS_OPTION_ROWS(O(match)),
	{"filter-cgroup", 0, "PATH", "packets while a process of this cgroup (v2) or below runs", opt_string,
	 O(cgroup)},
	OPT_REPEATED_ROW("filter-pod", "POD", "packets of this pod: its addresses or its namespace", opt_names,
			 O(pods)),
	{"filter-tunnel-pcap-l2", 0, "EXPR", "packets in whose tunnel the inner Ethernet frame matches this",
	 opt_string, O(tunnel_l2)},
	{"filter-tunnel-pcap-l3", 0, "EXPR", "packets in whose tunnel the inner IP packet matches this", opt_string,
	 O(tunnel_l3)},
	{"filter-skb-expr", 0, "EXPR", "packets for which this holds, written in C over skb: skb->dev->mtu > 1500",
	 opt_string, O(skb_expr)},
	{"filter-track-skb", 0, NULL, "follow a packet that matched, whatever becomes of it", opt_flag, O(track_skb)},
	{"filter-track-skb-by-stackid", 0, NULL, "also other packets, where they are handled for one that matched",
	 opt_flag, O(track_by_stack)},
	OPT_GROUP("Which functions"),
	{"filter-func", 0, "REGEX", "probe only functions whose whole name matches", opt_probed_func, O(filter_func)},
	{"filter-func-not", 0, "REGEX", "probe no function whose whole name matches", opt_filter_func,
	 O(filter_func_not)},
	{"filter-trace-tc", 0, "[=attached|all]",
	 "also tc programs: entry, exit with the verdict, redirect helpers (default: attached)", opt_programs,
	 O(trace_tc)},
	{"filter-trace-xdp", 0, "[=attached|all]", "also XDP programs (default: attached)", opt_programs, O(trace_xdp)},
	FUNC_OPTION_ROWS(O(funcs)),
	{"filter-kprobe-batch", 0, "N", "accepted for pwru's command lines", opt_kprobe_batch, 0},
	{"kernel-btf", 0, "FILE", "take types from this BTF or ELF file", opt_string, O(kernel_btf)},
	{"backend", 0, "BACKEND", "auto, kprobe or kprobe-multi", opt_backend, O(backend)},
	OPT_GROUP("What is shown of an event"),
	EVENT_OPTION_ROWS(0),
	{"output-skb-metadata", 0, "EXPR",
	 "column METADATA: the value of this, written as for --filter-skb-expr; can be repeated", opt_skb_metadata, 0,
	 NULL, true},
	OUTPUT_EVENT_ROWS(O(output)),
	{"output-bpfmap", 0, NULL, "a line also when a BPF program uses a map for a packet: key and value", opt_flag,
	 O(maps)},
	{"output-return", 0, NULL, "a line also when a function returns, with what it returns", opt_flag, O(returns)},
	OPT_GROUP("Form of the output"),
	VIEW_OPTION_ROWS(0),
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(color)},
	{"verbose", 'v', NULL, "list what could not be probed", opt_flag, O(verbose)},
	OPT_GROUP("Files"),
	OUTPUT_FILE_ROWS(O(output)),
	{"write", 'w', "FILE", "keep the trace in FILE for 'skbtrail report' (- for standard output), show nothing",
	 opt_string, O(write)},
	{"pcapng", 0, "FILE", "the events as a capture for Wireshark and tshark; show nothing", opt_string, O(pcapng)},
	{"snaplen", 0, "BYTES", "with --write or --pcapng: keep so many bytes of each packet", opt_snaplen, O(snaplen)},
	{"print", 0, NULL, "with --write or --pcapng: show the events too", opt_flag, O(print)},
	OPT_GROUP("End of the trace"),
	{"duration", 0, "TIME", "end after this long", opt_duration, O(duration_ns)},
	OUTPUT_END_ROWS(O(output)),
	OPT_GROUP("Sparing the node"),
	{"sample", 0, "N", "record one flow in N; its packets are whole", opt_count32, O(sample)},
	{"max-rate", 0, "EVENTS", "record at most so many events a second, and count the rest", opt_count32,
	 O(max_rate)},
	{"budget", 0, "PERCENT", "end when the programs take more of all CPUs' time", opt_percent, O(budget_permille)},
	OPT_GROUP("Running"),
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default: 32M)", opt_bytes, O(ring_bytes)},
	{"ready-file", 0, "FILE", "create FILE once every probe is attached", opt_string, O(ready_file)},
	PROFILE_OPTION_ROW(0),
	OPT_END,
};

void trace_options_tell(struct trace_options *o, const char *name, const char *value)
{
	if (o->n_told == TRACE_OPTIONS_TOLD_MAX)
		o->told[TRACE_OPTIONS_TOLD_MAX - 1] = (struct record_option){"and others", NULL};
	else
		o->told[o->n_told++] = (struct record_option){name, value};
}

void trace_options_note(void *opts, const struct opt *o, const char *value)
{
	static const char *const groups[] = {"Which packets", "Which functions", "Sparing the node"};
	const char *group = opts_group(trace_option_table, o);

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (group && strcmp(group, groups[i]) == 0)
			trace_options_tell(opts, o->name, value);
	}
}

bool trace_options_choose_packets(const struct trace_options *o)
{
	const struct event_match *m = &o->match;

	return m->src.n || m->dst.n || m->any.n || m->sport.n || m->dport.n || m->port.n || m->l4 || m->ifname.n ||
	       m->netns_text || m->comm || m->has_mark || m->has_pid || o->cgroup || o->pods.n || o->skb_expr ||
	       o->tunnel_l2 || o->tunnel_l3;
}

void trace_options_init(void *opts)
{
	struct trace_options *o = opts;

	o->ring_bytes = RING_BYTES;
}

static uint8_t prefixes_config(const struct match_prefixes *p, struct st_prefix *ret)
{
	uint8_t mask_be[16];

	for (unsigned i = 0; i < p->n; i++) {
		prefix_mask(&p->v[i], mask_be);
		ret[i].family = p->v[i].family;
		memcpy(ret[i].addr_be, p->v[i].addr_be, sizeof(ret[i].addr_be));
		memcpy(ret[i].mask_be, mask_be, sizeof(ret[i].mask_be));
	}
	return (uint8_t)p->n;
}

static uint8_t ports_config(const struct match_ports *p, uint16_t *ret_be)
{
	for (unsigned i = 0; i < p->n; i++)
		ret_be[i] = htons(p->v[i]);
	return (uint8_t)p->n;
}

void trace_options_filter(const struct trace_options *o, struct st_config *ret)
{
	const struct event_match *m = &o->match;

	*ret = (struct st_config){
		.l4 = m->l4,
		.track = o->track_skb,
		.returns = o->returns,
		.maps = o->maps,
		.by_stack = o->maps || o->track_by_stack || func_options_without_packet(&o->funcs),
		.sample = o->sample,
	};
	/* the kernel counts in windows of 0.1 s, or of 1 s if the rate is too small for that */
	ret->rate_window_ns = o->max_rate < RATE_PER_WINDOW ? RATE_WINDOW_NS * RATE_PER_WINDOW : RATE_WINDOW_NS;
	ret->rate_events = o->max_rate < RATE_PER_WINDOW ? o->max_rate : o->max_rate / RATE_PER_WINDOW;
	event_match_pairs(m, ret->v4);
	ret->n_src = prefixes_config(&m->src, ret->src);
	ret->n_dst = prefixes_config(&m->dst, ret->dst);
	ret->n_any = prefixes_config(&m->any, ret->any);
	ret->n_sports = ports_config(&m->sport, ret->sport_be);
	ret->n_dports = ports_config(&m->dport, ret->dport_be);
	ret->n_ports = ports_config(&m->port, ret->port_be);
	ret->need_l4 = m->l4 || m->sport.n || m->dport.n || m->port.n;
	ret->need_l3 = ret->need_l4 || m->src.n || m->dst.n || m->any.n;
}

int trace_options_format(const struct trace_options *o, struct text_format *ret, struct reason *reason)
{
	struct reason why = {0};

	if (!o->columns)
		columns_default(o->timestamp, &ret->columns);
	else if (columns_parse(o->columns, &ret->columns, &why) < 0)
		return reason_set(reason, -EINVAL, "--columns=%s: %s", o->columns, why.text);
	output_options_format(&o->output, o->columns, ret);
	if (!o->columns && o->skb_metadata.n)
		columns_insert(&ret->columns, FIELD_VALUES, FIELD_FUNC);
	return 0;
}

int trace_options_expr(int argc, char **argv, struct expr *ret, struct buf *ret_text, struct reason *reason)
{
	_cleanup_buf_ struct buf text = {0};
	int r;

	if (!argc)
		return 0;
	for (int i = 0; i < argc; i++) {
		r = buf_append(&text, i ? " " : "", i != 0);
		if (r >= 0)
			r = buf_append(&text, argv[i], strlen(argv[i]) + (i == argc - 1));
		if (r < 0)
			return r;
	}
	r = expr_compile(text.data, ret, reason);
	if (r < 0)
		return r;
	*ret_text = text;
	text = (struct buf){0};
	return 1;
}
