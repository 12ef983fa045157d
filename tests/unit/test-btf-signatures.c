/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "btf/signatures.h"
#include "select/select.h"

DEFINE_CLEANUP(struct btf *, btf__free)
#define _cleanup_btf_ _cleanup_(btf__freep)

static const struct sig *find(const struct sig_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->items[i].name, name) == 0)
			return &set->items[i];
	return NULL;
}

/* Slot 0: not expected in the set. */
struct expectation {
	const char *name;
	int slot;
	bool indirect, unsure;
};

static void expect_sigs(const struct sig_set *set, const struct expectation *want, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sig *s = find(set, want[i].name);

		cr_expect_eq(!s, !want[i].slot, "%s", want[i].name);
		if (!s || !want[i].slot)
			continue;
		found++;
		cr_expect_eq(s->slot, want[i].slot, "%s: slot %u", s->name, s->slot);
		cr_expect_eq(s->indirect, want[i].indirect, "%s: indirect", s->name);
		cr_expect_eq(s->reason != NULL, want[i].unsure, "%s: %s", s->name, s->reason);
	}
	cr_expect_eq(set->n, found, "%zu signatures", set->n);
}

Test(btf, blob)
{
	static const struct expectation want[] = {
		{"first", 1},
		{"first_const", 1},
		{"first_volatile", 1},
		{"through_typedef", 1},
		{"through_typedefs", 2},
		{"third", 3},
		{"fifth", 5},
		{"first_of_two", 1},
		{"indirect", 1, .indirect = true},
		{"indirect_then_direct", 2, .indirect = true},
		{"three_stars", 0},
		{"list_head", 0},
		{"no_packet", 0},
		{"nothing", 0},
		{"returns_one", 0},
		{"behind_wide_integer", 2, .unsure = true},
		{"before_wide_integer", 1},
		{"local", 1},
	};
	_cleanup_sigs_ struct sig_set set = {0};
	struct reason reason = {0};

	_cleanup_(btf_index_freep) struct btf_index *btf = NULL;

	cr_assert_eq(btf_index_load(DATA_DIR "/btf/packets.btf", &btf, &reason), 0, "%s", reason.text);
	cr_assert_eq(signatures_load(btf, false, &set), 0);
	expect_sigs(&set, want, ARRAY_SIZE(want));
	for (size_t i = 0; i < set.n; i++)
		cr_expect_null(set.items[i].module);
}

