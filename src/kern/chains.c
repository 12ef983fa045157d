/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/chains.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "kern/refusal.h"
#include "kern/vmbtf.h"

enum engine { NF_TABLES, IPTABLES, IP6TABLES, ENGINES };

static const struct {
	const char *module, *btf, *func; /* the file is there while the module is loaded, on 5.11 or newer */
} engines[ENGINES] = {
	[NF_TABLES] = {"nf_tables", "/sys/kernel/btf/nf_tables", "nft_do_chain"},
	[IPTABLES] = {"ip_tables", "/sys/kernel/btf/ip_tables", "ipt_do_table"},
	[IP6TABLES] = {"ip6_tables", "/sys/kernel/btf/ip6_tables", "ip6t_do_table"},
};

struct chains {
	struct bpf_link *links[ENGINES];
};

DEFINE_CLEANUP(struct chains *, chains_free)
DEFINE_CLEANUP(struct btf *, btf__free)

static struct bpf_program *engine_prog(const struct trace_bpf *skel, enum engine e)
{
	return e == NF_TABLES ? skel->progs.nft_chain : e == IPTABLES ? skel->progs.ipt_chain : skel->progs.ip6t_chain;
}

/* Where struct xt_table has its name, in bytes, or -ENOENT. */
static int table_name(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "xt_table", BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (unsigned i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		if (name && strcmp(name, "name") == 0)
			return btf_member_bit_offset(t, i) / 8;
	}
	return -ENOENT;
}

/* Whether the first of the function's three arguments is a void *: 1 or 0; -ENOENT if it is no such function. */
static int first_is_void(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;

	t = t && btf_vlen(t) == 3 ? btf__type_by_id(btf, btf_params(t)[0].type) : NULL;
	return t && btf_is_ptr(t) ? t->type == 0 : -ENOENT;
}

/* Sets what the programs must know of iptables in this kernel, the same of both families; -ENOENT if it is unknown. */
static int learn_iptables(struct trace_bpf *skel, const struct vmbtf *vmlinux, enum engine e)
{
	_cleanup_(btf__freep) struct btf *btf = btf__load_module_btf(engines[e].module, vmbtf_types(vmlinux));
	int first, name;

	if (!btf)
		return -errno;
	first = first_is_void(btf, engines[e].func);
	name = table_name(btf);
	if (first < 0 || name < 0)
		return -ENOENT;
	skel->rodata->st_ipt_table_first = first;
	skel->rodata->st_xt_table_name = name;
	return 0;
}

int chains_choose(struct trace_bpf *skel, bool wanted, const struct vmbtf *vmlinux)
{
	for (enum engine e = 0; e < ENGINES; e++) {
		bool there = wanted && access(engines[e].btf, R_OK) == 0;

		if (there && e != NF_TABLES) {
			int r = learn_iptables(skel, vmlinux, e);

			if (r < 0 && r != -ENOENT)
				return r;
			there = r >= 0;
		}
		bpf_program__set_autoload(engine_prog(skel, e), there);
	}
	return 0;
}

const char *chains_module(const struct trace_bpf *skel)
{
	return bpf_program__autoload(skel->progs.nft_chain) ? engines[NF_TABLES].module : NULL;
}

int chains_attach(struct trace_bpf *skel, struct chains **ret, struct reason *reason)
{
	_cleanup_(chains_freep) struct chains *c = calloc(1, sizeof(*c));
	bool any = false;

	if (!c)
		return -ENOMEM;
	for (enum engine e = 0; e < ENGINES; e++) {
		if (!bpf_program__autoload(engine_prog(skel, e)))
			continue;
		c->links[e] = bpf_program__attach(engine_prog(skel, e));
		if (!c->links[e])
			return kern_refuse(-errno, "attach to the chains of netfilter", reason);
		any = true;
	}
	*ret = any ? TAKE_PTR(c) : NULL;
	return 0;
}

void chains_free(struct chains *c)
{
	if (!c)
		return;
	for (enum engine e = 0; e < ENGINES; e++)
		bpf_link__destroy(c->links[e]);
	free(c);
}
