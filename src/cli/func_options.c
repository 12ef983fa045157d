/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/func_options.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "select/deny.h"
#include "select/select.h"

#define MODULE_NAME_MAX 56 /* MODULE_NAME_LEN, include/linux/module.h */

/* The kernel spells names with _ where file names have -. */
static int module_path(const char *name, size_t len, char *path, size_t size)
{
	int n;

	if (len == 0 || len >= MODULE_NAME_MAX || memchr(name, '/', len) || memchr(name, '.', len))
		return -EINVAL;
	n = snprintf(path, size, "/sys/module/%.*s", (int)len, name);
	if (n < 0 || (size_t)n >= size)
		return -EINVAL;
	for (char *p = path + strlen("/sys/module/"); *p; p++)
		if (*p == '-')
			*p = '_';
	return 0;
}

int opt_kmods(void *dst, const char *value, struct reason *reason)
{
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ",");
		char path[128];

		if (module_path(p, len, path, sizeof(path)) < 0)
			return reason_set(reason, -EINVAL, "must be names of modules, separated by commas");
		if (access(path, F_OK) < 0)
			return reason_set(reason, -EINVAL, "no module '%.*s' is loaded; load it first (modprobe)",
					  (int)len, p);
		p += len;
		if (!*p)
			break;
	}
	*(const char **)dst = value;
	return 0;
}

int opt_filter_func(void *dst, const char *value, struct reason *reason)
{
	int r = opt_not_empty(value, reason);

	if (r >= 0)
		r = select_filter_check(value, reason);
	if (r >= 0)
		*(const char **)dst = value;
	return r;
}

int opt_probed_func(void *dst, const char *value, struct reason *reason)
{
	int r = deny_check_filter(value, reason);

	return r < 0 ? r : opt_filter_func(dst, value, reason);
}

int opt_probe(void *dst, const char *value, struct reason *reason)
{
	return probe_specs_add(dst, value, reason);
}

int opt_non_skb_funcs(void *dst, const char *value, struct reason *reason)
{
	return probe_specs_add_names(dst, value, reason);
}

int opt_kprobe_batch(void *dst _unused_, const char *value, struct reason *reason)
{
	uint64_t n;

	return parse_u64(value, UINT32_MAX, &n) < 0 || n == 0 ? reason_set(reason, -EINVAL, "must be a number above 0")
							      : 0;
}

bool func_options_without_packet(const struct func_options *o)
{
	return o->helpers || probe_specs_without_packet(&o->probes);
}
