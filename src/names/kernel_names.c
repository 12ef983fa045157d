/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/kernel_names.h"

#include "btf/drop_reasons.h"
#include "names/drop_site.h"
#include "names/ifnames.h"
#include "names/netns_names.h"

static const char *find_netns(void *ctx, uint32_t inode)
{
	struct kernel_names *k = ctx;

	return netns_names_find(k->netns, inode);
}

static void find_ifname(void *ctx, uint32_t netns, uint32_t ifindex, char ret[static IF_NAMESIZE])
{
	struct kernel_names *k = ctx;

	ifnames_find(k->ifnames, netns, ifindex, ret);
}

static void find_drop_site(void *ctx, struct event *ev)
{
	struct kernel_names *k = ctx;

	drop_sites_name(k->sites, ev);
}

static const char *find_drop_reason(void *ctx, uint32_t reason)
{
	const struct kernel_names *k = ctx;

	return drop_reasons_name(k->reasons, reason);
}

static const char *write_structure(void *ctx, enum dump_type type, const void *bytes, size_t len_bytes)
{
	const struct kernel_names *k = ctx;
	const char *text = NULL;

	return k->dumper && dump_text(k->dumper, type, bytes, len_bytes, &text) == 0 ? text : NULL;
}

int kernel_names_load(const struct kernel_names_opts *o, struct kernel_names *ret, struct reason *reason)
{
	int r = drop_reasons_load(o->btf, &ret->reasons);

	if (r >= 0)
		r = netns_names_new(&ret->netns, reason);
	if (r >= 0)
		r = drop_sites_new(o->ksyms, &ret->sites);
	if (r >= 0)
		r = ifnames_new(ret->netns, &ret->ifnames);
	if (r < 0)
		return r;
	ret->names = (struct names){.funcs = o->funcs,
				    .ksyms = o->ksyms,
				    .netns = find_netns,
				    .ifname = find_ifname,
				    .drop_site = find_drop_site,
				    .drop_reason = find_drop_reason,
				    .structure = write_structure,
				    .ctx = ret};
	return o->structures ? dump_new(&ret->dumper, reason) : 0;
}

void kernel_names_clear(struct kernel_names *k)
{
	dump_free(k->dumper);
	ifnames_free(k->ifnames);
	netns_names_free(k->netns);
	drop_sites_free(k->sites);
	drop_reasons_free(k->reasons);
}
