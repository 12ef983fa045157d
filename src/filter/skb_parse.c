/* SPDX-License-Identifier: GPL-2.0-only */
/* Recursive descent, with C's precedences in a table. Recursion and the number of nodes are bounded, so that no text
 * does harm. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "filter/skb_node.h"

struct parser {
	const char *text;
	size_t at; /* of the next token */
	unsigned nest;
	struct nodes *nodes;
	struct skb_error *error;
};

static const struct {
	const char *sign;
	enum node_op op;
	int binds; /* higher: closer */
} binaries[] = {
	/* longer signs before those they begin with */
	{"||", NODE_OR_ELSE, 1}, {"&&", NODE_AND_THEN, 2}, {"==", NODE_EQ, 6}, {"!=", NODE_NE, 6},
	{"<<", NODE_SHL, 8},	 {">>", NODE_SHR, 8},	   {"<=", NODE_LE, 7}, {">=", NODE_GE, 7},
	{"<", NODE_LT, 7},	 {">", NODE_GT, 7},	   {"|", NODE_OR, 3},  {"^", NODE_XOR, 4},
	{"&", NODE_AND, 5},	 {"+", NODE_ADD, 9},	   {"-", NODE_SUB, 9}, {"*", NODE_MUL, 10},
};

static const struct {
	const char *name;
	enum node_op op;
} functions[] = {{"ntohs", NODE_SWAP16}, {"htons", NODE_SWAP16}, {"ntohl", NODE_SWAP32}, {"htonl", NODE_SWAP32}};

static int parse_binary(struct parser *p, int binds, struct node **ret);
static int parse_unary(struct parser *p, struct node **ret);

void skb_expr_say(struct skb_error *e, size_t column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->column = column;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

static void skip_blanks(struct parser *p)
{
	while (isspace((unsigned char)p->text[p->at]))
		p->at++;
}

/* Takes the sign if it is next. "->" is no minus. */
static bool take(struct parser *p, const char *sign)
{
	skip_blanks(p);
	if (strncmp(p->text + p->at, sign, strlen(sign)) != 0)
		return false;
	if (strcmp(sign, "-") == 0 && p->text[p->at + 1] == '>')
		return false;
	p->at += strlen(sign);
	return true;
}

static size_t word_len(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static bool word_is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

static bool take_word(struct parser *p, const char *word)
{
	skip_blanks(p);
	if (!word_is(p->text + p->at, word_len(p->text + p->at), word))
		return false;
	p->at += strlen(word);
	return true;
}

static int fail_here(struct parser *p, const char *wanted)
{
	skip_blanks(p);
	if (!p->text[p->at])
		return skb_expr_fail(p->error, p->at, "ends where %s is wanted", wanted);
	return skb_expr_fail(p->error, p->at, "%s is wanted here", wanted);
}

static int node(struct parser *p, enum node_op op, size_t column, struct node *a, struct node *b, struct node **ret)
{
	if (p->nodes->n == NODES_MAX)
		return skb_expr_fail(p->error, column, "the expression is too long");
	*ret = &p->nodes->v[p->nodes->n++];
	**ret = (struct node){.op = op, .column = column, .a = a, .b = b};
	return 0;
}

static int parse_number(struct parser *p, uint64_t *ret)
{
	const char *s = p->text + p->at;
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	unsigned base = hex ? 16 : s[0] == '0' ? 8 : 10;
	size_t i = hex ? 2 : 0, first = i;
	uint64_t v = 0;

	for (; isxdigit((unsigned char)s[i]); i++) {
		unsigned digit = isdigit((unsigned char)s[i]) ? (unsigned)(s[i] - '0')
							      : (unsigned)(tolower((unsigned char)s[i]) - 'a' + 10);

		if (digit >= base)
			return skb_expr_fail(p->error, p->at + i, "is no digit of this number");
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return skb_expr_fail(p->error, p->at, "the number does not fit 64 bits");
	}
	if (i == first)
		return skb_expr_fail(p->error, p->at, "digits are wanted after 0x");
	while (strchr("uUlL", s[i]) && s[i])
		i++;
	if (isalnum((unsigned char)s[i]) || s[i] == '_')
		return skb_expr_fail(p->error, p->at + i, "is no digit of this number");
	p->at += i;
	*ret = v;
	return 0;
}

/* unsigned long and the like, in any order. Returns whether there was such a word. */
static bool parse_int_type(struct parser *p, struct type_name *t)
{
	static const struct {
		const char *word;
		uint8_t bytes; /* 0: says nothing of them */
	} words[] = {{"unsigned", 0}, {"signed", 0}, {"int", 0}, {"char", 1}, {"short", 2}, {"long", 8}};
	bool any = false, unsign = false, again = true;
	uint8_t bytes = 4;

	while (again) {
		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			if (!take_word(p, words[i].word))
				continue;
			any = again = true;
			unsign |= i == 0;
			bytes = words[i].bytes ? words[i].bytes : bytes;
		}
	}
	if (any)
		*t = (struct type_name){.kind = 'i', .bytes = bytes, .is_signed = !unsign};
	return any;
}

/* After "(": a type, up to and with ")". 0: it is no type. */
static int parse_type(struct parser *p, struct type_name *ret)
{
	static const char *const tags[] = {"struct", "union", "enum"};
	struct type_name t = {.kind = 't'};

	while (take_word(p, "const") || take_word(p, "volatile"))
		;
	skip_blanks(p);
	if (!parse_int_type(p, &t)) {
		for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
			if (take_word(p, tags[i]))
				t.kind = tags[i][0];
		}
		skip_blanks(p);
		t.name = p->text + p->at;
		t.len = word_len(t.name);
		if (!t.len)
			return t.kind == 't' ? 0 : fail_here(p, "the name of a type");
		if (t.kind == 't' && word_is(t.name, t.len, "skb"))
			return 0;
		for (size_t i = 0; t.kind == 't' && i < ARRAY_SIZE(functions); i++) {
			if (word_is(t.name, t.len, functions[i].name))
				return 0;
		}
		p->at += t.len;
	}
	while (take(p, "*") || take_word(p, "const"))
		t.stars += p->text[p->at - 1] == '*';
	if (!take(p, ")"))
		return fail_here(p, "')' or '*' after the type");
	*ret = t;
	return 1;
}

