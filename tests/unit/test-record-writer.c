/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings that come back as they went, and how large they are. */
#include <malloc.h>
#include <netinet/in.h>

#include "record/coverage.h"
#include "record/format.h"
#include "recordings.h"

/* Another seed every day of the year, none that hides what failed. */
static uint64_t seed_of_today(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);

	printf("SEED=%llu\n", (unsigned long long)seed);
	return seed ? seed : 1;
}

Test(record_writer, every_field_returns)
{
	enum { N = 5000 };
	uint64_t seed = seed_of_today();
	struct event *events = calloc(N, sizeof(*events));
	const size_t per_block[] = {0, 1, 7};

	/* A field was added to struct event: record it (src/record/entry.c), draw and compare it (recordings.h). Not
	 * recorded are facts of the node, what pkt was made of (origin, copy), and what follows from the events before:
	 * copy_delivered, harmless, lost. */
	cr_expect_eq(sizeof(struct event), 440);
	for (size_t i = 0; i < N; i++)
		events[i] = draw_event(&seed);
	for (size_t b = 0; b < ARRAY_SIZE(per_block); b++) {
		_cleanup_told_ struct told told = {0};
		_cleanup_buf_ struct buf bytes = {0};

		record_events(&bytes, events, N, per_block[b]);
		cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
		cr_assert_eq(told.n_events, N);
		for (size_t i = 0; i < N; i++)
			cr_assert(same_event(&told.events[i], &events[i]), "event %zu", i);
	}
	free(events);
}

Test(record_writer, information_and_ledger_return)
{
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};
	const struct lost_events *l = &told.ledger, *want = &some_ledger;

	record_events(&bytes, NULL, 0, 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0);
	cr_expect_eq(told.n_infos, 1);
	cr_expect_eq(told.info.wall_offset_ns, some_info.wall_offset_ns);
	cr_expect_str_eq(told.info.release, some_info.release);
	cr_expect_str_eq(told.info.machine, some_info.machine);
	cr_expect_str_eq(told.info.tool, some_info.tool);
	cr_expect_str_eq(told.info.command, some_info.command);
	cr_expect_eq(told.n_ledgers, 1);
	cr_expect(l->events == want->events && l->lost_ring == want->lost_ring && l->lost_map == want->lost_map &&
		  l->lost_recursion == want->lost_recursion && l->lost_kprobe == want->lost_kprobe);
	cr_expect(!l->provable);
	cr_expect_str_eq(l->unprovable_why, want->unprovable_why);
	cr_expect(l->selected == want->selected && l->attached == want->attached && l->failed == want->failed);
	cr_expect_str_eq(l->backend, want->backend);
	cr_expect_eq(l->duration_ns, want->duration_ns);
	cr_expect_eq(l->limited, want->limited);
	cr_expect_eq(l->unreadable, want->unreadable);
}

Test(record_writer, what_is_unknown_stays_unknown)
{
	static const struct record_info info = {0};
	static const struct lost_events ledger = {.provable = true};
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};

	cr_assert_eq(record_writer_new(to_buf, &bytes, &info, &w), 0);
	cr_assert_eq(record_writer_ledger(w, &ledger), 0);
	cr_expect_eq(record_writer_bytes(w), bytes.len);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0);
	cr_expect_null(told.info.release);
	cr_expect_null(told.info.command);
	cr_expect(told.ledger.provable);
	cr_expect_null(told.ledger.unprovable_why);
	cr_expect_null(told.ledger.backend);
}

static struct record_coverage kept; /* of the last recording that was read; valid as long as its reader */

static int keep_coverage(void *ctx _unused_, const struct record_coverage *c)
{
	kept = *c;
	return 0;
}

static void read_coverage(const struct buf *bytes, struct record_reader **ret)
{
	static const struct record_sink sink = {.coverage = keep_coverage};
	struct reason reason = {0};

	kept = (struct record_coverage){0};
	cr_assert_eq(record_reader_new(&sink, ret), 0);
	cr_assert_eq(record_reader_feed(*ret, bytes->data, bytes->len, &reason), 0, "%s", reason.text);
	cr_assert_eq(record_reader_end(*ret, &reason), 0, "%s", reason.text);
}

