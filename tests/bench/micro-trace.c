/* SPDX-License-Identifier: GPL-2.0-only */
/* From the ring's bytes to lines: on the events of a recording that ships, over and over. */
#include "micro.h"

#include <arpa/inet.h>
#include <string.h>

#include "path/packet_number.h"
#include "path/packets.h"
#include "record/reader.h"
#include "render/event/event_json.h"
#include "render/event/event_text.h"

#define EVENTS_MAX 4096

static struct event events[EVENTS_MAX];
static size_t n_events;
static union {
	struct st_event e;
	uint8_t bytes[sizeof(struct st_event) + 8]; /* with addresses */
} records[EVENTS_MAX];
static struct out out;
static struct text_format text;
static struct packet_numbers *ident;
static struct record_reader *reader; /* owns the events' strings */

static int keep(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (n_events < EVENTS_MAX)
		events[n_events++] = *ev;
	return 0;
}

/* What the kernel would have sent for it. */
static void to_record(const struct event *ev, struct st_event *ret)
{
	*ret = (struct st_event){.ts_ns = ev->ts_ns,
				 .addr = ev->addr,
				 .skb = ev->skb,
				 .head = ev->head,
				 .netns = ev->netns,
				 .ifindex = ev->ifindex,
				 .len_bytes = ev->len_bytes,
				 .pid = ev->pid,
				 .proto_be = htons(ev->proto),
				 .valid = ST_VALID_NETNS | ST_VALID_DEV | ST_VALID_IP4 | ST_VALID_L4 | ST_VALID_ICMP |
					  ST_VALID_ICMP_ID,
				 .l4 = ev->tuple.l4};
	memcpy(ret->comm, ev->comm, sizeof(ret->comm));
	memcpy(ret->ifname, ev->ifname, sizeof(ret->ifname));
}

static void decode(void)
{
	struct event ev;

	for (size_t i = 0; i < n_events; i++)
		must(event_decode(&records[i], sizeof(records[i].e) + 8, &ev), "event_decode");
}

static void assign(void)
{
	for (size_t i = 0; i < n_events; i++)
		packet_number_assign(ident, &events[i]);
}

static void as_text(void)
{
	out_clear(&out);
	for (size_t i = 0; i < n_events; i++)
		event_text(&text, &events[i], &out);
}

static void as_json(void)
{
	out_clear(&out);
	for (size_t i = 0; i < n_events; i++)
		event_json(&events[i], &(int64_t){0}, &out);
}

static int take_packet(void *ctx, const struct packet *p)
{
	(void)ctx;
	(void)p;
	return 0;
}

static void as_packets(void)
{
	struct packets_opts opts = {.on_packet = take_packet};
	struct packets *packets;

	must(packets_new(&opts, &packets), "packets_new");
	for (size_t i = 0; i < n_events; i++)
		must(packets_add(packets, &events[i]), "packets_add");
	must(packets_flush(packets), "packets_flush");
	packets_free(packets);
}

static struct buf recording;

static void read_recording(void)
{
	struct record_sink sink = {0};
	struct record_reader *r;

	must(record_reader_new(&sink, &r), "record_reader_new");
	must(record_reader_feed(r, recording.data, recording.len, NULL), "record_reader_feed");
	must(record_reader_end(r, NULL), "record_reader_end");
	record_reader_free(r);
}

const struct bench *bench_trace(void)
{
	static struct bench benches[] = {
		{"decode a record of the ring", "event", decode, 0},
		{"which packet it belongs to", "event", assign, 0},
		{"a line of text", "event", as_text, 0},
		{"a line of JSON", "event", as_json, 0},
		{"packets, stages and times", "event", as_packets, 0},
		{"read a recording", "event", read_recording, 0},
		{0},
	};
	struct record_sink sink = {.event = keep};

	must(buf_read_file(EXAMPLE, &recording), EXAMPLE);
	must(record_reader_new(&sink, &reader), "record_reader_new");
	must(record_reader_feed(reader, recording.data, recording.len, NULL), "record_reader_feed");
	must(record_reader_end(reader, NULL), "record_reader_end");
	must(packet_number_new(IDENT_SKBS_DEFAULT, &ident), "packet_number_new");
	columns_default(false, &text.columns);
	for (size_t i = 0; i < n_events; i++)
		to_record(&events[i], &records[i].e);
	for (struct bench *b = benches; b->name; b++)
		b->n_items = n_events;
	return benches;
}
