/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings that are cut, damaged, joined, newer or made to do harm. */
#include <zlib.h>

#include "event/lost_events.h"
#include "record/coverage.h"
#include "record/format.h"
#include "record/io.h"
#include "recordings.h"

#define N_EVENTS 6

/* Three blocks of two events each. */
static void small(struct event events[N_EVENTS], struct buf *bytes)
{
	uint64_t seed = 20;

	for (size_t i = 0; i < N_EVENTS; i++) {
		events[i] = draw_event(&seed);
		events[i].seq = i;
		events[i].pkt = i + 1;
	}
	record_events(bytes, events, N_EVENTS, 2);
}

/* What was told before an error is what was recorded, in its order. */
static void expect_beginning(const struct told *told, const struct event *events)
{
	cr_assert_leq(told->n_events, N_EVENTS);
	for (size_t i = 0; i < told->n_events; i++)
		cr_assert(same_event(&told->events[i], &events[i]));
}

Test(record_reader, pieces_of_any_size)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};

	small(events, &bytes);
	for (size_t piece = 1; piece < 100; piece++) {
		_cleanup_told_ struct told told = {0};

		cr_assert_eq(read_back(bytes.data, bytes.len, piece, &told), 0, "%s", told.reason.text);
		cr_assert_eq(told.n_events, N_EVENTS);
		expect_beginning(&told, events);
	}
}

Test(record_reader, cut_at_every_byte)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	size_t last = 0;

	small(events, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		_cleanup_told_ struct told told = {0};
		char offset[32];

		cr_assert_lt(read_back(bytes.data, len, 0, &told), 0, "cut at %zu", len);
		expect_beginning(&told, events);
		cr_assert_geq(told.n_events, last);
		last = told.n_events;
		snprintf(offset, sizeof(offset), "offset %zu,", len);
		if (len >= REC_HEADER_BYTES)
			cr_assert(strstr(told.reason.text, offset), "cut at %zu: %s", len, told.reason.text);
		else
			cr_assert(told.reason.text[0]);
	}
	cr_expect_eq(last, N_EVENTS); /* only the ledger was missing */
}

Test(record_reader, every_bit_flipped)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};

	small(events, &bytes);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		_cleanup_told_ struct told told = {0};

		bytes.data[bit / 8] ^= (char)(1u << bit % 8);
		cr_assert_lt(read_back(bytes.data, bytes.len, 0, &told), 0, "bit %zu", bit);
		bytes.data[bit / 8] ^= (char)(1u << bit % 8);
		expect_beginning(&told, events);
		cr_assert(strstr(told.reason.text, "offset") || strstr(told.reason.text, "not a recording"),
			  "bit %zu: %s", bit, told.reason.text);
	}
}

Test(record_reader, a_block_is_missing_or_doubled)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0}, doubled = {0};
	uint32_t info_bytes;

	small(events, &bytes);
	info_bytes = REC_BLOCK_HEADER_BYTES + io_get_le32((const uint8_t *)bytes.data + REC_HEADER_BYTES + 8);
	for (int times = 0; times < 3; times += 2) {
		_cleanup_told_ struct told told = {0};

		doubled.len = 0;
		buf_append(&doubled, bytes.data, REC_HEADER_BYTES);
		for (int i = 0; i < times; i++)
			buf_append(&doubled, bytes.data + REC_HEADER_BYTES, info_bytes);
		buf_append(&doubled, bytes.data + REC_HEADER_BYTES + info_bytes,
			   bytes.len - REC_HEADER_BYTES - info_bytes);
		cr_expect_eq(read_back(doubled.data, doubled.len, 0, &told), -EBADMSG);
		cr_expect(strstr(told.reason.text, "number"), "%s", told.reason.text);
	}
}

