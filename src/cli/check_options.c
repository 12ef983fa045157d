/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/check_options.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "check/evidence_table.h"
#include "cli/child.h"
#include "cli/outfile.h"

#define PING_MAX 10000
static_assert(2 * PING_MAX <= EVIDENCE_TABLE_MAX_PACKETS, "every request and reply can be filed");
static_assert(PING_MAX <= UINT16_MAX, "echo sequence numbers do not come again within one check");
#define RING_BYTES	   (4u << 20) /* 40 000 records of a flow; measured need: 7 per ping */
#define DEFAULT_TIMEOUT_NS 10000000000ull
#define TIMEOUT_NOT_GIVEN  UINT64_MAX

static int opt_pings(void *dst, const char *value, struct reason *reason)
{
	uint64_t n = 1;
	int r = value ? parse_u64(value, PING_MAX, &n) : 0;

	if (r < 0 || n == 0)
		return reason_set(reason, -EINVAL, "must be a number from 1 to %d", PING_MAX);
	*(uint32_t *)dst = n;
	return 0;
}

static int opt_flow_proto(void *dst, const char *value, struct reason *reason)
{
	static const struct {
		const char *name;
		uint8_t l4;
	} protos[] = {{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}};

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		if (strcmp(value, protos[i].name) != 0)
			continue;
		*(uint8_t *)dst = protos[i].l4;
		return 0;
	}
	return reason_set(reason, -EINVAL, "must be icmp (of either version), tcp or udp");
}

static int opt_expect(void *dst, const char *value, struct reason *reason)
{
	if (mechanism_parse(value, dst) < 0)
		return reason_set(reason, -EINVAL, "must be redirect_peer, redirect, host_stack, bridge or netkit");
	return 0;
}

/* "src-pod=FILE" */
static int opt_pcap(void *dst, const char *value, struct reason *reason)
{
	const char **files = dst, *eq = strchr(value, '=');
	char name[16];
	enum point p;

	snprintf(name, sizeof(name), "%.*s", eq ? (int)(eq - value) : 0, value);
	if (!eq || !eq[1] || (size_t)(eq - value) >= sizeof(name) || point_parse(name, &p) < 0)
		return reason_set(reason, -EINVAL,
				  "must be POINT=FILE, with POINT src-pod, src-host, dst-host or dst-pod");
	if (files[p])
		return reason_set(reason, -EINVAL, "%s was given already, as %s", name, files[p]);
	files[p] = eq + 1;
	return 0;
}

#define O(field) offsetof(struct check_options, field)
const struct opt check_option_table[] = {
	OPT_GROUP("The flow"),
	{"src-ip", 0, "ADDR", "source: an address, netns:NAME or a pod's name", opt_string, O(src)},
	{"dst-ip", 0, "ADDR", "destination: an address, netns:NAME or a pod's name", opt_string, O(dst)},
	{"proto", 0, "PROTO", "the flow: icmp (the default), tcp (the default with --port) or udp", opt_flow_proto,
	 O(l4)},
	{"port", 0, "PORT", "the destination's TCP or UDP port", opt_port, O(port)},
	{"expect", 0, "MECHANISM", "pass on another mechanism than redirect_peer", opt_expect, O(expect)},
	OPT_GROUP("The packets"),
	{"ping", 0, "[=COUNT]", "send echo requests: COUNT of them, or 1", opt_pings, O(pings)},
	{"for", 0, "TIME", "watch this long, whatever was seen, and judge every packet of it", opt_duration, O(for_ns)},
	{"timeout", 0, "TIME", "watch no longer than this (default: 10 s)", opt_duration, O(timeout_ns)},
	{"pcap", 0, "POINT=FILE", "judge captures, one for each of src-pod, src-host, dst-host, dst-pod", opt_pcap,
	 O(pcap), NULL, true},
	{"read", 0, "FILE", "judge a recording of record -w; - is standard input", opt_string, O(read)},
	OPT_GROUP("Output"),
	{"print-rules", 0, NULL, "print what is asserted as rules, see skbtrail-rules(5); send and run nothing",
	 opt_flag, O(print_rules)},
	{"json", 0, NULL, "one JSON object instead of text", opt_flag, O(json)},
	{"junit", 0, "FILE", "also write a JUnit report", opt_string, O(junit)},
	{"tap", 0, NULL, "TAP instead of text", opt_flag, O(tap)},
	{"trace", 0, NULL, "show the function trace of the flow below the verdict, which does not rest on it", opt_flag,
	 O(trace)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(color)},
	{"verbose", 'v', NULL, "say on standard error what is being done", opt_flag, O(verbose)},
	OPT_GROUP("Running"),
	{"watch", 0, "TIME", "repeat after this long, until interrupted; say when the verdict changes", opt_duration,
	 O(watch_ns)},
	{"ready-file", 0, "FILE", "create FILE once every probe is attached", opt_string, O(ready_file)},
	{"buffer-size", 0, "BYTES", "size of the ring buffer (default: 4M)", opt_bytes, O(ring_bytes)},
	OPT_END,
};

