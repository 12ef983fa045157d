/* SPDX-License-Identifier: GPL-2.0-only */
#include "check/same_node.h"
#include "render/check.h"
#include "render/escape.h"
#include "render/ledger.h"

#include <stdio.h>

#define SGR_RED	  "\033[31m"
#define SGR_GREEN "\033[32m"
#define SGR_AMBER "\033[33m"
#define SGR_RESET "\033[0m"

/* The article's order: each pod's device, then its host-side veth. */
static const enum point table_order[POINT_MAX] = {POINT_SRC_POD, POINT_SRC_HOST, POINT_DST_POD, POINT_DST_HOST};

/* sgr NULL: plain. */
static void coloured(const struct check_view *v, const char *sgr, const char *text, struct out *o)
{
	bool color = v->color && sgr;

	if (color)
		out_str(o, sgr);
	out_str(o, text);
	if (color)
		out_str(o, SGR_RESET);
}

static const char *verdict_sgr(enum verdict verdict)
{
	return verdict == VERDICT_PASS ? SGR_GREEN : verdict == VERDICT_FAIL ? SGR_RED : SGR_AMBER;
}

/* When the first packet of the check was first seen, to count the table's times from. */
static uint64_t first_ns(const struct check_result *r)
{
	uint64_t first = UINT64_MAX;

	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		for (enum point p = 0; p < POINT_MAX; p++) {
			const struct point_result *pt = &r->legs[leg].points[p];

			if (pt->packets && pt->first_ns < first)
				first = pt->first_ns;
		}
	}
	return first;
}

static void cell(const struct check_view *v, enum leg leg, enum point p, struct out *o)
{
	const struct point_result *pt = &v->result->legs[leg].points[p];
	bool forbidden = p == leg_forbidden(leg) && v->result->setup.expect == MECH_REDIRECT_PEER;
	char text[64];

	if (!pt->packets) {
		coloured(v, forbidden ? SGR_GREEN : NULL, "not seen", o);
		return;
	}
	snprintf(text, sizeof(text), "seen %-4lu %+.3f ms", (unsigned long)pt->packets,
		 (pt->first_ns - first_ns(v->result)) / 1e6);
	coloured(v, forbidden ? SGR_RED : NULL, text, o);
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

/* Pads by hand: colour bytes have no width, so a coloured cell must come last in its line or be padded plain. */
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
			cell(&plain, LEG_REQUEST, p, o);
		}
		out_pad(o, start, 24);
		out_char(o, ' ');
		if (row < 0)
			out_str(o, "REPLY");
		else
			cell(v, LEG_REPLY, p, o);
		out_char(o, '\n');
	}
}

/* "lxc2 (ifindex 22)" for a helper's argument. */
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

static void drop_place(const struct check_view *v, const struct leg_result *l, struct out *o)
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
	if (!symbol) {
		out_hex(o, l->drop.location);
		return;
	}
	out_escaped_word(o, symbol);
	out_char(o, '+');
	out_hex(o, offset);
}

static void mechanisms(const struct check_view *v, struct out *o)
{
	for (enum leg leg = 0; leg < LEG_MAX; leg++) {
		const struct leg_result *l = &v->result->legs[leg];
		const char *helper = l->has_helper ? helper_name(l->helper) : NULL;
		size_t start = o->buf.len;

		out_str(o, leg_name(leg));
		out_char(o, ':');
		out_pad(o, start, 10);
		out_str(o, mechanism_name(l->mechanism));
		if (helper) {
			out_str(o, ", ");
			out_str(o, helper);
			out_str(o, " -> ");
			target(v->result, l->helper_ifindex, o);
		}
		if (v->programs)
			program_text(&v->programs[leg], l, v->result->setup.points[leg_point(leg, 1)].ifname, o);
		if (l->netfilter_hooks) {
			out_str(o, ", ");
			out_u64(o, l->netfilter_hooks);
			out_str(o, l->netfilter_hooks == 1 ? " netfilter hook on the host"
							   : " netfilter hooks on the host");
		}
		if (same_node_drop_matters(v->result, leg))
			drop_place(v, l, o);
		out_char(o, '\n');
		if (v->programs)
			program_static_text(&v->programs[leg], l, o);
	}
}

/* The devices' own tx counters beside what the probe saw there. */
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
		out_u64(o, tx->seen_packets);
		out_str(o, " seen by the probe\n");
	}
}

void check_text(const struct check_view *v, struct out *o)
{
	const struct check_result *r = v->result;
	char ip[NET_IP_TEXT_MAX];

	coloured(v, verdict_sgr(r->verdict), verdict_name(r->verdict), o);
	out_char(o, '\n');
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
	out_str(o, "), expected ");
	out_str(o, mechanism_name(r->setup.expect));
	out_char(o, '\n');
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
	counters(v, o);
	out_char(o, '\n');
	ledger_text(&r->ledger, o);
}
