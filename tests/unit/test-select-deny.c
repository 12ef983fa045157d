/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "select/deny.h"
#include "select/select.h"

Test(deny, by_name_or_by_its_beginning)
{
	static const struct {
		const char *func, *reason; /* part of it; NULL: probed */
	} cases[] = {
		{"__traceiter_kfree_skb", "runs what is attached"},
		{"__probestub_kfree_skb", "tprobe"},
		{"__bpf_trace_kfree_skb", "takes a tracepoint's arguments"},
		{"perf_trace_kfree_skb", "takes a tracepoint's arguments"},
		{"trace_event_raw_event_kfree_skb", "takes a tracepoint's arguments"},
		{"__copy_skb_header", "blank"},
		{"__copy_skb_header.constprop.0", "blank"},
		{"__copy_skb_headers", NULL},
		{"_copy_skb_header", NULL},
		{"__build_skb_around", "blank"},
		{"kmalloc_reserve", "blank"},
		{"kmalloc_reserv", NULL},
		{"__skb_clone", "blank"},
		{"skb_copy_header", "blank"},
		{"ip_copy_metadata", "blank"},
		{"ip6_copy_metadata.isra.0", "blank"},
		{"skb_headers_offset_update", "another head"},
		{"skb_copy_datagram_from_iter_full", "not written"},
		{"zerocopy_sg_from_iter", "not written"},
		{"__zerocopy_sg_from_iter", NULL},
		{"udp_send_skb.isra.0", "ports"},
		{"udp_v6_send_skb", "ports"},
		{"ip_options_build", "ports"},
		{"udp_sendmsg", NULL},
		{"bpf_map_lookup_elem", "skbtrail's own programs"},
		{"bpf_get_smp_processor_id", "skbtrail's own programs"},
		{"bpf_get_stack", "skbtrail's own programs"},
		{"bpf_get_stackid", "skbtrail's own programs"},
		{"bpf_get_hash_recalc", NULL},
		{"bpf_redirect_peer", NULL},
		/* what shows a packet's way */
		{"ip_rcv", NULL},
		{"skb_clone", NULL},
		{"kfree_skbmem", NULL},
		{"netpoll_send_skb", NULL},
		{"bpf_lsm_socket_sock_rcv_skb", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *reason = deny_reason(cases[i].func);

		cr_expect_eq(!reason, !cases[i].reason, "%s", cases[i].func);
		if (reason && cases[i].reason)
			cr_expect(strstr(reason, cases[i].reason), "%s: %s", cases[i].func, reason);
	}
}

/* A row that an earlier one answers for would be in vain. */
Test(deny, each_row_counts)
{
	size_t n;
	const struct deny *rows = deny_list(&n);

	cr_assert_gt(n, 0);
	for (size_t i = 0; i < n; i++) {
		char name[64];
		size_t len = strcspn(rows[i].pattern, "*");

		cr_expect_leq(strlen(rows[i].pattern) - len, 1, "%s: a * elsewhere than at the end", rows[i].pattern);
		cr_assert_lt(len, sizeof(name));
		snprintf(name, sizeof(name), "%.*s", (int)len, rows[i].pattern);
		cr_expect_eq(deny_reason(name), rows[i].reason, "%s", rows[i].pattern);
		for (size_t j = 0; j < i; j++)
			cr_expect_str_neq(rows[j].pattern, rows[i].pattern);
	}
}

Test(deny, an_expression_that_names_one_is_refused)
{
	static const struct {
		const char *re, *says; /* NULL: fine */
	} cases[] = {
		{"__copy_skb_header", "__copy_skb_header is left out: its packet is still blank"},
		{"ip_rcv|kmalloc_reserve", "--probe=kmalloc_reserve:ARG"},
		{"kmalloc_reserve|ip_rcv", "kmalloc_reserve is left out"},
		{"__copy_skb_header.constprop.0", "--probe=__copy_skb_header.constprop.0:ARG"},
		{"bpf_map_lookup_elem", "--filter-non-skb-funcs=bpf_map_lookup_elem"},
		/* these match one, and others */
		{"__copy_skb.*", NULL},
		{"(__copy_skb_header)", NULL},
		{"^kmalloc_reserve$", NULL},
		{".*", NULL},
		{"", NULL},
		{"|", NULL},
		{"ip_rcv", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reason reason = {0};

		cr_expect_eq(deny_check_filter(cases[i].re, &reason), cases[i].says ? -EINVAL : 0, "%s", cases[i].re);
		cr_expect(strstr(reason.text, cases[i].says ? cases[i].says : ""), "%s: %s", cases[i].re, reason.text);
	}
}

/* How the selection goes by it: asked for by a kind of functions, it is left out; named, it is not. */
Test(deny, selection)
{
	static const char kallsyms[] = "ffffffff81000100 T ip_rcv\n"
				       "ffffffff81000200 t __copy_skb_header\n"
				       "ffffffff81000300 t bpf_map_lookup_elem\n"
				       "ffffffff81000400 t kmalloc_reserve\n";
	static const struct sig sigs[] = {
		{.name = (char *)"ip_rcv", .slot = 1},
		{.name = (char *)"__copy_skb_header", .slot = 1},
		{.name = (char *)"bpf_map_lookup_elem", .asked = true},
		{.name = (char *)"kmalloc_reserve", .slot = 4, .asked = true, .named = true},
	};
	static const char *const reasons[] = {NULL, "blank", "skbtrail's own", NULL};
	struct ksyms *ks = NULL;
	struct avail *avail = NULL;
	struct sig_set set = {0};
	struct func_set funcs = {0};

	cr_assert_eq(ksyms_new(kallsyms, strlen(kallsyms), &ks, NULL), 0);
	cr_assert_eq(avail_new(NULL, 0, NULL, 0, &avail), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		cr_assert_eq(sig_set_add(&set, &sigs[i]), 0);
	cr_assert_eq(select_funcs(&(struct select_opts){.all = true}, ks, &set, avail, &funcs, NULL), 0);
	cr_assert_eq(funcs.n, ARRAY_SIZE(sigs));
	cr_expect_eq(funcs.n_attachable, 2);
	for (size_t i = 0; i < funcs.n; i++) { /* by address: in the order of the symbols above */
		const struct func *f = &funcs.items[i];

		cr_expect_eq(f->attachable, !reasons[i], "%s", f->name);
		if (reasons[i])
			cr_expect(f->reason && strstr(f->reason, reasons[i]), "%s: %s", f->name, f->reason);
	}
	func_set_free(&funcs);
	cr_assert_eq(select_funcs(&(struct select_opts){0}, ks, &set, avail, &funcs, NULL), 0);
	cr_expect_eq(funcs.n, 2);
	func_set_free(&funcs);
	sig_set_free(&set);
	avail_free(avail);
	ksyms_free(ks);
}
