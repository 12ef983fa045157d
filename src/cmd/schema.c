/* SPDX-License-Identifier: GPL-2.0-only */
/* schema: what the lines of --json look like, as JSON Schema. */
#include "render/schema/schema.h"

#include <errno.h>
#include <stdio.h>

#include "cli/exit.h"
#include "cmd/commands.h"

struct schema_opts {
	bool list;
};

static const struct opt schema_options[] = {
	{"list", 0, NULL, "list the types, one on each line", opt_flag, offsetof(struct schema_opts, list)},
	OPT_END,
};

static int refuse_type(const char *type, struct reason *reason)
{
	char types[256] = "";
	const char *name;
	size_t len, n = 0;

	for (size_t i = 0; (len = schema_type(i, &name)) && n < sizeof(types); i++)
		n += (size_t)snprintf(types + n, sizeof(types) - n, "%s%.*s", i ? ", " : "", (int)len, name);
	return reason_set(reason, -EINVAL, "%s: no type of a JSON line; there are %s", type, types);
}

static void list(struct out *o)
{
	const char *name;
	size_t len;

	for (size_t i = 0; (len = schema_type(i, &name)); i++) {
		out_mem(o, name, len);
		out_char(o, '\n');
	}
}

static int run(void *arg, int argc, char **argv)
{
	_cleanup_out_ struct out out = {0};
	const struct schema_opts *o = arg;
	struct reason reason = {0};

	if (argc && o->list)
		return exit_refuse(reason_set(&reason, -EINVAL, "%s: --list lists all types", argv[0]), &reason);
	if (argc > 1)
		return exit_refuse(reason_set(&reason, -EINVAL, "%s: schema takes one type", argv[1]), &reason);
	if (argc && !schema_has(argv[0]))
		return exit_refuse(refuse_type(argv[0], &reason), &reason);
	if (o->list)
		list(&out);
	else
		schema_put(argc ? argv[0] : NULL, &out);
	return exit_show(&out, ST_EXIT_OK);
}

static const char *const examples[] = {
	"schema",
	"schema event",
	"schema --list",
	"schema check | jq -r '.\"$defs\".check_same_node.properties.verdict.enum[]'",
	NULL,
};

const struct command cmd_schema = {
	.name = "schema",
	.usage = "[TYPE]",
	.summary = "Prints the JSON Schema of what --json prints: of every line, or of lines of one type.",
	.examples = examples,
	.opts = schema_options,
	.opts_size = sizeof(struct schema_opts),
	.run = run,
};
