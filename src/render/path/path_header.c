/* SPDX-License-Identifier: GPL-2.0-only */
/* The header line of a path, and the words that the whole block uses. */
#include "render/path/path_text.h"

#include <netinet/in.h>

#include "event/tuple.h"
#include "render/out/color.h"
#include "render/out/escape.h"

void path_color(const struct path_format *f, const char *sgr, struct out *o)
{
	if (f->color)
		out_str(o, sgr);
}

void path_duration(uint64_t ns, bool utf8, struct out *o)
{
	static const struct {
		uint64_t unit;
		const char *name, *ascii;
	} units[] = {{1000000000, " s", " s"}, {1000000, " ms", " ms"}, {1000, " µs", " us"}};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		uint64_t whole = ns / units[i].unit, rest = ns % units[i].unit;
		unsigned digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2;

		if (whole == 0)
			continue;
		out_u64(o, whole);
		if (digits) {
			out_char(o, '.');
			out_u64_digits(o, rest / (units[i].unit / (digits == 2 ? 100 : 10)), digits);
		}
		out_str(o, utf8 ? units[i].name : units[i].ascii);
		return;
	}
	out_u64(o, ns);
	out_str(o, " ns");
}

void path_device_text(const struct path_device *device, struct out *o)
{
	if (device->netns_name[0]) {
		out_escaped_word(o, device->netns_name);
	} else if (device->has_netns) {
		out_str(o, "netns:");
		out_u64(o, device->netns);
	} else {
		out_char(o, '?');
	}
	if (!device->has_dev)
		return;
	out_char(o, ' ');
	out_escaped_word(o, device->ifname);
}

static void icmp_text(const struct tuple *t, struct out *o)
{
	bool v6 = t->l4 == IPPROTO_ICMPV6;

	if (!t->has_icmp)
		return;
	if (t->icmp_type == (v6 ? 128 : 8)) {
		out_str(o, " echo request");
	} else if (t->icmp_type == (v6 ? 129 : 0)) {
		out_str(o, " echo reply");
	} else {
		out_str(o, " type ");
		out_u64(o, t->icmp_type);
		out_str(o, " code ");
		out_u64(o, t->icmp_code);
	}
	if (!t->has_icmp_id)
		return;
	out_str(o, " id ");
	out_u64(o, t->icmp_id);
	out_str(o, " seq ");
	out_u64(o, t->icmp_seq);
}

/* TCP flags, in the order of their bits (RFC 9293). */
static void tcp_text(const struct tuple *t, struct out *o)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

	if (!t->has_tcp)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(t->tcp_flags >> i & 1))
			continue;
		out_char(o, ' ');
		out_str(o, names[i]);
	}
}

static void number_note(const char *what, uint64_t number, struct out *o)
{
	if (!number)
		return;
	out_str(o, what);
	out_u64(o, number);
}

static void tuple_note(const struct tuple *t, uint16_t proto, struct out *o)
{
	char text[TUPLE_TEXT_SIZE];

	out_mem(o, text, tuple_format(t, proto, text));
}

void path_header(const struct path_format *f, const struct packet *p, struct out *o)
{
	path_color(f, SGR_BOLD, o);
	out_str(o, "packet ");
	out_u64(o, p->pkt);
	out_str(o, "  ");
	tuple_note(&p->tuple, p->proto, o);
	icmp_text(&p->tuple, o);
	tcp_text(&p->tuple, o);
	path_color(f, SGR_RESET, o);
	if (p->translated) {
		out_str(o, ", became ");
		tuple_note(&p->last_tuple, p->proto, o);
	}
	out_str(o, ", ");
	out_u64(o, p->len_bytes);
	out_str(o, " bytes, from ");
	out_word_or_dash(o, p->comm);
	out_char(o, ':');
	out_u64(o, p->pid);
	number_note(", flow ", p->flow, o);
	number_note(", answers packet ", p->answers, o);
	number_note(", answered by packet ", p->answered_by, o);
	out_str(o, ", ");
	path_duration(p->total_ns, f->utf8, o);
	out_char(o, '\n');
}
