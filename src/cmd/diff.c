/* SPDX-License-Identifier: GPL-2.0-only */
/* diff: where the paths of packets of two recordings differ, or of two packets of one recording. */
#include <errno.h>
#include <string.h>

#include "cli/exit.h"
#include "cmd/commands.h"
#include "event/lost_events.h"
#include "path/packet_diff.h"
#include "path/packets.h"
#include "record/reader.h"
#include "render/path/diff.h"
#include "sink/record_file.h"
#include "sink/terminal.h"

#define WRITE_BYTES (64u << 10)
#define PACKETS_MAX 1000000u /* of a recording that are compared */

struct diff_options {
	uint64_t packets[2]; /* numbers of packets, 0: all */
	unsigned n_packets;
	bool json;
	enum color_mode color;
};

/* One recording. The reader owns the names in its packets. */
struct side {
	struct record_reader *reader;
	struct packets *packets;
	struct packet_list list;
	struct lost_events_sum lost;
};

struct diffing {
	const struct diff_options *o;
	struct side sides[2];
	struct path_format format;
	bool differ;
	uint64_t same;	/* pairs with the same path */
	uint64_t noise; /* of these, pairs that differ in the neighbour cache */
	struct out out;
};

static void diffing_clear(struct diffing *t)
{
	for (unsigned i = 0; i < 2; i++) {
		packets_free(t->sides[i].packets);
		packet_list_clear(&t->sides[i].list);
		record_reader_free(t->sides[i].reader);
	}
	out_free(&t->out);
}

static int flush(struct diffing *t)
{
	return out_flush_fd(&t->out, STDOUT_FILENO);
}

static int on_event(void *ctx, const struct event *ev)
{
	struct side *s = ctx;

	return packets_add(s->packets, ev);
}

static int on_ledger(void *ctx, const struct lost_events *l)
{
	struct side *s = ctx;

	lost_events_sum_add(&s->lost, l);
	return 0;
}

/* A step that only one side has may have been lost on the other. */
static void say_lost(const struct side *s, const char *path)
{
	uint64_t n = ledger_lost(&s->lost.total);

	if (!s->lost.n)
		fprintf(stderr,
			"skbtrail: %s ends before its lost-events report: steps of its packets may be missing\n", path);
	else if (n)
		fprintf(stderr, "skbtrail: %s: %llu event%s lost: steps of its packets may be missing\n", path,
			(unsigned long long)n, n == 1 ? " was" : "s were");
}

static int open_side(struct side *s, const char *path, struct reason *reason)
{
	struct record_sink sink = {.event = on_event, .ledger = on_ledger, .ctx = s};
	struct packets_opts opts = {.on_packet = packet_list_add, .ctx = &s->list, .max_steps = 65536};
	int r;

	s->list.max = PACKETS_MAX;
	r = packets_new(&opts, &s->packets);
	if (r >= 0)
		r = record_reader_new(&sink, &s->reader);
	return r < 0 ? r : record_file_read(s->reader, path, NULL, reason);
}

/* Refuses a recording of which packets or steps had to be left out: a difference would prove nothing. */
static int load(struct side *s, const char *path, struct reason *reason)
{
	struct packets_counters counters;
	struct reason why = {0};
	int r = open_side(s, path, &why);

	if (r >= 0)
		r = packets_flush(s->packets);
	if (r < 0)
		return reason_set(reason, r, "%s: %s", path, why.text[0] ? why.text : strerror(-r));
	packets_counters(s->packets, &counters);
	if (s->list.lost || counters.lost_steps)
		return reason_set(reason, -E2BIG,
				  "%s: too much to compare; choose packets with --packet, or trace less", path);
	return 0;
}

static int show_pair(struct diffing *t, const struct diff_sides *names, const struct packet *a, const struct packet *b)
{
	struct diff d = {0};
	int r = a && b ? diff_packets(a, b, &d) : 0;

	if (r < 0)
		return r;
	t->differ |= !a || !b || !diff_is_same(&d);
	if (t->o->json)
		diff_json(a, b, a && b ? &d : NULL, &t->out);
	else if (a && b && diff_is_same(&d) && !t->o->n_packets)
		t->same++, t->noise += d.n_hunks > 0;
	else if (a && b)
		diff_text(&t->format, names, a, b, &d, &t->out);
	else
		diff_text_single(&t->format, a ? names->a : names->b, a ? a : b, &t->out);
	diff_free(&d);
	return t->out.buf.len < WRITE_BYTES ? 0 : flush(t);
}

