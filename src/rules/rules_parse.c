/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/rules_parse.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "rules/parser.h"

static int parse_name(struct words *w, const char **ret)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-";
	int r = words_next(w, "a name", ret);

	if (r < 0)
		return r;
	if (strspn(*ret, letters) != strlen(*ret) || strchr("0123456789-", (*ret)[0]))
		return words_fail_last(
			w, -EINVAL, "invalid name '%s': letters, digits, _ and -, beginning with a letter or _", *ret);
	return 0;
}

/* Refuses the name just taken if another alias has it. */
static int alias_check(struct rules_parser *p, const char *name)
{
	for (size_t i = 0; i < p->n_aliases; i++) {
		if (strcmp(p->aliases[i].name, name) == 0)
			return words_fail_last(&p->w, -EINVAL, "$%s is already bound, in line %u", name,
					       p->aliases[i].line);
	}
	if (p->n_aliases == RULES_ALIASES_MAX)
		return words_fail_last(&p->w, -EFBIG, "more than %u aliases", RULES_ALIASES_MAX);
	return 0;
}

static int parse_time(struct words *w, uint64_t *ret_ns)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
	char digits[16] = "";
	const char *word;
	size_t n;
	int r = words_next(w, "a time", &word);

	if (r < 0)
		return r;
	n = strspn(word, "0123456789");
	if (n > 0 && n < sizeof(digits))
		memcpy(digits, word, n);
	for (size_t i = 0; digits[0] && i < ARRAY_SIZE(units); i++) {
		uint64_t v;

		if (strcmp(word + n, units[i].unit) != 0 || parse_u64(digits, UINT32_MAX, &v) < 0)
			continue;
		*ret_ns = v * units[i].ns;
		return 0;
	}
	return words_fail_last(w, -EINVAL, "invalid time '%s': expected a whole number and us, ms or s, such as 5ms",
			       word);
}

static int parse_let(struct rules_parser *p)
{
	struct alias a = {.line = p->w.line};
	int r;

	if (p->rules->n_scopes)
		return words_fail_last(&p->w, -EINVAL, "let must come before the first scope");
	r = parse_name(&p->w, &a.name);
	if (r >= 0)
		r = alias_check(p, a.name);
	if (r < 0)
		return r;
	if (!words_accept(&p->w, "="))
		return words_fail(&p->w, -EINVAL, "expected =: let NAME = PLACE");
	r = parse_device(p, &a.device);
	if (r >= 0)
		p->aliases[p->n_aliases++] = a;
	return r;
}

static struct scope *current_scope(struct rules_parser *p)
{
	return p->rules->n_scopes ? &p->rules->scopes[p->rules->n_scopes - 1] : NULL;
}

/* A scope without rules is refused: it would pass without asking for anything. */
static int end_scope(struct rules_parser *p)
{
	struct rules *rules = p->rules;
	const struct scope *s = current_scope(p);

	if (!s)
		return 0;
	if (!s->n_rules) {
		p->w.error->line = s->line;
		p->w.error->column = p->scope_column;
		return reason_set(&p->w.error->reason, -EINVAL, "no rule follows: expect, forbid or count");
	}
	if (s->n_rules > rules->max_rules)
		rules->max_rules = s->n_rules;
	if (s->n_captures > rules->max_captures)
		rules->max_captures = s->n_captures;
	p->n_aliases = p->n_constants;
	return 0;
}

static int parse_scope(struct rules_parser *p, bool per_packet)
{
	struct scope s = {.line = p->w.line, .per_packet = per_packet, .first_rule = p->rules->n_rules};
	int r = end_scope(p);

	if (r < 0)
		return r;
	if (p->rules->n_scopes == RULES_SCOPES_MAX)
		return words_fail_last(&p->w, -EFBIG, "more than %u scopes", RULES_SCOPES_MAX);
	p->n_constants = p->n_aliases;
	p->scope_column = p->w.column[0];
	if (words_peek(&p->w) && !starts_match(words_peek(&p->w)))
		r = parse_name(&p->w, &s.name);
	if (r >= 0)
		r = parse_match(&p->w, &s.match);
	if (r >= 0)
		p->rules->scopes[p->rules->n_scopes++] = s;
	return r;
}

