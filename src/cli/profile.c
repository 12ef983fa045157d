/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define FILE_BYTES_MAX (64u << 10)
#define ARGS_MAX       256 /* added by profiles */
#define EXPRESSION     "expression"

static const struct {
	const char *name, *text;
} builtins[] = {
	{"drops", "# Packets that die: where, why, and what is likely to be the cause.\n"
		  "# Only what frees packets is probed, so it costs little on a busy machine.\n"
		  "filter-func (__)?(kfree_skb|sk_skb_reason_drop)(_reason|_list|_list_reason)?\n"
		  "path\n"},
	{"dns", "# Questions to name servers and their answers, over UDP and TCP, packet by packet.\n"
		"filter-port 53\n"
		"path\n"},
	{"tcp-connect",
	 "# TCP connections that are made, refused and ended: packets with SYN, FIN or RST.\n"
	 "expression (tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0) or (ip6[6] = 6 and ip6[53] & 7 != 0)\n"
	 "path\n"},
	{"same-node",
	 "# The way between two pods of one node, as a diagram: veth or redirect, routed or bridged.\n"
	 "# Give --filter-ip too. Only the places where these ways part are probed.\n"
	 "filter-func (__)?(dev_queue_xmit|netif_receive_skb(_core)?|br_forward)|dev_hard_start_xmit|veth_xmit|"
	 "netkit_xmit|tcf_classify|cls_bpf_classify|skb_do_redirect|ip6?_(output|rcv|forward|input|"
	 "local_deliver)|ipv6_rcv|br_handle_frame|nf_hook_slow|(icmp|icmpv6|udp|udpv6|tcp_v4|tcp_v6)_rcv\n"
	 "diagram\n"},
};

void profile_help(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		fprintf(to, "%s--profile %s\n%s", i ? "\n" : "", builtins[i].name, builtins[i].text);
}

const char *profile_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return builtins[i].text;
	return NULL;
}

