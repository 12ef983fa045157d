/* SPDX-License-Identifier: GPL-2.0-only */
/* A recursive-descent parser, with C's precedences in a table. The depth of the recursion and the number of nodes are
 * bounded, because the text is not trusted. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "filter/skb_node.h"

struct skb_parser {
	const char *text;
	size_t at; /* of the next token */
	unsigned nest;
	struct nodes *nodes;
	struct skb_error *error;
};

static const struct {
	const char *sign;
	enum node_op op;
	int binds; /* precedence: a higher one binds tighter */
} binaries[] = {
	/* a longer sign before any sign that is its beginning */
	{"||", NODE_OR_ELSE, 1}, {"&&", NODE_AND_THEN, 2}, {"==", NODE_EQ, 6}, {"!=", NODE_NE, 6},
	{"<<", NODE_SHL, 8},	 {">>", NODE_SHR, 8},	   {"<=", NODE_LE, 7}, {">=", NODE_GE, 7},
	{"<", NODE_LT, 7},	 {">", NODE_GT, 7},	   {"|", NODE_OR, 3},  {"^", NODE_XOR, 4},
	{"&", NODE_AND, 5},	 {"+", NODE_ADD, 9},	   {"-", NODE_SUB, 9}, {"*", NODE_MUL, 10},
};

static const struct {
	const char *name;
	enum node_op op;
} functions[] = {{"ntohs", NODE_SWAP16}, {"htons", NODE_SWAP16}, {"ntohl", NODE_SWAP32}, {"htonl", NODE_SWAP32}};

static int parse_binary(struct skb_parser *p, int binds, struct node **ret);
static int parse_unary(struct skb_parser *p, struct node **ret);

void skb_expr_say(struct skb_error *e, size_t column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->column = column;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

static void skip_blanks(struct skb_parser *p)
{
	while (isspace((unsigned char)p->text[p->at]))
		p->at++;
}

/* Takes the sign if it is next. "-" does not match the beginning of "->". */
static bool take(struct skb_parser *p, const char *sign)
{
	skip_blanks(p);
	if (strncmp(p->text + p->at, sign, strlen(sign)) != 0 || (!strcmp(sign, "-") && p->text[p->at + 1] == '>'))
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

static bool take_word(struct skb_parser *p, const char *word)
{
	skip_blanks(p);
	if (!word_is(p->text + p->at, word_len(p->text + p->at), word))
		return false;
	p->at += strlen(word);
	return true;
}

static int fail_here(struct skb_parser *p, const char *expected)
{
	skip_blanks(p);
	return skb_expr_fail(p->error, p->at, p->text[p->at] ? "expected %s" : "ends where %s is expected", expected);
}

static int expect(struct skb_parser *p, const char *sign)
{
	char quoted[8];

	if (take(p, sign))
		return 0;
	snprintf(quoted, sizeof(quoted), "'%s'", sign);
	return fail_here(p, quoted);
}

static int node(struct skb_parser *p, enum node_op op, size_t column, struct node *a, struct node *b, struct node **ret)
{
	if (p->nodes->n == NODES_MAX)
		return skb_expr_fail(p->error, column, "the expression is too long");
	*ret = &p->nodes->v[p->nodes->n++];
	**ret = (struct node){.op = op, .column = column, .a = a, .b = b};
	return 0;
}

static int parse_number(struct skb_parser *p, uint64_t *ret)
{
	const char *s = p->text + p->at;
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	char *end;

	if (hex && !isxdigit((unsigned char)s[2]))
		return skb_expr_fail(p->error, p->at, "expected digits after 0x");
	errno = 0;
	*ret = strtoull(s, &end, hex ? 16 : s[0] == '0' ? 8 : 10);
	if (errno)
		return skb_expr_fail(p->error, p->at, "the number does not fit 64 bits");
	while (*end && strchr("uUlL", *end))
		end++;
	if (isalnum((unsigned char)*end) || *end == '_')
		return skb_expr_fail(p->error, (size_t)(end - p->text), "is not a digit of this number");
	p->at = (size_t)(end - p->text);
	return 0;
}

/* An integer type such as unsigned long, its words in any order. False if there is no such word. */
static bool parse_int_type(struct skb_parser *p, struct type_name *t)
{
	static const struct {
		const char *word;
		uint8_t bytes; /* 0: the word does not change the size */
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

/* After "(": takes a type and its ")". 1: it is a type; 0: it is not; -EINVAL with the error set. */
static int parse_type(struct skb_parser *p, struct type_name *ret)
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

static int parse_parenthesis(struct skb_parser *p, size_t column, struct node **ret)
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
	return r < 0 ? r : expect(p, ")");
}

static int parse_word(struct skb_parser *p, struct node **ret)
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
		r = expect(p, "(");
		if (r >= 0)
			r = parse_binary(p, 0, &a);
		if (r >= 0)
			r = expect(p, ")");
		return r < 0 ? r : node(p, functions[i].op, column, a, NULL, ret);
	}
	return skb_expr_fail(p->error, column, "'%.*s' is unknown: expressions start from skb",
			     (int)(len < 64 ? len : 64), s);
}

static int parse_primary(struct skb_parser *p, struct node **ret)
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

static int parse_member(struct skb_parser *p, enum node_op op, struct node **ret)
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

static int parse_index(struct skb_parser *p, size_t column, struct node **ret)
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
	if (r >= 0)
		r = expect(p, "]");
	if (r >= 0)
		r = node(p, NODE_INDEX, column, *ret, NULL, &i);
	if (r < 0)
		return r;
	i->number = number;
	*ret = i;
	return 0;
}

static int parse_postfix(struct skb_parser *p, struct node **ret)
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

static int parse_unary(struct skb_parser *p, struct node **ret)
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

/* Index of the next operator if it is binary and binds tighter than `binds`; else ARRAY_SIZE(binaries). */
static size_t next_binary(struct skb_parser *p, int binds)
{
	skip_blanks(p);
	for (size_t i = 0; i < ARRAY_SIZE(binaries); i++) {
		if (strncmp(p->text + p->at, binaries[i].sign, strlen(binaries[i].sign)) == 0)
			return binaries[i].binds > binds ? i : ARRAY_SIZE(binaries);
	}
	return ARRAY_SIZE(binaries);
}

static int parse_binary(struct skb_parser *p, int binds, struct node **ret)
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
	struct skb_parser p = {.text = text, .nodes = nodes, .error = ret_error};
	int r = parse_binary(&p, 0, ret);

	if (r < 0)
		return r;
	skip_blanks(&p);
	return text[p.at] ? skb_expr_fail(ret_error, p.at, "expected an operator") : 0;
}
