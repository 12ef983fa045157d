/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf/signatures.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BTF_DIR	      "/sys/kernel/btf"
#define MAX_DEPTH     32 /* of qualifiers and typedefs: more is a loop in malformed BTF */
#define UNSURE_REASON "an earlier argument is passed by value: the register is not sure"
#define REG_BYTES     8
#define UNKNOWN_SLOT  0xff

DEFINE_CLEANUP(struct btf *, btf__free)

/* What a FUNC_PROTO says, which all functions of that type share. The ids of a module's own types, which are few,
 * follow those of vmlinux's 150,000 types: verdicts are kept for its own types only. */
struct verdict {
	uint8_t slot; /* the argument that is the packet, from 1 on; 0: none; UNKNOWN_SLOT: not looked at yet */
	bool indirect, unsure, netlink; /* unsure: see UNSURE_REASON */
	struct func_result result;
};

/* The type behind qualifiers and typedefs; NULL if malformed. */
static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!t)
			return NULL;
		switch (btf_kind(t)) {
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			break;
		default:
			return t;
		}
	}
	return NULL;
}

static bool is_struct(const struct btf *btf, const struct btf_type *t, const char *name)
{
	const char *own;

	if (!t || !(btf_is_struct(t) || (btf_is_fwd(t) && !btf_kflag(t))))
		return false;
	own = btf__name_by_offset(btf, t->name_off);
	return own && strcmp(own, name) == 0;
}

static bool is_sk_buff(const struct btf *btf, const struct btf_type *t)
{
	return is_struct(btf, t, "sk_buff");
}

/* Whether an argument belongs to a netlink message. */
static bool takes_netlink(const struct btf *btf, const struct btf_type *proto)
{
	static const char *const of_netlink[] = {"nlmsghdr", "netlink_callback", "genl_info"};
	const struct btf_param *params = btf_params(proto);

	for (unsigned i = 0; i < btf_vlen(proto); i++) {
		const struct btf_type *t = resolve(btf, params[i].type);

		if (!t || !btf_is_ptr(t))
			continue;
		t = resolve(btf, t->type);
		for (size_t k = 0; k < ARRAY_SIZE(of_netlink); k++) {
			if (is_struct(btf, t, of_netlink[k]))
				return true;
		}
	}
	return false;
}

/* 1: struct sk_buff *; 2: struct sk_buff **; 0: neither. */
static int packet_depth(const struct btf *btf, const struct btf_type *t)
{
	if (!t || !btf_is_ptr(t))
		return 0;
	t = resolve(btf, t->type);
	if (is_sk_buff(btf, t))
		return 1;
	if (!t || !btf_is_ptr(t))
		return 0;
	return is_sk_buff(btf, resolve(btf, t->type)) ? 2 : 0;
}

static bool takes_one_register(const struct btf_type *t)
{
	if (!t)
		return false;
	if (btf_is_ptr(t))
		return true;
	return (btf_is_int(t) || btf_is_any_enum(t)) && t->size <= REG_BYTES;
}

static struct func_result judge_result(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t;

	if (!id)
		return (struct func_result){.kind = FUNC_RETURNS_VOID};
	t = resolve(btf, id);
	if (!t)
		return (struct func_result){0};
	if (btf_is_ptr(t))
		return (struct func_result){.kind = FUNC_RETURNS_POINTER};
	if (btf_is_any_enum(t) && t->size <= REG_BYTES)
		return (struct func_result){FUNC_RETURNS_SIGNED, t->size};
	if (!btf_is_int(t) || t->size > REG_BYTES)
		return (struct func_result){0};
	if (btf_int_encoding(t) & BTF_INT_BOOL)
		return (struct func_result){.kind = FUNC_RETURNS_BOOL};
	return (struct func_result){btf_int_encoding(t) & BTF_INT_SIGNED ? FUNC_RETURNS_SIGNED : FUNC_RETURNS_UNSIGNED,
				    t->size};
}

static struct verdict judge_proto(const struct btf *btf, const struct btf_type *proto)
{
	const struct btf_param *params = btf_params(proto);
	unsigned n = btf_vlen(proto);
	struct verdict v = {0};

	for (unsigned i = 0; i < n && i < SLOT_MAX; i++) {
		const struct btf_type *t = resolve(btf, params[i].type);
		int depth = packet_depth(btf, t);

		if (depth) {
			v.slot = i + 1;
			v.indirect = depth == 2;
			v.result = judge_result(btf, proto->type);
			v.netlink = takes_netlink(btf, proto);
			return v;
		}
		v.unsure |= !takes_one_register(t);
	}
	return v;
}

/* own: verdicts of the types from id `first` on; entry 0 is that of `first` */
static struct verdict proto_verdict(const struct btf *btf, struct verdict *own, uint32_t first, uint32_t id)
{
	const struct btf_type *proto = btf__type_by_id(btf, id);

	if (!proto || !btf_is_func_proto(proto))
		return (struct verdict){0};
	if (id < first)
		return judge_proto(btf, proto);
	if (own[id - first].slot == UNKNOWN_SLOT)
		own[id - first] = judge_proto(btf, proto);
	return own[id - first];
}

static uint32_t first_own_id(const struct btf *btf)
{
	const struct btf *base = btf__base_btf(btf);

	return base ? btf__type_cnt(base) : 1;
}

