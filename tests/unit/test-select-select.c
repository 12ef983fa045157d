/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "select/probe_spec.h"
#include "select/select.h"

static const char kallsyms[] = "ffffffff81000100 T ip_rcv\n"
			       "ffffffff81000200 t copied.constprop.0\n"
			       "ffffffff81000280 t copied.constprop.0.cold\n"
			       "ffffffff81000300 t copied.constprop.1\n"
			       "ffffffff81000400 t split.isra.0\n"
			       "ffffffff81000500 t both.constprop.0.isra.0\n"
			       "ffffffff81000600 t part.part.0\n"
			       "ffffffff81000700 t renamed.llvm.123456\n"
			       "ffffffff81000800 t odd.suffix.0\n"
			       "ffffffff81000880 t odd2.constprop\n"
			       "ffffffff81000900 t dup\n"
			       "ffffffff81000a00 t dup\n"
			       "ffffffff81000b00 t kept\n"
			       "ffffffff81000b40 t kept.isra.0\n"
			       "ffffffff81000c00 t black\n"
			       "ffffffff81000d00 t hidden\n"
			       "ffffffff81000e00 t cold.cold\n"
			       "ffffffff81000f00 D in_data\n"
			       "ffffffff81001000 t second\n"
			       "ffffffff81001100 t alias_b\n"
			       "ffffffff81001100 t alias_a\n"
			       "ffffffff81001200 t __netif_receive_skb_core.constprop.0\n"
			       "ffffffff81001300 t conflict\n"
			       "ffffffff81001400 t wide\n"
			       "ffffffff81001500 t rtnl_getlink\n"
			       "ffffffffc0000000 t dup\t[veth]\n"
			       "ffffffffc0000100 t ip_rcv\t[shadow]\n"
			       "ffffffffc0000200 t veth_xmit\t[veth]\n"
			       "ffffffffc0000300 t br_forward.constprop.0\t[bridge]\n"
			       "ffffffffc0000400 t br_handle_frame.constprop.0\t[bridge]\n"
			       "ffffffffc0000500 t br_flood\t[bridge]\n"
			       "ffffffffc0000600 t br_dev_xmit\t[other]\n";

static const char functions[] =
	"ip_rcv\ncopied.constprop.0\ncopied.constprop.1\nsplit.isra.0\nboth.constprop.0.isra.0\n"
	"part.part.0\nrenamed.llvm.123456\nodd.suffix.0\nodd2.constprop\ndup\nkept\nkept.isra.0\n"
	"black\nsecond\nalias_a\nalias_b\n__netif_receive_skb_core.constprop.0\nconflict\nwide\n"
	"rtnl_getlink\n"
	"dup [veth]\nip_rcv [shadow]\nveth_xmit [veth]\nbr_forward.constprop.0 [bridge]\n"
	"br_handle_frame.constprop.0 [bridge]\nbr_flood [bridge]\nbr_dev_xmit [other]\n";

static const char blacklist[] = "0xffffffff81000c00-0xffffffff81000c10\tblack\n";

#define SIG(n, m, s)                                                                                                   \
	{                                                                                                              \
		.name = (char *)(n), .module = (char *)(m), .slot = (s)                                                \
	}

static const struct sig sigs[] = {
	SIG("ip_rcv", NULL, 1),	  SIG("copied", NULL, 1),
	SIG("split", NULL, 1),	  SIG("both", NULL, 1),
	SIG("part", NULL, 1),	  SIG("renamed", NULL, 3),
	SIG("odd", NULL, 1),	  SIG("odd2", NULL, 1),
	SIG("dup", NULL, 2),	  SIG("dup", "veth", 1),
	SIG("kept", NULL, 1),	  SIG("black", NULL, 1),
	SIG("hidden", NULL, 1),	  SIG("cold", NULL, 1),
	SIG("in_data", NULL, 1),  SIG("second", NULL, 2),
	SIG("second", NULL, 2),	  SIG("alias_a", NULL, 1),
	SIG("alias_b", NULL, 1),  SIG("conflict", NULL, 1),
	SIG("conflict", NULL, 2), {.name = (char *)"wide", .slot = 2, .reason = "wide argument"},
	SIG("absent", NULL, 1),	  SIG("br_flood", "bridge", 4),
};

