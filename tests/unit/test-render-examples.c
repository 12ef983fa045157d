/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that report and diff make of the recordings that ship, against tests/golden/examples*. Who makes the
 * recordings anew (./run examples) makes these anew as well, and reads what changed. */
#include <criterion/criterion.h>
#include <glob.h>

#include "golden.h"
#include "path/packet_diff.h"
#include "path/packets.h"
#include "path/trace_summary.h"
#include "record/reader.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"
#include "render/event/lost_events.h"
#include "render/list/recording.h"
#include "render/path/diagram.h"
#include "render/path/diff.h"
#include "render/path/page.h"
#include "render/path/summary.h"
#include "render/path/svg.h"
#include "render/pcapng/pcapng_writer.h"

enum form { TEXT, JSON, PATH, PATH_JSON, WIDE, SUMMARY, SUMMARY_JSON, SVG, HTML, PCAPNG, LIST };

struct rendering {
	enum form form;
	struct out *o;
	struct path_format path;
	struct text_format text;
	struct trace_summary *summary;
	struct svg svg;
	struct page page;
	struct pcapng_writer pcapng;
	struct packet_list *list;
	struct packets *packets;
	struct record_info info;
	struct lost_events ledger;
};

static int on_packet(void *ctx, const struct packet *p)
{
	struct rendering *r = ctx;

	switch (r->form) {
	case PATH:
		path_text(&r->path, p, r->o);
		return 0;
	case PATH_JSON:
		path_json(p, r->o);
		return 0;
	case WIDE:
		path_diagram(&r->path, p, r->o);
		return 0;
	case SVG:
		svg_packet(&r->svg, p);
		return 0;
	case HTML:
		page_packet(&r->page, p);
		return 0;
	case LIST:
		return packet_list_add(r->list, p);
	default:
		return trace_summary_add(r->summary, p);
	}
}

static int on_info(void *ctx, const struct record_info *info)
{
	struct rendering *r = ctx;

	r->info = *info;
	if (r->form == TEXT) {
		recording_text(info, r->o);
		event_text_header(&r->text, r->o);
	}
	return r->form == PCAPNG ? pcapng_writer_begin(&r->pcapng, info, r->o) : 0;
}

static int on_event(void *ctx, const struct event *ev)
{
	struct rendering *r = ctx;

	if (r->form == TEXT)
		event_text(&r->text, ev, r->o);
	else if (r->form == JSON)
		event_json(ev, NULL, r->o);
	else if (r->form == PCAPNG)
		pcapng_writer_event(&r->pcapng, ev, r->o);
	else
		return packets_add(r->packets, ev);
	return 0;
}

static int on_ledger(void *ctx, const struct lost_events *l)
{
	struct rendering *r = ctx;

	r->ledger = *l;
	return 0;
}

static void finish(struct rendering *r)
{
	if (r->form == TEXT)
		lost_events_text(&r->ledger, r->o);
	else if (r->form == JSON)
		lost_events_json(&r->ledger, r->o);
	else if (r->form == SUMMARY)
		summary_text(&r->path, r->summary, r->o);
	else if (r->form == SUMMARY_JSON)
		summary_json(r->summary, r->o);
	else if (r->form == SVG)
		svg_finish(&r->svg, &r->info, &r->ledger, r->o);
	else if (r->form == HTML)
		page_finish(&r->page, &r->info, &r->ledger, r->o);
	else if (r->form == PCAPNG)
		pcapng_writer_end(&r->pcapng, &r->ledger, r->o);
}