static int parse_parenthesis(struct parser *p, size_t column, struct node **ret)
{
	struct type_name type;
	struct node *a;
	int r = parse_type(p, &type);

	if (r < 0)
		return r;
	if (r > 0) {
		r = parse_unary(p, &a);
		if (r >= 0)
			r = node(p, NODE_CAST, column, a, NULL, ret);
		if (r >= 0)
			(*ret)->type = type;
		return r;
	}
	r = parse_binary(p, 0, ret);
	if (r >= 0 && !take(p, ")"))
		r = fail_here(p, "')'");
	return r;
}

static int parse_word(struct parser *p, struct node **ret)
{
	const char *s = p->text + p->at;
	size_t len = word_len(s), column = p->at;
	struct node *a;

	p->at += len;
	if (word_is(s, len, "skb"))
		return node(p, NODE_SKB, column, NULL, NULL, ret);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		int r;

		if (!word_is(s, len, functions[i].name))
			continue;
		if (!take(p, "("))
			return fail_here(p, "'('");
		r = parse_binary(p, 0, &a);
		if (r >= 0 && !take(p, ")"))
			r = fail_here(p, "')'");
		return r < 0 ? r : node(p, functions[i].op, column, a, NULL, ret);
	}
	return skb_expr_fail(p->error, column, "'%.*s' is not known: all starts from skb", (int)(len < 64 ? len : 64),
			     s);
}

static int parse_primary(struct parser *p, struct node **ret)
{
	uint64_t number;
	size_t column;
	int r;

	skip_blanks(p);
	column = p->at;
	if (isdigit((unsigned char)p->text[p->at])) {
		r = parse_number(p, &number);
		if (r >= 0)
			r = node(p, NODE_NUMBER, column, NULL, NULL, ret);
		if (r >= 0)
			(*ret)->number = number;
		return r;
	}
	if (word_len(p->text + p->at))
		return parse_word(p, ret);
	if (take(p, "("))
		return parse_parenthesis(p, column, ret);
	return fail_here(p, "skb, a number or '('");
}