Test(btf, files_that_cannot_be_used_have_a_reason)
{
	static const struct {
		const char *path;
		int r;
	} cases[] = {
		{DATA_DIR "/btf/packets.c", -EINVAL},
		{DATA_DIR "/btf/nonexistent", -ENOENT},
		{"/dev/null", -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reason reason = {0};
		struct btf_index *btf = NULL;

		cr_expect_eq(btf_index_load(cases[i].path, &btf, &reason), cases[i].r, "%s", cases[i].path);
		cr_expect(strstr(reason.text, cases[i].path), "%s", reason.text);
		cr_expect_null(btf);
	}
}

/* The types most functions here are made of. */
struct types {
	int u32, skb, skb_ptr, dev_ptr, wide, fp, array, enum32, enum64;
};

static struct types add_types(struct btf *btf)
{
	struct types t;

	t.u32 = btf__add_int(btf, "unsigned int", 4, 0);
	t.skb = btf__add_struct(btf, "sk_buff", 232);
	t.skb_ptr = btf__add_ptr(btf, t.skb);
	t.dev_ptr = btf__add_ptr(btf, btf__add_fwd(btf, "net_device", BTF_FWD_STRUCT));
	t.wide = btf__add_struct(btf, "sockptr_t", 16);
	t.fp = btf__add_float(btf, "double", 8);
	t.array = btf__add_array(btf, t.u32, t.u32, 4);
	t.enum32 = btf__add_enum(btf, "reason", 4);
	t.enum64 = btf__add_enum64(btf, "flags", 8, false);
	return t;
}

static int add_func(struct btf *btf, const char *name, const int *params, size_t n)
{
	int proto = btf__add_func_proto(btf, 0);

	cr_assert_gt(proto, 0);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(btf__add_func_param(btf, "a", params[i]), 0);
	return btf__add_func(btf, name, BTF_FUNC_STATIC, proto);
}

#define ADD_FUNC(btf, name, ...)                                                                                       \
	add_func(btf, name, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

Test(btf, registers_are_sure_behind_single_register_arguments_only)
{
	static const struct expectation want[] = {
		{"behind_enum", 2},
		{"behind_enum64", 2},
		{"behind_struct", 2, .unsure = true},
		{"behind_float", 2, .unsure = true},
		{"behind_array", 2, .unsure = true},
		{"behind_void", 2, .unsure = true},
		{"before_struct", 1},
		{"sixth", 0},
		{"forward", 1},
		{"union_named_so", 0},
	};
	_cleanup_btf_ struct btf *btf = btf__new_empty();
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(btf);
	int fwd = btf__add_fwd(btf, "sk_buff", BTF_FWD_STRUCT);
	int un = btf__add_fwd(btf, "sk_buff", BTF_FWD_UNION);
	int fwd_ptr = btf__add_ptr(btf, fwd), un_ptr = btf__add_ptr(btf, un);

	ADD_FUNC(btf, "behind_enum", t.enum32, t.skb_ptr);
	ADD_FUNC(btf, "behind_enum64", t.enum64, t.skb_ptr);
	ADD_FUNC(btf, "behind_struct", t.wide, t.skb_ptr);
	ADD_FUNC(btf, "behind_float", t.fp, t.skb_ptr);
	ADD_FUNC(btf, "behind_array", t.array, t.skb_ptr);
	ADD_FUNC(btf, "behind_void", 0, t.skb_ptr);
	ADD_FUNC(btf, "before_struct", t.skb_ptr, t.wide);
	ADD_FUNC(btf, "sixth", t.u32, t.u32, t.u32, t.u32, t.u32, t.skb_ptr);
	ADD_FUNC(btf, "forward", fwd_ptr);
	ADD_FUNC(btf, "union_named_so", un_ptr);
	cr_assert_eq(signatures_add(btf, NULL, &set), 0);
	expect_sigs(&set, want, ARRAY_SIZE(want));
}

Test(btf, netlink_messages_are_told_by_what_stands_beside_them)
{
	static const char *const beside[] = {"nlmsghdr", "netlink_callback", "genl_info"};
	_cleanup_btf_ struct btf *btf = btf__new_empty();
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(btf);
	int attr = btf__add_struct(btf, "nlattr", 4), header = 0;

	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		header = btf__add_ptr(btf, btf__add_const(btf, btf__add_struct(btf, beside[i], 16)));
		ADD_FUNC(btf, beside[i], t.skb_ptr, header);
	}
	ADD_FUNC(btf, "in_front", header, t.skb_ptr);
	ADD_FUNC(btf, "sixth", t.skb_ptr, t.u32, t.u32, t.u32, t.u32, header);
	ADD_FUNC(btf, "packet", t.skb_ptr, t.dev_ptr, t.u32, t.array);
	ADD_FUNC(btf, "attributes", t.skb_ptr, btf__add_ptr(btf, attr)); /* Open vSwitch's actions are such */
	ADD_FUNC(btf, "no_pointer", t.skb_ptr, btf__add_struct(btf, "nlmsghdr", 16));
	cr_assert_eq(signatures_add(btf, NULL, &set), 0);
	cr_assert_eq(set.n, 8);
	for (size_t i = 0; i < set.n; i++)
		cr_expect_eq(set.items[i].netlink, i < 5, "%s", set.items[i].name);
}

Test(btf, a_modules_split_btf_gives_its_own_functions_only)
{
	static const struct expectation want[] = {{"veth_xmit", 1}, {"ip_rcv", 0}};
	_cleanup_btf_ struct btf *base = btf__new_empty();
	_cleanup_btf_ struct btf *split = NULL;
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(base);

	ADD_FUNC(base, "ip_rcv", t.skb_ptr, t.dev_ptr);
	split = btf__new_empty_split(base);
	ADD_FUNC(split, "veth_xmit", t.skb_ptr, t.dev_ptr);
	cr_assert_eq(signatures_add(split, "veth", &set), 0);
	expect_sigs(&set, want, ARRAY_SIZE(want));
	cr_expect_str_eq(set.items[0].module, "veth");
}

/* btf__type_by_id() hands out const, but the memory is libbpf's own copy of ours. */
static struct btf_type *edit(struct btf *btf, int id)
{
	return (struct btf_type *)btf__type_by_id(btf, id);
}

Test(btf, malformed_types_are_survived)
{
	static const struct expectation want[] = {{"good", 1}};
	_cleanup_btf_ struct btf *btf = btf__new_empty();
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(btf);
	int loop = btf__add_const(btf, t.skb), self = btf__add_ptr(btf, t.skb);
	int func, no_proto, bad_name, beyond;

	ADD_FUNC(btf, "in_a_loop", loop);
	ADD_FUNC(btf, "pointer_to_itself", self);
	func = ADD_FUNC(btf, "proto_beyond", t.skb_ptr);
	no_proto = ADD_FUNC(btf, "proto_is_none", t.skb_ptr);
	bad_name = ADD_FUNC(btf, "name_beyond", t.skb_ptr);
	beyond = btf__add_ptr(btf, t.skb);
	ADD_FUNC(btf, "type_beyond", beyond);
	ADD_FUNC(btf, "good", t.skb_ptr);
	edit(btf, loop)->type = loop;
	edit(btf, self)->type = self;
	edit(btf, func)->type = 0x7fffffff;
	edit(btf, no_proto)->type = t.u32;
	edit(btf, bad_name)->name_off = 0x7fffffff;
	edit(btf, beyond)->type = 0xffffffff;
	cr_assert_eq(signatures_add(btf, NULL, &set), 0);
	expect_sigs(&set, want, ARRAY_SIZE(want));
}

static int add_helper(struct btf *btf, const char *name, int ret, int arg, size_t n)
{
	int proto = btf__add_func_proto(btf, ret);

	for (size_t i = 0; i < n; i++)
		cr_assert_eq(btf__add_func_param(btf, NULL, arg), 0);
	return btf__add_func(btf, name, BTF_FUNC_GLOBAL, proto);
}

Test(btf, helpers_are_told_by_name_and_signature)
{
	_cleanup_btf_ struct btf *btf = btf__new_empty();
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(btf);
	int u64 = btf__add_typedef(btf, "u64", t.u32), s64 = btf__add_typedef(btf, "s64", t.u32);

	add_helper(btf, "bpf_redirect", u64, u64, 5);
	add_helper(btf, "bpf_ringbuf_output", u64, u64, 5);
	add_helper(btf, "bpf_prog_select", u64, u64, 4);
	add_helper(btf, "bpf_signed", s64, u64, 5);
	add_helper(btf, "bpf_of_signed", u64, s64, 5);
	add_helper(btf, "xbpf_redirect", u64, u64, 5);
	cr_assert_eq(signatures_add_helpers(btf, &set), 0);
	cr_assert_eq(set.n, 2);
	cr_expect_str_eq(set.items[0].name, "bpf_redirect");
	cr_expect_str_eq(set.items[1].name, "bpf_ringbuf_output");
	for (size_t i = 0; i < set.n; i++) {
		cr_expect_eq(set.items[i].slot, 0);
		cr_expect(set.items[i].asked && !set.items[i].named && !set.items[i].reason);
	}
}

Test(btf, what_functions_return)
{
	struct btf *btf = btf__new_empty();
	_cleanup_(btf_index_freep) struct btf_index *vmlinux = NULL;
	_cleanup_sigs_ struct sig_set set = {0};
	struct types t = add_types(btf);
	int s32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), s8 = btf__add_int(btf, "s8", 1, BTF_INT_SIGNED);
	const struct {
		const char *name;
		int type;
		struct func_result want;
	} cases[] = {
		{"nothing", 0, {.kind = FUNC_RETURNS_VOID}},
		{"pointer", t.skb_ptr, {.kind = FUNC_RETURNS_POINTER}},
		{"truth", btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL), {.kind = FUNC_RETURNS_BOOL}},
		{"signed", s32, {FUNC_RETURNS_SIGNED, 4}},
		{"through_typedef", btf__add_typedef(btf, "netdev_tx_t", s8), {FUNC_RETURNS_SIGNED, 1}},
		{"unsigned", t.u32, {FUNC_RETURNS_UNSIGNED, 4}},
		{"enumeration", t.enum32, {FUNC_RETURNS_SIGNED, 4}},
		{"structure", t.wide, {0}},
		{"wide", btf__add_int(btf, "__int128", 16, 0), {0}},
	};
	struct sig asked = {.name = (char *)"signed", .asked = true}, gone = {.name = (char *)"gone", .asked = true};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int proto = btf__add_func_proto(btf, cases[i].type);

		cr_assert_eq(btf__add_func_param(btf, "skb", t.skb_ptr), 0);
		cr_assert_gt(btf__add_func(btf, cases[i].name, BTF_FUNC_STATIC, proto), 0);
	}
	cr_assert_eq(signatures_add(btf, NULL, &set), 0);
	cr_assert_eq(set.n, ARRAY_SIZE(cases));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(set.items[i].result.kind, cases[i].want.kind, "%s", cases[i].name);
		cr_expect_eq(set.items[i].result.bytes, cases[i].want.bytes, "%s", cases[i].name);
	}
	sig_set_free(&set);
	cr_assert_eq(sig_set_add(&set, &asked), 0);
	cr_assert_eq(sig_set_add(&set, &gone), 0);
	cr_assert_eq(btf_index_new(btf, &vmlinux), 0);
	signatures_set_results(vmlinux, &set);
	cr_expect_eq(set.items[0].result.kind, FUNC_RETURNS_SIGNED);
	cr_expect_eq(set.items[1].result.kind, FUNC_RETURNS_UNKNOWN);
}

