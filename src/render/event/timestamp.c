/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/timestamp.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#define NS_PER_S 1000000000u

static const struct {
	const char *name;
	unsigned width;
} modes[] = {
	[TIMESTAMP_NONE] = {"none", 15},
	[TIMESTAMP_CURRENT] = {"current", 15},	 /* up to eleven days of uptime */
	[TIMESTAMP_RELATIVE] = {"relative", 14}, /* up to 9999 seconds */
	[TIMESTAMP_ABSOLUTE] = {"absolute", 30},
};
static_assert(ARRAY_SIZE(modes) == TIMESTAMP_MODE_MAX, "every mode has a name");

int timestamp_mode_parse(const char *s, enum timestamp_mode *ret, struct reason *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, s) != 0)
			continue;
		*ret = (enum timestamp_mode)i;
		return 0;
	}
	return reason_set(reason, -EINVAL, "unknown timestamp '%s'; use none, current, relative or absolute", s);
}

unsigned timestamp_width(enum timestamp_mode mode)
{
	return modes[mode].width;
}

static void put_relative(struct timestamp_format *f, uint64_t ts_ns, struct out *o)
{
	uint64_t diff_ns;

	if (!f->has_origin) {
		f->origin_ns = ts_ns;
		f->has_origin = true;
	}
	diff_ns = ts_ns >= f->origin_ns ? ts_ns - f->origin_ns : f->origin_ns - ts_ns;
	if (ts_ns < f->origin_ns)
		out_char(o, '-');
	out_u64(o, diff_ns / NS_PER_S);
	out_char(o, '.');
	out_u64_digits(o, diff_ns % NS_PER_S, 9);
}

void timestamp_put_wall(uint64_t wall_ns, struct out *o)
{
	/* most events are of the second of the one before */
	static struct {
		time_t s;
		size_t len; /* 0: empty */
		char text[sizeof("2026-12-01T02:30:00")];
	} last;
	time_t s = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	if (!last.len || last.s != s) {
		last.s = s;
		last.len = gmtime_r(&s, &tm) ? strftime(last.text, sizeof(last.text), "%Y-%m-%dT%H:%M:%S", &tm) : 0;
	}
	if (!last.len)
		return;
	out_mem(o, last.text, last.len);
	out_char(o, '.');
	out_u64_digits(o, wall_ns % NS_PER_S, 9);
	out_char(o, 'Z');
}

void timestamp_put(struct timestamp_format *f, uint64_t ts_ns, struct out *o)
{
	switch (f->mode) {
	case TIMESTAMP_RELATIVE:
		put_relative(f, ts_ns, o);
		return;
	case TIMESTAMP_ABSOLUTE:
		/* wraps as intended where the offset is negative */
		timestamp_put_wall(ts_ns + (uint64_t)f->wall_offset_ns, o);
		return;
	default:
		out_u64(o, ts_ns);
	}
}
