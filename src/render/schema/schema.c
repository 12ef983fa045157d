/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/schema/schema.h"

#include <string.h>

#define DEFS "#/$defs/"
#define LINE DEFS "line\""

size_t schema_type(size_t i, const char **ret)
{
	const char *p = strstr(schema_json, "\"line\": {"), *end = strchr(p, ']');

	for (size_t at = 0;; at++) {
		p = strstr(p, DEFS);
		if (!p || p > end)
			return 0;
		p += strlen(DEFS);
		if (at == i)
			break;
	}
	*ret = p;
	return strcspn(p, "\"");
}

bool schema_has(const char *type)
{
	const char *name;
	size_t len;

	for (size_t i = 0; (len = schema_type(i, &name)); i++)
		if (len == strlen(type) && memcmp(name, type, len) == 0)
			return true;
	return false;
}

void schema_put(const char *type, struct out *o)
{
	const char *at = strstr(schema_json, LINE);

	out_mem(o, schema_json, (size_t)(at - schema_json));
	out_str(o, DEFS);
	out_str(o, type ? type : "line");
	out_str(o, at + strlen(LINE) - 1);
}