struct fixture {
	struct ksyms *ks;
	struct avail *avail;
	struct sig_set sigs;
	struct func_set funcs;
	struct reason reason;
};

static void fixture_free(struct fixture *f)
{
	func_set_free(&f->funcs);
	sig_set_free(&f->sigs);
	avail_free(f->avail);
	ksyms_free(f->ks);
}

static int run(struct fixture *f, const char *list, const struct select_opts *opts)
{
	cr_assert_eq(ksyms_new(kallsyms, strlen(kallsyms), &f->ks, NULL), 0);
	cr_assert_eq(avail_new(list, list ? strlen(list) : 0, blacklist, strlen(blacklist), &f->avail), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		cr_assert_eq(sig_set_add(&f->sigs, &sigs[i]), 0);
	return select_funcs(opts, f->ks, &f->sigs, f->avail, &f->funcs, &f->reason);
}

static const struct func *at(const struct fixture *f, uint64_t addr)
{
	for (size_t i = 0; i < f->funcs.n; i++)
		if (f->funcs.items[i].addr == addr)
			return &f->funcs.items[i];
	return NULL;
}

Test(select, rules)
{
	static const struct {
		uint64_t addr;
		const char *name;
		int slot;
		const char *reason; /* part of it; NULL: attachable */
		bool ftrace;
	} cases[] = {
		{0xffffffff81000100, "ip_rcv", 1, NULL, true},
		{0xffffffff81000200, "copied.constprop.0", 1, NULL, true},
		{0xffffffff81000300, "copied.constprop.1", 1, NULL, true},
		{0xffffffff81000400, "split.isra.0", 1, "isra", true},
		{0xffffffff81000500, "both.constprop.0.isra.0", 1, "isra", true},
		{0xffffffff81000600, "part.part.0", 1, "part", true},
		{0xffffffff81000700, "renamed.llvm.123456", 3, NULL, true},
		{0xffffffff81000800, "odd.suffix.0", 1, "unknown suffix", true},
		{0xffffffff81000880, "odd2.constprop", 1, "unknown suffix", true},
		{0xffffffff81000900, "dup", 2, NULL, false}, /* listed once, stands twice */
		{0xffffffff81000a00, "dup", 2, NULL, false},
		{0xffffffff81000b00, "kept", 1, NULL, true},
		{0xffffffff81000c00, "black", 1, "blacklist", true},
		{0xffffffff81000d00, "hidden", 1, "available_filter_functions", false},
		{0xffffffff81001000, "second", 2, NULL, true},
		{0xffffffff81001100, "alias_a", 1, NULL, true},
		{0xffffffff81001200, "__netif_receive_skb_core.constprop.0", 1, NULL, true},
		{0xffffffff81001300, "conflict", 1, "namesakes", true},
		{0xffffffff81001400, "wide", 2, "wide argument", true},
		{0xffffffffc0000000, "dup", 1, NULL, true},
		{0xffffffffc0000200, "veth_xmit", 1, NULL, true}, /* known.c */
		{0xffffffffc0000300, "br_forward.constprop.0", 2, "known without BTF", true},
		{0xffffffffc0000400, "br_handle_frame.constprop.0", 1, NULL, true},
		{0xffffffffc0000500, "br_flood", 4, NULL, true}, /* BTF beats known.c */
	};
	static const struct select_opts all = {.all = true};
	_cleanup_(fixture_free) struct fixture f = {0};
	size_t attachable = 0;

	cr_assert_eq(run(&f, functions, &all), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct func *fn = at(&f, cases[i].addr);

		cr_assert(fn, "%s is missing", cases[i].name);
		cr_expect_str_eq(fn->name, cases[i].name);
		cr_expect_eq(fn->slot, cases[i].slot, "%s: slot %u", fn->name, fn->slot);
		cr_expect_eq(fn->attachable, !cases[i].reason, "%s: %s", fn->name, fn->reason);
		cr_expect_eq(fn->ftrace, cases[i].ftrace, "%s: ftrace", fn->name);
		if (cases[i].reason)
			cr_expect(fn->reason && strstr(fn->reason, cases[i].reason), "%s: %s", fn->name, fn->reason);
		attachable += fn->attachable;
	}
	cr_expect_eq(f.funcs.n_attachable, attachable);
	/* and absent, cold, in_data, which have no address */
	cr_expect_eq(f.funcs.n, ARRAY_SIZE(cases) + 3);
	cr_expect_str_eq(f.funcs.items[0].name, "absent");
	cr_expect_str_eq(f.funcs.items[1].name, "cold");
	cr_expect_str_eq(f.funcs.items[2].name, "in_data");
}

Test(select, only_the_attachable_without_all)
{
	_cleanup_(fixture_free) struct fixture f = {0};

	cr_assert_eq(run(&f, functions, &(struct select_opts){0}), 0);
	cr_expect_gt(f.funcs.n, 0);
	cr_expect_eq(f.funcs.n, f.funcs.n_attachable);
	for (size_t i = 0; i < f.funcs.n; i++)
		cr_expect(f.funcs.items[i].attachable && f.funcs.items[i].addr, "%s", f.funcs.items[i].name);
	cr_expect(at(&f, 0xffffffff81001200)->indirect, "the table's signature");
	cr_expect_null(at(&f, 0xffffffffc0000100), "a module's namesake has no signature");
}

Test(select, names_of_its_own_outlive_their_sources)
{
	_cleanup_(fixture_free) struct fixture f = {0};
	const struct func *fn;

	cr_assert_eq(run(&f, functions, &(struct select_opts){.all = true}), 0);
	cr_assert_eq(func_set_own_names(&f.funcs), 0);
	cr_assert_eq(func_set_own_names(&f.funcs), 0, "a second time is no harm");
	sig_set_free(&f.sigs);
	ksyms_free(f.ks);
	f.ks = NULL;
	cr_expect_str_eq(f.funcs.items[0].name, "absent");
	cr_expect_null(f.funcs.items[0].module);
	fn = at(&f, 0xffffffffc0000000);
	cr_assert(fn);
	cr_expect_str_eq(fn->name, "dup");
	cr_expect_str_eq(fn->module, "veth");
}

Test(select, addresses_settle_which_namesake_is_meant)
{
	_cleanup_(fixture_free) struct fixture f = {0};

	cr_assert_eq(run(&f, "ffffffff81000a04 dup\nffffffffc0000000 dup [veth]\n", &(struct select_opts){0}), 0);
	cr_expect_eq(f.funcs.n, 2);
	cr_assert(at(&f, 0xffffffff81000a00));
	cr_expect(at(&f, 0xffffffff81000a00)->ftrace);
	cr_expect_null(at(&f, 0xffffffff81000900));
}

Test(select, without_ftraces_list_everything_stays)
{
	_cleanup_(fixture_free) struct fixture f = {0};

	cr_assert_eq(run(&f, NULL, &(struct select_opts){0}), 0);
	cr_assert(at(&f, 0xffffffff81000d00), "hidden");
	cr_expect_not(at(&f, 0xffffffff81000d00)->ftrace);
	cr_expect_null(at(&f, 0xffffffff81000c00), "the blacklist holds all the same");
}

Test(select, filter_matches_the_whole_name)
{
	static const struct {
		const char *re;
		size_t n;
	} cases[] = {
		{"ip_rcv", 1},
		{"ip_rc", 0},
		{"p_rcv", 0},
		{"ip_.*|copied", 3}, /* the copies by their stripped name */
		{"copied\\.constprop\\.1", 1},
		{"nothing", 0},
		{"", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(fixture_free) struct fixture f = {0};

		cr_assert_eq(run(&f, functions, &(struct select_opts){.filter_func = cases[i].re}), 0);
		cr_expect_eq(f.funcs.n, cases[i].n, "'%s': %zu", cases[i].re, f.funcs.n);
	}
}

Test(select, a_filter_leaves_out)
{
	static const struct {
		const char *re, *not ;
		size_t n;
	} cases[] = {
		{"ip_.*|copied", "ip_rc", 3}, /* the whole name here, too */
		{"ip_.*|copied", "ip_rcv", 2},
		{"ip_.*|copied", "copied", 1}, /* by its stripped name */
		{"ip_.*|copied", "copied\\.constprop\\.1", 2},
		{"ip_rcv", ".*", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(fixture_free) struct fixture f = {0};
		struct select_opts opts = {.filter_func = cases[i].re, .filter_func_not = cases[i].not };

		cr_assert_eq(run(&f, functions, &opts), 0);
		cr_expect_eq(f.funcs.n, cases[i].n, "'%s' without '%s': %zu", cases[i].re, cases[i].not, f.funcs.n);
	}
}

Test(select, a_bad_filter_is_refused)
{
	static const char *const bad[] = {"(", "a)(b", "[", "*)"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(fixture_free) struct fixture f = {0};

		cr_expect_eq(run(&f, functions, &(struct select_opts){.filter_func = bad[i]}), -EINVAL, "%s", bad[i]);
		cr_expect(strstr(f.reason.text, bad[i]));
		cr_expect_eq(f.funcs.n, 0);
	}
}

Test(select, find_by_an_address_inside)
{
	static const struct {
		uint64_t addr;
		const char *name;
	} cases[] = {
		{0xffffffff81000100, "ip_rcv"},
		{0xffffffff81000109, "ip_rcv"},
		{0xffffffff81000110, "ip_rcv"},
		{0xffffffff81000111, NULL},
		{0xffffffff810000ff, NULL},
		{0xffffffff81000405, NULL}, /* not attachable */
		{5, NULL},		    /* those without an address are no match */
		{0xffffffffc0000005, "dup"},
	};
	_cleanup_(fixture_free) struct fixture f = {0};

	cr_assert_eq(run(&f, functions, &(struct select_opts){.all = true}), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct func *fn = func_set_find(&f.funcs, cases[i].addr, 16);

		cr_expect_eq(!fn, !cases[i].name, "%lx", cases[i].addr);
		if (fn && cases[i].name)
			cr_expect_str_eq(fn->name, cases[i].name);
	}
}

/* - and _ are the same in names of modules; one name does not begin another. */
Test(select, modules_that_are_listed)
{
	static const struct {
		const char *list, *module;
		bool listed;
	} cases[] = {
		{NULL, "veth", true},
		{"veth", NULL, true},
		{"veth", "veth", true},
		{"veth", "bridge", false},
		{"veth,bridge", "bridge", true},
		{"vet", "veth", false},
		{"veths", "veth", false},
		{"a-b,c", "a_b", true},
		{"veth,", "veth", true},
		{",", "veth", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(select_module_listed(cases[i].list, cases[i].module), cases[i].listed, "%zu", i);
}

Test(select, functions_of_other_modules_are_left_out)
{
	const struct select_opts opts = {.kmods = "bridge"};
	struct fixture f = {0};

	cr_assert_eq(run(&f, functions, &opts), 0);
	cr_expect_not_null(at(&f, 0xffffffff81000100), "the kernel's own");
	cr_expect_not_null(at(&f, 0xffffffffc0000500));
	cr_expect_null(at(&f, 0xffffffffc0000200), "veth's");
	fixture_free(&f);
}

Test(select, netlink_messages_are_left_out_unless_the_user_says_which)
{
	static const struct {
		struct select_opts opts;
		bool taken;
		bool namesake; /* one of the name takes packets */
	} cases[] = {
		{{.no_netlink = false}, true},
		{{.no_netlink = true}, false},
		{{.no_netlink = true}, true, .namesake = true},
		{{.no_netlink = true, .filter_func = ".*link"}, true},
		{{.no_netlink = true, .filter_func_not = "ip_rcv"}, false},
	};
	const struct sig sig = {.name = (char *)"rtnl_getlink", .slot = 1, .netlink = true};
	const struct sig packets = {.name = (char *)"rtnl_getlink", .slot = 1};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(fixture_free) struct fixture f = {0};

		cr_assert_eq(sig_set_add(&f.sigs, &sig), 0);
		if (cases[i].namesake)
			cr_assert_eq(sig_set_add(&f.sigs, &packets), 0);
		cr_assert_eq(run(&f, functions, &cases[i].opts), 0);
		cr_expect_eq(at(&f, 0xffffffff81001500) != NULL, cases[i].taken, "%zu", i);
	}
}

Test(select, what_is_no_probe)
{
	static const char *const bad[] = {"",	 ":1",	 "f",	  "f:",	     "f:0",  "f:6",
					  "f:x", "f:1x", "a b:1", "f [m]:1", "a:b:1"};
	struct probe_specs specs = {0};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct reason reason = {0};

		cr_expect_eq(probe_specs_add(&specs, bad[i], &reason), -EINVAL, "%s", bad[i]);
		cr_expect(reason.text[0]);
	}
	cr_expect_eq(specs.n, 0);
	for (size_t i = 0; i < PROBE_SPECS_MAX; i++)
		cr_assert_eq(probe_specs_add(&specs, "f:1", NULL), 0);
	cr_expect_eq(probe_specs_add(&specs, "f:1", NULL), -EINVAL, "too many");
}

/* A copy that BTF says nothing sure of, a function whose argument is said to be another, one that no filter lets pass.
 */
Test(select, functions_without_a_packet)
{
	struct probe_specs specs = {0};
	struct reason reason = {0};
	static const char *const bad[] = {"", "a,", ",a", "a,,b", "a:1", "a b"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(probe_specs_add_names(&specs, bad[i], &reason), -EINVAL, "'%s'", bad[i]);
	specs.n = 0;
	cr_assert_eq(probe_specs_add(&specs, "ip_rcv:1", &reason), 0);
	cr_expect_not(probe_specs_without_packet(&specs));
	cr_assert_eq(probe_specs_add_names(&specs, "fib_lookup,neigh", &reason), 0);
	cr_assert_eq(specs.n, 3);
	cr_expect(probe_specs_without_packet(&specs));
	cr_expect_eq(specs.v[1].name_len, strlen("fib_lookup"));
	cr_expect_eq(specs.v[2].name_len, strlen("neigh"));
	cr_expect_eq(specs.v[1].slot + specs.v[2].slot, 0);
}

Test(select, the_user_names_functions)
{
	const struct select_opts opts = {.filter_func = "black", .kmods = "bridge"};
	struct probe_specs specs = {0};
	struct reason reason = {0};
	struct sig_set set = {0};
	struct func_set funcs = {0};
	struct fixture f = {0};
	const struct func *split = NULL, *xmit = NULL;

	cr_assert_eq(run(&f, functions, &opts), 0);
	cr_assert_eq(probe_specs_add(&specs, "split.isra.0:2", NULL), 0);
	cr_assert_eq(probe_specs_add(&specs, "veth_xmit:3", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		cr_assert_eq(sig_set_add(&set, &sigs[i]), 0);
	cr_assert_eq(probe_specs_apply(&specs, f.ks, &set, &reason), 0, "%s", reason.text);
	cr_assert_eq(select_funcs(&opts, f.ks, &set, f.avail, &funcs, &reason), 0);
	for (size_t i = 0; i < funcs.n; i++) {
		if (funcs.items[i].addr == 0xffffffff81000400)
			split = &funcs.items[i];
		else if (funcs.items[i].addr == 0xffffffffc0000200)
			xmit = &funcs.items[i];
	}
	cr_assert(split && xmit && funcs.n == 2);
	cr_expect(split->attachable && split->slot == 2);
	cr_expect(xmit->attachable && xmit->slot == 3);
	cr_assert_eq(probe_specs_add(&specs, "nowhere:1", NULL), 0);
	cr_expect_eq(probe_specs_apply(&specs, f.ks, &set, &reason), -ENOENT);
	cr_expect_not_null(strstr(reason.text, "--probe=nowhere:1: "), "%s", reason.text);
	func_set_free(&funcs);
	sig_set_free(&set);
	fixture_free(&f);
}
