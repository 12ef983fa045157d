/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/select.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/pattern.h"
#include "select/deny.h"
#include "select/known.h"

static const struct {
	const char *suffix; /* digits follow it */
	const char *reason; /* NULL: its arguments are in the usual registers */
} suffix_rules[] = {
	{".constprop.", NULL},
	{".llvm.", NULL},
	{".isra.", "isra: the compiler may pass parts of the packet instead"},
	{".part.", "part: a fragment with arguments of its own"},
};

#define REASON_INLINED	 "no such symbol: inlined everywhere"
#define REASON_CONFLICT	 "its namesakes take the packet in different arguments"
#define REASON_SUFFIX	 "unknown suffix: its arguments are not sure"
#define REASON_UNCHECKED "known without BTF: this copy's arguments are not sure"
#define REASON_NOTRACE	 "not in available_filter_functions"
#define REASON_BLACKLIST "on the kernel's kprobe blacklist"

struct job {
	const struct select_opts *opts;
	const struct ksyms *ks;
	const struct avail *avail;
	struct func_set *out;
	struct pattern *re, *re_not; /* owned; NULL: no such filter */
	bool netlink;		     /* all signatures of the current name take netlink messages */
};

static void job_free(struct job *j)
{
	pattern_free(j->re);
	pattern_free(j->re_not);
}

static bool suffix_is_cold(const char *suffix)
{
	const char *p = strstr(suffix, ".cold");

	return p && (p[5] == '\0' || p[5] == '.');
}

/* Why the suffix at *p is left out, NULL: it is not. Moves *p to the end of the suffix. */
static const char *one_suffix(const char **p)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffix_rules); i++) {
		size_t len = strlen(suffix_rules[i].suffix);

		if (strncmp(*p, suffix_rules[i].suffix, len) != 0 || !isdigit((unsigned char)(*p)[len]))
			continue;
		for (*p += len; isdigit((unsigned char)**p);)
			(*p)++;
		return suffix_rules[i].reason;
	}
	return REASON_SUFFIX;
}

static const char *suffix_reason(const char *suffix)
{
	const char *reason = NULL;

	while (*suffix && !reason)
		reason = one_suffix(&suffix);
	return reason;
}

/* The registers of an unchecked signature were not compared with the copy's. Only the first argument cannot have moved.
 */
static const char *variant_reason(const struct sig *s, const char *suffix)
{
	const char *reason = s->slot ? suffix_reason(suffix) : NULL;

	return !reason && s->unchecked && s->slot > 1 ? REASON_UNCHECKED : reason;
}

/* Whether the symbol or the name without suffix matches: as pattern_matches(). */
static int either_matches(const struct pattern *re, const struct func *f, const struct sig *s)
{
	int r = pattern_matches(re, f->name);

	return r ? r : pattern_matches(re, s->name);
}

bool select_module_listed(const char *kmods, const char *module)
{
	if (!kmods || !module)
		return true;
	for (const char *p = kmods;; p++) {
		size_t len = strcspn(p, ","), i = 0;

		if (len == strlen(module))
			while (i < len && (p[i] == '-' ? '_' : p[i]) == module[i])
				i++;
		if (len && i == len)
			return true;
		p += len;
		if (!*p)
			return false;
	}
}

/* Whether the function passes the filters: as pattern_matches(). */
static int wanted(const struct job *j, const struct func *f, const struct sig *s)
{
	int r = 1;

	if (s->asked)
		return 1;
	if (!select_module_listed(j->opts->kmods, f->module))
		return 0;
	if (j->netlink && j->opts->no_netlink && !j->re)
		return 0;
	if (j->re)
		r = either_matches(j->re, f, s);
	if (r <= 0 || !j->re_not)
		return r;
	r = either_matches(j->re_not, f, s);
	return r < 0 ? r : !r;
}

static int add(struct job *j, struct func f, const struct sig *s)
{
	int r;

	f.slot = s->slot;
	f.indirect = s->indirect;
	f.result = s->result;
	f.attachable = !f.reason;
	r = wanted(j, &f, s);
	if (r <= 0 || (f.reason && !j->opts->all))
		return r < 0 ? r : 0;
	return func_set_add(j->out, &f);
}

/* Sets f->ftrace, and f->reason if the kernel would refuse a probe. n_addrs: addresses of this name in this module. */
static void judge(const struct job *j, struct func *f, size_t n_addrs)
{
	size_t listed = avail_names(j->avail, f->name, f->module);
	bool list = avail_has_list(j->avail);

	if (avail_has_addrs(j->avail)) {
		f->ftrace = avail_addr(j->avail, f->addr);
		listed = f->ftrace;
	} else {
		f->ftrace = listed >= n_addrs;
	}
	if (f->reason)
		return;
	if (avail_blacklisted(j->avail, f->addr))
		f->reason = REASON_BLACKLIST;
	else if (list && listed == 0)
		f->reason = REASON_NOTRACE;
}

