/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/device.h"
#include "capture/match.h"
#include "capture/pcapng.h"

#define NSEC_PER_SEC 1000000000ull

struct reading {
	const struct st_flow *flow;
	pcap_t *pcap; /* owned, as is what follows */
	struct pcapng blocks;
	struct sightings sightings;
	struct capture_facts facts;
};

static void reading_clear(struct reading *rd)
{
	if (rd->pcap)
		pcap_close(rd->pcap);
	pcapng_free(&rd->blocks);
	free(rd->sightings.v);
}

static int open_bytes(struct reading *rd, const void *data, size_t size, struct reason *reason)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	const char *link;
	FILE *f;

	if (!size)
		return reason_set(reason, -EINVAL, "not a capture: the file is empty");
	f = fmemopen((void *)data, size, "r"); /* "r": never written to */
	if (!f)
		return -errno;
	rd->pcap = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!rd->pcap) {
		fclose(f);
		return reason_set(reason, -EINVAL, "not a capture: %s", why);
	}
	rd->sightings.link_type = pcap_datalink(rd->pcap);
	if (packet_link_known(rd->sightings.link_type))
		return 0;
	link = pcap_datalink_val_to_name(rd->sightings.link_type);
	return reason_set(reason, -EPROTONOSUPPORT,
			  "link type %s (%d) is not supported: capture Ethernet, raw IP or Linux cooked packets",
			  link ? link : "unknown", rd->sightings.link_type);
}

static void note_time(struct capture_facts *f, uint64_t ts_ns)
{
	if (!f->has_times || ts_ns < f->first_ns)
		f->first_ns = ts_ns;
	if (!f->has_times || ts_ns > f->last_ns)
		f->last_ns = ts_ns;
	f->has_times = true;
}

static int add_sighting(struct sightings *s, const struct witness *w, const struct packet *p)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct sighting *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = (struct sighting){.witness = *w, .device = p->device, .direction = p->direction};
	return 0;
}

static int take_packet(struct reading *rd, const struct pcap_pkthdr *h, const void *data)
{
	/* nanoseconds in tv_usec: that is what the file was opened for */
	uint64_t ts_ns = (uint64_t)h->ts.tv_sec * NSEC_PER_SEC + (uint64_t)h->ts.tv_usec;
	uint64_t number = rd->facts.packets++;
	struct packet p;
	struct witness w;

	note_time(&rd->facts, ts_ns);
	switch (packet_read(rd->sightings.link_type, data, h->caplen, h->len, &p)) {
	case PACKET_OTHER:
		return 0;
	case PACKET_CUT:
		rd->facts.cut++;
		return 0;
	case PACKET_IP:
		break;
	}
	switch (packet_match(&p, rd->flow, &w)) {
	case MATCH_NO:
		return 0;
	case MATCH_CUT:
		rd->facts.cut++;
		return 0;
	case MATCH_YES:
		break;
	}
	w.ts_ns = ts_ns;
	w.hook = ST_HOOK_XMIT;
	if (number < rd->blocks.n_packets && rd->sightings.link_type != DLT_LINUX_SLL2)
		p.device = rd->blocks.packets[number];
	return add_sighting(&rd->sightings, &w, &p);
}

static int take_packets(struct reading *rd, struct reason *reason)
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

/* The blocks are the file's account of itself: without all of them there is none. */
static int take_blocks(struct reading *rd, const void *data, size_t size)
{
	int r;

	if (!pcapng_is(data, size))
		return 0;
	r = pcapng_read(data, size, &rd->blocks);
	if (r == -ENOMEM)
		return r;
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

static int hand_on(struct reading *rd, enum point at, capture_fn fn, void *ctx)
{
	struct device_rule rule = device_rule_find(&rd->sightings, at);

	for (size_t i = 0; i < rd->sightings.n; i++) {
		const struct sighting *s = &rd->sightings.v[i];
		enum place place = device_place(&rule, s);
		int r;

		rd->facts.ambiguous += place == PLACE_AMBIGUOUS;
		if (place != PLACE_HERE)
			continue;
		rd->facts.flow_packets++;
		r = fn(ctx, &s->witness);
		if (r < 0)
			return r;
	}
	return 0;
}

int capture_read(const void *data, size_t size, const struct st_flow *flow, enum point at, capture_fn fn, void *ctx,
		 struct capture_facts *ret, struct reason *reason)
{
	_cleanup_(reading_clear) struct reading rd = {.flow = flow};
	int r = open_bytes(&rd, data, size, reason);

	if (r >= 0)
		r = take_blocks(&rd, data, size);
	if (r >= 0)
		r = take_packets(&rd, reason);
	if (r >= 0)
		r = hand_on(&rd, at, fn, ctx);
	if (r < 0)
		return r;
	if (rd.blocks.untimed)
		rd.facts.has_times = false;
	*ret = rd.facts;
	return 0;
}
