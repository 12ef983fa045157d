/* SPDX-License-Identifier: GPL-2.0-only */
/* Adds the packets up by direction. */
#include "check/evidence_table.h"

#include <string.h>

static unsigned points_passed(const struct packet_evidence *p, enum direction dir)
{
	unsigned passed = 0;

	for (unsigned nth = 0; nth < POINT_MAX; nth++) {
		if (packet_evidence_at(p, direction_point(dir, nth)))
			passed = nth;
	}
	return passed;
}

static void direction_add_mechanism(struct direction_result *l, const struct packet_evidence *p, enum mechanism expect)
{
	enum mechanism m = packet_evidence_mechanism(p, expect);

	if (!l->arrived++)
		l->first_mechanism = m;
	l->by_mechanism[m]++;
	if (m != expect && p->passed.n && !l->misfit && !sequence_is(&p->passed, m))
		l->misfit = sequence_misfit(&p->passed, expect, &l->misfit_extra);
}

static void direction_add_packet(struct direction_result *l, const struct packet_evidence *p, enum direction dir,
				 enum mechanism expect, unsigned *least)
{
	l->packets++;
	for (enum point i = 0; i < POINT_MAX; i++) {
		struct point_result *pt = &l->points[i];

		if (!packet_evidence_at(p, i))
			continue;
		if (!pt->packets || p->first_ns[i] < pt->first_ns)
			pt->first_ns = p->first_ns[i];
		pt->packets++;
	}
	if (packet_evidence_arrived(p)) {
		direction_add_mechanism(l, p, expect);
		l->dropped_late += p->dropped_late;
		return;
	}
	l->dropped += p->dropped;
	if (points_passed(p, dir) <= *least) {
		*least = points_passed(p, dir);
		l->last_point = direction_point(dir, *least);
	}
}

void directions_sum(const struct evidence_table *table, struct direction_result ret[DIRECTION_MAX])
{
	unsigned least[DIRECTION_MAX] = {POINT_MAX, POINT_MAX};

	memcpy(ret, table->directions, sizeof(table->directions));
	for (size_t i = 0; i < table->n_packets; i++) {
		enum direction dir = packet_evidence_direction(&table->packets[i]);

		if (evidence_table_is_stray_fragment(table, &table->packets[i]))
			ret[dir].stray_fragments++;
		if (!evidence_table_counts(table, &table->packets[i])) {
			ret[dir].early += table->packets[i].met && table->packets[i].early;
			continue;
		}
		direction_add_packet(&ret[dir], &table->packets[i], dir, table->setup.expect, &least[dir]);
	}
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		struct direction_result *l = &ret[dir];

		/* a name only if the same mechanism carried every packet that arrived */
		for (enum mechanism m = 0; m < MECH_MAX; m++) {
			if (l->arrived && l->by_mechanism[m] == l->arrived)
				l->mechanism = m;
		}
	}
}
