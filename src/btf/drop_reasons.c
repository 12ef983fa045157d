/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf/drop_reasons.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "btf/index.h"

/* include/net/dropreason-core.h: the high 16 bits of a reason name its subsystem, by other numbers in each version. The
 * enum of a subsystem has the values with these bits; that of a module is in the module's types. Names of modules keep
 * their prefix: OVS_DROP_RECURSION_LIMIT is not RECURSION_LIMIT. */
static const struct {
	const char *name;
	const char *prefix; /* that is left out */
	const char *module; /* NULL: vmlinux */
} enums[] = {
	{"skb_drop_reason", "SKB_DROP_REASON_", NULL},
	{"qdisc_drop_reason", "QDISC_DROP_", NULL},
	{"mac80211_drop_reason", "", "mac80211"}, /* net/mac80211/drop.h */
	{"ovs_drop_reason", "", "openvswitch"},	  /* net/openvswitch/drop.h */
};

struct drop_name {
	uint32_t value;
	char *name; /* owned; a copy, so that the kernel's BTF, several megabytes, can be freed */
};

struct drop_reasons {
	struct drop_name *names; /* owned; sorted by value */
	size_t n;
};

static int add_name(struct drop_reasons *d, uint32_t value, const char *name)
{
	if (ARRAY_GROW(d->names, d->n) < 0)
		return -ENOMEM;
	d->names[d->n] = (struct drop_name){.value = value, .name = strdup(name)};
	if (!d->names[d->n].name)
		return -ENOMEM;
	d->n++;
	return 0;
}

static int add_enum(struct drop_reasons *d, const struct btf *btf, uint32_t id, const char *prefix)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_enum *e = btf_enum(t);
	size_t prefix_len = strlen(prefix);
	int r = 0;

	for (unsigned i = 0; i < btf_vlen(t) && r >= 0; i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);

		if (name)
			r = add_name(d, e[i].val, strncmp(name, prefix, prefix_len) == 0 ? name + prefix_len : name);
	}
	return r;
}

/* A module that is not loaded, or a kernel without types of modules (5.11), is no error. */
static int add_module(struct drop_reasons *d, const struct btf_index *vmlinux, size_t which)
{
	struct btf *base = btf_index_types(vmlinux), *btf;
	uint32_t first = btf__type_cnt(base);
	int r = 0;

	if (!btf_index_is_running(vmlinux))
		return 0;
	btf = btf__load_module_btf(enums[which].module, base);
	if (!btf)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (uint32_t id = first; id < btf__type_cnt(btf) && r >= 0; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = btf_is_enum(t) ? btf__name_by_offset(btf, t->name_off) : NULL;

		if (name && strcmp(name, enums[which].name) == 0)
			r = add_enum(d, btf, id, enums[which].prefix);
	}
	btf__free(btf);
	return r;
}

static int add_reasons(struct drop_reasons *d, const struct btf_index *vmlinux, size_t which)
{
	uint32_t id = btf_index_find(vmlinux, BTF_KIND_ENUM, enums[which].name);

	if (id)
		return add_enum(d, btf_index_types(vmlinux), id, enums[which].prefix);
	return enums[which].module ? add_module(d, vmlinux, which) : 0;
}

static int by_value(const void *a, const void *b)
{
	const struct drop_name *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

int drop_reasons_load(const struct btf_index *vmlinux, struct drop_reasons **ret)
{
	_cleanup_(drop_reasons_freep) struct drop_reasons *d = calloc(1, sizeof(*d));
	int r = 0;

	if (!d)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(enums); i++)
		r = add_reasons(d, vmlinux, i);
	if (r < 0)
		return r;
	if (d->n)
		qsort(d->names, d->n, sizeof(*d->names), by_value);
	*ret = TAKE_PTR(d);
	return 0;
}

void drop_reasons_free(struct drop_reasons *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++)
		free(d->names[i].name);
	free(d->names);
	free(d);
}

const char *drop_reasons_name(const struct drop_reasons *d, uint32_t reason)
{
	struct drop_name key = {.value = reason}, *found;

	found = d->n ? bsearch(&key, d->names, d->n, sizeof(*d->names), by_value) : NULL;
	return found ? found->name : NULL;
}
