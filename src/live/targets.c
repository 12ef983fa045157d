/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/targets.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/trim.h"
#include "btf/signatures.h"
#include "kallsyms/kcode.h"
#include "kallsyms/site.h"
#include "kern/attach/kprobe_multi.h"
#include "kern/symbol_iter.h"
#include "kern/tracefs/tracefs.h"

/* The functions that ftrace can trace, with addresses if the kernel has that list (6.5), else names. The buffer is
 * empty if the kernel has neither list or we may not read it: then every function is tried. */
static int read_functions(int tracefs, struct buf *ret, struct reason *reason)
{
	int r = buf_read_at(tracefs, "available_filter_functions_addrs", ret);

	if (r == -ENOENT)
		r = buf_read_at(tracefs, "available_filter_functions", ret);
	if (r == -ENOENT || r == -EPERM || r == -EACCES)
		return 0;
	if (r < 0)
		return reason_set(reason, r, "cannot read available_filter_functions: %s", strerror(-r));
	return 0;
}

/* without_list: reads the blacklist only. */
static int load_avail(bool without_list, struct avail **ret, struct reason *reason)
{
	_cleanup_buf_ struct buf functions = {0}, blacklist = {0};
	_cleanup_close_ int tracefs = -1, debugfs = -1;
	int r;

	tracefs = tracefs_open(reason);
	if (tracefs < 0)
		return tracefs;
	r = without_list ? 0 : read_functions(tracefs, &functions, reason);
	if (r < 0)
		return r;
	debugfs = debugfs_open(NULL);
	if (debugfs >= 0)
		(void)buf_read_at(debugfs, "kprobes/blacklist", &blacklist); /* not needed, but saves attempts */
	r = avail_new(functions.data, functions.len, blacklist.data, blacklist.len, ret);
	if (r == -EBADMSG)
		return reason_set(reason, r, "available_filter_functions or kprobes/blacklist is in an unknown format");
	return r;
}

/* Whether target, which a function's first instruction calls, is ftrace or a trampoline. A trampoline is in no symbol,
 * or in one that the kernel lists under a module name for generated code (kernel/trace/ftrace.c, kernel/bpf/core.c). */
static bool is_tracer(const struct ksyms *ks, uint64_t target)
{
	struct ksym sym;
	uint64_t offset;

	return ksyms_find(ks, target, &sym, &offset) < 0 || sym.module || strncmp(sym.name, "ftrace_", 7) == 0;
}

/* 1: f has an ftrace site; 0: it has none; -EAGAIN: its code does not tell. */
static int has_site(const struct targets *t, const struct kcode *code, const struct func *f)
{
	uint8_t bytes[SITE_CODE_BYTES];
	ssize_t n = kcode_read(code, f->addr, bytes, sizeof(bytes));
	uint64_t target = 0;

	if (n < (ssize_t)sizeof(bytes))
		return -EAGAIN;
	switch (site_look(bytes, n, f->addr, &target)) {
	case SITE_NOP:
		return 1;
	case SITE_NONE:
		return 0;
	case SITE_CALL:
		return is_tracer(t->ksyms, target) ? -EAGAIN : 0;
	default:
		return -EAGAIN;
	}
}

/* Keeps the functions whose code has an ftrace site. -EAGAIN if the code of a function does not tell; the set is then
 * useless.
 */
static int keep_sites(struct targets *t)
{
	_cleanup_kcode_ struct kcode *code = NULL;
	struct func_set *set = &t->funcs;
	size_t n = 0;

	if (kcode_open(&code, NULL) < 0)
		return -EAGAIN;
	for (size_t i = 0; i < set->n; i++) {
		int r = has_site(t, code, &set->items[i]);

		if (r < 0)
			return r;
		if (!r)
			continue;
		set->items[n] = set->items[i];
		set->items[n++].ftrace = true;
	}
	set->n = set->n_attachable = n;
	return 0;
}

static int choose(const struct targets_opts *opts, bool by_code, struct targets *t, struct reason *reason)
{
	_cleanup_avail_ struct avail *avail = NULL;
	int r = load_avail(by_code, &avail, reason);

	if (r >= 0)
		r = select_funcs(&opts->select, t->ksyms, &t->sigs, avail, &t->funcs, reason);
	return r >= 0 && by_code ? keep_sites(t) : r;
}

int targets_options(const struct func_options *o, struct targets_opts *ret, struct reason *reason)
{
	if (o->kmods && o->all_kmods)
		return reason_set(reason, -EINVAL, "--kmods=%s and --all-kmods exclude each other", o->kmods);
	ret->select.kmods = o->kmods;
	ret->probes = &o->probes;
	ret->helpers = o->helpers;
	return 0;
}

int targets_load(const struct targets_opts *opts, struct targets *ret, struct reason *reason)
{
	_cleanup_targets_ struct targets t = {0};
	int r = btf_index_load(opts->kernel_btf, &t.btf, reason);

	if (r >= 0)
		r = symbol_iter_load(t.btf, &t.ksyms, reason);
	if (r >= 0)
		r = signatures_load(t.btf, !opts->kernel_btf, &t.sigs);
	if (r >= 0 && opts->helpers)
		r = signatures_add_helpers(btf_index_types(t.btf), &t.sigs);
	if (r >= 0 && opts->probes)
		r = probe_specs_apply(opts->probes, t.ksyms, &t.sigs, reason);
	if (r < 0)
		return r;
	signatures_set_results(t.btf, &t.sigs);
	t.kprobe_multi = kprobe_multi_supported(t.ksyms);
	r = -EAGAIN;
	if (opts->quick && !opts->select.all)
		r = choose(opts, true, &t, reason);
	if (r == -EAGAIN) {
		func_set_free(&t.funcs);
		r = choose(opts, false, &t, reason);
	}
	if (r < 0)
		return r;
	*ret = t;
	t = (struct targets){0};
	return 0;
}

int targets_read_offsets(struct targets *t, struct reason *reason)
{
	_cleanup_kcode_ struct kcode *code = NULL;
	uint8_t bytes[SITE_CODE_BYTES];
	int r = kcode_open(&code, reason);

	if (r < 0)
		return r;
	for (size_t i = 0; i < t->funcs.n; i++) {
		struct func *f = &t->funcs.items[i];
		ssize_t n = f->addr ? kcode_read(code, f->addr, bytes, sizeof(bytes)) : 0;
		int off;

		if (n <= 0)
			continue;
		off = site_offset(bytes, n);
		if (off < 0)
			return reason_set(reason, off, "ftrace call sites are not known for this architecture");
		f->offset_bytes = off;
		f->has_offset = true;
	}
	return 0;
}

int targets_settle(struct targets *t)
{
	int r = func_set_own_names(&t->funcs);

	if (r < 0)
		return r;
	ksyms_shrink(t->ksyms);
	sig_set_free(&t->sigs);
	btf_index_free(t->btf);
	t->btf = NULL;
	trim_memory(); /* BTF and kallsyms left holes of several megabytes */
	return 0;
}

void targets_free(struct targets *t)
{
	func_set_free(&t->funcs);
	sig_set_free(&t->sigs);
	btf_index_free(t->btf);
	ksyms_free(t->ksyms);
	*t = (struct targets){0};
}