/* *ret_reader owns the names in a list's packets; it may be NULL if no list is made. */
static void render(const char *path, struct rendering r, struct record_reader **ret_reader)
{
	struct record_sink sink = {.info = on_info, .event = on_event, .ledger = on_ledger, .ctx = &r};
	struct packets_opts opts = {.on_packet = on_packet, .ctx = &r};
	struct record_reader *reader;
	_cleanup_buf_ struct buf bytes = {0};

	r.path.utf8 = true;
	r.path.width = 140;
	r.text.timestamp.mode = TIMESTAMP_RELATIVE;
	columns_default(true, &r.text.columns);
	cr_assert_eq(buf_read_file(path, &bytes), 0, "%s", path);
	cr_assert_eq(packets_new(&opts, &r.packets), 0);
	cr_assert_eq(trace_summary_new(&r.summary), 0);
	cr_assert_eq(record_reader_new(&sink, &reader), 0);
	cr_assert_eq(record_reader_feed(reader, bytes.data, bytes.len, NULL), 0, "%s", path);
	cr_assert_eq(record_reader_end(reader, NULL), 0);
	cr_assert_eq(packets_flush(r.packets), 0);
	finish(&r);
	packets_free(r.packets);
	trace_summary_free(r.summary);
	svg_free(&r.svg);
	page_free(&r.page);
	pcapng_writer_free(&r.pcapng);
	if (ret_reader)
		*ret_reader = reader;
	else
		record_reader_free(reader);
}

/* All of them, one after the other. */
static void all(enum form form, const char *name)
{
	_cleanup_out_ struct out o = {0};
	glob_t found;

	cr_assert_eq(glob(EXAMPLES_DIR "/*.skbt", 0, NULL, &found), 0);
	cr_assert_geq(found.gl_pathc, 10);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (form != PATH_JSON && form != SUMMARY_JSON) {
			out_str(&o, "== ");
			out_str(&o, strrchr(found.gl_pathv[i], '/') + 1);
			out_char(&o, '\n');
		}
		render(found.gl_pathv[i], (struct rendering){.form = form, .o = &o}, NULL);
	}
	globfree(&found);
	golden(name, &o);
}

static void one(enum form form, const char *example, const char *name)
{
	_cleanup_out_ struct out o = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.skbt", EXAMPLES_DIR, example);
	render(path, (struct rendering){.form = form, .o = &o}, NULL);
	golden(name, &o);
}

Test(render_examples, path)
{
	all(PATH, "examples-path.txt");
}

Test(render_examples, path_json)
{
	all(PATH_JSON, "examples-path.jsonl");
}

Test(render_examples, wide)
{
	all(WIDE, "examples-wide.txt");
}

Test(render_examples, summary)
{
	all(SUMMARY, "examples-summary.txt");
}

Test(render_examples, summary_json)
{
	all(SUMMARY_JSON, "examples-summary.jsonl");
}

Test(render_examples, events)
{
	one(TEXT, "policy-drop", "examples-events.txt");
	one(JSON, "policy-drop", "examples-events.jsonl");
}

Test(render_examples, pictures)
{
	one(SVG, "redirect-peer", "examples.svg");
	one(HTML, "policy-drop", "examples.html");
}

Test(render_examples, pcapng)
{
	one(PCAPNG, "policy-drop", "examples.pcapng");
}

static void load(const char *example, struct packet_list *ret, struct record_reader **ret_reader)
{
	_cleanup_out_ struct out o = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.skbt", EXAMPLES_DIR, example);
	render(path, (struct rendering){.form = LIST, .o = &o, .list = ret}, ret_reader);
}

/* The way of the request by each topology against redirect_peer's. */
Test(render_examples, diff)
{
	static const char *const others[] = {"redirect-peer-tcx", "redirect", "host-stack", "bridge", "netkit",
					     "policy-drop"};
	struct path_format f = {.utf8 = true};
	struct packet_list peer = {0};
	struct record_reader *peer_reader;
	_cleanup_out_ struct out text = {0}, json = {0};

	load("redirect-peer", &peer, &peer_reader);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct diff_sides sides = {"redirect-peer", others[i]};
		struct packet_list other = {0};
		struct record_reader *reader;
		struct diff d = {0};

		load(others[i], &other, &reader);
		cr_assert(peer.n && other.n);
		cr_assert_eq(diff_packets(&peer.items[0], &other.items[0], &d), 0);
		diff_text(&f, &sides, &peer.items[0], &other.items[0], &d, &text);
		diff_json(&peer.items[0], &other.items[0], &d, &json);
		diff_free(&d);
		packet_list_clear(&other);
		record_reader_free(reader);
	}
	golden("examples-diff.txt", &text);
	golden("examples-diff.jsonl", &json);
	packet_list_clear(&peer);
	record_reader_free(peer_reader);
}
