/* SPDX-License-Identifier: GPL-2.0-only */
#include "names/drop_site.h"

#include <errno.h>

#include "base/hash.h"
#include "base/trim.h"
#include "names/drop_caller.h"

#define SITES 1024u /* a power of two; the kernel has thousands of such places, and a node uses dozens */

struct drop_site {
	uint64_t location; /* 0: free */
	const char *symbol, *via;
	uint64_t offset;
};

struct drop_sites {
	const struct ksyms *ks;
	struct kcode *code; /* NULL: it cannot be read */
	unsigned n_read;    /* how often code was read, up to SITES */
	struct drop_site sites[SITES];
};

int drop_sites_new(const struct ksyms *ks, struct drop_sites **ret)
{
	struct drop_sites *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->ks = ks;
	if (kcode_open(&d->code, NULL) < 0)
		d->code = NULL;
	*ret = d;
	return 0;
}

void drop_sites_free(struct drop_sites *d)
{
	if (!d)
		return;
	kcode_free(d->code);
	free(d);
}

static ssize_t read_kernel(void *ctx, uint64_t addr, void *buf, size_t len_bytes)
{
	return kcode_read(ctx, addr, buf, len_bytes);
}

/* The disassembler's tables take megabytes that nothing else reads, so their memory is given back. It is not after
 * SITES reads: two locations may replace each other in the table all the time. */
static bool find_caller(struct drop_sites *d, uint64_t location, struct drop_caller *ret)
{
	int r;

	if (!d->code)
		return false;
	r = drop_caller_find(read_kernel, d->code, d->ks, location, ret);
	if (d->n_read < SITES) {
		d->n_read++;
		trim_memory();
	}
	return r == 0 && ret->jumped;
}

static void look(struct drop_sites *d, uint64_t location, struct drop_site *ret)
{
	struct drop_site site = {.location = location};
	struct drop_caller caller;
	struct ksym sym;

	if (ksyms_find(d->ks, location, &sym, &site.offset) == 0)
		site.symbol = sym.name;
	if (find_caller(d, location, &caller) && ksyms_find(d->ks, caller.addr, &sym, &site.offset) == 0) {
		site.via = site.symbol;
		site.symbol = sym.name;
	}
	*ret = site;
}

void drop_sites_name(struct drop_sites *d, struct event *ev)
{
	struct drop_site *site = &d->sites[hash_u64(ev->location) & (SITES - 1)];

	if (site->location != ev->location)
		look(d, ev->location, site);
	ev->drop_symbol = site->symbol;
	ev->drop_offset = site->offset;
	ev->drop_via = site->via;
}