static size_t count_named(const struct job *j, const char *name, const char *module)
{
	struct ksyms_iter it = ksyms_named(j->ks, name);
	struct ksym sym;
	size_t n = 0;

	while (ksyms_next(&it, &sym))
		n += func_same_module(sym.module, module);
	return n;
}

/* Adds all symbols of the iterator that belong to s; *ret_n: how many there are. */
static int add_symbols(struct job *j, struct ksyms_iter it, const struct sig *s, const char *reason, size_t *ret_n)
{
	size_t base_len = strlen(s->name);
	struct ksym sym;

	*ret_n = 0;
	while (ksyms_next(&it, &sym)) {
		const char *suffix = sym.name + base_len;
		struct func f = {.name = sym.name, .module = sym.module, .addr = sym.addr, .reason = reason};
		size_t n_addrs;
		int r;

		if (!func_same_module(sym.module, s->module) || suffix_is_cold(suffix))
			continue;
		if (!f.reason && it.variants)
			f.reason = variant_reason(s, suffix);
		n_addrs = count_named(j, sym.name, sym.module);
		judge(j, &f, n_addrs);
		r = add(j, f, s);
		if (r < 0)
			return r;
		++*ret_n;
	}
	return 0;
}

static int add_sig(struct job *j, const struct sig *s, bool conflict)
{
	const char *reason = conflict ? REASON_CONFLICT : s->reason;
	size_t n;
	int r;

	if (!reason && !s->named)
		reason = deny_reason(s->name);
	r = add_symbols(j, ksyms_named(j->ks, s->name), s, reason, &n);
	if (r < 0 || n)
		return r;
	r = add_symbols(j, ksyms_variants(j->ks, s->name), s, reason, &n);
	if (r < 0 || n || s->unchecked) /* mostly of a module that is not loaded */
		return r;
	return add(j, (struct func){.name = s->name, .module = s->module, .reason = REASON_INLINED}, s);
}

static bool same_function(const struct sig *a, const struct sig *b)
{
	return strcmp(a->name, b->name) == 0 && func_same_module(a->module, b->module);
}

static int add_sigs(struct job *j, const struct sig_set *sigs)
{
	for (size_t i = 0; i < sigs->n;) {
		const struct sig *s = &sigs->items[i];
		bool conflict = false;
		int r;

		j->netlink = true;
		for (; i < sigs->n && same_function(s, &sigs->items[i]); i++) {
			conflict |= sigs->items[i].slot != s->slot || sigs->items[i].indirect != s->indirect;
			j->netlink &= sigs->items[i].netlink;
		}
		r = add_sig(j, s, conflict);
		if (r < 0)
			return r;
	}
	return 0;
}

int select_filter_check(const char *text, struct reason *reason)
{
	_cleanup_(pattern_freep) struct pattern *re = NULL;

	return pattern_compile(text, PATTERN_WHOLE, &re, reason);
}

static int func_cmp(const void *a, const void *b)
{
	const struct func *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Of the names of one address only the first is kept, so that the function is probed once. */
static void drop_aliases(struct func_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (n && set->items[i].addr && set->items[i].addr == set->items[n - 1].addr) {
			set->n_attachable -= set->items[i].attachable;
			continue;
		}
		set->items[n++] = set->items[i];
	}
	set->n = n;
}

int select_funcs(const struct select_opts *opts, const struct ksyms *ks, struct sig_set *sigs,
		 const struct avail *avail, struct func_set *ret, struct reason *reason)
{
	_cleanup_funcs_ struct func_set out = {0};
	_cleanup_(job_free) struct job j = {.opts = opts, .ks = ks, .avail = avail, .out = &out};
	int r;

	if (opts->filter_func) {
		r = pattern_compile(opts->filter_func, PATTERN_WHOLE, &j.re, reason);
		if (r < 0)
			return r;
	}
	if (opts->filter_func_not) {
		r = pattern_compile(opts->filter_func_not, PATTERN_WHOLE, &j.re_not, reason);
		if (r < 0)
			return r;
	}
	r = known_sigs_add(sigs);
	if (r < 0)
		return r;
	r = pattern_why(add_sigs(&j, sigs), reason);
	if (r < 0)
		return r;
	if (out.n)
		qsort(out.items, out.n, sizeof(*out.items), func_cmp);
	drop_aliases(&out);
	*ret = out;
	out = (struct func_set){0};
	return 0;
}
