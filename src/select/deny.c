/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/deny.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#define FUNC_NAME_MAX 512 /* KSYM_NAME_LEN, include/linux/kallsyms.h */

/* The kernel skips a program that another one of its CPU is running into, and counts it (trace_call_bpf(),
 * kprobe_multi_link_prog_run() in kernel/trace/bpf_trace.c). */
#define REASON_OWN "called by skbtrail's own programs"
/* With one program at a tracepoint it is called past this function, with a second one through it (static_call in
 * include/linux/tracepoint.h, tracepoint_update_call() in kernel/tracepoint.c). */
#define REASON_ITERATOR "runs what is attached to a tracepoint, skbtrail's own program among it"
/* include/linux/tracepoint.h (6.5), for the tprobe events of kernel/trace/trace_fprobe.c. */
#define REASON_STUB "empty: stands at a tracepoint for its events of tprobe"
/* include/trace/bpf_probe.h, perf.h, trace_events.h: notrace, each of them. */
#define REASON_GLUE "takes a tracepoint's arguments to BPF programs, perf or ftrace"
/* Called by __alloc_skb(), __skb_clone() and __build_skb() in net/core/skbuff.c before any header is set. Seen with
 * init_on_alloc=0: the addresses of the packet that was in this memory before. */
#define REASON_BLANK "its packet is still blank: no header, or what the memory held before"

static const struct deny denied[] = {
	{"__traceiter_*", REASON_ITERATOR},
	{"__probestub_*", REASON_STUB},
	{"__bpf_trace_*", REASON_GLUE},
	{"perf_trace_*", REASON_GLUE},
	{"trace_event_raw_event_*", REASON_GLUE},
	{"__copy_skb_header", REASON_BLANK}, /* its first argument is the copy */
	{"__build_skb_around", REASON_BLANK},
	{"build_skb_around", REASON_BLANK},
	{"kmalloc_reserve", REASON_BLANK}, /* takes an skb in 7.2 */
	/* what bpf/ calls while it handles a probe */
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

/* name: len bytes */
static const char *reason_of(const char *name, size_t len)
{
	const char *dot = memchr(name, '.', len);

	if (dot)
		len = (size_t)(dot - name);
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

/* Whether it can be nothing but a function's name: what an expression may say of it is not there. */
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