Test(record_reader, joined)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};
	size_t once;

	small(events, &bytes);
	once = bytes.len;
	cr_assert_eq(buf_reserve(&bytes, once), 0);
	cr_assert_eq(buf_append(&bytes, bytes.data, once), 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 100, &told), 0, "%s", told.reason.text);
	cr_expect(told.n_infos == 2 && told.n_ledgers == 2);
	cr_assert_eq(told.n_events, 2 * N_EVENTS);
	for (size_t i = 0; i < 2 * N_EVENTS; i++) {
		cr_expect_eq(told.events[i].seq, i);
		cr_expect_eq(told.events[i].pkt, i + 1);
		cr_expect(same_text(told.events[i].func, events[i % N_EVENTS].func));
	}
}

Test(record_reader, one_after_another_though_one_is_cut)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	small(events, &bytes);
	cr_assert_eq(read_back(bytes.data, bytes.len - 1, 0, &told), -ENODATA);
	cr_assert_eq(record_reader_feed(told.reader, bytes.data, bytes.len, NULL), 0);
	cr_assert_eq(record_reader_end(told.reader, NULL), 0);
	cr_assert_eq(told.n_events, 2 * N_EVENTS);
	cr_expect_eq(told.events[N_EVENTS].seq, N_EVENTS);
}

/* Whatever follows a recording is said: nothing of it is taken for the end of what was cut off. */
Test(record_reader, what_follows_is_never_ignored)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};

	small(events, &bytes);
	for (size_t n = 1; n < 40; n++) {
		_cleanup_told_ struct told told = {0};
		_cleanup_buf_ struct buf more = {0};

		cr_assert_eq(buf_append(&more, bytes.data, bytes.len), 0);
		for (size_t i = 0; i < n; i++)
			cr_assert_eq(buf_append(&more, "x", 1), 0);
		cr_expect_eq(read_back(more.data, more.len, 0, &told), -EBADMSG, "%zu bytes behind the end", n);
	}
	for (size_t cut = 1; cut < bytes.len; cut++) {
		_cleanup_told_ struct told told = {0};
		_cleanup_buf_ struct buf both = {0};
		int r;

		cr_assert_eq(buf_append(&both, bytes.data, cut), 0);
		cr_assert_eq(buf_append(&both, bytes.data, bytes.len), 0);
		r = read_back(both.data, both.len, 0, &told);
		/* between two blocks: the second one is read, and the first one has no ledger */
		cr_expect(r == -EBADMSG ||
				  (r == 0 && record_reader_recordings(told.reader) == 2 && told.n_ledgers == 1),
			  "cut at %zu: %d", cut, r);
	}
}

/* A block that is cut off is long enough to hold the whole recording behind it. */
Test(record_reader, a_recording_within_a_block_that_is_cut_off)
{
	enum { N = 4000 };
	struct event *events = calloc(N, sizeof(*events));
	_cleanup_buf_ struct buf bytes = {0}, both = {0};
	_cleanup_told_ struct told told = {0};
	struct event few[N_EVENTS];
	uint64_t seed = 5;

	for (size_t i = 0; i < N; i++)
		events[i] = draw_event(&seed);
	record_events(&both, events, N, 0);
	both.len = REC_HEADER_BYTES + 400;
	small(few, &bytes);
	cr_assert_eq(buf_append(&both, bytes.data, bytes.len), 0);
	cr_expect_eq(read_back(both.data, both.len, 0, &told), -EBADMSG);
	cr_expect(strstr(told.reason.text, "at offset 416 another recording begins"), "%s", told.reason.text);
	free(events);
}

/* A header as another version would write it. */
static void put_version(struct buf *bytes, unsigned major, unsigned minor)
{
	uint8_t *p = (uint8_t *)bytes->data;

	p[8] = (uint8_t)major;
	p[10] = (uint8_t)minor;
	io_put_le32(p + 12, (uint32_t)crc32(crc32(0, Z_NULL, 0), p, 12));
}