static void write_coverage(const struct record_coverage *c, struct buf *ret)
{
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;

	cr_assert_eq(record_writer_new(to_buf, ret, &some_info, &w), 0);
	cr_assert_eq(record_writer_coverage(w, c), 0);
	cr_assert_eq(record_writer_ledger(w, &some_ledger), 0);
}

Test(record_writer, coverage_returns)
{
	static const struct record_option options[] = {
		{"filter-netns", "pod2"}, {"filter-track-skb", NULL}, {"pcap-filter", ""}};
	static const char *const attached[] = {"ip_rcv", "ip_rcv_core.constprop.0"}, *const refused[] = {"veth_xmit"};
	static const struct record_coverage c = {.options = options,
						 .n_options = ARRAY_SIZE(options),
						 .has_funcs = true,
						 .attached = attached,
						 .n_attached = ARRAY_SIZE(attached),
						 .refused = refused,
						 .n_refused = ARRAY_SIZE(refused)};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_buf_ struct buf bytes = {0};

	write_coverage(&c, &bytes);
	read_coverage(&bytes, &reader);
	cr_assert_eq(kept.n_options, ARRAY_SIZE(options));
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		cr_expect_str_eq(kept.options[i].name, options[i].name);
		cr_expect(same_text(kept.options[i].value, options[i].value));
	}
	cr_expect(kept.has_funcs);
	cr_assert_eq(kept.n_attached, ARRAY_SIZE(attached));
	for (size_t i = 0; i < ARRAY_SIZE(attached); i++)
		cr_expect_str_eq(kept.attached[i], attached[i]);
	cr_assert_eq(kept.n_refused, 1);
	cr_expect_str_eq(kept.refused[0], "veth_xmit");
}

/* A kernel has two thousand. */
Test(record_writer, names_of_functions_are_compressed)
{
	enum { N = 2000 };
	static char names[N][32];
	static const char *attached[N];
	struct record_coverage c = {.has_funcs = true, .attached = attached, .n_attached = N};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_buf_ struct buf bytes = {0};

	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "a_function_of_the_kernel_%04zu", i);
		attached[i] = names[i];
	}
	write_coverage(&c, &bytes);
	cr_expect_lt(bytes.len, 10000);
	read_coverage(&bytes, &reader);
	cr_assert_eq(kept.n_attached, N);
	cr_expect_str_eq(kept.attached[N - 1], names[N - 1]);
}

Test(record_writer, functions_that_are_not_known)
{
	enum { N = COVERAGE_NAMES_MAX / 8 + 1 };
	const char **many = calloc(N, sizeof(*many));
	struct record_coverage cases[] = {
		{.has_funcs = false},
		{.has_funcs = true},					/* none at all */
		{.has_funcs = true, .attached = many, .n_attached = N}, /* too many */
	};

	for (size_t i = 0; i < N; i++)
		many[i] = "eight_b";
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
		_cleanup_buf_ struct buf bytes = {0};

		write_coverage(&cases[i], &bytes);
		read_coverage(&bytes, &reader);
		cr_expect(!kept.has_funcs && !kept.n_attached && !kept.n_refused, "case %zu", i);
	}
	free(many);
}

