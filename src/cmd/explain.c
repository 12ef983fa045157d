/* SPDX-License-Identifier: GPL-2.0-only */
/* explain: what a reason means that a check gave, or the kernel for a drop, and what to do about it. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "check/check.h"
#include "cmd/cmd.h"
#include "path/drop_causes.h"
#include "render/explain.h"

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

static struct explanation of_drop(size_t i)
{
	struct explanation e = {.name = drop_reason_at(i), .kind = "drop"};
	const char *place;

	e.text = drop_cause(e.name, NULL, NULL);
	while (e.n_places < EXPLANATION_PLACES_MAX && (place = drop_place_at(e.name, e.n_places)))
		e.places[e.n_places++] = place;
	return e;
}

static void show(const struct explain_opts *o, const struct explanation *e, struct out *out)
{
	(o->json ? explanation_json : explanation_text)(out, e);
}

static int explain(const struct explain_opts *o, const char *name, struct out *out)
{
	const char *bare = strncasecmp(name, DROP_PREFIX, strlen(DROP_PREFIX)) == 0 ? name + strlen(DROP_PREFIX) : name;

	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		struct explanation e = of_check(c);

		if (strcasecmp(name, e.name) == 0)
			return show(o, &e, out), 0;
	}
	for (size_t i = 0; drop_reason_at(i); i++) {
		struct explanation e = of_drop(i);

		if (strcasecmp(bare, e.name) == 0)
			return show(o, &e, out), 0;
	}
	return -ENOENT;
}

static void explain_all(const struct explain_opts *o, struct out *out)
{
	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		struct explanation e = of_check(c);

		show(o, &e, out);
	}
	for (size_t i = 0; drop_reason_at(i); i++) {
		struct explanation e = of_drop(i);

		show(o, &e, out);
	}
}

static int run(void *arg, int argc, char **argv)
{
	_cleanup_out_ struct out out = {0};
	const struct explain_opts *o = arg;
	struct reason reason = {0};

	if (argc == 0)
		explain_all(o, &out);
	for (int i = 0; i < argc; i++) {
		if (explain(o, argv[i], &out) < 0)
			return refuse(reason_set(&reason, -ENOENT,
						 "%s: no reason of a check, and no drop reason whose cause is known; "
						 "without a name 'skbtrail explain' explains all",
						 argv[i]),
				      &reason);
	}
	return out_flush_file(&out, stdout) == -ENOMEM ? refuse(-ENOMEM, NULL) : finish_stdout(ST_EXIT_OK);
}

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[OPTIONS] [REASON]...",
	.summary = "say what a check's or a drop's reason means, and what to do",
	.opts = explain_options,
	.opts_size = sizeof(struct explain_opts),
	.run = run,
};
