/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses the text of /proc/kallsyms. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kallsyms/ksyms_builder.h"

#define CHUNK_BYTES (64u << 10) /* a line has at most KSYM_NAME_LEN + 90 bytes */

struct text_parser {
	struct ksyms_builder *builder; /* owned */
	struct reason *reason;
	size_t line;
};

static void parser_end(struct text_parser *p)
{
	ksyms_builder_free(p->builder);
}
#define _cleanup_parser_ _cleanup_(parser_end)

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *parse_addr(const char *p, const char *end, uint64_t *ret)
{
	const char *start = p;
	uint64_t v = 0;

	for (; p < end; p++) {
		int digit = hex_digit(*p);

		if (digit < 0)
			break;
		v = v << 4 | (unsigned)digit;
	}
	if (p == start || p - start > 16)
		return NULL;
	*ret = v;
	return p;
}

/* One line, without its newline. */
static int parse_line(struct ksyms_builder *b, const char *p, const char *end)
{
	const char *q, *tab = NULL, *module = NULL;
	size_t module_len = 0;
	uint64_t addr;
	char type;

	q = parse_addr(p, end, &addr);
	if (!q || end - q < 4 || q[0] != ' ' || q[2] != ' ')
		return -EBADMSG;
	type = q[1];
	q += 3;
	if (ksym_is_text(type) || end[-1] == ']')
		tab = memchr(q, '\t', end - q);
	if (tab) {
		if (end - tab < 4 || tab[1] != '[' || end[-1] != ']') /* "[NAME]" */
			return -EBADMSG;
		module = tab + 2;
		module_len = end - 1 - module;
		if (memchr(module, '\0', module_len))
			return -EBADMSG;
		end = tab;
	}
	if (q == end || (ksym_is_text(type) && memchr(q, '\0', end - q)))
		return -EBADMSG;
	return ksyms_builder_add(b, addr, type, q, end - q, module, module_len);
}

static int parse_lines(struct text_parser *parser, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *nl = memchr(p, '\n', end - p);
		int r;

		if (!nl)
			nl = end;
		parser->line++;
		r = parse_line(parser->builder, p, nl);
		if (r == -EBADMSG)
			return reason_set(parser->reason, r, "kallsyms: line %zu is not 'ADDRESS TYPE NAME [MODULE]'",
					  parser->line);
		if (r < 0)
			return r;
		p = nl + 1;
	}
	return 0;
}

/* The file has some 10 MB, and is parsed in pieces to save memory. */
static int parse_fd(struct text_parser *parser, int fd)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	size_t have = 0;

	if (!chunk)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, chunk + have, CHUNK_BYTES - have);
		const char *nl;
		size_t whole;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reason_set(parser->reason, -errno, "cannot read /proc/kallsyms: %s", strerror(errno));
		if (n == 0)
			return parse_lines(parser, chunk, have);
		have += n;
		nl = memrchr(chunk, '\n', have);
		if (!nl && have == CHUNK_BYTES)
			return reason_set(parser->reason, -EBADMSG, "kallsyms: line %zu has no end", parser->line + 1);
		whole = nl ? (size_t)(nl + 1 - chunk) : 0;
		r = parse_lines(parser, chunk, whole);
		if (r < 0)
			return r;
		have -= whole;
		memmove(chunk, chunk + whole, have);
	}
}

int ksyms_new(const char *text, size_t len, struct ksyms **ret, struct reason *reason)
{
	_cleanup_parser_ struct text_parser p = {.reason = reason};
	int r = ksyms_builder_new(&p.builder);

	if (r >= 0)
		r = parse_lines(&p, text, len);
	return r < 0 ? r : ksyms_builder_finish(p.builder, ret, reason);
}

int ksyms_load(struct ksyms **ret, struct reason *reason)
{
	_cleanup_close_ int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	_cleanup_parser_ struct text_parser p = {.reason = reason};
	int r;

	if (fd < 0)
		return reason_set(reason, -errno, "cannot read /proc/kallsyms: %s", strerror(errno));
	r = ksyms_builder_new(&p.builder);
	if (r >= 0)
		r = parse_fd(&p, fd);
	return r < 0 ? r : ksyms_builder_finish(p.builder, ret, reason);
}