/* One ping's shape: `n` events of packets that each pass the same functions. */
static struct event ping_event(uint64_t i)
{
	static const char *const funcs[] = {"ip_output",
					    "ip_finish_output",
					    "neigh_resolve_output",
					    "dev_queue_xmit",
					    "dev_hard_start_xmit",
					    "veth_xmit",
					    "netif_rx",
					    "ip_rcv",
					    "icmp_rcv",
					    "kfree_skbmem"};
	uint64_t pkt = i / 100;
	struct event ev = {
		.seq = i,
		.pkt = pkt + 1,
		.ts_ns = 90000000000000 + i * 731 + (i * 2654435761u) % 500,
		.cpu_seq = i / 2,
		.cpu = pkt % 2,
		.addr = 0xffffffff81000004 + i % 100 * 48,
		.skb = 0xffff8880045a7d00 + pkt % 16 * 256,
		.head = 0xffff888005a10000 + pkt % 16 * 1024,
		.func = funcs[i % 10],
		.has_netns = true,
		.has_dev = i % 100 > 10,
		.netns = i % 100 < 40	? 4026532177
			 : i % 100 < 70 ? 4026531840
					: 4026532233,
		.netns_name = i % 100 < 40   ? "pod1"
			      : i % 100 < 70 ? NULL
					     : "pod2",
		.len_bytes = i % 100 < 50 ? 84 : 98,
		.proto = 0x0800,
		.pid = 321,
		.comm = "ping",
		.tuple = {.family = 4,
			  .has_l4 = true,
			  .has_icmp = true,
			  .has_icmp_id = true,
			  .src = {10, 0, 0, 133},
			  .dst = {10, 0, 0, 67},
			  .l4 = IPPROTO_ICMP,
			  .icmp_type = 8,
			  .icmp_id = 7,
			  .icmp_seq = (uint16_t)(pkt + 1)},
	};

	ev.cpu_seq = pkt / 2 * 100 + i % 100;
	if (ev.has_dev) {
		ev.ifindex = i % 100 < 40 ? 2 : 7;
		ev.mtu = 1500;
		strcpy(ev.ifname, i % 100 < 40 ? "eth0" : "lxc1");
	}
	if (i % 100 == 99) {
		ev.source = ST_SRC_KFREE;
		ev.addr = 0;
		ev.func = "kfree_skb";
		ev.has_location = ev.has_reason = true;
		ev.location = 0xffffffff81a1b2c3;
		ev.drop_symbol = "icmp_rcv";
		ev.drop_offset = 0x1c3;
		ev.drop_reason = 2;
		ev.drop_reason_name = "NOT_SPECIFIED";
		ev.cpu_seq = pkt / 2;
	}
	return ev;
}

/* The format, byte for byte: if this fails, recordings of others can no longer be read. A new minor may only add.
 * UPDATE=1 writes the file, as for the other golden files. */
Test(record_writer, bytes_stay_as_they_are)
{
	static const char path[] = GOLDEN_DIR "/recording.skbt";
	struct event events[] = {ping_event(0), ping_event(1), ping_event(99), ping_event(142)};
	_cleanup_buf_ struct buf bytes = {0}, want = {0};

	events[2].tuple.family = 6;
	events[3].bytes = (const uint8_t *)"E\0\0\x54";
	events[3].n_bytes = 4;
	events[3].wire_bytes = 84;
	record_events(&bytes, events, ARRAY_SIZE(events), 3);
	if (getenv("UPDATE")) {
		_cleanup_(fclosep) FILE *f = fopen(path, "we");

		cr_assert_not_null(f);
		cr_assert_eq(fwrite(bytes.data, 1, bytes.len, f), bytes.len);
		return;
	}
	cr_assert_eq(buf_read_file(path, &want), 0);
	cr_expect_eq(want.len, bytes.len);
	for (size_t i = 0; i < want.len && i < bytes.len; i++)
		cr_assert_eq(want.data[i], bytes.data[i], "offset %zu", i);
}

