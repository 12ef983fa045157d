/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/same_node.h"
#include "render/check/check.h"
#include "render/check/color.h"
#include "render/event/lost_events.h"
#include "render/out/escape.h"

#include <stdio.h>

/* Each pod's device, then its host-side veth. */
static const enum point table_order[POINT_MAX] = {POINT_SRC_POD, POINT_SRC_HOST, POINT_DST_POD, POINT_DST_HOST};

/* The time of the check's first packet at its first point: the zero of the table's times. */
static uint64_t first_ns(const struct check_result *r)
{
	uint64_t first = UINT64_MAX;

	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		for (enum point p = 0; p < POINT_MAX; p++) {
			const struct point_result *pt = &r->directions[dir].points[p];

			if (pt->packets && pt->first_ns < first)
				first = pt->first_ns;
		}
	}
	return first;
}

static void cell(const struct check_view *v, enum direction dir, enum point p, struct out *o)
{
	const struct point_result *pt = &v->result->directions[dir].points[p];
	bool forbidden = p == direction_forbidden(dir) && v->result->setup.expect == MECH_REDIRECT_PEER;
	bool color = v->color && forbidden;
	char text[64];

	if (!pt->packets) {
		out_colored(o, color ? SGR_GREEN : NULL, "not seen");
		return;
	}
	snprintf(text, sizeof(text), "seen %-4lu %+.3f ms", (unsigned long)pt->packets,
		 (pt->first_ns - first_ns(v->result)) / 1e6);
	out_colored(o, color ? SGR_RED : NULL, text);
}

static void device(const struct check_view *v, enum point p, struct out *o)
{
	const struct iface *i = &v->result->setup.points[p];
	const struct endpoint *e = p == POINT_SRC_POD || p == POINT_SRC_HOST ? v->src : v->dst;
	bool in_pod = p == POINT_SRC_POD || p == POINT_DST_POD;
	const char *where = !e ? NULL : !in_pod ? e->host_netns_name : e->pod ? e->pod : e->netns_name;

	if (!i->ifname[0]) {
		out_str(o, "-");
		return;
	}
	out_escaped_word(o, i->ifname);
	if (!e || !i->ifindex)
		return;
	out_char(o, ':');
	out_u64(o, i->ifindex);
	out_str(o, in_pod ? " in " : " on ");
	if (where)
		out_escaped_word(o, where);
	else if (in_pod)
		out_u64(o, i->netns);
	else
		out_str(o, "host");
}

/* out_pad() would count the bytes of colours, so only the last cell of a line is coloured. */
static void table(const struct check_view *v, struct out *o)
{
	for (int row = -1; row < POINT_MAX; row++) {
		size_t start = o->buf.len;
		enum point p = row < 0 ? 0 : table_order[row];

		out_str(o, row < 0 ? "POINT" : point_name(p));
		out_pad(o, start, 10);
		start = o->buf.len;
		if (row < 0)
			out_str(o, "DEVICE");
		else
			device(v, p, o);
		out_pad(o, start, 28);
		out_char(o, ' ');
		start = o->buf.len;
		if (row < 0) {
			out_str(o, "REQUEST");
		} else {
			struct check_view plain = *v;

			plain.color = false;
			cell(&plain, DIRECTION_REQUEST, p, o);
		}
		out_pad(o, start, 24);
		out_char(o, ' ');
		if (row < 0)
			out_str(o, "REPLY");
		else
			cell(v, DIRECTION_REPLY, p, o);
		out_char(o, '\n');
	}
}

/* The device that a helper was called with: "lxc2 (ifindex 22)". */
static void target(const struct check_result *r, uint32_t ifindex, struct out *o)
{
	const char *name = NULL;

	for (enum point p = POINT_SRC_HOST; p <= POINT_DST_HOST; p++) {
		if (r->setup.points[p].ifindex == ifindex)
			name = r->setup.points[p].ifname;
	}
	if (name) {
		out_escaped_word(o, name);
		out_str(o, " (ifindex ");
		out_u64(o, ifindex);
		out_char(o, ')');
	} else {
		out_str(o, "ifindex ");
		out_u64(o, ifindex);
	}
}

static void drop_location_text(const struct check_view *v, const struct direction_result *l, struct out *o)
{
	uint64_t offset = 0;
	const char *symbol = v->symbol ? v->symbol(v->ctx, l->drop.location, &offset) : NULL;
	const char *why = v->drop_reason && l->drop.has_reason ? v->drop_reason(v->ctx, l->drop.drop_reason) : NULL;

	out_str(o, ", dropped");
	if (why) {
		out_str(o, ": ");
		out_escaped_word(o, why);
	}
	out_str(o, " at ");
	out_code_addr(o, symbol, offset, l->drop.location);
}

/* Whether the direction's last drop was on its near host device. */
static bool dropped_near(const struct check_view *v, enum direction dir)
{
	const struct hook_event *drop = &v->result->directions[dir].drop;
	const struct iface *near = &v->result->setup.points[direction_point(dir, 1)];

	return drop->netns == near->netns && drop->ifindex == near->ifindex;
}

