/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/chains.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/config.h"
#include "bpf/trace.skel.h"
#include "kern/refusal.h"

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

static struct bpf_program *engine_prog(const struct trace_bpf *skel, enum engine e)
{
	return e == NF_TABLES ? skel->progs.nft_chain : e == IPTABLES ? skel->progs.ipt_chain : skel->progs.ip6t_chain;
}

/* Whether the first of the function's three arguments is a void *: 1, 0, or -errno; -ENOENT if it is no such function.
 */
static int first_is_void(const struct btf *vmlinux, enum engine e)
{
	struct btf *btf = btf__load_module_btf(engines[e].module, (struct btf *)vmlinux);
	const struct btf_type *t;
	int r = -ENOENT, id;

	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, engines[e].func, BTF_KIND_FUNC);
	if (id > 0) {
		t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
		t = btf_vlen(t) == 3 ? btf__type_by_id(btf, btf_params(t)[0].type) : NULL;
		if (t && btf_is_ptr(t))
			r = t->type == 0;
	}
	btf__free(btf);
	return r;
}

int chains_choose(struct trace_bpf *skel, bool wanted, const struct btf *vmlinux)
{
	for (enum engine e = 0; e < ENGINES; e++) {
		bool there = wanted && access(engines[e].btf, R_OK) == 0;

		if (there && e != NF_TABLES) {
			int r = first_is_void(vmlinux, e);

			if (r < 0 && r != -ENOENT)
				return r;
			there = r >= 0;
			if (there) /* the same of both families */
				skel->rodata->st_ipt_table_first = r;
		}
		bpf_program__set_autoload(engine_prog(skel, e), there);
	}
	return 0;
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