bool check_options_have_pcap(const struct check_options *o)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		if (o->pcap[p])
			return true;
	}
	return false;
}

bool check_options_are_offline(const struct check_options *o)
{
	return o->read || check_options_have_pcap(o);
}

static int refuse_offline(const struct check_options *o, struct reason *reason)
{
	const char *option = o->read ? "read" : "pcap";

	if (o->read && check_options_have_pcap(o))
		return reason_set(reason, -EINVAL, "--read: give either a recording or four captures");
	if (o->pings || o->for_ns || o->watch_ns || o->ready_file)
		return reason_set(reason, -EINVAL,
				  "--%s judges %s; it excludes --ping, --for, --watch and --ready-file", option,
				  o->read ? "a recording" : "captures");
	if (o->trace && o->read)
		return reason_set(reason, -EINVAL, "--trace: 'skbtrail report %s' shows the functions of a recording",
				  o->read);
	if (o->trace)
		return reason_set(reason, -EINVAL, "--trace: captures hold no functions; leave it out with --pcap");
	for (enum point at = 0; at < POINT_MAX; at++) {
		int r = outfile_is_not_input("junit", o->junit, o->pcap[at], reason);

		if (r < 0)
			return r;
	}
	return outfile_is_not_input("junit", o->junit, o->read, reason);
}

int check_options_finish(struct check_options *o, struct reason *reason)
{
	if (!o->l4)
		o->l4 = o->port ? IPPROTO_TCP : IPPROTO_ICMP;
	if (o->l4 == IPPROTO_ICMP && o->port)
		return reason_set(reason, -EINVAL, "--port=%u: icmp has no ports; use --proto tcp or udp", o->port);
	if (o->l4 != IPPROTO_ICMP && o->pings)
		return reason_set(reason, -EINVAL,
				  "--ping: sends echo requests only; start the tcp or udp traffic yourself "
				  "and leave --ping out");
	if (o->for_ns && o->pings)
		return reason_set(
			reason, -EINVAL,
			"--for: watches packets that others send; leave it out with --ping, which ends with its "
			"last reply");
	if (o->command && (o->pings || o->for_ns || o->watch_ns || check_options_are_offline(o)))
		return reason_set(
			reason, -EINVAL,
			"--: the command sends the packets, and the check ends with it; leave out --ping, --for, "
			"--watch, --read and --pcap");
	if (o->for_ns && o->timeout_ns != TIMEOUT_NOT_GIVEN)
		return reason_set(reason, -EINVAL, "--for: give either --for or --timeout");
	if (o->timeout_ns == TIMEOUT_NOT_GIVEN)
		o->timeout_ns = o->for_ns ?: o->command ? CHILD_FOREVER_NS : DEFAULT_TIMEOUT_NS;
	if (o->trace && (o->json || o->tap))
		return reason_set(reason, -EINVAL,
				  "--trace: is text only; for JSON lines run 'skbtrail trace --json' beside the check");
	if (o->json && o->tap)
		return reason_set(reason, -EINVAL, "--tap: give either --json or --tap");
	return check_options_are_offline(o) ? refuse_offline(o, reason) : 0;
}

void check_options_init(void *opts)
{
	struct check_options *o = opts;

	o->timeout_ns = TIMEOUT_NOT_GIVEN;
	o->ring_bytes = RING_BYTES;
	o->expect = MECH_REDIRECT_PEER;
}
