/* SPDX-License-Identifier: GPL-2.0-only */
/* Four captures of one flow, filed record by record and judged, for the tests of check/captures.h. */
#pragma once

#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "check/same_node.h"

#define NOW_NS	1700000000000000000ull
#define SEC_NS	1000000000ull
#define STEP_NS 50000ull

/* MAC addresses: those of a packet in its pod and on its host side, those after a program has rewritten them, none at
 * all, or nothing known. */
enum frame_kind { FRAME_UNKNOWN, FRAME_SENT, FRAME_REWRITTEN, FRAME_BARE };

struct world {
	uint8_t l4;
	struct evidence_table evidence;
	struct check_run run;
	enum frame_kind near_frame, far_frame; /* of all packets, before and after the near host device */
	enum point label[POINT_MAX];	       /* for which point the capture at each is given */
};

static inline void world_clear(struct world *w)
{
	evidence_table_free(&w->evidence);
	captures_clear(&w->run.captures);
}

#define _cleanup_world_ _cleanup_(world_clear)

static inline void world_init(struct world *w, enum mechanism expect)
{
	struct check_setup setup = {.expect = expect, .l4 = IPPROTO_ICMP};

	*w = (struct world){.l4 = IPPROTO_ICMP, .run.from_captures = true};
	for (enum point p = 0; p < POINT_MAX; p++) {
		w->run.captures.facts[p].resolution_ns = 1000;
		w->label[p] = p;
	}
	captures_set_points(&setup, &w->run.captures);
	evidence_table_init(&w->evidence, &setup);
}

/* A packet of any kind: the capture was running then. */
static inline void note_time(struct world *w, enum point at, uint64_t ts_ns)
{
	struct capture_facts *f = &w->run.captures.facts[at];

	f->packets++;
	f->first_ns = !f->has_times || ts_ns < f->first_ns ? ts_ns : f->first_ns;
	f->last_ns = !f->has_times || ts_ns > f->last_ns ? ts_ns : f->last_ns;
	f->has_times = true;
	if (!f->windows)
		f->windows = calloc(2, sizeof(*f->windows));
	cr_assert(f->windows);
	f->n_windows = 1;
	f->windows[0] = (struct capture_window){f->first_ns, f->last_ns};
}

static inline struct captured_frame frame_of(enum frame_kind kind)
{
	struct captured_frame f = {.has_src = kind != FRAME_UNKNOWN, .has_dst = kind != FRAME_UNKNOWN, .plain = true};

	if (kind == FRAME_SENT || kind == FRAME_REWRITTEN)
		f.src_mac[0] = f.dst_mac[0] = 2 * kind;
	return f;
}

static inline void file_at(struct world *w, enum point at, const struct hook_event *ev)
{
	bool near = at == direction_point(ev->reverse, 0) || at == direction_point(ev->reverse, 1);
	struct captured_frame frame = frame_of(near ? w->near_frame : w->far_frame);

	at = w->label[at];
	note_time(w, at, ev->ts_ns);
	w->run.captures.facts[at].flow_packets++;
	cr_assert_eq(captures_file(&w->run.captures, &w->evidence, at, ev, &frame), 0);
}

static inline struct hook_event record_of(enum direction dir, uint64_t ts_ns)
{
	return (struct hook_event){
		.ts_ns = ts_ns, .hook = ST_HOOK_XMIT, .reverse = dir == DIRECTION_REPLY, .has_l4 = true};
}

static inline void see(struct world *w, enum point at, enum direction dir, uint16_t seq, uint64_t ts_ns)
{
	struct hook_event ev = record_of(dir, ts_ns);

	ev.l4 = w->l4;
	ev.sport = 7;
	ev.dport = seq;
	file_at(w, at, &ev);
}

/* "1101": seen at src-pod, src-host, dst-host, dst-pod, in this order; one step of time apart on the packet's path. */
static inline void walk(struct world *w, enum direction dir, uint16_t seq, uint64_t ts_ns, const char *row)
{
	for (unsigned step = 0; step < POINT_MAX; step++) {
		if (row[direction_point(dir, step)] == '1')
			see(w, direction_point(dir, step), dir, seq, ts_ns + step * STEP_NS);
	}
}

static inline void ping(struct world *w, unsigned n, const char *request, const char *reply)
{
	for (unsigned seq = 1; seq <= n; seq++) {
		walk(w, DIRECTION_REQUEST, seq, NOW_NS + seq * SEC_NS, request);
		walk(w, DIRECTION_REPLY, seq, NOW_NS + seq * SEC_NS + 4 * STEP_NS, reply);
	}
}

static inline struct check_result judge(struct world *w)
{
	struct check_result r;

	cr_assert_eq(captures_infer(&w->run.captures, &w->evidence), 0);
	captures_ledger(&w->run.captures, &w->run.ledger);
	same_node_judge(&w->evidence, &w->run, &r);
	return r;
}

static inline bool has_reason(const struct check_result *r, enum reason_code code, const char *text)
{
	for (size_t i = 0; i < r->n_reasons; i++) {
		if (r->reasons[i].code == code && strstr(r->reasons[i].text, text))
			return true;
	}
	return false;
}

static inline bool has_note(const struct check_result *r, const char *text)
{
	for (size_t i = 0; i < r->n_notes; i++) {
		if (strstr(r->notes[i].text, text))
			return true;
	}
	return false;
}

static inline void expect(const char *name, const struct check_result *r, enum verdict verdict)
{
	cr_expect_eq(r->verdict, verdict, "%s: %s, %s", name, verdict_name(r->verdict),
		     r->n_reasons ? r->reasons[0].text : "no reason");
	cr_expect_eq(r->n_reasons == 0, verdict == VERDICT_PASS, "%s: reasons", name);
}