/* Which program called the helper. Without a helper, which program the packets passed on the near host device: but not
 * beside a drop elsewhere, which that program did not do. */
static void helper_program(const struct check_view *v, enum direction dir, struct out *o)
{
	const struct direction_program *p = v->programs ? &v->programs[dir] : NULL;
	bool dropped = same_node_drop_matters(v->result, dir);

	if (!p)
		return;
	if (v->result->directions[dir].has_helper)
		program_text(&p->helper, "by", o);
	else if (!dropped || (!p->drop.n && dropped_near(v, dir)))
		program_text(&p->helper, "with", o);
}

static void mechanisms(const struct check_view *v, struct out *o)
{
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++) {
		const struct direction_result *l = &v->result->directions[dir];
		const char *helper = l->has_helper ? helper_name(l->helper) : NULL;
		size_t start = o->buf.len;

		out_str(o, direction_name(dir));
		out_char(o, ':');
		out_pad(o, start, 10);
		out_str(o, mechanism_name(l->mechanism));
		if (helper) {
			out_str(o, ", ");
			out_str(o, helper);
			out_str(o, " -> ");
			target(v->result, l->helper_ifindex, o);
		}
		helper_program(v, dir, o);
		if (l->netfilter_hooks) {
			out_str(o, ", ");
			out_u64(o, l->netfilter_hooks);
			out_str(o, l->netfilter_hooks == 1 ? " netfilter hook on the host"
							   : " netfilter hooks on the host");
		}
		if (same_node_drop_matters(v->result, dir)) {
			drop_location_text(v, l, o);
			if (v->programs)
				program_text(&v->programs[dir].drop, "by", o);
		}
		out_char(o, '\n');
		if (v->programs)
			program_static_text(&v->programs[dir], l, o);
	}
}

/* The devices' own tx counters, and how many packets the probe saw there. */
static void counters(const struct check_view *v, struct out *o)
{
	for (enum point p = 0; p < POINT_MAX; p++) {
		const struct tx_account *tx = &v->result->tx[p];
		size_t start = o->buf.len;

		if (!tx->known)
			continue;
		out_escaped_word(o, v->result->setup.points[p].ifname);
		out_char(o, ':');
		out_pad(o, start, 10);
		out_u64(o, tx->own_packets);
		out_str(o, " packets sent by its own counter, ");
		out_u64(o, tx_account_seen(tx));
		out_str(o, " seen by the probe\n");
	}
}

/* "watched 0.312 s, until both directions were seen: 1 packet of the request, 1 of the reply" */
static void watched(const struct check_result *r, struct out *o)
{
	uint64_t ms = r->watched_ns / 1000000, request = r->directions[DIRECTION_REQUEST].packets;

	if (!r->watched_ns)
		return;
	out_str(o, "watched ");
	out_u64(o, ms / 1000);
	out_char(o, '.');
	out_u64_digits(o, ms % 1000, 3);
	out_str(o, r->ended_when_seen ? " s, until both directions were seen: " : " s: ");
	out_u64(o, request);
	out_str(o, request == 1 ? " packet of the request, " : " packets of the request, ");
	out_u64(o, r->directions[DIRECTION_REPLY].packets);
	out_str(o, " of the reply");
	if (r->ended_when_seen)
		out_str(o, "; --for TIME watches on");
	out_char(o, '\n');
}

void check_title(const struct check_view *v, struct out *o)
{
	char ip[NET_IP_TEXT_MAX];

	out_str(o, v->what);
	if (v->src && v->dst) {
		net_ip_text(&v->src->ip, ip);
		out_char(o, ' ');
		out_str(o, ip);
		out_str(o, " -> ");
		net_ip_text(&v->dst->ip, ip);
		out_str(o, ip);
	}
	out_str(o, " (");
	out_str(o, v->proto);
	out_char(o, ')');
}

void check_text(const struct check_view *v, struct out *o)
{
	const struct check_result *r = v->result;

	out_colored(o, v->color ? verdict_sgr(r->verdict) : NULL, verdict_name(r->verdict));
	out_char(o, '\n');
	check_title(v, o);
	out_str(o, ", expected ");
	out_str(o, mechanism_name(r->setup.expect));
	out_char(o, '\n');
	watched(r, o);
	for (size_t i = 0; i < r->n_reasons; i++) {
		out_str(o, reason_code_name(r->reasons[i].code));
		out_str(o, ": ");
		out_escaped(o, r->reasons[i].text);
		out_char(o, '\n');
	}
	out_char(o, '\n');
	table(v, o);
	out_char(o, '\n');
	mechanisms(v, o);
	for (size_t i = 0; i < r->n_notes; i++) {
		out_str(o, "note:     ");
		out_escaped(o, r->notes[i].text);
		out_char(o, '\n');
	}
	counters(v, o);
	out_char(o, '\n');
	lost_events_text(&r->ledger, o);
}