/* What version 1.0 wrote of the same events. */
Test(record_writer, an_older_minor_is_read)
{
	struct event events[] = {ping_event(0), ping_event(1), ping_event(99), ping_event(142)};
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	events[2].tuple.family = 6;
	cr_assert_eq(buf_read_file(GOLDEN_DIR "/recording-1.0.skbt", &bytes), 0);
	cr_assert_eq(bytes.data[10], 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_assert_eq(told.n_events, ARRAY_SIZE(events));
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		cr_expect(same_event(&told.events[i], &events[i]), "event %zu", i);
}

Test(record_writer, a_million_events)
{
	enum { N = 1000000 };
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;
	struct record_sink nothing = {0};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	_cleanup_buf_ struct buf bytes = {0};
	clock_t began = clock(), written;

	cr_assert_eq(record_writer_new(to_buf, &bytes, &some_info, &w), 0);
	for (uint64_t i = 0; i < N; i++) {
		struct event ev = ping_event(i);

		cr_assert_eq(record_writer_event(w, &ev), 0);
	}
	cr_assert_eq(record_writer_ledger(w, &some_ledger), 0);
	written = clock();
	cr_assert_eq(record_reader_new(&nothing, &reader), 0);
	cr_assert_eq(record_reader_feed(reader, bytes.data, bytes.len, NULL), 0);
	cr_assert_eq(record_reader_end(reader, NULL), 0);
	printf("a million events: %.1f bytes each, written in %.2f s, read in %.2f s\n", (double)bytes.len / N,
	       (double)(written - began) / CLOCKS_PER_SEC, (double)(clock() - written) / CLOCKS_PER_SEC);
	cr_expect_lt(bytes.len, (size_t)25 * N);
}

static int to_reader(void *ctx, const void *data, size_t len)
{
	return record_reader_feed(ctx, data, len, NULL);
}

/* From the writer straight to the reader: neither's memory grows with the number of events. */
Test(record_writer, a_million_events_in_bounded_memory)
{
	enum { N = 1000000 };
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;
	struct record_sink nothing = {0};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	size_t early = 0, late;

	cr_assert_eq(record_reader_new(&nothing, &reader), 0);
	cr_assert_eq(record_writer_new(to_reader, reader, &some_info, &w), 0);
	for (uint64_t i = 0; i < N; i++) {
		struct event ev = ping_event(i);

		cr_assert_eq(record_writer_event(w, &ev), 0);
		if (i == N / 10)
			early = mallinfo2().uordblks;
	}
	late = mallinfo2().uordblks; /* 0 with a sanitizer's allocator */
	cr_expect_leq(late, early + (256u << 10), "%zu bytes in use after a tenth, %zu at the end", early, late);
	cr_assert_eq(record_writer_ledger(w, &some_ledger), 0);
	cr_expect_eq(record_reader_end(reader, NULL), 0);
}

/* Modules that come and go all day: the lasting dictionaries begin anew, and nothing is mixed up. */
Test(record_writer, addresses_without_end)
{
	enum { N = 3 * REC_LASTING_MAX };
	struct event *events = calloc(N, sizeof(*events));
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};

	for (uint64_t i = 0; i < N; i++) {
		events[i] = ping_event(i);
		events[i].addr = i * 16;
	}
	record_events(&bytes, events, N, 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_assert_eq(told.n_events, N);
	for (size_t i = 0; i < N; i++)
		cr_assert(same_event(&told.events[i], &events[i]), "event %zu", i);
	free(events);
}

static int full(void *ctx, const void *data _unused_, size_t len)
{
	size_t *room = ctx;

	if (len > *room)
		return -ENOSPC;
	*room -= len;
	return 0;
}

Test(record_writer, the_first_error_stays)
{
	_cleanup_(record_writer_freep) struct record_writer *w = NULL, *none = NULL;
	struct event ev = ping_event(0);
	size_t room = 200, no_room = 0;

	cr_expect_eq(record_writer_new(full, &no_room, &some_info, &none), -ENOSPC);
	cr_expect_null(none);
	cr_assert_eq(record_writer_new(full, &room, &some_info, &w), 0);
	cr_assert_eq(record_writer_event(w, &ev), 0);
	cr_expect_eq(record_writer_flush(w), -ENOSPC);
	room = 1u << 20;
	cr_expect_eq(record_writer_event(w, &ev), -ENOSPC);
	cr_expect_eq(record_writer_flush(w), -ENOSPC);
	cr_expect_eq(record_writer_ledger(w, &some_ledger), -ENOSPC);
}

Test(record_writer, a_text_beyond_bounds)
{
	_cleanup_free_ char *text = malloc(RECORD_TEXT_MAX + 2);
	_cleanup_(record_writer_freep) struct record_writer *w = NULL;
	_cleanup_buf_ struct buf bytes = {0};
	struct event ev = ping_event(0);

	memset(text, 'x', RECORD_TEXT_MAX + 1);
	text[RECORD_TEXT_MAX + 1] = '\0';
	cr_assert_eq(record_writer_new(to_buf, &bytes, &some_info, &w), 0);
	ev.func = text;
	cr_expect_eq(record_writer_event(w, &ev), -E2BIG);
}
