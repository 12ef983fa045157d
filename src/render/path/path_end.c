/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of a packet: the last lines of its path. */
#include "path/drop_causes.h"
#include "render/out/color.h"
#include "render/out/escape.h"
#include "render/path/path_text.h"

static void drop_reason(const struct path_drop *d, struct out *o)
{
	if (d->lost)
		out_str(o, "freed by this kernel as if it were used");
	else if (d->reason_name)
		out_escaped_word(o, d->reason_name);
	else if (d->has_reason)
		out_hex(o, d->reason);
	else
		out_str(o, "no reason given by this kernel");
}

static void drop_location_text(const struct path_drop *d, struct out *o)
{
	if (!d->has_location)
		return;
	out_str(o, " at ");
	out_code_addr(o, d->symbol, d->offset, d->location);
}

static void where_text(const struct packet *p, const struct path_drop *d, struct out *o)
{
	out_str(o, ", in ");
	path_device_text(&p->devices[p->steps[d->step].device], o);
	if (d->after) {
		out_str(o, ", last seen in ");
		out_escaped_word(o, d->after);
	}
}

/* A line below the end. */
static void note_text(const char *what, const char *text, struct out *o)
{
	if (!text)
		return;
	out_str(o, "\n" INDENT_RUN);
	out_str(o, what);
	out_escaped(o, text);
}

static void owner_text(const struct path_format *f, const struct path_drop *d, struct out *o)
{
	_cleanup_out_ struct out owner = {0};

	if (f->owner)
		f->owner(f->owner_ctx, d->seq, &owner);
	if (owner.buf.len)
		out_str(o, "\n" INDENT_RUN "by: ");
	out_append(o, &owner);
}

static void dropped_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	const struct path_drop *d = &p->drops[p->drop];
	const struct drop_facts facts = drop_facts_of(p, d);
	char cause[DROP_CAUSE_MAX];

	path_color(f, SGR_RED, o);
	out_str(o, "DROPPED after ");
	path_duration(p->total_ns, f->utf8, o);
	out_str(o, ": ");
	drop_reason(d, o);
	drop_location_text(d, o);
	path_color(f, SGR_RESET, o);
	where_text(p, d, o);
	note_text("likely cause: ", drop_cause(&facts, cause) ? cause : NULL, o);
	owner_text(f, d, o);
}

static void freed_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	const struct path_drop *d = &p->drops[p->drop];

	out_str(o, "freed after ");
	path_duration(p->total_ns, f->utf8, o);
	out_str(o, ": ");
	drop_reason(d, o);
	drop_location_text(d, o);
	where_text(p, d, o);
	note_text("harmless: ", d->harmless, o);
}

static void settled_text(const struct path_format *f, const struct packet *p, struct out *o)
{
	static const char *const words[] = {
		[PACKET_ALIVE] = "last seen after ",
		[PACKET_DELIVERED] = "delivered to a socket after ",
		[PACKET_CONSUMED] = "consumed after ",
	};
	const char *func = packet_last_func(p), *wait = p->end == PACKET_ALIVE ? queue_wait(p->queue) : NULL;

	out_str(o, words[p->end]);
	path_duration(p->total_ns, f->utf8, o);
	if (func) {
		out_str(o, ", in ");
		out_escaped_word(o, func);
	}
	if (p->n_steps) {
		out_str(o, ", ");
		path_device_text(&p->devices[p->steps[p->end_step].device], o);
	}
	if (wait) {
		out_str(o, ": ");
		out_str(o, wait);
	}
}

/* Where the other copies ended. */
static void copies_text(const struct packet *p, struct out *o)
{
	bool at_drop = p->end == PACKET_DROPPED || p->end == PACKET_FREED;

	for (unsigned i = 0; i < p->n_drops; i++) {
		const struct path_drop *d = &p->drops[i];

		if (at_drop && i == p->drop)
			continue;
		out_str(o, "\n" INDENT_RUN);
		out_str(o, d->is_delivered ? "a copy was freed as dropped: "
			   : d->harmless   ? "a copy was freed: "
					   : "a copy was dropped: ");
		drop_reason(d, o);
		drop_location_text(d, o);
		if (!d->is_delivered)
			where_text(p, d, o);
		if (d->is_delivered) {
			out_str(o, "; the packet itself was delivered");
		} else if (d->harmless) {
			out_str(o, "; harmless: ");
			out_str(o, d->harmless);
		}
	}
}

void path_end(const struct path_format *f, const struct packet *p, struct out *o)
{
	out_str(o, INDENT_PLACE);
	if (p->end == PACKET_DROPPED)
		dropped_text(f, p, o);
	else if (p->end == PACKET_FREED)
		freed_text(f, p, o);
	else
		settled_text(f, p, o);
	copies_text(p, o);
	out_char(o, '\n');
	if (!p->lost_steps)
		return;
	out_str(o, INDENT_PLACE);
	out_u64(o, p->lost_steps);
	out_str(o, " more events of this packet had no room\n");
}
