/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/drop_reasons.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kern/vmbtf.h"

/* include/net/dropreason-core.h; the high 16 bits of a value select the subsystem, whose enum holds whole values. */
static const struct {
	const char *name;
	const char *prefix;
} enums[] = {
	{"skb_drop_reason", "SKB_DROP_REASON_"},
	{"qdisc_drop_reason", "QDISC_DROP_"},
	{"mac80211_drop_reason", "RX_DROP_"},
	{"ovs_drop_reason", "OVS_DROP_"},
};

struct drop_name {
	uint32_t value;
	char *name; /* owned: a copy, the kernel's BTF takes several megabytes */
};

struct drop_reasons {
	struct drop_name *names; /* by value */
	size_t n;
};

static int add_enum(struct drop_reasons *d, const struct vmbtf *vmlinux, size_t which)
{
	const struct btf *btf = vmbtf_types(vmlinux);
	uint32_t id = vmbtf_find(vmlinux, BTF_KIND_ENUM, enums[which].name);
	const struct btf_type *t;
	const struct btf_enum *e;
	struct drop_name *names;
	size_t prefix_len = strlen(enums[which].prefix);

	if (!id)
		return 0;
	t = btf__type_by_id(btf, id);
	e = btf_enum(t);
	names = reallocarray(d->names, d->n + btf_vlen(t) + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	d->names = names;
	for (unsigned i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);

		if (!name)
			continue;
		if (strncmp(name, enums[which].prefix, prefix_len) == 0)
			name += prefix_len;
		names[d->n] = (struct drop_name){.value = e[i].val, .name = strdup(name)};
		if (!names[d->n].name)
			return -ENOMEM;
		d->n++;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const struct drop_name *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

int drop_reasons_load(const struct vmbtf *vmlinux, struct drop_reasons **ret)
{
	_cleanup_(drop_reasons_freep) struct drop_reasons *d = calloc(1, sizeof(*d));
	int r = 0;

	if (!d)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(enums); i++)
		r = add_enum(d, vmlinux, i);
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
