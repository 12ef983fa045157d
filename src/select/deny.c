/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/deny.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/symbol.h"

#define FUNC_NAME_MAX 512 /* KSYM_NAME_LEN, include/linux/kallsyms.h */

/* The kernel does not run a program while another one runs on the CPU, and counts that as a miss (trace_call_bpf(),
 * kprobe_multi_link_prog_run() in kernel/trace/bpf_trace.c). */
#define REASON_OWN "called by skbtrail's own programs"
/* A tracepoint with one program calls it directly; with two, it calls them through this function (static_call in
 * include/linux/tracepoint.h, tracepoint_update_call() in kernel/tracepoint.c). */
#define REASON_ITERATOR "runs what is attached to a tracepoint, skbtrail's own program among it"
/* include/linux/tracepoint.h (Linux 6.5), for the tprobe events of kernel/trace/trace_fprobe.c. */
#define REASON_STUB "empty: stands at a tracepoint for its events of tprobe"
/* include/trace/bpf_probe.h, perf.h, trace_events.h: all are notrace. */
#define REASON_GLUE "takes a tracepoint's arguments to BPF programs, perf or ftrace"
/* Called by __alloc_skb(), __skb_clone() and __build_skb() in net/core/skbuff.c before any header is set. With
 * init_on_alloc=0 the packet still had the addresses of the packet that was in this memory before. */
#define REASON_BLANK "its packet is still blank: no header, or what the memory held before"

/* pskb_expand_head() and skb_copy_header() in net/core/skbuff.c: head is the new one already. */
#define REASON_MOVING "the offsets of its packet's headers are those of another head"
/* packet_snd(), net/packet/af_packet.c, and drivers/net/tun.c allocate the packet, then this function fills it. */
#define REASON_UNWRITTEN "its packet's bytes are not written yet"
/* udp_send_skb(), net/ipv4/udp.c, udp_v6_send_skb(), net/ipv6/udp.c, and __ip_make_skb(), net/ipv4/ip_output.c: the IP
 * header is there, and behind it what the memory held before. */
#define REASON_PORTS "its packet's ports are not written yet"

static const struct deny denied[] = {
	{"__traceiter_*", REASON_ITERATOR},
	{"__probestub_*", REASON_STUB},
	{"__bpf_trace_*", REASON_GLUE},
	{"perf_trace_*", REASON_GLUE},
	{"trace_event_raw_event_*", REASON_GLUE},
	{"__copy_skb_header", REASON_BLANK}, /* its first argument is the copy */
	{"__build_skb_around", REASON_BLANK},
	{"build_skb_around", REASON_BLANK},
	{"kmalloc_reserve", REASON_BLANK},   /* takes an skb in Linux 7.2 */
	{"__skb_clone", REASON_BLANK},	     /* a function of its own in 6.1; its first argument is the clone */
	{"skb_copy_header", REASON_BLANK},   /* its first argument is the copy */
	{"ip_copy_metadata", REASON_BLANK},  /* net/ipv4/ip_output.c: its first argument is a fragment */
	{"ip6_copy_metadata", REASON_BLANK}, /* net/ipv6/ip6_output.c */
	{"skb_headers_offset_update", REASON_MOVING},
	{"skb_copy_datagram_from_iter*", REASON_UNWRITTEN},
	{"zerocopy_sg_from_iter", REASON_UNWRITTEN},
	{"udp_send_skb", REASON_PORTS},
	{"udp_v6_send_skb", REASON_PORTS},
	{"ip_options_build", REASON_PORTS},
	/* called by the programs in bpf/ */
	{"bpf_map_lookup_elem", REASON_OWN},
	{"bpf_map_update_elem", REASON_OWN},
	{"bpf_map_delete_elem", REASON_OWN},
	{"bpf_probe_read_*", REASON_OWN},
	{"bpf_ktime_get_*", REASON_OWN},
	{"bpf_ringbuf_*", REASON_OWN},
	{"bpf_get_current_*", REASON_OWN},
	{"bpf_get_smp_processor_id", REASON_OWN},
	{"bpf_get_stack*", REASON_OWN},
	{"bpf_get_attach_cookie*", REASON_OWN},
	{"bpf_get_func_*", REASON_OWN},
};

const struct deny *deny_list(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(denied);
	return denied;
}

static bool matches(const char *pattern, const char *name, size_t len)
{
	size_t fixed = strcspn(pattern, "*");

	return (pattern[fixed] ? len >= fixed : len == fixed) && memcmp(pattern, name, fixed) == 0;
}

/* The reason for the name of len bytes; NULL: none. */
static const char *reason_of(const char *name, size_t len)
{
	size_t base_len = symbol_base_len(name);

	if (base_len < len)
		len = base_len;
	for (size_t i = 0; i < ARRAY_SIZE(denied); i++) {
		if (matches(denied[i].pattern, name, len))
			return denied[i].reason;
	}
	return NULL;
}

const char *deny_reason(const char *func)
{
	return reason_of(func, strlen(func));
}

/* Whether the text can only be a function's name, because it has no special characters of regular expressions. */
static bool is_plain(const char *text, size_t len)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

	return len && len < FUNC_NAME_MAX && strspn(text, chars) >= len;
}

int deny_check_filter(const char *filter_func, struct reason *reason)
{
	for (const char *p = filter_func;; p++) {
		size_t len = strcspn(p, "|");
		const char *why = is_plain(p, len) ? reason_of(p, len) : NULL;
		bool packet = why && strcmp(why, REASON_OWN) != 0;

		if (why)
			return reason_set(reason, -EINVAL,
					  "%.*s is left out: %s; leave it to that, or name it outright: --%s=%.*s%s",
					  (int)len, p, why, packet ? "probe" : "filter-non-skb-funcs", (int)len, p,
					  packet ? ":ARG" : "");
		p += len;
		if (!*p)
			return 0;
	}
}
