/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/out/escape.h"

/* Sorted. Unicode 15, categories Cc, Cf (as far as it hides or reorders text), Zl and Zp. */
static const struct {
	uint32_t first, last;
} unsafe_ranges[] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL, C1 */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x180e, 0x180e},   /* Mongolian vowel separator */
	{0x200b, 0x200f},   /* zero-width, left-to-right and right-to-left mark */
	{0x2028, 0x202e},   /* line and paragraph separator, bidi embeddings and overrides */
	{0x2060, 0x206f},   /* word joiner, bidi isolates, deprecated format characters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* interlinear annotation */
	{0xe0000, 0xe007f}, /* tags */
};

size_t utf8_next(const char *s, size_t size, uint32_t *ret_cp)
{
	static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000}; /* below: overlong; RFC 3629 */
	const unsigned char *p = (const unsigned char *)s;
	uint32_t cp;
	size_t len;

	if (size == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret_cp = p[0];
		return 1;
	}
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > size)
		return 0;
	cp = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (cp < min[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	*ret_cp = cp;
	return len;
}

bool codepoint_is_unsafe(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsafe_ranges) && unsafe_ranges[i].first <= cp; i++)
		if (cp <= unsafe_ranges[i].last)
			return true;
	return false;
}

static void out_escaped_bytes(struct out *o, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out_mem(o, "\\x", 2);
		out_hex_digits(o, (unsigned char)s[i], 2);
	}
}

static void escape(struct out *o, const char *s, size_t size, char first_plain)
{
	for (size_t i = 0; i < size;) {
		size_t run = i, len;
		uint32_t cp = 0;

		while (run < size && s[run] >= first_plain && s[run] < 0x7f)
			run++;
		out_mem(o, s + i, run - i);
		i = run;
		if (i == size)
			return;
		len = utf8_next(s + i, size - i, &cp);
		if (len <= 1 || codepoint_is_unsafe(cp)) {
			len = len ? len : 1;
			out_escaped_bytes(o, s + i, len);
		} else {
			out_mem(o, s + i, len);
		}
		i += len;
	}
}

void out_escaped_mem(struct out *o, const char *s, size_t size)
{
	escape(o, s, size, ' ');
}

void out_escaped(struct out *o, const char *s)
{
	escape(o, s, strlen(s), ' ');
}

void out_escaped_word(struct out *o, const char *s)
{
	escape(o, s, strlen(s), '!');
}

void out_word_or_dash(struct out *o, const char *s)
{
	if (s && *s)
		out_escaped_word(o, s);
	else
		out_char(o, '-');
}

void out_func(struct out *o, const char *name, uint64_t addr)
{
	if (name)
		out_escaped_word(o, name);
	else
		out_hex(o, addr);
}

void out_code_addr(struct out *o, const char *symbol, uint64_t offset, uint64_t addr)
{
	out_func(o, symbol, addr);
	if (!symbol)
		return;
	out_char(o, '+');
	out_hex(o, offset);
}