static void put_block(struct buf *bytes, uint32_t type, uint32_t number, const void *payload, size_t len)
{
	uint8_t head[REC_BLOCK_HEADER_BYTES];
	uLong crc;

	io_put_le32(head, type);
	io_put_le32(head + 4, number);
	io_put_le32(head + 8, (uint32_t)len);
	crc = crc32(crc32(0, Z_NULL, 0), head, 12);
	if (len)
		crc = crc32(crc, payload, (uInt)len);
	io_put_le32(head + 12, (uint32_t)crc);
	cr_assert_eq(buf_append(bytes, head, sizeof(head)), 0);
	cr_assert_eq(buf_append(bytes, payload, len), 0);
}

static void put_header(struct buf *bytes)
{
	uint8_t head[REC_HEADER_BYTES] = REC_MAGIC;

	bytes->len = 0;
	cr_assert_eq(buf_append(bytes, head, sizeof(head)), 0);
	put_version(bytes, RECORD_MAJOR, RECORD_MINOR);
}

Test(record_reader, a_newer_minor_is_read)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	small(events, &bytes);
	put_version(&bytes, RECORD_MAJOR, RECORD_MINOR + 1);
	put_block(&bytes, 77, 8, "anything", 8); /* information, three pairs of blocks and the ledger went before */
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_expect_eq(told.n_events, N_EVENTS);
	cr_expect_eq(record_reader_skipped(told.reader), 1);
}

Test(record_reader, nothing_but_what_is_newer_follows_the_ledger)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	small(events, &bytes);
	put_block(&bytes, REC_BLOCK_EVENTS, 8, NULL, 0);
	cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -EBADMSG);
	cr_expect(strstr(told.reason.text, "follows the ledger"), "%s", told.reason.text);
}

/* A file as 1.0 wrote it: four events, nothing kept of the packets. */
Test(record_reader, an_older_minor_is_read)
{
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	cr_assert_eq(buf_read_file(GOLDEN_DIR "/recording-1.0.skbt", &bytes), 0);
	cr_expect_eq(bytes.data[10], 0);
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_assert_eq(told.n_events, 4);
	cr_expect_eq(told.n_ledgers, 1);
	for (size_t i = 0; i < told.n_events; i++)
		cr_expect_null(told.events[i].bytes);
}

Test(record_reader, a_newer_major_is_refused)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};

	small(events, &bytes);
	put_version(&bytes, RECORD_MAJOR + 1, 0);
	cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -EPROTO);
	cr_expect(strstr(told.reason.text, "newer skbtrail"), "%s", told.reason.text);
	cr_expect_eq(told.n_events, 0);
}

/* What a newer minor may add: a kind of block, a kind of dictionary, fields at the ends of entries and of blocks,
 * columns of rows. */
Test(record_reader, additions_are_stepped_over)
{
	static const uint8_t dict[] = {
		REC_DICT_STRING, 7,  6,	 'i', 'p', '_', 'r', 'c', 'v', /* number 1 */
		REC_DICT_SITE,	 14, 13, 8,   7,   6,	5,   4,	  3,   2,  1, 1, 0, 'n', 'e', 'w',
		REC_DICT_CPU,	 2,  1,	 3,   99,  4,	'w', 'h', 'a', 't'};
	/* mask: CPU, LEN and bit 20, which is new; time 5 (folded 10), site 1; CPU 1, length 84, the new column 9 */
	static const uint8_t row[] = {0x85, 0x80, 0x40, 10, 1, 1, 84, 9};
	_cleanup_buf_ struct buf bytes = {0};
	_cleanup_told_ struct told told = {0};
	static const uint8_t ledger[] = {1, 0, 0, 0, 0, 1, 0, 5, 5, 0, 0, 100, 'n', 'e', 'w'};

	put_header(&bytes);
	put_version(&bytes, RECORD_MAJOR, RECORD_MINOR + 1);
	put_block(&bytes, 1000, 0, "new", 3);
	put_block(&bytes, REC_BLOCK_DICT, 1, dict, sizeof(dict));
	put_block(&bytes, REC_BLOCK_EVENTS, 2, row, sizeof(row));
	put_block(&bytes, REC_BLOCK_LEDGER, 3, ledger, sizeof(ledger));
	cr_assert_eq(read_back(bytes.data, bytes.len, 0, &told), 0, "%s", told.reason.text);
	cr_expect_eq(record_reader_skipped(told.reader), 1);
	cr_assert_eq(told.n_events, 1);
	cr_expect_str_eq(told.events[0].func, "ip_rcv");
	cr_expect_eq(told.events[0].addr, 0x0102030405060708);
	cr_expect_null(told.events[0].module);
	cr_expect_eq(told.events[0].cpu, 3);
	cr_expect_eq(told.events[0].ts_ns, 5);
	cr_expect_eq(told.events[0].len_bytes, 84);
	cr_expect_eq(told.ledger.events, 1);
	cr_expect(told.ledger.provable);
}

