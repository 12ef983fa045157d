/* SPDX-License-Identifier: GPL-2.0-only */
/* funcs: the functions that would be probed. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/pattern.h"
#include "cli/exit.h"
#include "cli/func_options.h"
#include "cmd/commands.h"
#include "kallsyms/kcode.h"
#include "kallsyms/site.h"
#include "kern/error/kern_error.h"
#include "live/targets.h"
#include "render/list/funcs.h"
#include "render/out/escape.h"
#include "rules/glob.h"

#define DISASM_MAX_BYTES (64u << 10) /* of one function; limits gaps between symbols */
#define DISASM_INSN_COLS 32	     /* column of the mnemonic, behind ten bytes of code */

struct funcs_opts {
	const char *filter_func;
	const char *kernel_btf;
	struct func_options funcs;
	bool all, json, disasm;
};

static const struct opt funcs_options[] = {
	{"all", 'a', NULL, "also list what cannot be probed, and why", opt_flag, offsetof(struct funcs_opts, all)},
	{"json", 0, NULL, "one JSON object per line", opt_flag, offsetof(struct funcs_opts, json)},
	{"disasm", 0, NULL, "disassemble each function as it stands in memory", opt_flag,
	 offsetof(struct funcs_opts, disasm)},
	{"filter-func", 0, "REGEX", "only functions whose whole name matches the regular expression", opt_filter_func,
	 offsetof(struct funcs_opts, filter_func)},
	FUNC_OPTION_ROWS(offsetof(struct funcs_opts, funcs)),
	{"kernel-btf", 0, "FILE", "take types from this BTF or ELF file instead of the running kernel", opt_string,
	 offsetof(struct funcs_opts, kernel_btf)},
	OPT_END,
};

/* Whether the pattern has wildcards, as ip_* or *_rcv?, and nothing that only a regular expression has, as ".*". */
static bool is_wildcard(const char *pattern)
{
	return strpbrk(pattern, "*?") && !strpbrk(pattern, "^$()[]{}|+\\") && !strstr(pattern, ".*") &&
	       !strstr(pattern, ".?");
}

static int check_pattern(const char *pattern, struct reason *reason)
{
	return is_wildcard(pattern) ? 0 : select_filter_check(pattern, reason);
}

static void keep_wildcard(struct func_set *set, const char *pattern)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (glob_match_func(pattern, set->items[i].name))
			set->items[n++] = set->items[i];
		else
			set->n_attachable -= set->items[i].attachable;
	}
	set->n = n;
}

/* Keeps the functions in whose name a regular expression matches anywhere, or whose whole name matches a wildcard. */
static int keep_matching(struct func_set *set, const char *pattern, struct reason *reason)
{
	_cleanup_(pattern_freep) struct pattern *re = NULL;
	size_t n = 0;
	int r;

	if (is_wildcard(pattern)) {
		keep_wildcard(set, pattern);
		return 0;
	}
	r = pattern_compile(pattern, PATTERN_ANYWHERE, &re, reason);
	for (size_t i = 0; r >= 0 && i < set->n; i++) {
		r = pattern_matches(re, set->items[i].name);
		if (r > 0)
			set->items[n++] = set->items[i];
		else
			set->n_attachable -= set->items[i].attachable;
	}
	set->n = n;
	return r < 0 ? pattern_why(r, reason) : 0;
}

static int disasm_line(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len_bytes, const char *mnemonic,
		       const char *operands)
{
	struct out *o = ctx;
	size_t start;

	out_hex_digits(o, addr, 16);
	out_str(o, "  ");
	start = o->buf.len;
	for (size_t i = 0; i < len_bytes; i++) {
		out_hex_digits(o, bytes[i], 2);
		out_char(o, ' ');
	}
	out_pad(o, start, DISASM_INSN_COLS);
	out_str(o, mnemonic);
	if (*operands) {
		out_char(o, ' ');
		out_str(o, operands);
	}
	out_char(o, '\n');
	return 0;
}

