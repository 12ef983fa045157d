/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/event/lost_events.h"

#include "render/event/event_json.h"
#include "render/out/escape.h"

#define NS_PER_MS 1000000u
#define NS_PER_S  1000000000u

static void put_count(struct out *o, uint64_t n, const char *what)
{
	out_u64(o, n);
	out_char(o, ' ');
	out_str(o, what);
	if (n != 1)
		out_char(o, 's');
}

static void put_losses(const struct lost_events *l, struct out *o)
{
	const struct {
		const char *where;
		uint64_t count;
	} places[] = {{"ring", l->lost_ring},
		      {"recursion", l->lost_recursion},
		      {"kprobe", l->lost_kprobe},
		      {"map", l->lost_map}};
	const char *between = " (";

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i].count)
			continue;
		out_str(o, between);
		out_str(o, places[i].where);
		out_char(o, ' ');
		out_u64(o, places[i].count);
		between = ", ";
	}
	out_char(o, ')');
}

static void put_seen(const struct lost_events *l, struct out *o)
{
	uint64_t lost = ledger_lost(l);

	put_count(o, l->events, "event");
	out_str(o, ", ");
	if (lost) {
		out_str(o, l->provable ? "" : "at least ");
		out_u64(o, lost);
		out_str(o, " lost");
		put_losses(l, o);
	} else {
		out_str(o, l->provable ? "none lost" : "none known to be lost");
	}
	if (l->limited) {
		out_str(o, ", ");
		out_u64(o, l->limited);
		out_str(o, " held back by --max-rate");
	}
	if (!l->provable) {
		out_str(o, "; not provable");
		if (l->unprovable_why) {
			out_str(o, ": ");
			out_escaped(o, l->unprovable_why);
		}
	}
	out_char(o, '\n');
}

static void put_unreadable(const struct lost_events *l, struct out *o)
{
	if (!l->unreadable)
		return;
	put_count(o, l->unreadable, "event");
	out_str(o, " of packets whose headers could not be read: filters by address, port or expression miss these\n");
}

static void put_probes(const struct lost_events *l, struct out *o)
{
	if (!l->selected) /* files were judged: nothing was probed */
		return;
	out_u64(o, l->attached);
	out_str(o, " of ");
	put_count(o, l->selected, "probe");
	out_str(o, " attached");
	if (l->backend) {
		out_str(o, " by ");
		out_escaped(o, l->backend);
	}
	if (l->failed) {
		out_str(o, ", ");
		out_u64(o, l->failed);
		out_str(o, " failed");
	}
	out_str(o, "; ");
	out_u64(o, l->duration_ns / NS_PER_S);
	out_char(o, '.');
	out_u64_digits(o, l->duration_ns % NS_PER_S / NS_PER_MS, 3);
	out_str(o, " s\n");
}

void lost_events_text(const struct lost_events *l, struct out *o)
{
	put_seen(l, o);
	put_unreadable(l, o);
	put_probes(l, o);
}

void lost_events_json_fields(const struct lost_events *l, struct json *j)
{
	json_field_u64(j, "events", l->events);
	json_field_object(j, "lost");
	json_field_u64(j, "ring", l->lost_ring);
	json_field_u64(j, "recursion", l->lost_recursion);
	json_field_u64(j, "kprobe", l->lost_kprobe);
	json_field_u64(j, "map", l->lost_map);
	json_field_bool(j, "provable", l->provable);
	json_object_end(j);
	json_field_object(j, "probes");
	json_field_u64(j, "selected", l->selected);
	json_field_u64(j, "attached", l->attached);
	json_field_u64(j, "failed", l->failed);
	json_field_str(j, "backend", l->backend);
	json_object_end(j);
	json_field_u64(j, "duration_ns", l->duration_ns);
	json_field_u64(j, "limited", l->limited);
	json_field_u64(j, "unreadable", l->unreadable);
}

void lost_events_json(const struct lost_events *l, struct out *o)
{
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "summary");
	json_field_u64(&j, "v", JSON_VERSION);
	lost_events_json_fields(l, &j);
	json_object_end(&j);
	json_line_end(&j);
}
