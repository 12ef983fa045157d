/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path/summary.h"

#include "event/tuple.h"
#include "path/drop_causes.h"
#include "render/event/fields.h"
#include "render/out/escape.h"

#define WIDTH_STAGE 17
#define WIDTH_COUNT 8
#define WIDTH_TIME  10

static void cell_u64(uint64_t v, size_t width, struct out *o)
{
	size_t start = o->buf.len;

	out_u64(o, v);
	out_pad(o, start, width);
}

static void cell_time(const struct path_format *f, uint64_t ns, struct out *o)
{
	size_t start = o->buf.len;

	path_duration(ns, f->utf8, o);
	out_pad(o, start, WIDTH_TIME);
}

/* The buckets that are not empty: "<2.05 µs:14" means 14 runs that took less than 2.05 µs, and at least half of that.
 */
static void histogram(const struct path_format *f, const struct stage_times *t, struct out *o)
{
	for (unsigned i = 0; i < SUMMARY_BUCKETS; i++) {
		_cleanup_out_ struct out bound = {0};

		if (!t->buckets[i])
			continue;
		out_str(o, i == SUMMARY_BUCKETS - 1 ? " >=" : " <");
		path_duration(UINT64_C(1) << (i == SUMMARY_BUCKETS - 1 ? i - 1 : i), f->utf8, &bound);
		for (size_t c = 0; c < bound.buf.len; c++)
			if (bound.buf.data[c] != ' ')
				out_char(o, bound.buf.data[c]);
		o->failed |= bound.failed;
		out_char(o, ':');
		out_u64(o, t->buckets[i]);
	}
}

static void times_line(const struct path_format *f, const char *name, const struct stage_times *t, struct out *o)
{
	size_t start = o->buf.len;

	if (!t->runs)
		return;
	out_str(o, "    ");
	out_str(o, name);
	out_pad(o, start, 4 + WIDTH_STAGE);
	out_char(o, ' ');
	cell_u64(t->runs, WIDTH_COUNT, o);
	cell_time(f, t->sum_ns / t->runs, o);
	cell_time(f, t->max_ns, o);
	histogram(f, t, o);
	out_char(o, '\n');
}

static void stages_text(const struct path_format *f, const struct flow_summary *flow, struct out *o)
{
	out_str(o, "    STAGE             RUNS    MEAN      MAX        LESS THAN:RUNS\n");
	for (unsigned stage = STAGE_WITHIN + 1; stage < STAGE_MAX; stage++)
		times_line(f, stage_name(stage), &flow->stages[stage], o);
	times_line(f, "(not in a stage)", &flow->stages[STAGE_NONE], o);
	times_line(f, "whole packet", &flow->total, o);
}

static void drops_text(const struct flow_summary *flow, struct out *o)
{
	for (unsigned i = 0; i < flow->n_drops; i++) {
		const struct flow_drops *d = &flow->drops[i];
		const struct drop_facts facts = {.reason = d->reason,
						 .symbol = d->func,
						 .after = d->after,
						 .lost = d->lost,
						 .ifname = d->ifname,
						 .tuple = &flow->tuple,
						 .facts = d->facts};
		char cause[DROP_CAUSE_MAX];

		out_str(o, "    dropped ");
		out_u64(o, d->count);
		out_str(o, ": ");
		if (d->reason)
			out_escaped_word(o, d->reason);
		else
			out_str(o, "no reason given by this kernel");
		if (d->func) {
			out_str(o, ", in ");
			out_escaped_word(o, d->func);
		}
		if (drop_cause(&facts, cause)) {
			out_str(o, "; likely: ");
			out_escaped(o, cause);
		}
		out_char(o, '\n');
	}
}

static void new_funcs_text(const struct flow_summary *flow, struct out *o)
{
	uint64_t named = flow->n_new_funcs < SUMMARY_NEW_MAX ? flow->n_new_funcs : SUMMARY_NEW_MAX;

	if (flow->n_new_funcs == 0 || flow->first)
		return;
	out_str(o, "    first seen here:");
	for (uint64_t i = 0; i < named; i++) {
		out_char(o, ' ');
		out_escaped_word(o, flow->new_funcs[i]);
	}
	if (named < flow->n_new_funcs) {
		out_str(o, " and ");
		out_u64(o, flow->n_new_funcs - named);
		out_str(o, " more");
	}
	out_char(o, '\n');
}

