/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/translation.h"

#include <inttypes.h>
#include <string.h>

#include "check/add_reason.h"

/* Removes the direction's reasons of that code, whose texts begin with the direction's name. */
static void remove_reasons(struct check_result *r, enum direction dir, enum reason_code code)
{
	const char *name = direction_name(dir);
	size_t n = 0, len = strlen(name);

	for (size_t i = 0; i < r->n_reasons; i++) {
		const struct check_reason *reason = &r->reasons[i];

		if (reason->code != code || strncmp(reason->text, name, len) != 0 || reason->text[len] != ':')
			r->reasons[n++] = *reason;
	}
	r->n_reasons = n;
}

static void explain(const struct translation *t, enum direction dir, struct check_result *r)
{
	add_reason_to(r, VERDICT_INCONCLUSIVE, REASON_ADDRESS_TRANSLATED,
		      "%s: %" PRIu64 " %s left %s as %s and went on as %s", direction_name(dir), t->n,
		      t->n == 1 ? "packet" : "packets", point_name(direction_point(dir, 0)), t->from, t->to);
}

void translation_explain(const struct translation translated[DIRECTION_MAX][ST_TRANSLATED_MAX], struct check_result *r)
{
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		const struct translation *into = &translated[dir][ST_TRANSLATED_INTO];
		const struct translation *out_of = &translated[dir][ST_TRANSLATED_OUT_OF];
		const struct direction_result *l = &r->directions[dir];
		uint64_t left = l->points[direction_point(dir, 0)].packets;
		uint64_t unbegun = l->packets > left ? l->packets - left : 0;
		uint64_t unended = l->packets - l->arrived - l->dropped;

		if (into->n && unbegun) {
			if (into->n >= unbegun) {
				remove_reasons(r, dir, REASON_NO_POSITIVE_EVIDENCE);
				remove_reasons(r, dir, REASON_NO_POSITIVE_CONTROL);
			}
			explain(into, dir, r);
		}
		if (out_of->n && unended) {
			if (out_of->n >= unended)
				remove_reasons(r, dir, REASON_LEG_INCOMPLETE);
			explain(out_of, dir, r);
		}
	}
}
