/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/read.h"
#include "capture/capture_match.h"
#include "capture/device.h"
#include "capture/pcapng.h"
#include "capture/windows.h"

#define NSEC_PER_SEC 1000000000ull

/* Magic numbers of pcap files whose times are in nanoseconds: pcap-savefile(5). */
#define MAGIC_NSEC	   0xa1b23c4du
#define MAGIC_NSEC_SWAPPED 0x4d3cb2a1u

/* Interfaces of a file with more than these are not compared by name. */
#define NAMED_INTERFACES_MAX 64

struct capture_reading {
	const struct st_flow *flow;
	pcap_t *pcap; /* owned, as what follows */
	struct pcapng blocks;
	struct capture_records records;
	struct run_windows windows;
	bool untimed; /* nothing can be said of when its packets passed */
	struct capture_facts facts;
};

/* The runs (interfaces of a pcapng file; otherwise there is but one) that a point's device has. */
struct point_runs {
	const struct pcapng *blocks;
	bool all;
	uint32_t device; /* valid unless all */
};

static void reading_clear(struct capture_reading *rd)
{
	if (rd->pcap)
		pcap_close(rd->pcap);
	pcapng_free(&rd->blocks);
	windows_free(&rd->windows);
	capture_facts_clear(&rd->facts);
	free(rd->records.v);
}

static int open_bytes(struct capture_reading *rd, const void *data, size_t size, struct reason *reason)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	const char *link;
	FILE *f;

	if (!size)
		return reason_set(reason, -EINVAL, "not a capture: the file is empty");
	f = fmemopen((void *)data, size, "r"); /* "r": the bytes are never written */
	if (!f)
		return -errno;
	rd->pcap = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!rd->pcap) {
		fclose(f);
		return reason_set(reason, -EINVAL, "not a capture: %s", why);
	}
	rd->records.link_type = rd->facts.link_type = pcap_datalink(rd->pcap);
	if (captured_packet_link_known(rd->records.link_type))
		return 0;
	link = pcap_datalink_val_to_name(rd->records.link_type);
	return reason_set(reason, -EPROTONOSUPPORT,
			  "link type %s (%d) is not supported: capture Ethernet, raw IP or Linux cooked packets",
			  link ? link : "unknown", rd->records.link_type);
}

/* The number of the first interface of that name: files that were put together have one for each. */
static uint32_t device_of(const struct pcapng *blocks, uint32_t interface)
{
	if (interface >= blocks->n_interfaces || blocks->n_interfaces > NAMED_INTERFACES_MAX)
		return interface;
	for (uint32_t i = 0; i < interface; i++) {
		if (blocks->interfaces[i].ifname[0] &&
		    strcmp(blocks->interfaces[i].ifname, blocks->interfaces[interface].ifname) == 0)
			return i;
	}
	return interface;
}

static void note_time(struct capture_facts *f, uint64_t ts_ns)
{
	if (!f->has_times || ts_ns < f->first_ns)
		f->first_ns = ts_ns;
	if (!f->has_times || ts_ns > f->last_ns)
		f->last_ns = ts_ns;
	f->has_times = true;
}

static int add_record(struct capture_records *r, const struct hook_event *ev, const struct captured_packet *p)
{
	if (ARRAY_GROW(r->v, r->n) < 0)
		return -ENOMEM;
	r->v[r->n++] = (struct capture_record){
		.event = *ev, .frame = p->frame, .device = p->device, .direction = p->direction};
	return 0;
}

static int take_packet(struct capture_reading *rd, const struct pcap_pkthdr *h, const void *data)
{
	/* tv_usec has nanoseconds, as open_bytes() asked for */
	uint64_t ts_ns = (uint64_t)h->ts.tv_sec * NSEC_PER_SEC + (uint64_t)h->ts.tv_usec;
	uint64_t number = rd->facts.packets++;
	uint32_t run = number < rd->blocks.n_packets ? rd->blocks.packets[number] : 0;
	struct captured_packet p;
	struct hook_event ev;

	note_time(&rd->facts, ts_ns);
	if (windows_add(&rd->windows, run, ts_ns) < 0)
		return -ENOMEM;
	switch (captured_packet_read(rd->records.link_type, data, h->caplen, h->len, &p)) {
	case CAPTURED_OTHER:
		return 0;
	case CAPTURED_CUT:
		rd->facts.cut++;
		return 0;
	case CAPTURED_IP:
		break;
	}
	switch (capture_match_packet(&p, rd->flow, &ev)) {
	case CAPTURE_MATCH_NO:
		return 0;
	case CAPTURE_MATCH_CUT:
		rd->facts.cut++;
		return 0;
	case CAPTURE_MATCH_YES:
		break;
	}
	ev.ts_ns = ts_ns;
	ev.hook = ST_HOOK_XMIT;
	if (rd->records.link_type != DLT_LINUX_SLL2)
		p.device = device_of(&rd->blocks, run);
	return add_record(&rd->records, &ev, &p);
}

