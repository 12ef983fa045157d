/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/check/rules.h"

#include "render/check/color.h"
#include "render/event/event_json.h"
#include "render/event/lost_events.h"
#include "render/out/escape.h"

static const char *state_sgr(enum rule_state state)
{
	return state == RULE_SATISFIED ? SGR_GREEN : state == RULE_VIOLATED ? SGR_RED : SGR_YELLOW;
}

static void put_line_number(unsigned line, struct out *o)
{
	char text[16];

	snprintf(text, sizeof(text), "%4u  ", line);
	out_str(o, text);
}

static void put_count(uint64_t n, const char *what, struct out *o)
{
	if (!n)
		return;
	out_str(o, ", ");
	out_u64(o, n);
	out_str(o, what);
}

static void put_scope(const struct scope *s, const struct scope_result *r, struct out *o)
{
	put_line_number(s->line, o);
	out_escaped(o, s->text);
	out_str(o, ": ");
	out_u64(o, r->packets);
	out_str(o, r->packets == 1 ? " packet" : " packets");
	put_count(r->early, " left out: under way when armed", o);
	put_count(r->under_way, " left out: under way at the end", o);
	put_count(r->vanished, " left out: lost sight of", o);
	out_char(o, '\n');
}

/* The step that decided, with the time since the first step of any rule. */
static void put_step(const struct rules_result *r, const struct rule_result *res, enum rule_kind kind, struct out *o)
{
	char text[REPORTED_STEP_TEXT_SIZE];
	uint64_t first_ns = UINT64_MAX;

	for (size_t i = 0; i < r->rules->n_rules; i++) {
		if (r->results[i].has_step && r->results[i].step.ts_ns < first_ns)
			first_ns = r->results[i].step.ts_ns;
	}
	rules_reported_step_text(&res->step, text);
	out_str(o, "                    ");
	out_str(o, kind == RULE_EXPECT && res->violated ? "last seen: " : "");
	out_escaped(o, text);
	snprintf(text, sizeof(text), ", packet %llu, +%.3f ms\n", (unsigned long long)res->step.pkt,
		 (res->step.ts_ns - first_ns) / 1e6);
	out_str(o, text);
}

static void put_rule(const struct rules_view *v, size_t i, struct out *o)
{
	const struct rule *rule = &v->result->rules->rules[i];
	const struct rule_result *res = &v->result->results[i];
	size_t start;

	put_line_number(rule->line, o);
	out_colored(o, v->color ? state_sgr(res->state) : NULL, rule_state_name(res->state));
	for (size_t n = strlen(rule_state_name(res->state)); n < 12; n++)
		out_char(o, ' ');
	start = o->buf.len;
	out_escaped(o, rule->text);
	out_pad(o, start, 44);
	out_str(o, "  ");
	out_u64(o, res->satisfied);
	out_str(o, " kept");
	put_count(res->violated, " broken", o);
	put_count(res->not_judged, " not judged", o);
	if (rule->kind == RULE_COUNT && res->satisfied + res->violated) {
		out_str(o, "; counted ");
		out_u64(o, res->count);
	}
	out_char(o, '\n');
	if (res->has_step)
		put_step(v->result, res, rule->kind, o);
}

void rules_text(const struct rules_view *v, struct out *o)
{
	const struct rules_result *r = v->result;

	out_colored(o, v->color ? verdict_sgr(r->verdict) : NULL, verdict_name(r->verdict));
	out_str(o, "\npath, by the rules of ");
	out_escaped(o, v->file);
	out_char(o, '\n');
	for (size_t i = 0; i < r->n_reasons; i++) {
		out_str(o, rules_reason_code_name(r->reasons[i].code));
		out_str(o, ": ");
		out_escaped(o, r->reasons[i].text);
		out_char(o, '\n');
	}
	for (size_t i = 0; i < r->rules->n_scopes; i++) {
		const struct scope *s = &r->rules->scopes[i];

		out_char(o, '\n');
		put_scope(s, &r->scopes[i], o);
		for (size_t k = 0; k < s->n_rules; k++)
			put_rule(v, s->first_rule + k, o);
	}
	out_char(o, '\n');
	lost_events_text(&r->ledger, o);
}

static void step_json(const struct rule_result *res, struct json *j)
{
	const struct reported_step *s = &res->step;

	if (!res->has_step) {
		json_field_null(j, "step");
		return;
	}
	json_field_object(j, "step");
	json_field_u64(j, "ts_ns", s->ts_ns);
	json_field_u64(j, "pkt", s->pkt);
	json_field_str(j, "func", s->func);
	json_field_opt_u64(j, "netns", s->has_netns, s->netns);
	json_field_str(j, "netns_name", s->netns_name[0] ? s->netns_name : NULL);
	json_field_opt_u64(j, "ifindex", s->has_dev, s->ifindex);
	json_field_str(j, "ifname", s->has_dev ? s->ifname : NULL);
	json_field_bool(j, "dropped", s->dropped);
	json_field_str(j, "drop_reason", s->drop_reason);
	json_object_end(j);
}

static void rule_json(const struct rules_result *r, size_t i, struct json *j)
{
	const struct rule *rule = &r->rules->rules[i];
	const struct rule_result *res = &r->results[i];

	json_object(j);
	json_field_u64(j, "line", rule->line);
	json_field_str(j, "text", rule->text);
	json_field_str(j, "kind", rule_kind_name(rule->kind));
	json_field_str(j, "state", rule_state_name(res->state));
	json_field_u64(j, "packets", res->satisfied + res->violated + res->not_judged);
	json_field_u64(j, "satisfied", res->satisfied);
	json_field_u64(j, "violated", res->violated);
	json_field_u64(j, "not_judged", res->not_judged);
	json_field_opt_u64(j, "count", rule->kind == RULE_COUNT, res->count);
	step_json(res, j);
	json_object_end(j);
}

static void scopes_json(const struct rules_result *r, struct json *j)
{
	json_field_array(j, "scopes");
	for (size_t i = 0; i < r->rules->n_scopes; i++) {
		const struct scope *s = &r->rules->scopes[i];

		json_object(j);
		json_field_u64(j, "line", s->line);
		json_field_str(j, "text", s->text);
		json_field_str(j, "name", s->name);
		json_field_u64(j, "packets", r->scopes[i].packets);
		json_field_u64(j, "early", r->scopes[i].early);
		json_field_u64(j, "under_way", r->scopes[i].under_way);
		json_field_u64(j, "vanished", r->scopes[i].vanished);
		json_object_end(j);
	}
	json_array_end(j);
}

void rules_json(const struct rules_view *v, struct out *o)
{
	const struct rules_result *r = v->result;
	struct json j = json_init(o);

	json_object(&j);
	json_field_str(&j, "type", "check");
	json_field_u64(&j, "v", JSON_VERSION);
	json_field_str(&j, "check", "path");
	json_field_str(&j, "verdict", verdict_name(r->verdict));
	json_field_array(&j, "reasons");
	for (size_t i = 0; i < r->n_reasons; i++) {
		json_object(&j);
		json_field_str(&j, "code", rules_reason_code_name(r->reasons[i].code));
		json_field_str(&j, "text", r->reasons[i].text);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_field_str(&j, "file", v->file);
	scopes_json(r, &j);
	json_field_array(&j, "rules");
	for (size_t i = 0; i < r->rules->n_rules; i++)
		rule_json(r, i, &j);
	json_array_end(&j);
	json_field_object(&j, "ledger");
	lost_events_json_fields(&r->ledger, &j);
	json_object_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}
