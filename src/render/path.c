/* SPDX-License-Identifier: GPL-2.0-only */
#include "render/path.h"

#include <netinet/in.h>

#include "event/tuple.h"
#include "path/drop_causes.h"
#include "render/escape.h"

/* ECMA-48, Select Graphic Rendition */
#define SGR_BOLD   "\033[1m"
#define SGR_RED	   "\033[31m"
#define SGR_YELLOW "\033[33m"
#define SGR_RESET  "\033[0m"

#define WIDTH_TIME    10
#define WIDTH_STAGE   17
#define FUNCS_IN_FULL 3 /* more than these are shown as first … last */
#define INDENT_PLACE  "  "
#define INDENT_RUN    "    "

static void color(const struct path_format *f, const char *sgr, struct out *o)
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

/* The duration at the right of width columns, after a sign. */
static void duration_right(const char *sign, uint64_t ns, const struct path_format *f, size_t width, struct out *o)
{
	_cleanup_out_ struct out text = {0};
	size_t columns = 0, start = o->buf.len;

	out_str(&text, sign);
	path_duration(ns, f->utf8, &text);
	for (size_t i = 0; i < text.buf.len; i++)
		columns += ((unsigned char)text.buf.data[i] & 0xc0) != 0x80;
	if (columns < width)
		out_pad(o, start, width - columns);
	out_append(o, &text);
}

void path_place(const struct path_place *place, struct out *o)
{
	if (place->netns_name[0]) {
		out_escaped_word(o, place->netns_name);
	} else if (place->has_netns) {
		out_str(o, "netns:");
		out_u64(o, place->netns);
	} else {
		out_char(o, '?');
	}
	if (!place->has_dev)
		return;
	out_char(o, ' ');
	out_escaped_word(o, place->ifname);
}

static void func_name(const struct path_step *s, struct out *o)
{
	if (s->func)
		out_escaped_word(o, s->func);
	else
		out_hex(o, s->addr);
}

void path_run_name(const struct packet *p, const struct path_run *run, struct out *o)
{
	if (run->stage == STAGE_NONE)
		func_name(&p->steps[run->first], o);
	else
		out_str(o, stage_name(run->stage));
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

/* TCP's flags in the order of their bits, RFC 9293. */
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
	color(f, SGR_BOLD, o);
	out_str(o, "packet ");
	out_u64(o, p->pkt);
	out_str(o, "  ");
	tuple_note(&p->tuple, p->proto, o);
	icmp_text(&p->tuple, o);
	tcp_text(&p->tuple, o);
	color(f, SGR_RESET, o);
	if (p->translated) {
		out_str(o, ", became ");
		tuple_note(&p->last_tuple, p->proto, o);
	}
	out_str(o, ", ");
	out_u64(o, p->len_bytes);
	out_str(o, " bytes, from ");
	if (p->comm[0])
		out_escaped_word(o, p->comm);
	else
		out_char(o, '-');
	out_char(o, ':');
	out_u64(o, p->pid);
	number_note(", flow ", p->flow, o);
	number_note(", answers packet ", p->answers, o);
	number_note(", answered by packet ", p->answered_by, o);
	out_str(o, ", ");
	path_duration(p->total_ns, f->utf8, o);
	out_char(o, '\n');
}

static void funcs_text(const struct path_format *f, const struct packet *p, const struct path_run *run, struct out *o)
{
	const struct path_step *s = &p->steps[run->first];

	if (run->count > FUNCS_IN_FULL) {
		func_name(&s[0], o);
		out_str(o, f->utf8 ? " … " : " ... ");
		func_name(&s[run->count - 1], o);
		out_str(o, " (");
		out_u64(o, run->count);
		out_char(o, ')');
		return;
	}
	for (size_t i = 0; i < run->count; i++) {
		if (i)
			out_char(o, ' ');
		func_name(&s[i], o);
	}
}

static void wait_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	color(f, SGR_YELLOW, o);
	out_str(o, f->utf8 ? "  ◀ longest wait: " : "  <== longest wait: ");
	path_duration(p->wait_ns, f->utf8, o);
	out_str(o, " before ");
	func_name(&p->steps[p->wait_to], o);
	color(f, SGR_RESET, o);
}

