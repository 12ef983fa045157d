/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/nf_chains.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "btf/index.h"
#include "kern/error/kern_error.h"

enum engine { NF_TABLES, IPTABLES, IP6TABLES, ENGINES };

static const struct {
	const char *module, *btf, *func; /* btf: exists while the module is loaded (5.11 and newer) */
} engines[ENGINES] = {
	[NF_TABLES] = {"nf_tables", "/sys/kernel/btf/nf_tables", "nft_do_chain"},
	[IPTABLES] = {"ip_tables", "/sys/kernel/btf/ip_tables", "ipt_do_table"},
	[IP6TABLES] = {"ip6_tables", "/sys/kernel/btf/ip6_tables", "ip6t_do_table"},
};

struct nf_chains {
	struct bpf_link *begin[ENGINES], *end[ENGINES];
};

DEFINE_CLEANUP(struct nf_chains *, nf_chains_free)
DEFINE_CLEANUP(struct btf *, btf__free)

static struct bpf_program *begin_prog(const struct trace_bpf *skel, enum engine e)
{
	return e == NF_TABLES  ? skel->progs.nft_chain_begins
	       : e == IPTABLES ? skel->progs.ipt_chain_begins
			       : skel->progs.ip6t_chain_begins;
}

static struct bpf_program *end_prog(const struct trace_bpf *skel, enum engine e)
{
	return e == NF_TABLES ? skel->progs.nft_chain : e == IPTABLES ? skel->progs.ipt_chain : skel->progs.ip6t_chain;
}

/* The offset in bytes of the member name in struct xt_table, or -ENOENT. */
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

/* Whether the first of the function's three arguments is a void *: 1 or 0; -ENOENT if it has no three arguments. */
static int first_is_void(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;

	t = t && btf_vlen(t) == 3 ? btf__type_by_id(btf, btf_params(t)[0].type) : NULL;
	return t && btf_is_ptr(t) ? t->type == 0 : -ENOENT;
}

/* Tells the programs how iptables calls look in this kernel: IPv4 and IPv6 agree. -ENOENT if they differ from all that
 * is known here. */
static int learn_iptables(struct trace_bpf *skel, const struct btf_index *vmlinux, enum engine e)
{
	_cleanup_(btf__freep) struct btf *btf = btf__load_module_btf(engines[e].module, btf_index_types(vmlinux));
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

int nf_chains_choose(struct trace_bpf *skel, bool wanted, const struct btf_index *vmlinux)
{
	for (enum engine e = 0; e < ENGINES; e++) {
		bool there = wanted && access(engines[e].btf, R_OK) == 0;

		if (there && e != NF_TABLES) {
			int r = learn_iptables(skel, vmlinux, e);

			if (r < 0 && r != -ENOENT)
				return r;
			there = r >= 0;
		}
		bpf_program__set_autoload(begin_prog(skel, e), there);
		bpf_program__set_autoload(end_prog(skel, e), there);
	}
	return 0;
}

const char *nf_chains_module(const struct trace_bpf *skel)
{
	return bpf_program__autoload(skel->progs.nft_chain) ? engines[NF_TABLES].module : NULL;
}

int nf_chains_attach(struct trace_bpf *skel, struct nf_chains **ret, struct reason *reason)
{
	_cleanup_(nf_chains_freep) struct nf_chains *c = calloc(1, sizeof(*c));
	bool any = false;

	if (!c)
		return -ENOMEM;
	for (enum engine e = 0; e < ENGINES; e++) {
		if (!bpf_program__autoload(end_prog(skel, e)))
			continue;
		c->end[e] = bpf_program__attach(end_prog(skel, e));
		c->begin[e] = c->end[e] ? bpf_program__attach(begin_prog(skel, e)) : NULL;
		if (!c->begin[e])
			return kern_error_set(-errno, "attach to the chains of netfilter", reason);
		any = true;
	}
	*ret = any ? TAKE_PTR(c) : NULL;
	return 0;
}

void nf_chains_free(struct nf_chains *c)
{
	if (!c)
		return;
	for (enum engine e = 0; e < ENGINES; e++) {
		bpf_link__destroy(c->begin[e]);
		bpf_link__destroy(c->end[e]);
	}
	free(c);
}
