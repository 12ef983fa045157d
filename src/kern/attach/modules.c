/* SPDX-License-Identifier: GPL-2.0-only */
#include "kern/attach/modules.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"

/* MODULE_NAME_LEN of include/linux/module.h */
#define NAME_BYTES (64 - sizeof(unsigned long))

struct module {
	char name[NAME_BYTES];
	uint64_t inode;	 /* of its directory in sysfs, another one after each load; 0: it has none */
	size_t attached; /* functions */
	bool told;	 /* that it was unloaded */
};

struct modules {
	struct module *v;
	size_t n;
};

static uint64_t inode_of(const char *name)
{
	char path[NAME_BYTES + sizeof("/sys/module/")];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static struct module *find(const struct modules *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->v[i].name, name) == 0)
			return &m->v[i];
	}
	return NULL;
}

static int add(struct modules *m, const char *name)
{
	struct module *found = find(m, name);

	if (!found && ARRAY_GROW(m->v, m->n) < 0)
		return -ENOMEM;
	if (!found) {
		found = &m->v[m->n++];
		*found = (struct module){.inode = inode_of(name)};
		snprintf(found->name, sizeof(found->name), "%s", name);
	}
	found->attached++;
	return 0;
}

static bool has_failed(const struct func *f, const struct trace_failure *failures, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (failures[i].func == f)
			return true;
	}
	return false;
}

int modules_new(const struct func_set *funcs, const struct trace_failure *failures, size_t n, struct modules **ret)
{
	_cleanup_(modules_freep) struct modules *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	for (size_t i = 0; i < funcs->n; i++) {
		const struct func *f = &funcs->items[i];

		if (f->module && f->attachable && !has_failed(f, failures, n) && add(m, f->module) < 0)
			return -ENOMEM;
	}
	*ret = TAKE_PTR(m);
	return 0;
}

size_t modules_report_gone(struct modules *m, const char *module)
{
	struct module *found = find(m, module);
	bool told = !found || found->told;

	if (found)
		found->told = true;
	return told ? 0 : found->attached;
}

size_t modules_count_gone(const struct modules *m)
{
	size_t gone = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].inode && inode_of(m->v[i].name) != m->v[i].inode)
			gone += m->v[i].attached;
	}
	return gone;
}

void modules_free(struct modules *m)
{
	if (!m)
		return;
	free(m->v);
	free(m);
}