int signatures_add(const struct btf *btf, const char *module, struct sig_set *sigs)
{
	uint32_t n_types = btf__type_cnt(btf), first = first_own_id(btf);
	_cleanup_free_ struct verdict *own = reallocarray(NULL, n_types - first + 1, sizeof(*own));

	if (!own)
		return -ENOMEM;
	memset(own, UNKNOWN_SLOT, (n_types - first) * sizeof(*own));
	for (uint32_t id = first; id < n_types; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name;
		struct verdict v;
		struct sig s;
		int r;

		if (!t || !btf_is_func(t))
			continue;
		v = proto_verdict(btf, own, first, t->type);
		name = btf__name_by_offset(btf, t->name_off);
		if (!v.slot || !name || !*name)
			continue;
		s = (struct sig){.name = (char *)name,
				 .module = (char *)module,
				 .slot = v.slot,
				 .indirect = v.indirect,
				 .reason = v.unsure ? UNSURE_REASON : NULL,
				 .netlink = v.netlink,
				 .result = v.result};
		r = sig_set_add(sigs, &s);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_u64(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	return t && btf_is_typedef(t) && strcmp(btf__str_by_offset(btf, t->name_off), "u64") == 0;
}

static bool is_helper_proto(const struct btf *btf, const struct btf_type *proto)
{
	const struct btf_param *params;

	if (!proto || !btf_is_func_proto(proto) || btf_vlen(proto) != 5 || !is_u64(btf, proto->type))
		return false;
	params = btf_params(proto);
	for (unsigned i = 0; i < 5; i++)
		if (!is_u64(btf, params[i].type))
			return false;
	return true;
}

int signatures_add_helpers(const struct btf *btf, struct sig_set *sigs)
{
	uint32_t n_types = btf__type_cnt(btf);

	for (uint32_t id = 1; id < n_types; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		/* to the kernel the result is a u64; to programs it is mostly a long: 0 or -errno */
		struct sig s = {.asked = true, .result = {FUNC_RETURNS_SIGNED, REG_BYTES}};
		const char *name;
		int r;

		if (!t || !btf_is_func(t))
			continue;
		name = btf__str_by_offset(btf, t->name_off);
		if (!name || strncmp(name, "bpf_", 4) != 0 || !is_helper_proto(btf, btf__type_by_id(btf, t->type)))
			continue;
		s.name = (char *)name;
		r = sig_set_add(sigs, &s);
		if (r < 0)
			return r;
	}
	return 0;
}

void signatures_set_results(const struct btf_index *vmlinux, struct sig_set *sigs)
{
	const struct btf *btf = btf_index_types(vmlinux);

	for (size_t i = 0; i < sigs->n; i++) {
		struct sig *s = &sigs->items[i];
		const struct btf_type *t;
		uint32_t id;

		if (!s->asked || s->module || s->result.kind != FUNC_RETURNS_UNKNOWN)
			continue;
		id = btf_index_find(vmlinux, BTF_KIND_FUNC, s->name);
		t = id ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;
		if (t && btf_is_func_proto(t))
			s->result = judge_result(btf, t->type);
	}
}

static int add_module(struct btf *base, const char *name, struct sig_set *sigs)
{
	_cleanup_(btf__freep) struct btf *btf = NULL;
	char path[sizeof(BTF_DIR) + 256];

	if (snprintf(path, sizeof(path), BTF_DIR "/%s", name) >= (int)sizeof(path))
		return 0;
	btf = btf__parse_split(path, base);
	if (!btf)
		return errno == ENOMEM ? -ENOMEM : 0;
	return signatures_add(btf, name, sigs);
}

static int add_modules(struct btf *base, struct sig_set *sigs)
{
	_cleanup_(closedirp) DIR *dir = opendir(BTF_DIR);
	struct dirent *de;
	int r = 0;

	while (dir && r >= 0 && (de = readdir(dir)))
		if (de->d_name[0] != '.' && strcmp(de->d_name, "vmlinux") != 0)
			r = add_module(base, de->d_name, sigs);
	return r;
}

int signatures_load(const struct btf_index *vmlinux, bool modules, struct sig_set *ret)
{
	_cleanup_sigs_ struct sig_set sigs = {0};
	int r = signatures_add(btf_index_types(vmlinux), NULL, &sigs);

	if (r >= 0 && modules)
		r = add_modules(btf_index_types(vmlinux), &sigs);
	if (r < 0)
		return r;
	*ret = sigs;
	sigs = (struct sig_set){0};
	return 0;
}

int signatures_count_module(const char *module)
{
	_cleanup_(btf_index_freep) struct btf_index *vmlinux = NULL;
	_cleanup_sigs_ struct sig_set sigs = {0};
	char path[sizeof(BTF_DIR) + 256];
	int r;

	if (snprintf(path, sizeof(path), BTF_DIR "/%s", module) >= (int)sizeof(path) || access(path, R_OK) < 0)
		return -ENOENT;
	r = btf_index_load(NULL, &vmlinux, NULL);
	if (r >= 0)
		r = add_module(btf_index_types(vmlinux), module, &sigs);
	return r < 0 ? r : (int)sigs.n;
}