/* Right checksums around wrong contents. */
Test(record_reader, contents_that_make_no_sense)
{
	static const struct {
		const char *what;
		enum rec_block type;
		uint8_t len, payload[24];
	} cases[] = {
		{"a row without its CPU", REC_BLOCK_EVENTS, 3, {0, 0, 0}},
		{"a CPU that is not in the dictionary", REC_BLOCK_EVENTS, 4, {1, 0, 0, 1}},
		{"a row that ends", REC_BLOCK_EVENTS, 2, {1, 0}},
		{"a number of more than 64 bits",
		 REC_BLOCK_EVENTS,
		 11,
		 {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0}},
		{"a number without end",
		 REC_BLOCK_EVENTS,
		 12,
		 {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"a dictionary longer than its block", REC_BLOCK_DICT, 3, {REC_DICT_CPU, 9, 1}},
		{"an entry longer than its dictionary", REC_BLOCK_DICT, 4, {REC_DICT_CPU, 2, 9, 1}},
		{"an entry of nearly 2^64 bytes",
		 REC_BLOCK_DICT,
		 13,
		 {REC_DICT_STRING, 11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}},
		{"information that ends", REC_BLOCK_INFO, 2, {0, 9}},
		{"a ledger that is empty", REC_BLOCK_LEDGER, 0, {0}},
		{"a ledger that is neither provable nor not",
		 REC_BLOCK_LEDGER,
		 12,
		 {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_told_ struct told told = {0};
		_cleanup_buf_ struct buf bytes = {0};

		put_header(&bytes);
		put_block(&bytes, cases[i].type, 0, cases[i].payload, cases[i].len);
		cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -EBADMSG, "%s", cases[i].what);
		cr_expect(strstr(told.reason.text, "offset 16, block 0"), "%s: %s", cases[i].what, told.reason.text);
		cr_expect_eq(told.n_events, 0);
	}
}

/* The same, without knowing what is wrong: blocks that were changed and given the checksum they should have. */
Test(record_reader, contents_at_random)
{
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0}, changed = {0};
	uint64_t seed = 77;

	small(events, &bytes);
	for (unsigned round = 0; round < 20000; round++) {
		_cleanup_told_ struct told told = {0};
		uint32_t number = 0;

		changed.len = 0;
		cr_assert_eq(buf_append(&changed, bytes.data, REC_HEADER_BYTES), 0);
		for (size_t at = REC_HEADER_BYTES; at < bytes.len; number++) {
			const uint8_t *head = (const uint8_t *)bytes.data + at;
			uint32_t len = io_get_le32(head + 8);
			uint8_t payload[4096];

			cr_assert_leq(len, sizeof(payload));
			memcpy(payload, head + REC_BLOCK_HEADER_BYTES, len);
			if (len && draw(&seed) % 4 == 0)
				payload[draw(&seed) % len] = (uint8_t)draw(&seed);
			put_block(&changed, io_get_le32(head), number, payload, len);
			at += REC_BLOCK_HEADER_BYTES + len;
		}
		read_back(changed.data, changed.len, 0, &told);
		cr_assert_leq(told.n_events, 1000);
	}
}

/* What a trace could see is told before its events, once; and its payload is not trusted. */
Test(record_reader, coverage_where_it_does_not_belong)
{
	static const uint8_t payload[] = {1, 9, 'f', 'i', 'l', 't', 'e', 'r', '-', 'x', 0, 0};
	static const int orders[][3] = {{REC_BLOCK_COVERAGE, REC_BLOCK_COVERAGE},
					{REC_BLOCK_EVENTS, REC_BLOCK_COVERAGE}};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		_cleanup_buf_ struct buf bytes = {0};
		_cleanup_told_ struct told told = {0};

		put_header(&bytes);
		for (uint32_t b = 0; b < 2; b++)
			put_block(&bytes, (uint32_t)orders[i][b], b, payload,
				  orders[i][b] == REC_BLOCK_COVERAGE ? sizeof(payload) : 0);
		cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -EBADMSG);
		cr_expect(strstr(told.reason.text, "block 1 (coverage)"), "%s", told.reason.text);
	}
}

