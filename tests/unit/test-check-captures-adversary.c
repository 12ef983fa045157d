/* SPDX-License-Identifier: GPL-2.0-only */
/* Random windows over random ways: no verdict on four captures may contradict what became of the packets. */
#include "four_captures.h"

#include <stdio.h>

#define WORLDS	    3000
#define PACKETS_MAX 16
#define RECORDS_MAX (PACKETS_MAX + 4)
#define SEED	    20

enum path { PATH_PEER, PATH_CROSS, PATH_NETKIT, PATH_DROPPED };

struct record {
	uint64_t ts_ns;
	int packet; /* -1: of another flow */
};

struct capture_file {
	struct record v[RECORDS_MAX];
	size_t n;
};

/* What really happened. */
struct truth {
	bool same_headers; /* UDP over IPv6: nothing tells the packets of a direction apart */
	bool whole;	   /* no capture was cut */
	size_t n;
	enum path paths[PACKETS_MAX];
	enum direction directions[PACKETS_MAX];
	uint16_t seqs[PACKETS_MAX];
	struct capture_file files[POINT_MAX];
};

static uint64_t random_state;

static unsigned below(unsigned n)
{
	/* xorshift64*, Vigna 2016 */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 2685821657736338717ull >> 33) % n;
}

static void record(struct truth *t, enum point at, uint64_t ts_ns, int packet)
{
	struct capture_file *f = &t->files[at];
	size_t i = f->n++;

	cr_assert_lt(i, RECORDS_MAX);
	for (; i > 0 && f->v[i - 1].ts_ns > ts_ns; i--)
		f->v[i] = f->v[i - 1];
	f->v[i] = (struct record){ts_ns, packet};
}

/* Sends one packet; returns the time at which it arrives. */
static uint64_t send_packet(struct truth *t, enum direction dir, uint16_t seq, enum path path, uint64_t ts_ns)
{
	static const char *const rows[] = {
		[PATH_PEER] = "1101", [PATH_CROSS] = "1111", [PATH_NETKIT] = "1011", [PATH_DROPPED] = "1100"};
	int packet = (int)t->n++;

	t->paths[packet] = path;
	t->directions[packet] = dir;
	t->seqs[packet] = seq;
	for (unsigned nth = 0; nth < POINT_MAX; nth++) {
		if (rows[path][nth] == '0')
			continue;
		ts_ns += 1000 * (1 + below(80));
		record(t, direction_point(dir, nth), ts_ns, packet);
	}
	return ts_ns;
}

static enum path random_path(unsigned kind, bool edge)
{
	switch (kind) {
	case 0:
		return PATH_PEER;
	case 1:
		return below(3) ? PATH_PEER : PATH_CROSS;
	case 2:
		return edge ? PATH_CROSS : PATH_PEER;
	case 3:
		return PATH_NETKIT;
	default:
		return below(8) ? PATH_PEER : below(2) ? PATH_CROSS : below(2) ? PATH_NETKIT : PATH_DROPPED;
	}
}

static void cut(struct truth *t, struct capture_file *f)
{
	size_t first = below(3), last = below(3);

	t->whole = false;
	if (below(3) == 0)
		first = below(f->n + 1);
	if (below(3) == 0)
		last = below(f->n + 1);
	first = first < f->n ? first : f->n;
	last = last < f->n - first ? last : f->n - first;
	f->n -= first + last;
	memmove(f->v, f->v + first, f->n * sizeof(*f->v));
}

static void make(struct truth *t)
{
	static const uint64_t steps_ns[] = {SEC_NS, 300000000, 100000};
	unsigned pings = 1 + below(PACKETS_MAX / 2), kind = below(5), cuts = below(3);
	uint64_t ts_ns = NOW_NS;

	*t = (struct truth){.same_headers = below(2), .whole = true};
	for (unsigned i = 0; i < pings; i++) {
		ts_ns = send_packet(t, DIRECTION_REQUEST, i, random_path(kind, i == 0), ts_ns + steps_ns[below(3)]);
		if (t->paths[t->n - 1] != PATH_DROPPED && (!t->same_headers || below(4)))
			ts_ns = send_packet(t, DIRECTION_REPLY, i, random_path(kind, i == pings - 1), ts_ns);
	}
	for (enum point at = 0; at < POINT_MAX; at++) {
		for (unsigned other = below(2) ? below(4) : 0; other; other--)
			record(t, at, NOW_NS + (ts_ns - NOW_NS) / 1000 * below(1000), -1);
		if (cuts && below(cuts + 1))
			cut(t, &t->files[at]);
	}
}

