/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int parse_u64(const char *s, uint64_t max, uint64_t *ret)
{
	unsigned long long v;
	char *end;
	int base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		s += 2;
		base = 16;
	}
	if (!(base == 16 ? isxdigit((unsigned char)*s) : isdigit((unsigned char)*s)))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, base);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int parse_port_number(const char *s, uint16_t *ret, struct reason *reason)
{
	uint64_t v;

	if (parse_u64(s, UINT16_MAX, &v) < 0 || v == 0)
		return reason_set(reason, -EINVAL, "must be a port from 1 to 65535");
	*ret = (uint16_t)v;
	return 0;
}

int parse_duration_ns(const char *s, uint64_t *ret_ns)
{
	static const struct {
		const char *suffix;
		double ns;
	} units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"m", 60e9}};
	char *end;
	double v;

	if (!isdigit((unsigned char)*s) || strpbrk(s, "xXpPeE"))
		return -EINVAL;
	v = strtod(s, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].suffix) != 0)
			continue;
		v *= units[i].ns;
		if (!isfinite(v) || v > 1e18)
			return -ERANGE;
		*ret_ns = (uint64_t)v;
		return 0;
	}
	return -EINVAL;
}

int parse_bytes(const char *s, uint64_t *ret_bytes)
{
	static const char suffixes[] = "kMG";
	unsigned shift = 0;
	size_t len = strlen(s);
	char digits[32];
	uint64_t v;
	int r;

	if (len == 0 || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, s, len + 1);
	for (unsigned i = 0; suffixes[i]; i++) {
		if (digits[len - 1] != suffixes[i])
			continue;
		shift = 10 * (i + 1);
		digits[len - 1] = '\0';
		break;
	}
	r = parse_u64(digits, UINT64_MAX >> shift, &v);
	if (r < 0)
		return r;
	*ret_bytes = v << shift;
	return 0;
}