/* A name without a slash is more likely a mistyped profile than a missing file. */
static int read_text(const char *name, char **ret, struct reason *reason)
{
	const char *text = profile_builtin(name);
	_cleanup_buf_ struct buf file = {0};
	char *copy;
	int r;

	if (!text) {
		r = buf_read_file_max(name, FILE_BYTES_MAX, &file);
		if (r == -ENOENT && !strchr(name, '/'))
			return reason_set(reason, -EINVAL,
					  "--profile=%s: neither a profile ('--profile help' prints them) nor a file",
					  name);
		if (r < 0 && r != -EFBIG)
			return reason_set(reason, r, "--profile=%s: %s", name, strerror(-r));
		if (r == -EFBIG || memchr(file.data, '\0', file.len))
			return reason_set(reason, -EINVAL, "--profile=%s: not a text file of at most 64 KiB", name);
		text = file.data;
	}
	copy = text ? strdup(text) : NULL;
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* The command line as it was typed. */
struct typed {
	const struct command *cmd;
	int argc;
	char **argv;
};

/* The option of argument *i, or NULL if it is none. *ret_value is its value; *i advances onto a value in an argument of
 * its own. */
static const struct opt *option_at(const struct typed *t, int *i, const char **ret_value)
{
	const char *arg = t->argv[*i], *eq = strchr(arg, '=');
	const struct opt *o;

	if (arg[0] != '-' || !arg[1])
		return NULL;
	if (arg[1] == '-') {
		o = opts_find_long(t->cmd, arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		*ret_value = eq ? eq + 1 : NULL;
	} else {
		o = opts_find_letter(t->cmd, arg[1]);
		*ret_value = arg[2] ? arg + 2 : NULL;
	}
	if (o && o->arg && o->arg[0] != '[' && !*ret_value && *i + 1 < t->argc)
		*ret_value = t->argv[++*i];
	return o;
}

static bool is_typed(const struct typed *t, const struct opt *wanted)
{
	const char *value;

	for (int i = 0; i < t->argc && strcmp(t->argv[i], "--") != 0; i++)
		if (option_at(t, &i, &value) == wanted)
			return true;
	return false;
}

/* Whether there is a positional argument, which is the expression. Behind "--" there may be a command. */
static bool has_expression(const struct typed *t)
{
	const char *value;

	for (int i = 0; i < t->argc; i++) {
		if (strcmp(t->argv[i], "--") == 0)
			return !t->cmd->takes_command && i + 1 < t->argc;
		if (t->argv[i][0] != '-' || !t->argv[i][1])
			return true;
		option_at(t, &i, &value);
	}
	return false;
}

struct expansion {
	const struct typed *typed;
	const char *name; /* the profile's */
	unsigned line;
	char *args[ARGS_MAX]; /* borrowed */
	const struct opt *opts[ARGS_MAX];
	const char *of[ARGS_MAX]; /* the profile that has the option */
	int n;
	char *expression;
};

static int add_option(struct expansion *x, char *line, size_t name_len, const char *value, struct reason *reason)
{
	const struct opt *o = opts_find_long(x->typed->cmd, line + 2, name_len);

	if (!o || strcmp(o->name, "profile") == 0)
		return reason_set(reason, -EINVAL, "--profile=%s, line %u: %.*s: %s", x->name, x->line, (int)name_len,
				  line + 2, o ? "a profile does not name others" : "there is no such option");
	if (is_typed(x->typed, o))
		return 0;
	for (int i = 0; i < x->n; i++) {
		if (x->opts[i] != o)
			continue;
		/* the first profile that has the option decides; a flag is one */
		if (x->of[i] != x->name || !o->arg)
			return 0;
		if (!o->repeats)
			return reason_set(reason, -EINVAL,
					  "--profile=%s, line %u: %s was given before, and takes one value", x->name,
					  x->line, o->name);
	}
	if (x->n == ARGS_MAX)
		return reason_set(reason, -E2BIG, "--profile=%s, line %u: too many options", x->name, x->line);
	if (!value && o->arg && o->arg[0] != '[')
		return reason_set(reason, -EINVAL, "--profile=%s, line %u: %s: a value is missing (%s)", x->name,
				  x->line, o->name, o->arg);
	x->opts[x->n] = o;
	x->of[x->n] = x->name;
	x->args[x->n++] = line;
	return 0;
}

/* For commands that take the expression as an argument. */
static int add_expression(struct expansion *x, char *value, struct reason *reason)
{
	if (!value)
		return reason_set(reason, -EINVAL, "--profile=%s, line %u: the expression is missing", x->name,
				  x->line);
	if (!x->expression && !has_expression(x->typed))
		x->expression = value;
	return 0;
}

/* Before line there are two bytes, for the dashes. */
static int add_line(struct expansion *x, char *line, struct reason *reason)
{
	size_t len = strlen(line), name_len;
	char *value = NULL;

	while (len && strchr(" \t\r", line[len - 1]))
		line[--len] = '\0';
	line += strspn(line, " \t-");
	if (!*line || *line == '#')
		return 0;
	name_len = strcspn(line, " \t=");
	if (line[name_len]) {
		value = line + name_len + 1 + strspn(line + name_len + 1, " \t=");
		line[name_len] = '\0';
	}
	if (name_len == strlen(EXPRESSION) && strcmp(line, EXPRESSION) == 0 &&
	    !opts_find_long(x->typed->cmd, EXPRESSION, name_len))
		return add_expression(x, value, reason);
	if (value) {
		memmove(line + name_len + 1, value, strlen(value) + 1);
		line[name_len] = '=';
	}
	memmove(line - 2, "--", 2);
	return add_option(x, line - 2, name_len, value, reason);
}

/* Splits the text of a profile into arguments; *ret owns the strings. */
static int add_profile(struct expansion *x, struct profile_args *ret, const char *name, struct reason *reason)
{
	_cleanup_free_ char *text = NULL;
	char *room, *rest, *line;
	int r = read_text(name, &text, reason);

	if (r < 0)
		return r;
	x->name = name;
	x->line = 0;
	/* add_line() needs two bytes before each line */
	for (rest = text; (line = strsep(&rest, "\n"));) {
		char **texts;

		x->line++;
		if (!*line)
			continue;
		room = malloc(strlen(line) + 3);
		texts = room ? reallocarray(ret->texts, ret->n_texts + 1, sizeof(*texts)) : NULL;
		if (!texts) {
			free(room);
			return -ENOMEM;
		}
		ret->texts = texts;
		ret->texts[ret->n_texts++] = room;
		memcpy(room + 2, line, strlen(line) + 1);
		r = add_line(x, room + 2, reason);
		if (r < 0)
			return r;
	}
	return 0;
}

static int assemble(const struct expansion *x, struct profile_args *ret)
{
	const struct typed *t = x->typed;
	bool added = !x->expression;
	int n = 0;

	ret->argv = calloc((size_t)(t->argc + x->n) + 2, sizeof(*ret->argv));
	if (!ret->argv)
		return -ENOMEM;
	for (int i = 0; i < x->n; i++)
		ret->argv[n++] = x->args[i];
	for (int i = 0; i < t->argc; i++) {
		if (!added && t->cmd->takes_command && strcmp(t->argv[i], "--") == 0) {
			ret->argv[n++] = x->expression;
			added = true;
		}
		ret->argv[n++] = t->argv[i];
	}
	if (!added)
		ret->argv[n++] = x->expression;
	ret->argc = n;
	return 0;
}

int profile_args_expand(const struct command *cmd, int argc, char **argv, struct profile_args *ret,
			struct reason *reason)
{
	const struct typed typed = {.cmd = cmd, .argc = argc, .argv = argv};
	const struct opt *option = opts_find_long(cmd, "profile", strlen("profile"));
	struct expansion x = {.typed = &typed};

	*ret = (struct profile_args){0};
	for (int i = 0; option && i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *value = NULL;
		int r;

		if (option_at(&typed, &i, &value) != option || !value || strcmp(value, "help") == 0)
			continue;
		r = add_profile(&x, ret, value, reason);
		if (r < 0)
			return r;
	}
	return assemble(&x, ret);
}

void profile_args_free(struct profile_args *a)
{
	for (size_t i = 0; i < a->n_texts; i++)
		free(a->texts[i]);
	free(a->texts);
	free(a->argv);
	*a = (struct profile_args){0};
}
