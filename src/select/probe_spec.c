/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/probe_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

int probe_specs_add(struct probe_specs *specs, const char *text, struct reason *reason)
{
	const char *colon = strrchr(text, ':');
	uint64_t slot;

	if (!colon || colon == text || strcspn(text, ": \t[]") != (size_t)(colon - text))
		return reason_set(reason, -EINVAL,
				  "must be FUNC:ARG, a function's name and the number of its argument that "
				  "is the packet");
	if (parse_u64(colon + 1, SLOT_MAX, &slot) < 0 || slot == 0)
		return reason_set(reason, -EINVAL, "the argument must be a number from 1 to %d", SLOT_MAX);
	if (specs->n == PROBE_SPECS_MAX)
		return reason_set(reason, -EINVAL, "more than %d functions are named", PROBE_SPECS_MAX);
	specs->v[specs->n++] =
		(struct probe_spec){.name = text, .name_len = (size_t)(colon - text), .slot = (uint8_t)slot};
	return 0;
}

int probe_specs_add_names(struct probe_specs *specs, const char *text, struct reason *reason)
{
	for (const char *p = text;; p++) {
		size_t len = strcspn(p, ",");

		if (len == 0 || strcspn(p, ": \t[]") < len)
			return reason_set(reason, -EINVAL, "must be names of functions, separated by commas");
		if (specs->n == PROBE_SPECS_MAX)
			return reason_set(reason, -EINVAL, "more than %d functions are named", PROBE_SPECS_MAX);
		specs->v[specs->n++] = (struct probe_spec){.name = p, .name_len = len};
		p += len;
		if (!*p)
			return 0;
	}
}

bool probe_specs_without_packet(const struct probe_specs *specs)
{
	for (size_t i = 0; i < specs->n; i++)
		if (!specs->v[i].slot)
			return true;
	return false;
}

/* Marks the function's signatures in the set. False if there are none. */
static bool mark_asked(struct sig_set *sigs, const char *name, const char *module)
{
	bool any = false;

	for (size_t i = 0; i < sigs->n; i++) {
		if (strcmp(sigs->items[i].name, name) == 0 && func_same_module(sigs->items[i].module, module))
			any = sigs->items[i].asked = sigs->items[i].named = true;
	}
	return any;
}

static void remove_sigs(struct sig_set *sigs, const char *name, const char *module)
{
	size_t n = 0;

	for (size_t i = 0; i < sigs->n; i++) {
		if (strcmp(sigs->items[i].name, name) != 0 || !func_same_module(sigs->items[i].module, module)) {
			sigs->items[n++] = sigs->items[i];
			continue;
		}
		free(sigs->items[i].name);
		free(sigs->items[i].module);
	}
	sigs->n = n;
}

static int refuse_name(const struct probe_spec *spec, const char *name, struct reason *reason)
{
	char arg[8] = "";

	if (spec->slot)
		snprintf(arg, sizeof(arg), ":%u", spec->slot);
	return reason_set(reason, -ENOENT,
			  "--%s=%s%s: the kernel has no function of this name; 'grep %s /proc/kallsyms' shows what it "
			  "calls it",
			  spec->slot ? "probe" : "filter-non-skb-funcs", name, arg, name);
}

/* One signature per module that has a function of that name. */
static int apply(const struct probe_spec *spec, const struct ksyms *ks, struct sig_set *sigs, struct reason *reason)
{
	_cleanup_free_ char *name = strndup(spec->name, spec->name_len);
	struct ksyms_iter it;
	struct ksym sym;
	bool any = false;

	if (!name)
		return -ENOMEM;
	it = ksyms_named(ks, name);
	while (ksyms_next(&it, &sym)) {
		struct sig s = {
			.name = name, .module = (char *)sym.module, .slot = spec->slot, .asked = true, .named = true};
		int r;

		any = true;
		if (!spec->slot && mark_asked(sigs, name, sym.module))
			continue;
		remove_sigs(sigs, name, sym.module);
		r = sig_set_add(sigs, &s);
		if (r < 0)
			return r;
	}
	return any ? 0 : refuse_name(spec, name, reason);
}

int probe_specs_apply(const struct probe_specs *specs, const struct ksyms *ks, struct sig_set *sigs,
		      struct reason *reason)
{
	for (size_t i = 0; i < specs->n; i++) {
		int r = apply(&specs->v[i], ks, sigs, reason);

		if (r < 0)
			return r;
	}
	return 0;
}