static void file_all(const struct truth *t, struct world *w)
{
	for (enum point at = 0; at < POINT_MAX; at++) {
		for (size_t i = 0; i < t->files[at].n; i++) {
			const struct record *r = &t->files[at].v[i];

			if (r->packet < 0) {
				note_time(w, at, r->ts_ns);
				continue;
			}
			w->near_frame = t->paths[r->packet] == PATH_NETKIT ? FRAME_BARE : FRAME_SENT;
			w->far_frame = t->paths[r->packet] == PATH_NETKIT ? FRAME_BARE : FRAME_REWRITTEN;
			see(w, at, t->directions[r->packet], t->same_headers ? 9 : t->seqs[r->packet], r->ts_ns);
		}
	}
}

/* Whether the packet may be left out without a word against the verdict: the first or the last of the flow, of which a
 * note says so. */
static bool may_be_left_out(const struct truth *t, size_t packet, const struct check_result *r)
{
	char text[64];

	if (packet != 0 && packet != t->n - 1)
		return false;
	snprintf(text, sizeof(text), "%s: 1 packet is left out", direction_name(t->directions[packet]));
	return has_note(r, text);
}

static void compare(const struct truth *t, const struct check_result *r, unsigned number)
{
	size_t crossed = 0, netkit = 0;

	for (size_t i = 0; i < t->n; i++) {
		crossed += t->paths[i] == PATH_CROSS || t->paths[i] == PATH_NETKIT;
		netkit += t->paths[i] == PATH_NETKIT;
		if (r->verdict == VERDICT_PASS)
			cr_expect(t->paths[i] == PATH_PEER || may_be_left_out(t, i, r),
				  "seed %d, world %u: PASS, but packet %zu went another way", SEED, number, i);
	}
	cr_expect(r->verdict != VERDICT_FAIL || crossed, "seed %d, world %u: FAIL, but none crossed", SEED, number);
	for (enum direction dir = 0; dir < DIRECTION_MAX; dir++)
		cr_expect(r->directions[dir].mechanism == MECH_UNKNOWN || netkit, "seed %d, world %u: %s", SEED, number,
			  mechanism_name(r->directions[dir].mechanism));
}

Test(captures_adversary, no_verdict_contradicts_the_truth)
{
	unsigned verdicts[VERDICT_INCONCLUSIVE + 1] = {0};

	random_state = SEED;
	for (unsigned number = 0; number < WORLDS; number++) {
		_cleanup_world_ struct world w;
		struct check_result r;
		struct truth t;

		make(&t);
		world_init(&w, MECH_REDIRECT_PEER);
		if (t.same_headers)
			w.l4 = IPPROTO_UDP;
		file_all(&t, &w);
		r = judge(&w);
		verdicts[r.verdict]++;
		compare(&t, &r, number);
	}
	cr_log_info("seed %d: %u PASS, %u FAIL, %u INCONCLUSIVE", SEED, verdicts[VERDICT_PASS], verdicts[VERDICT_FAIL],
		    verdicts[VERDICT_INCONCLUSIVE]);
	cr_expect_gt(verdicts[VERDICT_PASS], WORLDS / 100, "none passes");
	cr_expect_gt(verdicts[VERDICT_FAIL], WORLDS / 10, "none fails");
}

/* Captures that run from before the first packet until after the last tell the truth. */
Test(captures_adversary, whole_captures_do_not_doubt)
{
	random_state = SEED;
	for (unsigned number = 0; number < WORLDS; number++) {
		_cleanup_world_ struct world w;
		struct check_result r;
		bool peer = true;
		struct truth t;

		make(&t);
		for (size_t i = 0; i < t.n; i++)
			peer &= t.paths[i] == PATH_PEER;
		if (!t.whole || t.same_headers || t.n < 6 || !peer)
			continue;
		world_init(&w, MECH_REDIRECT_PEER);
		file_all(&t, &w);
		r = judge(&w);
		cr_expect_eq(r.verdict, VERDICT_PASS, "seed %d, world %u: %s", SEED, number,
			     r.n_reasons ? r.reasons[0].text : "");
	}
}