static int show_all(struct diffing *t, const struct diff_sides *names)
{
	_cleanup_free_ struct diff_pair *pairs = NULL;
	const struct packet_list *a = &t->sides[0].list, *b = &t->sides[1].list;
	size_t n;
	int r = diff_pairs(a, b, &pairs, &n);

	if (r >= 0 && n == 0)
		fputs("skbtrail: neither recording has a packet: nothing was compared\n", stderr);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = show_pair(t, names, pairs[i].a == SIZE_MAX ? NULL : &a->items[pairs[i].a],
			      pairs[i].b == SIZE_MAX ? NULL : &b->items[pairs[i].b]);
	if (t->same && !t->o->json) {
		out_u64(&t->out, t->same);
		out_str(&t->out, t->same == 1 ? " packet goes" : " packets go");
		out_str(&t->out, " the same way in both");
		if (t->noise) {
			out_str(&t->out, ", ");
			out_u64(&t->out, t->noise);
			out_str(&t->out, " of them but for the neighbour cache (ARP) at that moment");
		}
		out_char(&t->out, '\n');
	}
	return r;
}

static int find(const struct side *s, const char *path, uint64_t pkt, const struct packet **ret, struct reason *reason)
{
	*ret = packet_list_find(&s->list, pkt);
	if (*ret)
		return 0;
	return reason_set(reason, -ENOENT, "%s: there is no packet %llu; its packets are 1 to %llu", path,
			  (unsigned long long)pkt,
			  s->list.n ? (unsigned long long)s->list.items[s->list.n - 1].pkt : 0ull);
}

/* --packet N compares packet N of both files; --packet N --packet M packet N of the first and M of the last file. */
static int show(struct diffing *t, int argc, char **argv, struct reason *reason)
{
	struct diff_sides names = {argv[0], argv[argc - 1]};
	const struct side *a = &t->sides[0], *b = &t->sides[argc - 1];
	const struct packet *p = NULL, *q = NULL;
	int r;

	if (t->o->n_packets == 0)
		return show_all(t, &names);
	r = find(a, argv[0], t->o->packets[0], &p, reason);
	if (r >= 0)
		r = find(b, argv[argc - 1], t->o->packets[t->o->n_packets - 1], &q, reason);
	return r < 0 ? r : show_pair(t, &names, p, q);
}

static int run_diff(void *dst, int argc, char **argv)
{
	_cleanup_(diffing_clear) struct diffing t = {.o = dst};
	struct reason reason = {0};
	int r = 0;

	if (argc < 1 || argc > 2 || (argc == 1 && t.o->n_packets != 2)) {
		reason_set(&reason, -EINVAL,
			   "diff compares two recordings, or two packets (--packet N --packet M) of one");
		return exit_refuse(-EINVAL, &reason);
	}
	t.format.color = opts_color_wanted(t.o->color, stdout);
	t.format.utf8 = terminal_is_utf8();
	for (int i = 0; i < argc && r >= 0; i++)
		r = load(&t.sides[i], argv[i], &reason);
	for (int i = 0; i < argc && r >= 0; i++)
		say_lost(&t.sides[i], argv[i]);
	if (r >= 0)
		r = show(&t, argc, argv, &reason);
	if (r >= 0) {
		r = flush(&t);
		if (r < 0 && r != -EPIPE)
			reason_set(&reason, r, "writing to standard output failed: %s", strerror(-r));
	}
	if (r < 0 && r != -EPIPE)
		return exit_refuse(r, &reason);
	return t.differ ? ST_EXIT_FAIL : ST_EXIT_OK;
}

static int opt_packet(void *dst, const char *value, struct reason *reason)
{
	struct diff_options *o = dst;
	uint64_t v;
	int r = opt_u64(&v, value, reason);

	if (r < 0)
		return r;
	if (v == 0 || o->n_packets == ARRAY_SIZE(o->packets))
		return reason_set(reason, -EINVAL, v ? "may be given twice at most" : "packets are numbered from 1");
	o->packets[o->n_packets++] = v;
	return 0;
}

#define O(field) offsetof(struct diff_options, field)
static const struct opt diff_option_table[] = {
	{"packet", 0, "N", "only this packet of both; given twice: the first file's and the second's", opt_packet, 0,
	 NULL, true},
	{"json", 0, NULL, "JSON lines instead of text", opt_flag, O(json)},
	{"color", 0, "WHEN", "auto, always or never", opt_color, O(color)},
	OPT_END,
};

static const char *const examples[] = {
	"diff good.skbt bad.skbt",
	"diff --packet 3 --packet 7 good.skbt bad.skbt",
	"diff --packet 3 --packet 4 good.skbt",
	"diff --json good.skbt bad.skbt",
	NULL,
};

const struct command cmd_diff = {
	.name = "diff",
	.usage = "[OPTIONS] FILE1 [FILE2]",
	.summary = "Shows where the paths of two recordings' packets part; status 1 if they do.",
	.opts = diff_option_table,
	.examples = examples,
	.opts_size = sizeof(struct diff_options),
	.run = run_diff,
};