static int parse_member(struct parser *p, enum node_op op, struct node **ret)
{
	struct node *m = NULL;
	size_t len;
	int r;

	skip_blanks(p);
	len = word_len(p->text + p->at);
	if (!len)
		return fail_here(p, "a member's name");
	r = node(p, op, p->at, *ret, NULL, &m);
	if (r < 0)
		return r;
	m->name = p->text + p->at;
	m->len = len;
	p->at += len;
	*ret = m;
	return 0;
}

static int parse_index(struct parser *p, size_t column, struct node **ret)
{
	struct node *i = NULL;
	uint64_t number;
	int r;

	skip_blanks(p);
	if (!isdigit((unsigned char)p->text[p->at]))
		return fail_here(p, "a number");
	r = parse_number(p, &number);
	if (r >= 0 && number > INT16_MAX)
		r = skb_expr_fail(p->error, column, "the index is too large");
	if (r >= 0 && !take(p, "]"))
		r = fail_here(p, "']'");
	if (r >= 0)
		r = node(p, NODE_INDEX, column, *ret, NULL, &i);
	if (r < 0)
		return r;
	i->number = number;
	*ret = i;
	return 0;
}

static int parse_postfix(struct parser *p, struct node **ret)
{
	int r = parse_primary(p, ret);

	while (r >= 0) {
		size_t column;

		skip_blanks(p);
		column = p->at;
		if (take(p, "->"))
			r = parse_member(p, NODE_ARROW, ret);
		else if (take(p, "."))
			r = parse_member(p, NODE_DOT, ret);
		else if (take(p, "["))
			r = parse_index(p, column, ret);
		else
			break;
	}
	return r;
}

static int parse_unary(struct parser *p, struct node **ret)
{
	static const struct {
		const char *sign;
		enum node_op op;
	} signs[] = {{"!", NODE_NOT}, {"~", NODE_INVERT}, {"-", NODE_MINUS}, {"*", NODE_DEREF}};
	struct node *a;
	int r;

	skip_blanks(p);
	if (p->nest == NEST_MAX)
		return skb_expr_fail(p->error, p->at, "is nested too deeply");
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t column = p->at;

		if (!take(p, signs[i].sign))
			continue;
		p->nest++;
		r = parse_unary(p, &a);
		p->nest--;
		return r < 0 ? r : node(p, signs[i].op, column, a, NULL, ret);
	}
	p->nest++;
	r = parse_postfix(p, ret);
	p->nest--;
	return r;
}

/* The next binary operator that binds closer than that; ARRAY_SIZE: none. */
static size_t next_binary(struct parser *p, int binds)
{
	skip_blanks(p);
	for (size_t i = 0; i < ARRAY_SIZE(binaries); i++) {
		if (strncmp(p->text + p->at, binaries[i].sign, strlen(binaries[i].sign)) == 0)
			return binaries[i].binds > binds ? i : ARRAY_SIZE(binaries);
	}
	return ARRAY_SIZE(binaries);
}

static int parse_binary(struct parser *p, int binds, struct node **ret)
{
	int r = parse_unary(p, ret);

	while (r >= 0) {
		size_t i = next_binary(p, binds), column = p->at;
		struct node *b;

		if (i == ARRAY_SIZE(binaries))
			break;
		p->at += strlen(binaries[i].sign);
		if (p->nest == NEST_MAX)
			return skb_expr_fail(p->error, column, "is nested too deeply");
		p->nest++;
		r = parse_binary(p, binaries[i].binds, &b);
		p->nest--;
		if (r >= 0)
			r = node(p, binaries[i].op, column, *ret, b, ret);
	}
	return r;
}

int skb_expr_parse(const char *text, struct nodes *nodes, struct node **ret, struct skb_error *ret_error)
{
	struct parser p = {.text = text, .nodes = nodes, .error = ret_error};
	int r = parse_binary(&p, 0, ret);

	if (r < 0)
		return r;
	skip_blanks(&p);
	return text[p.at] ? skb_expr_fail(ret_error, p.at, "an operator is wanted here") : 0;
}