static int disasm_func(struct out *o, const struct targets *env, const struct kcode *code, const struct func *f)
{
	uint64_t len = ksyms_extent_bytes(env->ksyms, f->addr);
	_cleanup_free_ uint8_t *bytes = NULL;
	ssize_t n;

	if (len == 0 || len > DISASM_MAX_BYTES)
		len = DISASM_MAX_BYTES;
	bytes = malloc(len);
	if (!bytes)
		return -ENOMEM;
	n = kcode_read(code, f->addr, bytes, len);
	if (n < 0)
		return n;
	out_escaped_word(o, f->name);
	if (f->module) {
		out_str(o, " [");
		out_escaped_word(o, f->module);
		out_char(o, ']');
	}
	out_str(o, ":\n");
	return site_disasm(bytes, n, f->addr, disasm_line, o);
}

/* -EPIPE comes without a reason: the reader has closed the pipe. */
static int flush(struct out *o, struct reason *reason)
{
	int r = out_flush_fd(o, STDOUT_FILENO);

	if (r < 0 && r != -EPIPE)
		reason_set(reason, r, "writing to standard output failed: %s", strerror(-r));
	return r;
}

static int disasm_all(const struct targets *env, struct reason *reason)
{
	_cleanup_kcode_ struct kcode *code = NULL;
	_cleanup_out_ struct out o = {0};
	int r = kcode_open(&code, reason);
	bool any = false;

	for (size_t i = 0; r >= 0 && i < env->funcs.n; i++) {
		const struct func *f = &env->funcs.items[i];

		if (!f->addr)
			continue;
		if (any)
			out_char(&o, '\n');
		any = true;
		r = disasm_func(&o, env, code, f);
		if (r == -EOPNOTSUPP)
			return reason_set(reason, r, "--disasm does not know this architecture");
		if (r < 0)
			return reason_set(reason, r, "cannot read the code of %s: %s", f->name, strerror(-r));
		if (o.buf.len > DISASM_MAX_BYTES)
			r = flush(&o, reason);
	}
	return r < 0 ? r : flush(&o, reason);
}

static int list(const struct targets *env, const struct funcs_opts *opts, struct reason *reason)
{
	const struct funcs_view view = {.kprobe_multi = env->kprobe_multi, .reasons = opts->all};
	_cleanup_out_ struct out o = {0};

	if (opts->json)
		funcs_json(&o, &env->funcs, &view);
	else
		funcs_text(&o, &env->funcs, &view);
	return flush(&o, reason);
}

static int run_funcs(void *dst, int argc, char **argv)
{
	const struct funcs_opts *opts = dst;
	struct targets_opts env_opts = {.select = {.filter_func = opts->filter_func, .all = opts->all},
					.kernel_btf = opts->kernel_btf};
	_cleanup_targets_ struct targets env = {0};
	struct reason reason = {0};
	int r = 0;

	r = targets_options(&opts->funcs, &env_opts, &reason);
	if (r >= 0 && argc > 1)
		r = reason_set(&reason, -EINVAL, "funcs takes one PATTERN, not %d", argc);
	if (opts->disasm && opts->json)
		r = reason_set(&reason, -EINVAL, "--disasm and --json exclude each other");
	if (r >= 0 && argc == 1)
		r = check_pattern(argv[0], &reason);
	kern_error_init();
	if (r >= 0)
		r = targets_load(&env_opts, &env, &reason);
	if (r >= 0 && argc == 1)
		r = keep_matching(&env.funcs, argv[0], &reason);
	if (r < 0)
		return exit_refuse(r, &reason);
	if (opts->disasm) {
		r = disasm_all(&env, &reason);
	} else {
		(void)targets_read_offsets(&env, NULL); /* without offsets probes go to the first byte */
		r = list(&env, opts, &reason);
	}
	return r < 0 && r != -EPIPE ? exit_refuse(r, &reason) : ST_EXIT_OK;
}

static const char *const examples[] = {
	"funcs", "funcs 'tcp_.*'", "funcs --all '.*kfree_skb.*'", "funcs --disasm ip_rcv", NULL,
};

const struct command cmd_funcs = {
	.name = "funcs",
	.usage = "[PATTERN]",
	.summary = "Lists the kernel functions that would be probed.",
	.opts = funcs_options,
	.examples = examples,
	.opts_size = sizeof(struct funcs_opts),
	.run = run_funcs,
};
