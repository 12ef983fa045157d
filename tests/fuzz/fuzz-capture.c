/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture files, pcap and pcapng. The first byte says which point and which version of IP. */
#include <errno.h>
#include <netinet/in.h>

#include "capture/capture.h"
#include "capture/capture_filter.h"
#include "capture/captured_packet.h"
#include "capture/pcapng.h"
#include "fuzz.h"

struct filed {
	struct captures captures;
	struct evidence_table table;
	enum point at;
	uint64_t n;
};

static int on_record(void *ctx, const struct hook_event *w, const struct captured_frame *frame)
{
	struct filed *f = ctx;

	must(w->hook == ST_HOOK_XMIT);
	f->n++;
	return captures_file(&f->captures, &f->table, f->at, w, frame);
}

static void conclude(struct filed *f, const struct st_flow *flow)
{
	struct capture_facts *facts = &f->captures.facts[f->at];

	for (size_t i = 0; i < facts->n_windows; i++)
		must(facts->windows[i].first_ns <= facts->windows[i].last_ns &&
		     (!i || facts->windows[i - 1].last_ns < facts->windows[i].first_ns));
	must(captures_infer(&f->captures, &f->table) == 0);
	must(capture_filter_judge(facts, flow, &f->table, &f->captures) == 0);
	must(!facts->filter == (facts->filter_effect == FILTER_PASSES));
}

static void read_pcapng(const void *data, size_t size)
{
	struct pcapng p = {0};

	if (pcapng_is(data, size) && pcapng_read(data, size, &p) == 0) {
		for (size_t i = 0; i < p.n_packets; i++)
			must(p.packets[i] < p.n_interfaces);
		for (size_t i = 0; i < p.n_interfaces; i++)
			must(memchr(p.interfaces[i].ifname, '\0', sizeof(p.interfaces[i].ifname)));
	}
	pcapng_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	uint8_t how = fuzz_byte(&r);
	struct st_flow flow = {.family = 4, .l4 = IPPROTO_ICMP};
	struct check_setup setup = {.expect = MECH_REDIRECT_PEER};
	struct filed f = {.at = how % POINT_MAX};
	struct reason reason = {0};
	int err;

	flow.src_be[0] = htonl(0x0a000085);
	flow.dst_be[0] = htonl(0x0a000043);
	if (how & 4) {
		flow.family = 6;
		flow.l4 = IPPROTO_ICMPV6;
		memcpy(flow.src_be, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x33", 16);
		memcpy(flow.dst_be, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x67", 16);
	}
	if (how & 8) {
		flow.l4 = how & 16 ? IPPROTO_TCP : IPPROTO_UDP;
		flow.port_be = how & 32 ? htons(80) : 0;
	}
	read_pcapng(r.p, r.left);
	captures_set_points(&setup, &f.captures);
	evidence_table_init(&f.table, &setup);
	err = capture_read(r.p, r.left, &flow, f.at, on_record, &f, &f.captures.facts[f.at], &reason);
	must(err <= 0 && (err == 0 || err == -ENOMEM || reason.text[0]));
	must(err == 0 ? f.n == f.captures.facts[f.at].flow_packets : f.n == 0);
	if (err == 0)
		conclude(&f, &flow);
	captures_clear(&f.captures);
	evidence_table_free(&f.table);
	return 0;
}