static int parse_binding(struct rules_parser *p, struct scope *s, struct rule *rule)
{
	struct alias a = {.line = p->w.line, .captured = true};
	int r = parse_name(&p->w, &a.name);

	if (r >= 0)
		r = alias_check(p, a.name);
	if (r < 0)
		return r;
	if (s->n_captures == RULES_CAPTURES_MAX)
		return words_fail_last(&p->w, -EFBIG, "more than %u captures in a scope", RULES_CAPTURES_MAX);
	rule->binds = s->n_captures++;
	a.device = (struct device_pattern){
		.netns_kind = NETNS_CAPTURED, .iface_kind = IFACE_CAPTURED, .capture = rule->binds};
	p->aliases[p->n_aliases++] = a;
	return 0;
}

static int parse_within(struct rules_parser *p, struct rule *rule)
{
	const struct alias *a = NULL;
	int r = parse_time(&p->w, &rule->within_ns);

	rule->has_within = true;
	if (r < 0 || !words_accept(&p->w, "of"))
		return r;
	r = parse_alias(p, &a);
	if (r < 0 || !a)
		return r;
	if (!a->captured)
		return words_fail_last(&p->w, -EINVAL, "$%s of line %u is not a capture, so it has no time", a->name,
				       a->line);
	if (a->device.capture == rule->binds)
		return words_fail_last(&p->w, -EINVAL, "$%s is bound by this very line", a->name);
	rule->within_of = a->device.capture;
	return 0;
}

static int parse_expect(struct rules_parser *p, struct scope *s, struct rule *rule)
{
	int r = 0;

	if (words_accept(&p->w, "as"))
		r = parse_binding(p, s, rule);
	if (r >= 0 && words_accept(&p->w, "within"))
		r = parse_within(p, rule);
	return r;
}

static int parse_count(struct rules_parser *p, struct rule *rule)
{
	static const char *const ops[] = {[COUNT_EQ] = "==", [COUNT_NE] = "!=", [COUNT_LT] = "<",
					  [COUNT_LE] = "<=", [COUNT_GT] = ">",	[COUNT_GE] = ">="};
	const char *word;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		int r;

		if (!words_accept(&p->w, ops[i]))
			continue;
		rule->op = i;
		r = words_next(&p->w, "a number", &word);
		return r < 0 ? r : parse_number(&p->w, "count", word, UINT32_MAX, &rule->n);
	}
	return words_fail(&p->w, -EINVAL, "expected ==, !=, <, <=, > or >=");
}

static int parse_else(struct rules_parser *p, struct rule *rule)
{
	rule->absence_is_open = words_accept(&p->w, "inconclusive");
	return rule->absence_is_open ? 0 : words_fail(&p->w, -EINVAL, "expected 'inconclusive' after else");
}

static int parse_rule(struct rules_parser *p, enum rule_kind kind)
{
	struct rule rule = {.line = p->w.line, .kind = kind, .binds = RULES_NO_CAPTURE, .within_of = RULES_NO_CAPTURE};
	struct scope *s = current_scope(p);
	int r;

	if (!s)
		return words_fail_last(&p->w, -EINVAL, "%s needs a scope above it: packet or flow",
				       rule_kind_name(kind));
	if (p->rules->n_rules == RULES_MAX)
		return words_fail_last(&p->w, -EFBIG, "more than %u rules", RULES_MAX);
	r = parse_step(p, s, &rule.step);
	if (r >= 0 && kind == RULE_EXPECT)
		r = parse_expect(p, s, &rule);
	else if (r >= 0 && kind == RULE_COUNT)
		r = parse_count(p, &rule);
	if (r >= 0 && kind != RULE_FORBID && words_accept(&p->w, "else"))
		r = parse_else(p, &rule);
	if (r < 0)
		return r;
	p->rules->rules[p->rules->n_rules++] = rule;
	s->n_rules++;
	return 0;
}

