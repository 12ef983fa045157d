/* SPDX-License-Identifier: GPL-2.0-only */
/* One captured frame. Ahead of it: the kind of link, the version of IP, how much of the frame's end is missing. */
#include <arpa/inet.h>
#include <pcap/dlt.h>

#include "capture/capture_match.h"
#include "capture/captured_packet.h"
#include "fuzz.h"

static const int links[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	int link = links[fuzz_byte(&r) % (sizeof(links) / sizeof(links[0]))];
	struct st_flow flow = {.family = fuzz_byte(&r) & 1 ? 6 : 4, .l4 = IPPROTO_TCP};
	size_t missing = fuzz_byte(&r);
	struct captured_packet p = {0};
	struct hook_event w;

	flow.src_be[0] = htonl(0x0a000085);
	flow.dst_be[0] = htonl(0x0a000043);
	if (captured_packet_read(link, r.p, r.left, r.left + missing, &p) != CAPTURED_IP)
		return 0;
	must(p.family == 4 || p.family == 6);
	(void)capture_match_packet(&p, &flow, &w);
	/* a flow that is the packet's own, so that the rest is reached too */
	flow.family = p.family;
	flow.l4 = p.l4;
	memcpy(flow.src_be, p.src_be, sizeof(flow.src_be));
	memcpy(flow.dst_be, p.dst_be, sizeof(flow.dst_be));
	must(capture_match_packet(&p, &flow, &w) != CAPTURE_MATCH_YES || w.l4 == p.l4);
	return 0;
}