/* From BTF to functions with addresses. */
Test(btf, selection_from_btf)
{
	static const char kallsyms[] = "ffffffff81000100 T ip_rcv\n"
				       "ffffffff81000200 t icmp_route.constprop.0\n"
				       "ffffffffc0000000 t veth_xmit\t[veth]\n";
	_cleanup_btf_ struct btf *base = btf__new_empty();
	_cleanup_btf_ struct btf *split = NULL;
	_cleanup_ksyms_ struct ksyms *ks = NULL;
	_cleanup_avail_ struct avail *avail = NULL;
	_cleanup_sigs_ struct sig_set sigs = {0};
	_cleanup_funcs_ struct func_set funcs = {0};
	struct types t = add_types(base);

	ADD_FUNC(base, "ip_rcv", t.skb_ptr, t.dev_ptr);
	ADD_FUNC(base, "icmp_route", t.dev_ptr, t.skb_ptr);
	split = btf__new_empty_split(base);
	ADD_FUNC(split, "veth_xmit", t.skb_ptr, t.dev_ptr);
	cr_assert_eq(signatures_add(base, NULL, &sigs), 0);
	cr_assert_eq(signatures_add(split, "veth", &sigs), 0);
	cr_assert_eq(ksyms_new(kallsyms, strlen(kallsyms), &ks, NULL), 0);
	cr_assert_eq(avail_new(NULL, 0, NULL, 0, &avail), 0);
	cr_assert_eq(select_funcs(&(struct select_opts){0}, ks, &sigs, avail, &funcs, NULL), 0);
	cr_assert_eq(funcs.n, 3);
	cr_expect_str_eq(funcs.items[0].name, "ip_rcv");
	cr_expect_str_eq(funcs.items[1].name, "icmp_route.constprop.0");
	cr_expect_eq(funcs.items[1].slot, 2);
	cr_expect_str_eq(funcs.items[2].module, "veth");
}
