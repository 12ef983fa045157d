/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/trace_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "cmd/meta_options.h"
#include "cmd/probe_env.h"

/* Holds a flood ping's events (130 per ping, 140 bytes each) for as long as a busy reader may pause. */
#define SNAPLEN_MIN	20 /* an IPv4 header */
#define RATE_WINDOW_NS	100000000u
#define RATE_PER_WINDOW 10u
#define RING_BYTES	(32u << 20)

int opt_prefix(void *dst, const char *value, struct reason *reason)
{
	return prefix_parse(value, dst, reason);
}

int opt_proto(void *dst, const char *value, struct reason *reason)
{
	/* what /etc/protocols calls ipv6-icmp has a shorter name in the field */
	const struct protoent *p = getprotobyname(strcmp(value, "icmp6") == 0 ? "ipv6-icmp" : value);
	static const struct {
		const char *name;
		uint8_t l4;
	} known[] = {{"icmp", IPPROTO_ICMP},
		     {"icmp6", IPPROTO_ICMPV6},
		     {"tcp", IPPROTO_TCP},
		     {"udp", IPPROTO_UDP},
		     {"sctp", IPPROTO_SCTP}};
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(value, known[i].name) != 0)
			continue;
		*(uint8_t *)dst = known[i].l4;
		return 0;
	}
	if (p) {
		v = p->p_proto;
	} else if (parse_u64(value, UINT8_MAX, &v) < 0 || v == 0) {
		return reason_set(reason, -EINVAL, "must be a protocol's name (tcp, udp, icmp, icmp6…) or 1 to 255");
	}
	*(uint8_t *)dst = v;
	return 0;
}

int opt_backend(void *dst, const char *value, struct reason *reason)
{
	static const char *const names[] = {[BACKEND_AUTO] = "auto",
					    [BACKEND_KPROBE] = "kprobe",
					    [BACKEND_KPROBE_MULTI] = "kprobe-multi",
					    [BACKEND_FENTRY_MULTI] = "fentry-multi"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*(enum backend_choice *)dst = i;
		return 0;
	}
	return reason_set(reason, -EINVAL, "must be auto, kprobe, kprobe-multi or fentry-multi");
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

/* In tenths: "0.5" is 5 permille. */
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

	if (parse_bytes(value, &v) < 0 || v < SNAPLEN_MIN || v > ST_SNAP_MAX)
		return reason_set(reason, -EINVAL, "must be from %d to %d bytes", SNAPLEN_MIN, ST_SNAP_MAX);
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
		return reason_set(reason, -EINVAL, "there is room for %d of them", ST_VALUES_MAX);
	o->skb_metadata.texts[o->skb_metadata.n++] = value;
	return 0;
}

