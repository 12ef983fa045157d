/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/probe_env.h"

#include <errno.h>
#include <string.h>

#include "base/trim.h"
#include "kallsyms/kcode.h"
#include "kallsyms/site.h"
#include "kern/btf.h"
#include "kern/symbols.h"
#include "kern/trace.h"
#include "kern/tracefs.h"
#include "select/deny.h"

/* With addresses where the kernel has that list (6.5), else names. An empty buffer where it has neither, or lets nobody
 * read it: then each function is tried. */
static int read_functions(int tracefs, struct buf *ret, struct reason *reason)
{
	int r = tracefs_read(tracefs, "available_filter_functions_addrs", ret);

	if (r == -ENOENT)
		r = tracefs_read(tracefs, "available_filter_functions", ret);
	if (r == -ENOENT || r == -EPERM || r == -EACCES)
		return 0;
	if (r < 0)
		return reason_set(reason, r, "cannot read available_filter_functions: %s", strerror(-r));
	return 0;
}

/* without_list: the blacklist only. */
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
		(void)tracefs_read(debugfs, "kprobes/blacklist", &blacklist); /* a help, no need */
	r = avail_new(functions.data, functions.len, blacklist.data, blacklist.len, ret);
	if (r == -EBADMSG)
		return reason_set(reason, r, "available_filter_functions or kprobes/blacklist is in an unknown format");
	return r;
}

/* Whether a function's first instruction calls ftrace or a trampoline, which is in no symbol, or in one of the "module"
 * that stands for generated code (kernel/trace/ftrace.c, kernel/bpf/core.c). */
static bool is_tracer(const struct ksyms *ks, uint64_t target)
{
	struct ksym sym;
	uint64_t offset;

	return ksyms_find(ks, target, &sym, &offset) < 0 || sym.module || strncmp(sym.name, "ftrace_", 7) == 0;
}

/* 1: f has a site, 0: none, -EAGAIN: its code does not tell. */
static int has_site(const struct probe_env *env, const struct kcode *code, const struct func *f)
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
		return is_tracer(env->ksyms, target) ? -EAGAIN : 0;
	default:
		return -EAGAIN;
	}
}

/* Keeps the functions whose code has an ftrace site. -EAGAIN, with the set of no use, if that cannot be told of each.
 */
static int keep_sites(struct probe_env *env)
{
	_cleanup_kcode_ struct kcode *code = NULL;
	struct func_set *set = &env->funcs;
	size_t n = 0;

	if (kcode_open(&code, NULL) < 0)
		return -EAGAIN;
	for (size_t i = 0; i < set->n; i++) {
		int r = has_site(env, code, &set->items[i]);

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

static int choose(const struct probe_env_opts *opts, bool by_code, struct probe_env *env, struct reason *reason)
{
	_cleanup_avail_ struct avail *avail = NULL;
	int r = load_avail(by_code, &avail, reason);

	if (r >= 0)
		r = select_funcs(&opts->select, env->ksyms, &env->sigs, avail, &env->funcs, reason);
	return r >= 0 && by_code ? keep_sites(env) : r;
}

int probe_env_load(const struct probe_env_opts *opts, struct probe_env *ret, struct reason *reason)
{
	_cleanup_probe_env_ struct probe_env env = {0};
	int r = vmbtf_load(opts->kernel_btf, &env.btf, reason);

	if (r >= 0)
		r = kern_symbols_load(env.btf, &env.ksyms, reason);
	if (r >= 0)
		r = kern_btf_load_sigs(env.btf, !opts->kernel_btf, &env.sigs);
	if (r >= 0 && opts->helpers)
		r = kern_btf_helpers(vmbtf_types(env.btf), &env.sigs);
	if (r >= 0 && opts->probes)
		r = probe_specs_apply(opts->probes, env.ksyms, &env.sigs, reason);
	if (r < 0)
		return r;
	kern_btf_results(env.btf, &env.sigs);
	env.kprobe_multi = trace_can_multi(env.ksyms);
	env.fentry_multi = env.kprobe_multi && trace_can_fentry_multi(env.ksyms);
	r = -EAGAIN;
	if (opts->quick && !opts->select.all)
		r = choose(opts, true, &env, reason);
	if (r == -EAGAIN) {
		func_set_free(&env.funcs);
		r = choose(opts, false, &env, reason);
	}
	if (r < 0)
		return r;
	*ret = env;
	env = (struct probe_env){0};
	return 0;
}

int probe_env_read_offsets(struct probe_env *env, struct reason *reason)
{
	_cleanup_kcode_ struct kcode *code = NULL;
	uint8_t bytes[SITE_CODE_BYTES];
	int r = kcode_open(&code, reason);

	if (r < 0)
		return r;
	for (size_t i = 0; i < env->funcs.n; i++) {
		struct func *f = &env->funcs.items[i];
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

int probe_env_settle(struct probe_env *env)
{
	int r = func_set_own_names(&env->funcs);

	if (r < 0)
		return r;
	ksyms_shrink(env->ksyms);
	sig_set_free(&env->sigs);
	vmbtf_free(env->btf);
	env->btf = NULL;
	trim_memory(); /* BTF and kallsyms left holes of several megabytes */
	return 0;
}

int opt_filter_func(void *dst, const char *value, struct reason *reason)
{
	int r = select_filter_check(value, reason);

	if (r >= 0)
		*(const char **)dst = value;
	return r;
}

int opt_probed_func(void *dst, const char *value, struct reason *reason)
{
	int r = deny_check_filter(value, reason);

	return r < 0 ? r : opt_filter_func(dst, value, reason);
}

void probe_env_free(struct probe_env *env)
{
	func_set_free(&env->funcs);
	sig_set_free(&env->sigs);
	vmbtf_free(env->btf);
	ksyms_free(env->ksyms);
	*env = (struct probe_env){0};
}
