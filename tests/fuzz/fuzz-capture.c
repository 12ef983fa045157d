/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture files, pcap and pcapng. The first byte says which point and which version of IP. */
#include <errno.h>
#include <netinet/in.h>

#include "capture/capture.h"
#include "capture/packet.h"
#include "capture/pcapng.h"
#include "fuzz.h"

static int on_sighting(void *ctx, const struct witness *w)
{
	uint64_t *n = ctx;

	must(w->hook == ST_HOOK_XMIT);
	*n += 1;
	return 0;
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
	struct capture_facts facts = {0};
	struct reason reason = {0};
	uint64_t n = 0;
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
	err = capture_read(r.p, r.left, &flow, how % POINT_MAX, on_sighting, &n, &facts, &reason);
	must(err <= 0 && (err == 0 || err == -ENOMEM || reason.text[0]));
	must(err == 0 ? n == facts.flow_packets : n == 0);
	return 0;
}
