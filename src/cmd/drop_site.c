/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/drop_site.h"

#include <errno.h>

#include "base/trim.h"
#include "kallsyms/dropper.h"

#define PLACES 1024u /* a power of two; the kernel has some thousands, a machine that drops uses dozens */

struct place {
	uint64_t location; /* 0: free */
	const char *symbol, *via;
	uint64_t offset;
};

struct drop_sites {
	const struct ksyms *ks;
	struct kcode *code; /* NULL: cannot be read */
	unsigned n_read;    /* places whose code was read */
	struct place places[PLACES];
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

/* The disassembler's tables are megabytes that nothing else reads, so they are given back; but not for ever, where two
 * places take turns in one slot. */
static bool find_dropper(struct drop_sites *d, uint64_t location, struct dropper *ret)
{
	int r;

	if (!d->code)
		return false;
	r = dropper_find(read_kernel, d->code, d->ks, location, ret);
	if (d->n_read < PLACES) {
		d->n_read++;
		trim_memory();
	}
	return r == 0 && ret->jumped;
}

static void look(struct drop_sites *d, uint64_t location, struct place *ret)
{
	struct place p = {.location = location};
	struct dropper dropper;
	struct ksym sym;

	if (ksyms_find(d->ks, location, &sym, &p.offset) == 0)
		p.symbol = sym.name;
	if (find_dropper(d, location, &dropper) && ksyms_find(d->ks, dropper.addr, &sym, &p.offset) == 0) {
		p.via = p.symbol;
		p.symbol = sym.name;
	}
	*ret = p;
}

void drop_sites_name(struct drop_sites *d, struct event *ev)
{
	struct place *p = &d->places[(ev->location * UINT64_C(0x9e3779b97f4a7c15)) >> 54];

	if (p->location != ev->location)
		look(d, ev->location, p);
	ev->drop_symbol = p->symbol;
	ev->drop_offset = p->offset;
	ev->drop_via = p->via;
}
