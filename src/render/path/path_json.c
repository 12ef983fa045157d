/* SPDX-License-Identifier: GPL-2.0-only */
#include "path/drop_causes.h"
#include "render/event/fields.h"
#include "render/path/path_prog.h"
#include "render/path/path_text.h"

static void device_json(struct json *j, const struct path_device *device)
{
	json_field_opt_u64(j, "netns", device->has_netns, device->netns);
	json_field_str(j, "netns_name", device->netns_name[0] ? device->netns_name : NULL);
	json_field_opt_u64(j, "ifindex", device->has_dev, device->ifindex);
	json_field_str(j, "ifname", device->has_dev ? device->ifname : NULL);
}

static void run_json(struct json *j, const struct packet *p, const struct path_run *run)
{
	json_object(j);
	json_field_str(j, "stage", run->stage == STAGE_NONE ? NULL : stage_key(run->stage));
	json_field_u64(j, "copy", run->copy);
	json_field_u64(j, "ts_ns", p->steps[run->first].ts_ns);
	json_field_u64(j, "duration_ns", run->duration_ns);
	json_field_array(j, "funcs");
	for (size_t i = run->first; i < run->first + run->count; i++) {
		if (p->steps[i].func)
			json_str(j, p->steps[i].func);
		else
			json_hex(j, p->steps[i].addr);
	}
	json_array_end(j);
	path_prog_json(p, run, j);
	json_object_end(j);
}

static void hops_json(struct json *j, const struct packet *p)
{
	json_field_array(j, "hops");
	for (size_t h = 0; h < p->n_hops; h++) {
		const struct path_hop *hop = &p->hops[h];

		json_object(j);
		device_json(j, &p->devices[hop->device]);
		json_field_str(j, "into", hop->into == TRANSITION_NONE ? NULL : transition_name(hop->into));
		json_field_array(j, "runs");
		for (size_t i = 0; i < hop->count; i++)
			run_json(j, p, &p->runs[hop->first + i]);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void drop_fields(struct json *j, const struct path_drop *d)
{
	json_key(j, "reason");
	if (d->has_reason && !d->reason_name)
		json_hex(j, d->reason);
	else
		json_str(j, d->reason_name);
	json_field_str(j, "symbol", d->symbol);
	json_field_opt_u64(j, "offset", d->symbol != NULL, d->offset);
	json_field_str(j, "after", d->after);
}

static void cause_json(struct json *j, const struct packet *p, const struct path_drop *d)
{
	const struct drop_facts facts = drop_facts_of(p, d);
	char cause[DROP_CAUSE_MAX];

	json_field_str(j, "cause", drop_cause(&facts, cause) ? cause : NULL);
}

static void drop_json(struct json *j, const struct packet *p)
{
	const struct path_drop *d = p->end == PACKET_DROPPED ? &p->drops[p->drop] : NULL;

	json_key(j, "drop");
	if (!d) {
		json_null(j);
		return;
	}
	json_object(j);
	drop_fields(j, d);
	cause_json(j, p, d);
	json_object_end(j);
}

/* Every copy that was freed as dropped, or is known to be lost. */
static void drops_json(struct json *j, const struct packet *p)
{
	json_field_array(j, "drops");
	for (unsigned i = 0; i < p->n_drops; i++) {
		const struct path_drop *d = &p->drops[i];
		const struct path_step *s = &p->steps[d->step];

		json_object(j);
		drop_fields(j, d);
		json_field_u64(j, "copy", s->copy);
		device_json(j, &p->devices[s->device]);
		json_field_bool(j, "lost", !d->harmless && !d->is_delivered);
		if (d->harmless)
			json_field_str(j, "cause", NULL);
		else
			cause_json(j, p, d);
		json_field_str(j, "harmless", d->harmless);
		json_object_end(j);
	}
	json_array_end(j);
}

static void wait_json(struct json *j, const struct packet *p)
{
	json_key(j, "longest_wait");
	if (!p->has_wait) {
		json_null(j);
		return;
	}
	json_object(j);
	json_field_u64(j, "duration_ns", p->wait_ns);
	json_field_str(j, "stage", stage_key(p->runs[p->wait_run].stage));
	json_field_str(j, "from", p->steps[p->wait_from].func);
	json_field_str(j, "to", p->steps[p->wait_to].func);
	json_object_end(j);
}

void path_json(const struct packet *p, struct out *o)
{
	struct event first = {.tuple = p->tuple};
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "path");
	json_field_u64(&j, "v", 1);
	json_field_u64(&j, "pkt", p->pkt);
	json_field_opt_u64(&j, "flow", p->flow != 0, p->flow);
	json_field_bool(&j, "reverse", p->reverse);
	json_field_opt_u64(&j, "answers", p->answers != 0, p->answers);
	json_field_opt_u64(&j, "answered_by", p->answered_by != 0, p->answered_by);
	json_field_u64(&j, "proto", p->proto);
	json_field_u64(&j, "len", p->len_bytes);
	json_field_u64(&j, "pid", p->pid);
	json_field_str(&j, "comm", p->comm);
	json_key(&j, "tuple");
	field_json(FIELD_TUPLE, &first, &j);
	hops_json(&j, p);
	json_field_str(&j, "end", packet_end_name(p->end));
	json_field_u64(&j, "total_ns", p->total_ns);
	drop_json(&j, p);
	wait_json(&j, p);
	drops_json(&j, p);
	json_field_str(&j, "queue", p->end == PACKET_ALIVE ? queue_key(p->queue) : NULL);
	json_field_u64(&j, "lost_events", p->lost_steps);
	json_object_end(&j);
	json_line_end(&j);
}
