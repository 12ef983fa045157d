/* SPDX-License-Identifier: GPL-2.0-only */
/* explain: what a reason means that a check gave, or the kernel for a drop, and what to do about it. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "check/check.h"
#include "cmd/cmd.h"
#include "path/drop_causes.h"
#include "render/explain.h"
#include "rules/engine.h"

#define DROP_PREFIX "SKB_DROP_REASON_" /* as the kernel's headers have them */

struct explain_opts {
	bool json;
};

static const struct opt explain_options[] = {
	{"json", 0, NULL, "print one JSON object per line", opt_flag, offsetof(struct explain_opts, json)},
	OPT_END,
};

static struct explanation of_check(enum reason_code c)
{
	return (struct explanation){
		.name = reason_code_name(c),
		.kind = "check",
		.verdict = reason_code_fails(c) ? "FAIL" : "INCONCLUSIVE",
		.text = reason_code_advice(c),
	};
}

static struct explanation of_check_path(enum path_reason c)
{
	return (struct explanation){
		.name = path_reason_name(c),
		.kind = "check",
		.verdict = path_reason_fails(c) ? "FAIL" : "INCONCLUSIVE",
		.text = path_reason_advice(c),
	};
}

static struct explanation of_drop(size_t i)
{
	struct explanation e = {.name = drop_reason_at(i), .kind = "drop"};
	const char *place;

	e.text = drop_cause(e.name, NULL, NULL);
	while (e.n_places < EXPLANATION_PLACES_MAX && (place = drop_place_at(e.name, e.n_places)))
		e.places[e.n_places++] = place;
	return e;
}

static bool is_asked_for(const char *name, const struct explanation *e)
{
	const char *bare = name;

	if (!name)
		return true;
	if (strcmp(e->kind, "drop") == 0 && strncasecmp(name, DROP_PREFIX, strlen(DROP_PREFIX)) == 0)
		bare += strlen(DROP_PREFIX);
	return strcasecmp(bare, e->name) == 0;
}

/* Those of that name, all for NULL; how many. */
static unsigned explain(const struct explain_opts *o, const char *name, struct out *out)
{
	void (*show)(struct out *, const struct explanation *) = o->json ? explanation_json : explanation_text;
	struct explanation e;
	unsigned n = 0;

	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		e = of_check(c);
		if (is_asked_for(name, &e))
			show(out, &e), n++;
	}
	for (enum path_reason c = 0; c < PATH_REASON_MAX; c++) {
		e = of_check_path(c);
		if (e.text && is_asked_for(name, &e))
			show(out, &e), n++;
	}
	for (size_t i = 0; drop_reason_at(i); i++) {
		e = of_drop(i);
		if (is_asked_for(name, &e))
			show(out, &e), n++;
	}
	return n;
}

static int run(void *arg, int argc, char **argv)
{
	_cleanup_out_ struct out out = {0};
	const struct explain_opts *o = arg;
	struct reason reason = {0};

	if (argc == 0)
		explain(o, NULL, &out);
	for (int i = 0; i < argc; i++) {
		if (!explain(o, argv[i], &out))
			return refuse(reason_set(&reason, -ENOENT,
						 "%s: no reason of a check, and no drop reason whose cause is known; "
						 "without a name 'skbtrail explain' explains all",
						 argv[i]),
				      &reason);
	}
	return show_stdout(&out, ST_EXIT_OK);
}

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[OPTIONS] [REASON]...",
	.summary = "say what a check's or a drop's reason means, and what to do",
	.opts = explain_options,
	.opts_size = sizeof(struct explain_opts),
	.run = run,
};