static int take_packets(struct capture_reading *rd, struct reason *reason)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int r;

	while ((r = pcap_next_ex(rd->pcap, &h, &data)) == 1) {
		r = take_packet(rd, h, data);
		if (r < 0)
			return r;
	}
	if (r == PCAP_ERROR_BREAK) /* the end of the file */
		return 0;
	return reason_set(reason, -EBADMSG, "packet %" PRIu64 ": %s", rd->facts.packets + 1, pcap_geterr(rd->pcap));
}

static uint64_t pcap_resolution_ns(const void *data, size_t size)
{
	struct rd rd = rd_init(data, size);
	uint32_t magic;

	rd_copy(&rd, &magic, sizeof(magic));
	return magic == MAGIC_NSEC || magic == MAGIC_NSEC_SWAPPED ? 1 : 1000;
}

/* What a pcapng file says of itself is used only if all of its blocks can be read. */
static int take_blocks(struct capture_reading *rd, const void *data, size_t size)
{
	int r;

	rd->facts.resolution_ns = pcap_resolution_ns(data, size);
	if (!pcapng_is(data, size))
		return 0;
	rd->facts.resolution_ns = 1; /* until take_runs() */
	r = pcapng_read(data, size, &rd->blocks);
	if (r == -ENOMEM)
		return r;
	rd->untimed = r < 0 || rd->blocks.untimed;
	rd->facts.counts_lost = r == 0 && rd->blocks.n_interfaces;
	rd->facts.lost = rd->blocks.gaps;
	for (size_t i = 0; i < rd->blocks.n_interfaces; i++) {
		rd->facts.counts_lost &= rd->blocks.interfaces[i].counts_drops;
		rd->facts.lost += rd->blocks.interfaces[i].dropped;
	}
	if (rd->blocks.n_interfaces == 1)
		snprintf(rd->facts.ifname, sizeof(rd->facts.ifname), "%s", rd->blocks.interfaces[0].ifname);
	return 0;
}

static bool is_of_point(const void *ctx, uint32_t run)
{
	const struct point_runs *runs = ctx;

	return runs->all || device_of(runs->blocks, run) == runs->device;
}

/* What the interfaces of the point's device say: when they ran, with which filters, in which resolution of time. */
static int take_runs(struct capture_reading *rd, const struct point_runs *runs)
{
	struct capture_facts *f = &rd->facts;

	if (windows_join(&rd->windows, is_of_point, runs, &f->windows, &f->n_windows) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < rd->blocks.n_interfaces; i++) {
		const struct pcapng_interface *interface = &rd->blocks.interfaces[i];

		if (!is_of_point(runs, i))
			continue;
		if (interface->resolution_ns > f->resolution_ns)
			f->resolution_ns = interface->resolution_ns;
		if (!interface->has_filter)
			continue;
		if (ARRAY_GROW(f->filters, f->n_filters) < 0)
			return -ENOMEM;
		f->filters[f->n_filters++] = interface->filter;
	}
	return 0;
}

static struct point_runs runs_of(const struct capture_reading *rd, const struct device_rule *rule)
{
	bool one = rule->kind == DEVICE_RULE_ALL && rd->records.n && rd->records.link_type != DLT_LINUX_SLL2 &&
		   (rule->at == POINT_SRC_HOST || rule->at == POINT_DST_HOST);

	return (struct point_runs){.blocks = &rd->blocks, .all = !one, .device = one ? rd->records.v[0].device : 0};
}

static int hand_on(struct capture_reading *rd, enum point at, capture_fn fn, void *ctx)
{
	struct device_rule rule = device_rule_find(&rd->records, at);
	struct point_runs runs = runs_of(rd, &rule);
	int r = take_runs(rd, &runs);

	if (r < 0)
		return r;

	for (size_t i = 0; i < rd->records.n; i++) {
		const struct capture_record *record = &rd->records.v[i];
		enum device_match match = device_rule_match(&rule, record);

		rd->facts.ambiguous += match == DEVICE_MATCH_UNKNOWN;
		if (match != DEVICE_MATCH_YES)
			continue;
		rd->facts.flow_packets++;
		r = fn(ctx, &record->event, &record->frame);
		if (r < 0)
			return r;
	}
	return 0;
}

int capture_read(const void *data, size_t size, const struct st_flow *flow, enum point at, capture_fn fn, void *ctx,
		 struct capture_facts *ret, struct reason *reason)
{
	_cleanup_(reading_clear) struct capture_reading rd = {.flow = flow};
	int r = open_bytes(&rd, data, size, reason);

	if (r >= 0)
		r = take_blocks(&rd, data, size);
	if (r >= 0)
		r = take_packets(&rd, reason);
	if (r >= 0)
		r = hand_on(&rd, at, fn, ctx);
	if (r < 0)
		return r;
	if (rd.untimed)
		rd.facts.has_times = false;
	*ret = rd.facts;
	rd.facts = (struct capture_facts){0};
	return 0;
}