static void flow_text(const struct path_format *f, const struct flow_summary *flow, struct out *o)
{
	char tuple[TUPLE_TEXT_SIZE];

	if (flow->flow) {
		out_str(o, "flow ");
		out_u64(o, flow->flow);
		out_str(o, "  ");
		out_mem(o, tuple, tuple_format(&flow->tuple, flow->proto, tuple));
	} else {
		out_str(o, "other packets");
	}
	out_str(o, "\n    ");
	out_u64(o, flow->packets - flow->reverse_packets);
	out_str(o, " packets, ");
	out_u64(o, flow->reverse_packets);
	out_str(o, " back;");
	for (unsigned e = PACKET_END_MAX; e-- > 0;) {
		if (!flow->ends[e])
			continue;
		out_char(o, ' ');
		out_u64(o, flow->ends[e]);
		out_char(o, ' ');
		out_str(o, e == PACKET_ALIVE ? "not seen to end" : packet_end_name(e));
	}
	out_char(o, '\n');
	drops_text(flow, o);
	stages_text(f, flow, o);
	new_funcs_text(flow, o);
	out_char(o, '\n');
}

void summary_text(const struct path_format *f, const struct trace_summary *s, struct out *o)
{
	size_t n;
	const struct flow_summary *const *flows = trace_summary_flows(s, &n);

	for (size_t i = 0; i < n; i++)
		flow_text(f, flows[i], o);
}

/* Bounds of buckets are powers of two, so only the counts are written, up to the last that is not 0. */
static void times_json(struct json *j, const struct stage_times *t)
{
	unsigned n = SUMMARY_BUCKETS;

	while (n > 0 && t->buckets[n - 1] == 0)
		n--;
	json_object(j);
	json_field_u64(j, "runs", t->runs);
	json_field_u64(j, "sum_ns", t->sum_ns);
	json_field_u64(j, "max_ns", t->max_ns);
	json_field_array(j, "log2_ns");
	for (unsigned i = 0; i < n; i++)
		json_u64(j, t->buckets[i]);
	json_array_end(j);
	json_object_end(j);
}

static void flow_json(const struct flow_summary *flow, struct out *o)
{
	struct event first = {.tuple = flow->tuple};
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "flow");
	json_field_u64(&j, "v", 1);
	json_field_opt_u64(&j, "flow", flow->flow != 0, flow->flow);
	json_key(&j, "tuple");
	field_json(FIELD_TUPLE, &first, &j);
	json_field_u64(&j, "packets", flow->packets);
	json_field_u64(&j, "reverse_packets", flow->reverse_packets);
	json_field_object(&j, "ends");
	for (unsigned e = 0; e < PACKET_END_MAX; e++)
		json_field_u64(&j, packet_end_name(e), flow->ends[e]);
	json_object_end(&j);
	json_field_array(&j, "drops");
	for (unsigned i = 0; i < flow->n_drops; i++) {
		json_object(&j);
		json_field_str(&j, "reason", flow->drops[i].reason);
		json_field_str(&j, "place", flow->drops[i].func);
		json_field_u64(&j, "count", flow->drops[i].count);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_field_object(&j, "stages");
	for (unsigned stage = STAGE_WITHIN + 1; stage < STAGE_MAX; stage++) {
		json_key(&j, stage_key(stage));
		times_json(&j, &flow->stages[stage]);
	}
	json_object_end(&j);
	json_key(&j, "total");
	times_json(&j, &flow->total);
	json_field_u64(&j, "new_funcs_count", flow->n_new_funcs);
	json_field_array(&j, "new_funcs");
	for (uint64_t i = 0; !flow->first && i < flow->n_new_funcs && i < SUMMARY_NEW_MAX; i++)
		json_str(&j, flow->new_funcs[i]);
	json_array_end(&j);
	json_field_u64(&j, "lost_events", flow->lost_steps);
	json_object_end(&j);
	json_line_end(&j);
}

void summary_json(const struct trace_summary *s, struct out *o)
{
	size_t n;
	const struct flow_summary *const *flows = trace_summary_flows(s, &n);

	for (size_t i = 0; i < n; i++)
		flow_json(flows[i], o);
}
