/* SPDX-License-Identifier: GPL-2.0-only */
/* explain: what the reason of a check, or the kernel's reason for a drop, means, and what to do about it. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "btf/drop_reasons.h"
#include "btf/index.h"
#include "check/check.h"
#include "cli/exit.h"
#include "cmd/commands.h"
#include "event/event.h"
#include "path/drop_causes.h"
#include "render/list/explain.h"
#include "rules/engine.h"

#define DROP_PREFIX "SKB_DROP_REASON_" /* of the kernel's enum skb_drop_reason */

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

static struct explanation of_check_path(enum rules_reason_code c)
{
	return (struct explanation){
		.name = rules_reason_code_name(c),
		.kind = "check",
		.verdict = rules_reason_code_fails(c) ? "FAIL" : "INCONCLUSIVE",
		.text = rules_reason_code_advice(c),
	};
}

/* cause: memory for its text */
static struct explanation of_drop(size_t i, char cause[static DROP_CAUSE_MAX])
{
	struct explanation e = {.name = drop_reason_at(i), .kind = "drop", .text = cause};
	const char *func;

	drop_cause(&(struct drop_facts){.reason = e.name}, cause);
	while (e.n_funcs < EXPLANATION_FUNCS_MAX && (func = drop_func_at(e.name, e.n_funcs)))
		e.funcs[e.n_funcs++] = func;
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

/* Explains the reasons of this name, all reasons for NULL. Returns their number. */
static unsigned explain(const struct explain_opts *o, const char *name, struct out *out)
{
	void (*show)(struct out *, const struct explanation *) = o->json ? explanation_json : explanation_text;
	char cause[DROP_CAUSE_MAX];
	struct explanation e;
	unsigned n = 0;

	for (enum reason_code c = 0; c < REASON_MAX; c++) {
		e = of_check(c);
		if (is_asked_for(name, &e))
			show(out, &e), n++;
	}
	for (enum rules_reason_code c = 0; c < RULES_REASON_MAX; c++) {
		e = of_check_path(c);
		if (e.text && is_asked_for(name, &e))
			show(out, &e), n++;
	}
	for (size_t i = 0; drop_reason_at(i); i++) {
		e = of_drop(i, cause);
		if (is_asked_for(name, &e))
			show(out, &e), n++;
	}
	return n;
}

/* The number of a reason of this kernel, as a trace shows it where it has no name. Sets *ret to its name: the caller's.
 */
static int name_of_number(const char *text, char **ret, struct reason *reason)
{
	_cleanup_(drop_reasons_freep) struct drop_reasons *d = NULL;
	_cleanup_(btf_index_freep) struct btf_index *vmlinux = NULL;
	const char *name;
	uint64_t number;
	int r = parse_u64(text, UINT32_MAX, &number);

	if (r < 0)
		return -ENOENT;
	r = btf_index_load(NULL, &vmlinux, reason);
	if (r >= 0)
		r = drop_reasons_load(vmlinux, &d);
	if (r < 0)
		return r;
	name = drop_reasons_name(d, (uint32_t)number);
	if (!name)
		return reason_set(reason, -EINVAL,
				  "%s: this kernel has no such drop reason; those of a module are known while it is "
				  "loaded",
				  text);
	*ret = strdup(name);
	return *ret ? 0 : -ENOMEM;
}

/* A number is that of a drop reason of this kernel. */
static int explain_number(const struct explain_opts *o, const char *text, struct out *out, struct reason *reason)
{
	_cleanup_free_ char *name = NULL;
	struct explanation e = {.kind = "drop", .text = "the kernel has this reason; its cause is not known here"};
	int r = name_of_number(text, &name, reason);

	if (r < 0 || !name)
		return r < 0 ? r : -ENOMEM;
	if (drop_reason_is_none(name) || strcmp(name, "MAX") == 0) /* the end of the kernel's list */
		return reason_set(reason, -EINVAL, "%s: %s, which is no reason for a drop", text, name);
	if (explain(o, name, out))
		return 0;
	e.name = name;
	(o->json ? explanation_json : explanation_text)(out, &e);
	return 0;
}

/* The code of every check that ended without a verdict. */
static bool explain_refused(const struct explain_opts *o, const char *name, struct out *out)
{
	static const struct explanation refused = {
		.name = "refused",
		.kind = "check",
		.text = "The check could not be made: its text says why, and the exit status is 2. What was typed "
			"may be wrong, or the kernel or its permissions: 'skbtrail doctor' says which."};

	if (strcasecmp(name, refused.name) != 0)
		return false;
	(o->json ? explanation_json : explanation_text)(out, &refused);
	return true;
}

static int run(void *arg, int argc, char **argv)
{
	_cleanup_out_ struct out out = {0};
	const struct explain_opts *o = arg;
	struct reason reason = {0};

	if (argc == 0)
		explain(o, NULL, &out);
	for (int i = 0; i < argc; i++) {
		int r = explain_refused(o, argv[i], &out) || explain(o, argv[i], &out)
				? 0
				: explain_number(o, argv[i], &out, &reason);

		if (r < 0 && r != -ENOENT)
			return exit_refuse(r, &reason);
		if (r < 0)
			return exit_refuse(
				reason_set(&reason, -ENOENT,
					   "%s: no reason of a check, and no drop reason whose cause is known; "
					   "without a name 'skbtrail explain' explains all",
					   argv[i]),
				&reason);
	}
	return exit_show(&out, ST_EXIT_OK);
}

static const char *const examples[] = {
	"explain", "explain leg-dropped", "explain NETFILTER_DROP", "explain --json no-traffic", NULL,
};

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[OPTIONS] [REASON]...",
	.summary = "Says what the reason of a check or a drop means, and what to do.",
	.opts = explain_options,
	.examples = examples,
	.opts_size = sizeof(struct explain_opts),
	.run = run,
};
