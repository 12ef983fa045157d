/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pcap-filter expressions as users type them: refused with a reason, or translated to what gives libpcap's verdict. The
 * packets come from the text itself.
 */
#include <errno.h>
#include <netdb.h>

#include "../unit/test-filter-machine.h"
#include "../unit/test-filter-packets.h"
#include "filter/expr.h"
#include "filter/cbpf_unroll.h"
#include "fuzz.h"

#define N_PACKETS 8
#define MAX_CHAIN 32 /* as in tests/unit/test-filter-ebpf.c */
#define TEXT_MAX  512

/* libpcap would ask name servers. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai)
{
	(void)name, (void)service, (void)req, (void)pai;
	return EAI_NONAME;
}

static uint64_t seed_of(const uint8_t *data, size_t size)
{
	uint64_t seed = 1469598103934665603ull; /* FNV-1a */

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 1099511628211ull;
	return seed ? seed : 1;
}

static void judge(const struct cbpf_prog *classic, enum cbpf_link link, uint64_t seed)
{
	struct cbpf_prog straight = {0};
	struct ebpf_prog p = {0};

	must(cbpf_unroll(classic, MAX_CHAIN, &straight) == 0);
	must(ebpf_translate(&straight, &p, NULL) == 0);
	for (unsigned i = 0; i < N_PACKETS; i++) {
		struct machine m = {.start = 0xffff888000001000ull};
		struct test_packet packet;
		uint32_t skip;

		packet_random(&packet, &seed);
		skip = link == CBPF_RAW_IP ? packet.l3 : 0;
		if (packet.cap_bytes < skip)
			continue;
		m.memory = packet.bytes + skip;
		m.memory_bytes = packet.len_bytes + PACKET_SLACK - skip;
		must(machine_run(&m, p.insns, p.n, packet.cap_bytes - skip, packet.len_bytes - skip) ==
		     cbpf_matches(classic, m.memory, packet.cap_bytes - skip, packet.len_bytes - skip));
	}
	cbpf_free(&straight);
	ebpf_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum cbpf_link links[] = {CBPF_ETHERNET, CBPF_RAW_IP};
	_cleanup_free_ char *text = fuzz_string(data, size < TEXT_MAX ? size : TEXT_MAX);
	struct reason reason = {0};
	struct expr e = {0};
	int r = expr_compile(text, &e, &reason);

	must(r == 0 || reason.text[0] || r == -ENOMEM);
	expr_free(&e);
	for (size_t i = 0; i < 2; i++) {
		_cleanup_cbpf_ struct cbpf_prog classic = {0};

		if (cbpf_compile(text, links[i], &classic, NULL) == 0)
			judge(&classic, links[i], seed_of(data, size));
	}
	return 0;
}