#define O(field) offsetof(struct trace_options, field)
const struct opt trace_option_table[] = {
	{"filter-src-ip", 0, "ADDR[/LEN]", "packets from this address or prefix", opt_prefix, O(src)},
	{"filter-dst-ip", 0, "ADDR[/LEN]", "packets to it", opt_prefix, O(dst)},
	{"filter-ip", 0, "ADDR[/LEN]", "packets from or to it", opt_prefix, O(any)},
	{"filter-src-port", 0, "PORT", "packets from this TCP, UDP or SCTP port", opt_port, O(sport)},
	{"filter-dst-port", 0, "PORT", "packets to it", opt_port, O(dport)},
	{"filter-port", 0, "PORT", "packets from or to it", opt_port, O(port)},
	{"filter-proto", 0, "PROTO", "packets of this IP protocol, by name or number", opt_proto, O(l4)},
	META_OPTION_ROWS(O(match)),
	{"filter-cgroup", 0, "PATH", "packets while a process of this cgroup (v2) or below runs", opt_string,
	 O(cgroup)},
	{"filter-pod", 0, "POD", "packets of this pod: its addresses or its namespace", opt_string, O(pod)},
	{"filter-tunnel-pcap-l2", 0, "EXPR", "packets in whose tunnel the inner Ethernet frame matches this",
	 opt_string, O(tunnel_l2)},
	{"filter-tunnel-pcap-l3", 0, "EXPR", "packets in whose tunnel the inner IP packet matches this", opt_string,
	 O(tunnel_l3)},
	{"filter-skb-expr", 0, "EXPR", "packets for which this holds, written in C over skb: skb->dev->mtu > 1500",
	 opt_string, O(skb_expr)},
	{"filter-track-skb", 0, NULL, "follow a packet that matched, whatever becomes of it", opt_flag, O(track_skb)},
	{"filter-track-skb-by-stackid", 0, NULL, "also other packets, where they are handled for one that matched",
	 opt_flag, O(track_by_stack)},
	{"filter-func", 0, "REGEX", "probe only functions whose whole name matches", opt_probed_func, O(filter_func)},
	{"filter-func-not", 0, "REGEX", "probe no function whose whole name matches", opt_filter_func,
	 O(filter_func_not)},
	{"filter-trace-tc", 0, NULL, "also tc programs: entry, exit with the verdict, redirect helpers", opt_flag,
	 O(trace_tc)},
	{"filter-trace-xdp", 0, NULL, "also XDP programs", opt_flag, O(trace_xdp)},
	FUNC_OPTION_ROWS(O(funcs)),
	{"filter-kprobe-batch", 0, "N", "accepted for pwru's command lines", opt_kprobe_batch, 0},
	{"kernel-btf", 0, "FILE", "take types from this BTF or ELF file", opt_string, O(kernel_btf)},
	{"backend", 0, "BACKEND", "auto, kprobe, kprobe-multi or fentry-multi", opt_backend, O(backend)},
	{"output-tuple", 0, NULL, "show addresses and ports; always on, accepted for pwru's command lines", opt_flag,
	 O(tuple)},
	{"timestamp", 0, "[=current|relative|absolute|none]", "show when; current unless said", opt_timestamp, 0},
	{"columns", 0, "LIST", "which columns, in which order; 'help' lists them", opt_string, O(columns)},
	{"output-skb-metadata", 0, "EXPR", "column METADATA: what this gives, written likewise; may be repeated",
	 opt_skb_metadata, 0},
	OUTPUT_OPTIONS(O(output)),
	{"output-bpfmap", 0, NULL, "a line also when a BPF program uses a map for a packet: key and value", opt_flag,
	 O(maps)},
	{"output-return", 0, NULL, "a line also when a function returns, with what it returns", opt_flag, O(returns)},
	{"json", 0, NULL, "JSON lines instead of text", opt_flag, O(json)},
	{"output-json", 0, NULL, "the same, by pwru's name", opt_flag, O(json)},
	{"path", 0, NULL, "packets instead of events: one block each, by namespace, device and stage", opt_flag,
	 O(path)},
	{"wide", 0, NULL, "the same as a diagram of namespaces and devices", opt_flag, O(wide)},
	{"summary", 0, NULL, "at the end per flow: packets, drops, latencies by stage; no events", opt_flag,
	 O(summary)},
	{"duration", 0, "TIME", "end after this long", opt_duration, O(duration_ns)},
	{"sample", 0, "N", "record one flow in N; its packets are whole", opt_count32, O(sample)},
	{"max-rate", 0, "EVENTS", "record at most so many events a second, and count the rest", opt_count32,
	 O(max_rate)},
	{"budget", 0, "PERCENT", "end when the programs take more of all CPUs' time", opt_percent, O(budget_permille)},
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default 32M)", opt_bytes, O(ring_bytes)},
	{"write", 'w', "FILE", "keep the trace in FILE for 'skbtrail report' (- for standard output), show nothing",
	 opt_string, O(write)},
	{"pcapng", 0, "FILE", "the events as a capture for Wireshark and tshark; show nothing", opt_string, O(pcapng)},
	{"snaplen", 0, "BYTES", "with --write or --pcapng: keep so many bytes of each packet", opt_snaplen, O(snaplen)},
	{"print", 0, NULL, "with --write or --pcapng: show the events too", opt_flag, O(print)},
	{"ready-file", 0, "FILE", "create FILE once every probe is armed", opt_string, O(ready_file)},
	{"profile", 0, "NAME", "options by one name: drops, dns, tcp-connect, same-node, or a FILE; 'help' prints them",
	 opt_string, O(profile)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(color)},
	{"verbose", 'v', NULL, "list what could not be probed", opt_flag, O(verbose)},
	OPT_END,
};

void trace_options_init(void *opts)
{
	struct trace_options *o = opts;

	o->ring_bytes = RING_BYTES;
}

static void to_config(const struct prefix *p, struct st_prefix *ret)
{
	uint8_t mask_be[16];

	if (!p->family)
		return;
	prefix_mask(p, mask_be);
	ret->family = p->family;
	memcpy(ret->addr_be, p->addr_be, sizeof(ret->addr_be));
	memcpy(ret->mask_be, mask_be, sizeof(ret->mask_be));
}

void trace_options_filter(const struct trace_options *o, struct st_config *ret)
{
	*ret = (struct st_config){
		.sport_be = htons(o->sport),
		.dport_be = htons(o->dport),
		.port_be = htons(o->port),
		.l4 = o->l4,
		.track = o->track_skb,
		.returns = o->returns,
		.maps = o->maps,
		.by_stack = o->maps || o->track_by_stack || func_options_without_packet(&o->funcs),
		.sample = o->sample,
	};
	/* a small rate is one of seconds, a large one is spread over the second */
	ret->rate_window_ns = o->max_rate < RATE_PER_WINDOW ? RATE_WINDOW_NS * RATE_PER_WINDOW : RATE_WINDOW_NS;
	ret->rate_events = o->max_rate < RATE_PER_WINDOW ? o->max_rate : o->max_rate / RATE_PER_WINDOW;
	to_config(&o->src, &ret->src);
	to_config(&o->dst, &ret->dst);
	to_config(&o->any, &ret->any);
	ret->need_l4 = o->l4 || o->sport || o->dport || o->port;
	ret->need_l3 = ret->need_l4 || o->src.family || o->dst.family || o->any.family;
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

int trace_options_expr(int argc, char **argv, struct expr *ret, struct reason *reason)
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
	return r < 0 ? r : 1;
}