Test(record_reader, coverage_at_random)
{
	static const char *const attached[] = {"ip_rcv", "icmp_rcv"}, *const refused[] = {"veth_xmit"};
	static const struct record_option options[] = {{"filter-netns", "pod2"}, {"filter-track-skb", NULL}};
	static const struct record_coverage c = {options, 2, true, attached, refused, 2, 1};
	_cleanup_buf_ struct buf payload = {0};
	uint64_t seed = 3;

	cr_assert_eq(coverage_encode(&c, &payload), 0);
	for (size_t len = 0; len <= payload.len; len++) {
		_cleanup_(coverage_clear) struct coverage back = {0};

		cr_expect_eq(coverage_decode(payload.data, len, &back), len < payload.len ? -EBADMSG : 0, "%zu", len);
	}
	for (unsigned round = 0; round < 20000; round++) {
		_cleanup_(coverage_clear) struct coverage back = {0};
		size_t at = draw(&seed) % payload.len;
		char was = payload.data[at];

		payload.data[at] = (char)draw(&seed);
		coverage_decode(payload.data, payload.len, &back);
		payload.data[at] = was;
	}
}

Test(record_reader, a_length_beyond_all_bounds)
{
	_cleanup_told_ struct told told = {0};
	_cleanup_buf_ struct buf bytes = {0};

	put_header(&bytes);
	put_block(&bytes, REC_BLOCK_EVENTS, 0, NULL, 0);
	io_put_le32((uint8_t *)bytes.data + REC_HEADER_BYTES + 8, REC_BLOCK_BYTES_MAX + 1);
	cr_expect_eq(read_back(bytes.data, bytes.len, 0, &told), -EBADMSG);
	cr_expect(strstr(told.reason.text, "length"), "%s", told.reason.text);
}

Test(record_reader, not_a_recording)
{
	static const char *const others[] = {"", "x", "\x89skb", "\xd4\xc3\xb2\xa1 a capture",
					     "{\"type\":\"event\"}\n"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_told_ struct told told = {0};

		cr_expect_eq(read_back(others[i], strlen(others[i]), 0, &told), -EBADMSG);
		cr_expect(strstr(told.reason.text, "not a recording"), "%s", told.reason.text);
	}
}

static int tired(void *ctx, const struct event *ev _unused_)
{
	int *left = ctx;

	return --*left < 0 ? -EPIPE : 0;
}

Test(record_reader, the_sink_may_stop_it)
{
	int left = 3;
	struct record_sink sink = {.event = tired, .ctx = &left};
	_cleanup_(record_reader_freep) struct record_reader *reader = NULL;
	struct event events[N_EVENTS];
	_cleanup_buf_ struct buf bytes = {0};
	struct reason reason = {0};

	small(events, &bytes);
	cr_assert_eq(record_reader_new(&sink, &reader), 0);
	cr_expect_eq(record_reader_feed(reader, bytes.data, bytes.len, &reason), -EPIPE);
	cr_expect_eq(record_reader_feed(reader, bytes.data, bytes.len, &reason), -EPIPE);
	cr_expect_eq(record_reader_end(reader, &reason), -EPIPE);
	cr_expect_str_eq(reason.text, "");
	cr_expect_eq(left, -1);
}
