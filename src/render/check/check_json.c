/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/same_node.h"
#include "render/check/check.h"
#include "render/event/event_json.h"
#include "render/event/lost_events.h"
#include "render/list/endpoints.h"

static void points(const struct check_result *r, enum direction dir, struct json *j)
{
	json_field_array(j, "points");
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct point_result *pt = &r->directions[dir].points[p];
		const struct iface *i = &r->setup.points[p];

		json_object(j);
		json_field_str(j, "point", point_name(p));
		json_field_opt_u64(j, "netns", i->netns, i->netns);
		json_field_str(j, "ifname", i->ifname[0] ? i->ifname : NULL);
		json_field_opt_u64(j, "ifindex", i->ifindex, i->ifindex);
		json_field_u64(j, "events", pt->packets);
		json_field_opt_u64(j, "first_ns", pt->packets, pt->first_ns);
		json_object_end(j);
	}
	json_array_end(j);
}

static void drop(const struct check_view *v, enum direction dir, struct json *j)
{
	const struct direction_result *l = &v->result->directions[dir];
	uint64_t offset = 0;
	const char *symbol;

	if (!same_node_drop_matters(v->result, dir)) {
		json_field_null(j, "drop");
		return;
	}
	symbol = v->symbol ? v->symbol(v->ctx, l->drop.location, &offset) : NULL;
	json_field_object(j, "drop");
	json_field_str(j, "reason",
		       v->drop_reason && l->drop.has_reason ? v->drop_reason(v->ctx, l->drop.drop_reason) : NULL);
	json_field_str(j, "symbol", symbol);
	json_field_opt_u64(j, "offset", symbol, offset);
	program_json_field(v->programs ? &v->programs[dir].drop : NULL, j);
	json_object_end(j);
}

static void put_directions(const struct check_view *v, struct json *j)
{
	json_field_array(j, "legs");
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		const struct direction_result *l = &v->result->directions[dir];

		json_object(j);
		json_field_str(j, "leg", direction_name(dir));
		json_field_str(j, "mechanism", mechanism_name(l->mechanism));
		points(v->result, dir, j);
		json_field_u64(j, "packets", l->packets);
		json_field_u64(j, "arrived", l->arrived);
		json_field_str(j, "helper", l->has_helper ? helper_name(l->helper) : NULL);
		json_field_opt_u64(j, "helper_ifindex", l->has_helper, l->helper_ifindex);
		json_field_u64(j, "netfilter_hooks", l->netfilter_hooks);
		drop(v, dir, j);
		program_json_fields(v->programs ? &v->programs[dir] : NULL, l, j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void endpoint_or_null(struct json *j, const char *key, const struct endpoint *e)
{
	json_key(j, key);
	if (e)
		endpoint_json_object(e, j);
	else
		json_null(j);
}

static void counters(const struct check_result *r, struct json *j)
{
	json_field_array(j, "counters");
	for (enum point p = 0; p < POINT_MAX; p++) {
		if (!r->tx[p].known)
			continue;
		json_object(j);
		json_field_str(j, "point", point_name(p));
		json_field_str(j, "ifname", r->setup.points[p].ifname);
		json_field_u64(j, "tx_packets", r->tx[p].own_packets);
		json_field_u64(j, "tx_seen", tx_account_seen(&r->tx[p]));
		json_object_end(j);
	}
	json_array_end(j);
}

void check_json(const struct check_view *v, struct out *o)
{
	const struct check_result *r = v->result;
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "check");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_str(&j, "check", v->what);
	json_field_str(&j, "verdict", verdict_name(r->verdict));
	json_field_array(&j, "reasons");
	for (size_t i = 0; i < r->n_reasons; i++) {
		json_object(&j);
		json_field_str(&j, "code", reason_code_name(r->reasons[i].code));
		json_field_str(&j, "text", r->reasons[i].text);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_field_array(&j, "notes");
	for (size_t i = 0; i < r->n_notes; i++)
		json_str(&j, r->notes[i].text);
	json_array_end(&j);
	json_field_object(&j, "endpoints");
	endpoint_or_null(&j, "src", v->src);
	endpoint_or_null(&j, "dst", v->dst);
	json_object_end(&j);
	put_directions(v, &j);
	counters(r, &j);
	json_field_object(&j, "ledger");
	lost_events_json_fields(&r->ledger, &j);
	json_object_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}
