/* SPDX-License-Identifier: GPL-2.0-only */
#include "filter/prefix.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static_assert(PREFIX_TEXT_SIZE >= INET6_ADDRSTRLEN + sizeof("/128") - 1, "any prefix fits");

static unsigned full_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

static int parse_addr(const char *s, size_t len, struct prefix *ret, struct reason *reason)
{
	char text[INET6_ADDRSTRLEN];

	if (memchr(s, '%', len))
		return reason_set(reason, -EINVAL,
				  "bad address '%.*s': a zone (%%NAME) cannot be matched; leave it out", (int)len, s);
	if (len < sizeof(text)) {
		memcpy(text, s, len);
		text[len] = '\0';
		ret->family = strchr(text, ':') ? 6 : 4;
		if (inet_pton(ret->family == 6 ? AF_INET6 : AF_INET, text, ret->addr_be) == 1)
			return 0;
	}
	return reason_set(reason, -EINVAL, "bad address '%.*s'; use 10.0.0.1, fd00::1, or a prefix like 10.0.0.0/24",
			  (int)len, s);
}

/* Digits only, without leading zeros, because 010 could be octal. */
static bool parse_bits(const char *s, unsigned max, unsigned *ret)
{
	size_t len = strlen(s);
	unsigned v = 0;

	if (len == 0 || len > 3 || (len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return false;
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

void prefix_mask(const struct prefix *p, uint8_t ret_mask_be[static 16])
{
	memset(ret_mask_be, 0, 16);
	memset(ret_mask_be, 0xff, p->bits / 8);
	if (p->bits % 8)
		ret_mask_be[p->bits / 8] = (uint8_t)(0xff << (8 - p->bits % 8));
}

int prefix_parse(const char *s, struct prefix *ret, struct reason *reason)
{
	size_t addr_len = strcspn(s, "/");
	struct prefix p = {0};
	uint8_t mask_be[16];
	unsigned bits;
	int r = parse_addr(s, addr_len, &p, reason);

	if (r < 0)
		return r;
	bits = full_bits(p.family);
	if (s[addr_len] == '/' && !parse_bits(s + addr_len + 1, bits, &bits))
		return reason_set(reason, -EINVAL, "bad prefix length in '%s'; it is a number from 0 to %u", s,
				  full_bits(p.family));
	p.bits = (uint8_t)bits;
	prefix_mask(&p, mask_be);
	for (size_t i = 0; i < sizeof(p.addr_be); i++)
		p.addr_be[i] &= mask_be[i];
	*ret = p;
	return 0;
}

size_t prefix_format(const struct prefix *p, char *dst)
{
	char digits[3], *end;
	size_t n = 0;

	inet_ntop(p->family == 6 ? AF_INET6 : AF_INET, p->addr_be, dst, PREFIX_TEXT_SIZE);
	end = dst + strlen(dst);
	if (p->bits == full_bits(p->family))
		return (size_t)(end - dst);
	*end++ = '/';
	for (unsigned v = p->bits; n == 0 || v; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n)
		*end++ = digits[--n];
	*end = '\0';
	return (size_t)(end - dst);
}