static int parse_statement(struct rules_parser *p)
{
	struct words *w = &p->w;
	int r;

	if (words_accept(w, "let"))
		r = parse_let(p);
	else if (words_accept(w, "packet"))
		r = parse_scope(p, true);
	else if (words_accept(w, "flow"))
		r = parse_scope(p, false);
	else if (words_accept(w, "expect"))
		r = parse_rule(p, RULE_EXPECT);
	else if (words_accept(w, "forbid"))
		r = parse_rule(p, RULE_FORBID);
	else if (words_accept(w, "count"))
		r = parse_rule(p, RULE_COUNT);
	else
		return words_fail(w, -EINVAL,
				  "'%s' is unknown: a line starts with let, packet, flow, expect, forbid or count",
				  words_peek(w));
	if (r >= 0 && words_peek(w))
		return words_fail(w, -EINVAL, "unexpected '%s'", words_peek(w));
	return r;
}

/* The statement's text for reports, from its first word to its last. */
static const char *statement_text(struct rules_parser *p)
{
	const char *last = p->w.word[p->w.n - 1];
	size_t start = p->w.word[0] - p->rules->words, end = last - p->rules->words + strlen(last);

	p->rules->text[end] = '\0';
	return p->rules->text + start;
}

static int parse_line(struct rules_parser *p, char *line, size_t len, unsigned number, struct rules_error *error)
{
	struct rules *rules = p->rules;
	size_t n_scopes = rules->n_scopes, n_rules = rules->n_rules;
	int r = words_split(line, len, number, error, &p->w);

	if (r < 0 || p->w.n == 0)
		return r;
	r = parse_statement(p);
	if (r < 0)
		return r;
	if (rules->n_scopes > n_scopes)
		rules->scopes[n_scopes].text = statement_text(p);
	else if (rules->n_rules > n_rules)
		rules->rules[n_rules].text = statement_text(p);
	return 0;
}

static int parse_lines(struct rules_parser *p, size_t size, struct rules_error *error)
{
	char *at = p->rules->words, *end = at + size;
	unsigned number = 0;
	int r;

	p->w.error = error;
	while (at < end) {
		char *newline = memchr(at, '\n', end - at);
		char *stop = newline ? newline : end;

		*stop = '\0';
		r = parse_line(p, at, stop - at, ++number, error);
		if (r < 0)
			return r;
		at = stop + 1;
	}
	r = end_scope(p);
	if (r < 0 || p->rules->n_scopes)
		return r;
	error->line = number ? number : 1;
	error->column = 1;
	return reason_set(&error->reason, -EINVAL, "no scope in the file: packet or flow, with rules below");
}

static char *copy_text(const void *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (copy) {
		memcpy(copy, data, size);
		copy[size] = '\0';
	}
	return copy;
}

int rules_parse(const void *data, size_t size, struct rules **ret, struct rules_error *ret_error)
{
	_cleanup_(rules_freep) struct rules *rules = calloc(1, sizeof(*rules));
	_cleanup_free_ struct rules_parser *p = calloc(1, sizeof(*p));
	int r;

	*ret_error = (struct rules_error){.line = 1, .column = 1};
	if (size > RULES_BYTES_MAX)
		return reason_set(&ret_error->reason, -EFBIG, "more than %u bytes", RULES_BYTES_MAX);
	if (!rules || !p)
		return -ENOMEM;
	rules->text = copy_text(data, size);
	rules->words = copy_text(data, size);
	rules->rules = calloc(RULES_MAX, sizeof(*rules->rules));
	rules->scopes = calloc(RULES_SCOPES_MAX, sizeof(*rules->scopes));
	if (!rules->text || !rules->words || !rules->rules || !rules->scopes)
		return -ENOMEM;
	p->rules = rules;
	r = parse_lines(p, size, ret_error);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(rules);
	return 0;
}
