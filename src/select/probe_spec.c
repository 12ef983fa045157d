/* SPDX-License-Identifier: GPL-2.0-only */
#include "select/probe_spec.h"

#include <errno.h>
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

static bool same_module(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void remove_sigs(struct sig_set *sigs, const char *name, const char *module)
{
	size_t n = 0;

	for (size_t i = 0; i < sigs->n; i++) {
		if (strcmp(sigs->items[i].name, name) != 0 || !same_module(sigs->items[i].module, module)) {
			sigs->items[n++] = sigs->items[i];
			continue;
		}
		free(sigs->items[i].name);
		free(sigs->items[i].module);
	}
	sigs->n = n;
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
		struct sig s = {.name = name, .module = (char *)sym.module, .slot = spec->slot, .asked = true};
		int r;

		remove_sigs(sigs, name, sym.module);
		r = sig_set_add(sigs, &s);
		if (r < 0)
			return r;
		any = true;
	}
	if (!any)
		return reason_set(
			reason, -ENOENT,
			"--probe=%s:%u: the kernel has no function of this name; 'grep %s /proc/kallsyms' shows "
			"what it calls it",
			name, spec->slot, name);
	return 0;
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