static void run_line(const struct path_format *f, const struct packet *p, size_t i, struct out *o)
{
	const struct path_run *run = &p->runs[i];
	uint64_t first_ns = p->steps[0].ts_ns, at_ns = p->steps[run->first].ts_ns;
	bool last = run->first + run->count == p->n_steps;
	size_t start;

	out_str(o, INDENT_RUN);
	duration_right("+", at_ns > first_ns ? at_ns - first_ns : 0, f, WIDTH_TIME, o);
	out_str(o, "  ");
	start = o->buf.len;
	path_run_name(p, run, o);
	out_pad(o, start, WIDTH_STAGE);
	if (last && run->duration_ns == 0)
		out_pad(o, o->buf.len, WIDTH_TIME);
	else
		duration_right("", run->duration_ns, f, WIDTH_TIME, o);
	if (run->stage != STAGE_NONE || run->count > 1) {
		out_str(o, "  ");
		funcs_text(f, p, run, o);
	}
	if (run->copy) {
		out_str(o, " [copy ");
		out_u64(o, run->copy);
		out_char(o, ']');
	}
	if (p->has_wait && p->wait_run == i)
		wait_text(f, p, o);
	out_char(o, '\n');
}

static void hop_line(const struct path_format *f, const struct packet *p, const struct path_hop *hop, struct out *o)
{
	const struct path_place *place = &p->places[hop->place];

	out_str(o, INDENT_PLACE);
	color(f, SGR_BOLD, o);
	path_place(place, o);
	color(f, SGR_RESET, o);
	if (hop->into != TRANSITION_NONE) {
		out_str(o, f->utf8 ? "  ← " : "  <- ");
		out_str(o, transition_name(hop->into));
	}
	out_char(o, '\n');
}

static void drop_reason(const struct path_drop *d, struct out *o)
{
	if (d->reason_name)
		out_escaped_word(o, d->reason_name);
	else if (d->has_reason)
		out_hex(o, d->reason);
	else
		out_str(o, "no reason given by this kernel");
}

static void drop_place(const struct path_drop *d, struct out *o)
{
	if (!d->has_location)
		return;
	out_str(o, " at ");
	if (d->symbol) {
		out_escaped_word(o, d->symbol);
		out_char(o, '+');
		out_hex(o, d->offset);
	} else {
		out_hex(o, d->location);
	}
}

static void dropped_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	const struct path_drop *d = &p->drops[p->drop];
	const char *cause = drop_cause(d->reason_name, d->symbol, d->after);

	color(f, SGR_RED, o);
	out_str(o, "DROPPED after ");
	path_duration(p->total_ns, f->utf8, o);
	out_str(o, ": ");
	drop_reason(d, o);
	drop_place(d, o);
	color(f, SGR_RESET, o);
	out_str(o, ", in ");
	path_place(&p->places[p->steps[d->step].place], o);
	if (d->after) {
		out_str(o, ", last seen in ");
		out_escaped_word(o, d->after);
	}
	if (cause) {
		out_str(o, "\n" INDENT_RUN "likely cause: ");
		out_str(o, cause);
	}
}

static void settled_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	static const char *const words[] = {
		[PACKET_ALIVE] = "last seen after ",
		[PACKET_DELIVERED] = "delivered to a socket after ",
		[PACKET_CONSUMED] = "consumed after ",
		[PACKET_DROPPED] = "dropped after ",
	};
	const char *func = packet_last_func(p);

	out_str(o, words[p->end]);
	path_duration(p->total_ns, f->utf8, o);
	if (func) {
		out_str(o, ", in ");
		out_escaped_word(o, func);
	}
	if (p->n_steps) {
		out_str(o, ", ");
		path_place(&p->places[p->steps[p->end_step].place], o);
	}
	for (unsigned i = 0; i < p->n_drops; i++) {
		out_str(o, "\n" INDENT_RUN "a copy was freed as dropped: ");
		drop_reason(&p->drops[i], o);
		drop_place(&p->drops[i], o);
		if (p->end == PACKET_DELIVERED)
			out_str(o, "; the packet itself was delivered");
	}
}

void path_end(const struct path_format *f, const struct packet *p, struct out *o)
{
	out_str(o, INDENT_PLACE);
	if (p->end == PACKET_DROPPED)
		dropped_text(f, p, o);
	else
		settled_text(f, p, o);
	out_char(o, '\n');
	if (!p->lost_steps)
		return;
	out_str(o, INDENT_PLACE);
	out_u64(o, p->lost_steps);
	out_str(o, " more events of this packet had no room\n");
}

void path_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	path_header(f, p, o);
	for (size_t h = 0; h < p->n_hops; h++) {
		hop_line(f, p, &p->hops[h], o);
		for (size_t i = 0; i < p->hops[h].count; i++)
			run_line(f, p, p->hops[h].first + i, o);
	}
	path_end(f, p, o);
	out_char(o, '\n');
}
